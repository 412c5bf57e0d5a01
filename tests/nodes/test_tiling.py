"""Tiles: every cell is there, neighbours blend, and Cutout's pictures keep their looks."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, cast

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from graph.values import Latent
from nodes.families.base import Autoencoder, Condition, Denoiser, LatentSpec
from nodes.families.kl import KlAutoencoder
from nodes.frugal import OneByOne, Tiling
from nodes.latents import empty_latent
from nodes.loaders import load_checkpoint
from nodes.sample import sample
from nodes.store import models
from nodes.text import encode_text
from nodes.tiling import in_tiles, spans
from nodes.vae import vae_decode, vae_encode
from resources.cutout.render import PAPER
from resources.cutout.scene import Colour
from resources.models import named
from tests.nodes.driver import drain

if TYPE_CHECKING:
    from graph.run import Run
    from nodes.loaders import LoadedCheckpoint


@given(st.integers(1, 300), st.integers(8, 70), st.integers(0, 7))
def test_tiles_cover_everything_and_overlap(length: int, side: int, overlap: int) -> None:
    found = spans(length, side, overlap)
    assert found[0][0] == 0
    assert sum(found[-1]) == length
    assert {size for _start, size in found} == {min(side, length)}
    for (start, size), (following, _) in pairwise(found):
        assert start < following <= start + size - overlap


@pytest.mark.parametrize("scales", [(1, 8), (8, 1), (1, 1), (4, 2)])
def test_what_does_not_look_beyond_a_cell_comes_out_the_same(scales: tuple[int, int]) -> None:
    before, after = scales
    source = torch.randn(2, 3, 21 * before, 30 * before)

    def apply(tile: Tensor) -> Tensor:
        cells = torch.nn.functional.avg_pool2d(tile, before)
        return cells.repeat_interleave(after, 2).repeat_interleave(after, 3)[:, :2]

    found = in_tiles(apply, source, scales, 8, 3)
    assert found.shape == (2, 2, 21 * after, 30 * after)
    assert torch.allclose(found, apply(source), atol=1e-6)


def test_no_tile_is_larger_than_asked_for() -> None:
    sizes = set()

    def apply(tile: Tensor) -> Tensor:
        sizes.add(tuple(tile.shape[-2:]))
        return tile

    in_tiles(apply, torch.zeros(1, 1, 50, 9), (1, 1), 16, 4)
    assert sizes == {(16, 9)}


def scene(side: int) -> Tensor:
    """Cutout's kind of picture (1, 3, side, side), from -1 to 1: papers and a disc."""
    papers = [torch.tensor(PAPER[colour])[:, None, None] / 255 for colour in Colour]
    rows, columns = torch.meshgrid(torch.arange(side), torch.arange(side), indexing="ij")
    picture = papers[0].repeat(1, side, side)
    picture = torch.where(columns > side / 3, papers[1], picture)
    picture = torch.where((rows > side / 2) & (columns < side / 2), papers[2], picture)
    disc = (rows - side * 0.4) ** 2 + (columns - side * 0.55) ** 2 < (side * 0.3) ** 2
    return torch.where(disc, papers[3], picture)[None] * 2 - 1


@torch.no_grad()
def test_cutouts_pictures_in_tiles_are_those_of_the_whole(run: Run) -> None:
    """Within what `nodes.frugal.Tiling` states, though these tiles are far smaller."""
    vae = load_checkpoint(run, named()["cutout"]).vae
    with models(run).autoencoder(vae) as coder:
        assert isinstance(coder, Tiling)
        tiling = Tiling(coder.whole, lambda _need: False, side=24, overlap=8)
        latents = coder.whole.encode(scene(320))
        whole, tiled = (each.decode(latents).clamp(-1, 1) / 2 for each in (coder.whole, tiling))
        back = coder.whole.decode(tiling.encode(scene(320))).clamp(-1, 1) / 2
    for other in (tiled, back):
        off = (other - whole).abs().flatten()
        assert off.mean() < 0.001
        assert off.quantile(0.99) < 0.01
        assert off.max() > 0  # it did work in tiles
    # The border of a tile would be a step where the whole picture is flat.
    for axis in (-1, -2):
        steps = whole.diff(dim=axis).abs().amax(1)
        flat = torch.nn.functional.max_pool2d(steps, 9, 1, 4) < 0.004
        assert flat.float().mean() > 0.5
        assert (tiled.diff(dim=axis).abs().amax(1) * flat).max() < 0.01


class Watched:
    """A VAE that does nothing but count."""

    latent = LatentSpec(4, 8)

    def __init__(self, need: int) -> None:
        self.need = need
        self.tiles: list[tuple[int, ...]] = []

    def working_set(self, _height: int, _width: int) -> int:
        return self.need

    def encode(self, pixels: Tensor) -> Tensor:
        self.tiles.append(tuple(pixels.shape))
        return pixels[:, :, ::8, ::8]

    def decode(self, samples: Tensor) -> Tensor:
        self.tiles.append(tuple(samples.shape))
        return samples.repeat_interleave(8, 2).repeat_interleave(8, 3)


@pytest.mark.parametrize(("room", "tiles"), [(100, 1), (99, 4)])
def test_a_picture_is_tiled_when_it_does_not_fit(room: int, tiles: int) -> None:
    coder = Watched(100)
    tiling = Tiling(cast("Autoencoder", coder), lambda need: need <= room, side=6, overlap=2)
    assert tiling.decode(torch.zeros(1, 4, 8, 8)).shape == (1, 4, 64, 64)
    assert tiling.encode(torch.zeros(1, 3, 64, 64)).shape == (1, 3, 8, 8)
    assert len(coder.tiles) == 2 * tiles


def test_frugal_nodes_work_in_tiles(
    run: Run, parts: LoadedCheckpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[tuple[int, ...]] = []
    decode = KlAutoencoder.decode

    def watched(self: KlAutoencoder, samples: Tensor) -> Tensor:
        calls.append(tuple(samples.shape))
        return decode(self, samples)

    monkeypatch.setattr(KlAutoencoder, "decode", watched)
    latent = Latent(torch.randn(1, 4, 70, 8, generator=torch.Generator().manual_seed(0)), "sd1")
    whole = drain(vae_decode(run, parts.vae, latent))
    run.frugal = True
    tiled = drain(vae_decode(run, parts.vae, latent))
    assert calls == [(1, 4, 70, 8), (1, 4, 64, 8), (1, 4, 64, 8)]
    assert tiled.shape == whole.shape
    found = drain(vae_encode(run, parts.vae, whole))
    assert found.samples.shape == (1, 4, 70, 8)


def test_one_latent_after_another_is_the_same() -> None:
    calls = []

    class Counted:
        def predict(self, state: Tensor, time: Tensor, condition: Condition) -> Tensor:
            calls.append(len(state))
            return state * time + condition.tokens.mean((1, 2))[:, None, None, None]

    state, tokens = torch.randn(3, 4, 2, 2), torch.randn(3, 77, 8)
    whole = Counted()
    single = OneByOne(cast("Denoiser", whole))
    for pooled in (None, torch.randn(3, 5)):
        condition = Condition(tokens, pooled)
        expected = whole.predict(state, torch.tensor(2), condition)
        assert torch.allclose(single.predict(state, torch.tensor(2), condition), expected)
    assert calls == [3, 1, 1, 1, 3, 1, 1, 1]


def test_frugal_sampling_is_the_same(run: Run, parts: LoadedCheckpoint) -> None:
    positive = encode_text(run, parts.text_encoder, "a red star")

    def sampled(guidance: float) -> Tensor:
        canvas = empty_latent(32, 32, 2)
        body = sample(run, parts.model, positive, canvas, steps=3, guidance=guidance, seed=1)
        return drain(body).samples

    plain, guided = sampled(1.0), sampled(7.0)
    run.frugal = True
    # One latent at a time differs from two at once in the last bits, which guidance enlarges.
    assert torch.allclose(sampled(1.0), plain, atol=1e-5)
    assert (sampled(7.0) - guided).abs().max() <= 1e-5 * guided.abs().max()
    assert torch.equal(encode_text(run, parts.text_encoder, "a red star").tokens, positive.tokens)
