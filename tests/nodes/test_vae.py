"""Latents of a size, and pictures to latents and back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from graph.values import Latent
from nodes.errors import LatentError
from nodes.families.kl import SD1_RGB, KlAutoencoder, fit_rgb
from nodes.latents import empty_latent
from nodes.vae import vae_decode, vae_encode
from tests.nodes.driver import drain, watch

if TYPE_CHECKING:
    from graph.run import Run
    from graph.values import Image
    from nodes.loaders import LoadedCheckpoint
    from tests.nodes.conftest import Tiny


def pictures(count: int, height: int, width: int) -> Image:
    return np.random.default_rng(1).random((count, height, width, 3), dtype=np.float32)


def test_an_empty_latent_states_a_size() -> None:
    found = empty_latent(128, 64, 3)
    assert found.samples.shape == (3, 4, 8, 16)
    assert found.empty
    assert found.factor == 8


@pytest.mark.parametrize(
    ("width", "height", "message"),
    [
        (513, 512, "width 513 is not divisible by 8: use 512 or 520"),
        (512, 767, "height 767 is not divisible by 8: use 760 or 768"),
    ],
)
def test_a_size_between_cells_names_the_nearest(width: int, height: int, message: str) -> None:
    with pytest.raises(LatentError, match=message):
        empty_latent(width, height)


def test_encode_is_the_stock_vae(tiny: Tiny, run: Run, parts: LoadedCheckpoint) -> None:
    image = pictures(2, 16, 24)
    found, reports = watch(vae_encode(run, parts.vae, image))
    vae = tiny.pipeline.vae
    with torch.no_grad():
        pixels = torch.from_numpy(image).movedim(-1, 1) * 2 - 1
        expected = vae.encode(pixels).latent_dist.mode() * vae.config.scaling_factor
    assert torch.allclose(found.samples, expected, atol=1e-5)
    assert [report.done for report in reports] == [1, 2]
    assert (found.family, found.factor, found.sigma, found.empty) == ("sd1", 8, 0.0, False)
    assert run.remarks == []


def test_there_and_back_keeps_shape_and_range(run: Run, parts: LoadedCheckpoint) -> None:
    latent = drain(vae_encode(run, parts.vae, pictures(2, 16, 24)))
    back = drain(vae_decode(run, parts.vae, latent))
    assert back.shape == (2, 16, 24, 3)
    assert back.dtype == np.float32
    assert 0 <= back.min() <= back.max() <= 1


def test_edges_beyond_whole_cells_are_cropped_with_a_remark(
    run: Run, parts: LoadedCheckpoint
) -> None:
    image = pictures(1, 21, 18)
    found = drain(vae_encode(run, parts.vae, image))
    middle = drain(vae_encode(run, parts.vae, image[:, 2:18, 1:17].copy()))
    assert torch.equal(found.samples, middle.samples)
    assert run.remarks == ["cropped from 18 × 21 to 16 × 16: sizes must divide by 8"]


def test_a_picture_smaller_than_a_cell(run: Run, parts: LoadedCheckpoint) -> None:
    with pytest.raises(LatentError, match="7 × 16 is too small: use at least 8 × 8"):
        drain(vae_encode(run, parts.vae, pictures(1, 16, 7)))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sigma": 2.0}, "still holds noise"),
        ({"family": "flux"}, "wire the VAE of the same checkpoint"),
        ({"samples": torch.zeros(1, 16, 2, 2)}, "16 channels"),
    ],
)
def test_latents_that_it_cannot_read(
    run: Run, parts: LoadedCheckpoint, change: dict[str, object], message: str
) -> None:
    latent = replace(Latent(torch.zeros(1, 4, 2, 2), "sd1"), **change)  # type: ignore[arg-type]
    with pytest.raises(LatentError, match=message):
        drain(vae_decode(run, parts.vae, latent))


class _Linear:
    """A VAE whose decoder is what a linear guess can be exactly right about."""

    colours = torch.tensor([[0.1, 0.2, 0.0], [0.0, -0.1, 0.1], [0.1, 0.0, 0.0], [0.0, 0.1, 0.1]])

    latent = type("Spec", (), {"channels": 4, "factor": 8})()

    def decode(self, samples: torch.Tensor) -> torch.Tensor:
        pixels = torch.einsum("nchw,cd->ndhw", samples, self.colours) * 2
        return pixels.repeat_interleave(8, 2).repeat_interleave(8, 3)


def test_the_fit_finds_the_colours() -> None:
    found = torch.tensor(fit_rgb(_Linear()))  # type: ignore[arg-type]
    # Where a colour runs out of 0 to 1 it is cut, so the guess is near, not exact.
    assert torch.allclose(found[:-1], _Linear.colours, atol=0.02)
    assert torch.allclose(found[-1], torch.full((3,), 0.5), atol=0.02)


def test_the_fit_is_a_function_of_the_vae(tiny: Tiny) -> None:
    vae = KlAutoencoder(tiny.pipeline.vae)
    assert fit_rgb(vae) == fit_rgb(vae) == vae.rgb
    assert len(vae.rgb) == 5


def test_the_vae_of_sd1_has_known_colours() -> None:
    from diffusers import AutoencoderKL

    from nodes.families.sd1 import CONFIGS

    with torch.device("meta"):
        module = AutoencoderKL.from_config(AutoencoderKL.load_config(CONFIGS / "vae"))
    assert KlAutoencoder(module).rgb is SD1_RGB
