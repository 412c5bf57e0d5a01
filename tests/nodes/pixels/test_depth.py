"""Depth by public models: tiny ones, in the layout that hubs hand out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from transformers import (
    DepthAnythingConfig,
    DepthAnythingForDepthEstimation,
    Dinov2Config,
    DPTImageProcessorPil,
)

from nodes.errors import CheckpointError
from nodes.pixels.control_depth import depth_map
from nodes.store import models
from tests.nodes.driver import drain

if TYPE_CHECKING:
    from pathlib import Path

    from graph.run import Run

IMAGE = np.random.default_rng(0).random((2, 30, 45, 3), np.float32)


def write(folder: Path, kind: str = "relative", seed: int = 0) -> Path:
    torch.manual_seed(seed)
    backbone = Dinov2Config(
        hidden_size=16, num_hidden_layers=2, num_attention_heads=2, image_size=28, patch_size=14,
        out_features=["stage1", "stage2"], reshape_hidden_states=False,
    )  # fmt: skip
    config = DepthAnythingConfig(
        backbone_config=backbone, reassemble_hidden_size=16, patch_size=14,
        reassemble_factors=[2, 1], neck_hidden_sizes=[8, 8], fusion_hidden_size=8,
        head_hidden_size=4, depth_estimation_type=kind, max_depth=10,
    )  # fmt: skip
    model = DepthAnythingForDepthEstimation(config)
    for weights in model.head.parameters():
        weights.data.abs_()  # a depth that is nowhere cut off at 0
    model.save_pretrained(folder)
    DPTImageProcessorPil(
        size={"height": 28, "width": 28}, keep_aspect_ratio=True, ensure_multiple_of=14
    ).save_pretrained(folder)
    return folder


def stock(folder: Path) -> torch.Tensor:
    """What transformers' own classes give for the first picture."""
    model = DepthAnythingForDepthEstimation.from_pretrained(folder).eval()
    prepare = DPTImageProcessorPil.from_pretrained(folder)
    pixels = prepare(images=(IMAGE[0] * 255 + 0.5).astype(np.uint8), return_tensors="pt")
    with torch.no_grad():
        depth = model(**pixels)
    [found] = prepare.post_process_depth_estimation(depth, [IMAGE.shape[1:3]])
    return torch.as_tensor(found["predicted_depth"])


@pytest.mark.parametrize("kind", ["relative", "metric"])
def test_equals_the_stock_classes_and_white_is_near(run: Run, tmp_path: Path, kind: str) -> None:
    folder = write(tmp_path / kind, kind)
    depth = stock(folder)
    done = drain(depth_map(run, IMAGE, folder))
    assert done.shape == IMAGE.shape
    assert (done.min(), done.max()) == (0, 1)
    expected = (depth - depth.min()) / (depth.max() - depth.min())
    expected = 1 - expected if kind == "metric" else expected
    assert np.allclose(done[0, ..., 0], expected, atol=1e-4)
    assert {path.name for path in run.reads} == {"config.json", "preprocessor_config.json"}


def test_it_is_loaded_once_by_folder_or_file(run: Run, tmp_path: Path) -> None:
    folder = write(tmp_path / "depth", seed=1)
    before = models(run).loads
    first = drain(depth_map(run, IMAGE, folder))
    assert np.array_equal(drain(depth_map(run, IMAGE, folder)), first)
    assert models(run).loads == before + 1
    assert np.array_equal(drain(depth_map(run, IMAGE, folder / "model.safetensors")), first)


class TestRefusals:
    def test_nothing_chosen(self, run: Run) -> None:
        with pytest.raises(CheckpointError, match="choose the folder of a DPT"):
            drain(depth_map(run, IMAGE))

    def test_another_model(self, run: Run, tmp_path: Path) -> None:
        folder = write(tmp_path / "depth")
        config = json.loads((folder / "config.json").read_text())
        (folder / "config.json").write_text(json.dumps(config | {"model_type": "bert"}))
        with pytest.raises(CheckpointError, match="depth is a model of type bert: choose the fold"):
            drain(depth_map(run, IMAGE, folder))

    @pytest.mark.parametrize("name", ["config.json", "preprocessor_config.json"])
    def test_a_file_is_missing(self, run: Run, tmp_path: Path, name: str) -> None:
        folder = write(tmp_path / "depth")
        (folder / name).unlink()
        with pytest.raises(CheckpointError, match=f"depth has no {name}"):
            drain(depth_map(run, IMAGE, folder))

    def test_cut_off_or_only_a_pickle(self, run: Run, tmp_path: Path) -> None:
        folder = write(tmp_path / "depth")
        weights = folder / "model.safetensors"
        weights.write_bytes(weights.read_bytes()[:-100])
        with pytest.raises(CheckpointError, match=r"model\.safetensors"):
            drain(depth_map(run, IMAGE, folder))
        weights.rename(folder / "pytorch_model.bin")
        with pytest.raises(CheckpointError, match=r"depth has no \.safetensors"):
            drain(depth_map(run, IMAGE, folder))

    def test_weights_that_lack_a_part(self, run: Run, tmp_path: Path) -> None:
        from safetensors.torch import load_file, save_file

        folder = write(tmp_path / "depth")
        weights = load_file(folder / "model.safetensors")
        kept = {key: value for key, value in weights.items() if not key.startswith("head.conv1")}
        save_file(kept, folder / "model.safetensors", {"format": "pt"})
        with pytest.raises(CheckpointError, match=r"lacks 2 of its weights \(head.conv1.bias"):
            drain(depth_map(run, IMAGE, folder))
