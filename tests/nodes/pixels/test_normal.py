"""Normals: of a public model as the stock pipeline gives them, and worked out from depth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from diffusers import LCMScheduler

from nodes.errors import CheckpointError, ImageError
from nodes.pixels.control_depth import depth_map
from nodes.pixels.control_normal import Axes, normal_map, normals_from_depth
from nodes.quiet import tensors_as_arrays
from nodes.store import models
from tests.nodes.driver import drain, watch
from tests.nodes.tiny import make_pipeline, without_torchvision

if TYPE_CHECKING:
    from pathlib import Path

    from graph.run import Run

IMAGE = np.random.default_rng(0).random((2, 40, 60, 3), np.float32)
STEPS, SIDE, SEED = 3, 64, 5


def write(folder: Path, sees: str = "Normals", **more: Any) -> Path:
    """A tiny Marigold, as diffusers saves it."""
    with without_torchvision():
        import diffusers
    parts = make_pipeline(in_channels=8).components
    kept = {name: parts[name] for name in ("unet", "vae", "text_encoder", "tokenizer")}
    settings = {
        "scheduler": parts["scheduler"],
        "prediction_type": sees.lower(),
        "default_denoising_steps": STEPS,
        "default_processing_resolution": SIDE,
        **more,
    }
    getattr(diffusers, f"Marigold{sees}Pipeline")(**kept, **settings).save_pretrained(folder)
    return folder


def stock(folder: Path, sees: str, seed: int, i: int = 0) -> torch.Tensor:
    """What the stock pipeline gives for a picture: (C, H, W)."""
    with without_torchvision():
        import diffusers
    pipeline = getattr(diffusers, f"Marigold{sees}Pipeline").from_pretrained(folder)
    pipeline.set_progress_bar_config(disable=True)
    draws = torch.Generator().manual_seed(seed)
    given = torch.from_numpy(IMAGE[i : i + 1]).movedim(-1, 1)
    with tensors_as_arrays():
        found: torch.Tensor = pipeline(given, generator=draws, output_type="pt").prediction[0]
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("marigold") / "normals")


def test_equals_the_stock_pipeline_for_each_picture(run: Run, folder: Path) -> None:
    done, told = watch(normal_map(run, IMAGE, folder, Axes.OPENGL, seed=SEED))
    for i in range(2):
        expected = (stock(folder, "Normals", SEED + i, i).movedim(0, -1) + 1) / 2
        assert np.allclose(done[i], expected, atol=1e-4)
    assert [report.done for report in told] == list(range(1, 2 * STEPS + 1))
    assert [path.name for path in run.reads] == ["model_index.json"]


@pytest.mark.parametrize("more", [{"use_full_z_range": False}, {"scheduler": LCMScheduler()}])
def test_editions(run: Run, tmp_path: Path, more: dict[str, Any]) -> None:
    """Normals of half a sphere; a few steps that draw noise on the way."""
    folder = write(tmp_path / "edition", **more)
    done = drain(normal_map(run, IMAGE[:1], folder, Axes.OPENGL, seed=SEED))
    expected = (stock(folder, "Normals", SEED).movedim(0, -1) + 1) / 2
    assert np.allclose(done[0], expected, atol=1e-4)


def test_colours_of_the_axes(run: Run, folder: Path) -> None:
    made = {
        axes: drain(normal_map(run, IMAGE[:1], folder, axes, steps=1, seed=SEED)) for axes in Axes
    }
    engine, control, other = (made[a] for a in (Axes.OPENGL, Axes.CONTROL_NET, Axes.DIRECTX))
    assert np.allclose(control, [1, 0, 0] + engine * [-1, 1, 1], atol=1e-6)
    assert np.allclose(other, [0, 1, 0] + engine * [1, -1, 1], atol=1e-6)
    assert np.allclose(np.linalg.norm(engine * 2 - 1, axis=-1), 1, atol=1e-5)


def test_it_is_loaded_once_and_another_seed_sees_otherwise(run: Run, folder: Path) -> None:
    before = models(run).loads
    first = drain(normal_map(run, IMAGE[:1], folder, steps=1))
    assert models(run).loads <= before + 1
    assert np.array_equal(drain(normal_map(run, IMAGE[:1], folder, steps=1)), first)
    assert not np.array_equal(drain(normal_map(run, IMAGE[:1], folder, steps=1, seed=9)), first)
    finer = drain(normal_map(run, IMAGE[:1], folder, steps=1, resolution=128))
    assert finer.shape == first.shape
    assert not np.array_equal(finer, first)
    assert models(run).loads <= before + 1


def test_depth_by_marigold(run: Run, tmp_path: Path) -> None:
    folder = write(tmp_path / "depth", "Depth")
    done = drain(depth_map(run, IMAGE, folder))
    far = stock(folder, "Depth", 0)[0]
    expected = 1 - (far - far.min()) / (far.max() - far.min())
    assert np.allclose(done[0, ..., 0], expected, atol=1e-4)


class TestRefusals:
    def test_nothing_chosen(self, run: Run) -> None:
        with pytest.raises(CheckpointError, match="no model is chosen: choose the folder of a Mar"):
            drain(normal_map(run, IMAGE))

    def test_another_pipeline(self, run: Run, tmp_path: Path) -> None:
        make_pipeline().save_pretrained(tmp_path / "plain")
        with pytest.raises(CheckpointError, match="plain is another model: choose the folder"):
            drain(normal_map(run, IMAGE, tmp_path / "plain"))

    def test_a_denoiser_that_takes_no_picture(self, run: Run, tmp_path: Path) -> None:
        folder = write(tmp_path / "four")
        make_pipeline().unet.save_pretrained(folder / "unet")
        with pytest.raises(CheckpointError, match="four is no Marigold: its denoiser takes no pic"):
            drain(normal_map(run, IMAGE, folder))

    def test_cut_off(self, run: Run, tmp_path: Path) -> None:
        folder = write(tmp_path / "cut")
        weights = folder / "vae" / "diffusion_pytorch_model.safetensors"
        weights.write_bytes(weights.read_bytes()[:-100])
        with pytest.raises(CheckpointError, match=r"diffusion_pytorch_model.* is cut off"):
            drain(normal_map(run, IMAGE, folder))

    def test_a_sliver(self, run: Run, folder: Path) -> None:
        sliver = np.zeros((1, 1, 200, 3), np.float32)
        with pytest.raises(ImageError, match="a picture of 200 × 1 is too narrow"):
            drain(normal_map(run, sliver, folder))


def grey(plane: np.ndarray[Any, np.dtype[Any]]) -> Any:
    return np.repeat(plane[None, ..., None], 3, axis=-1).astype(np.float32)


class TestFromDepth:
    def test_a_ball_faces_as_a_ball_does(self) -> None:
        side, radius = 101, 40.0
        y, x = np.mgrid[:side, :side] - side // 2
        up = np.sqrt(np.maximum(radius**2 - x**2 - y**2, 0)) / side
        done = normals_from_depth(grey(up), relief=1, blur=0, axes=Axes.OPENGL)[0] * 2 - 1
        within = np.hypot(x, y) < radius * 0.8
        expected = np.stack([x, -y, np.sqrt(np.maximum(radius**2 - x**2 - y**2, 0))], -1) / radius
        assert np.abs(done - expected)[within].max() < 0.02

    def test_what_rises_to_the_right_faces_left_and_is_red_for_a_control_net(self) -> None:
        ramp = np.tile(np.linspace(0, 1, 64), (64, 1))
        left = normals_from_depth(grey(ramp), blur=0)[0, 32, 32]
        right = normals_from_depth(grey(ramp[:, ::-1]), blur=0)[0, 32, 32]
        assert left[0] > 0.6
        assert right[0] < 0.4
        below = normals_from_depth(grey(ramp.T), blur=0)[0, 32, 32]
        assert below[1] > 0.6  # the near ground faces up

    def test_flat_and_background_face_the_viewer(self) -> None:
        towards = np.array([0.5, 0.5, 1], np.float32)
        flat = normals_from_depth(grey(np.full((8, 9), 0.7)))
        assert np.allclose(flat, towards)
        assert np.allclose(normals_from_depth(grey(np.full((1, 1), 0.7))), towards)
        steep = grey(np.tile(np.linspace(0, 1, 64), (64, 1)))
        done = normals_from_depth(steep, blur=0, background=0.5)[0]
        assert np.allclose(done[:, :31], towards)
        assert not np.allclose(done[:, 33:], towards, atol=0.05)
