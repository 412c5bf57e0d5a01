"""Networks that get by with less memory, at the price of time: one latent, or one tile, at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from nodes.tiling import in_tiles

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from nodes.families.base import Autoencoder, Condition, Config, Denoiser, LatentSpec

_TILE, _OVERLAP = 64, 16


@dataclass(frozen=True, slots=True)
class OneByOne:
    """A denoiser that predicts for one latent after another."""

    whole: Denoiser

    @property
    def module(self) -> nn.Module:
        """The network."""
        return self.whole.module

    @property
    def latent(self) -> LatentSpec:
        """The space it works in."""
        return self.whole.latent

    @property
    def context(self) -> int:
        """The width of the text that it takes."""
        return self.whole.context

    @property
    def schedule(self) -> Config:
        """The noise schedule it was trained with."""
        return self.whole.schedule

    def set_steps(self, scheduler: Any, steps: int, shape: Sequence[int]) -> None:
        """Lay `steps` steps out for latents of `shape`."""
        self.whole.set_steps(scheduler, steps, shape)

    def begin(self, samples: Tensor) -> Tensor:
        """Return latents as the network takes them."""
        return self.whole.begin(samples)

    def end(self, state: Tensor) -> Tensor:
        """Undo `begin`."""
        return self.whole.end(state)

    def predict(self, state: Tensor, time: Tensor, condition: Condition) -> Tensor:
        """Return the prediction for `state`, in as many calls as there are latents."""
        singles = zip(state.split(1), condition.split(), strict=True)
        return torch.cat([self.whole.predict(each, time, given) for each, given in singles])


@dataclass(frozen=True, slots=True)
class Tiling:
    """A VAE that works in tiles where a whole picture would not fit into memory.

    Its norms and its attention then see one tile at a time, so the picture comes out a little
    different from a whole one; what each tile shares with the next is blended. On Cutout, whose
    pictures are flat papers with sharp edges, a value of 0 to 1 is off by less than 0.001 on
    average, by less than 0.01 for 99 of 100, and no border of a tile is to be seen.
    """

    whole: Autoencoder
    has_room: Callable[[int], bool]
    """Says whether that many bytes can be had."""
    side: int = _TILE
    """Latent cells along a side of a tile."""
    overlap: int = _OVERLAP
    """How many of them it shares with its neighbour, at least."""

    @property
    def module(self) -> nn.Module:
        """The network."""
        return self.whole.module

    @property
    def latent(self) -> LatentSpec:
        """The space it maps pictures to."""
        return self.whole.latent

    @property
    def rgb(self) -> tuple[tuple[float, float, float], ...]:
        """A linear guess at `decode`."""
        return self.whole.rgb

    def working_set(self, height: int, width: int) -> int:
        """Return about how many bytes a picture of that size takes, or a tile of it."""
        side = self.side * self.latent.factor
        return self.whole.working_set(min(height, side), min(width, side))

    def encode(self, pixels: Tensor) -> Tensor:
        """Return latents (N, C, h, w) of pictures (N, 3, H, W) from -1 to 1."""
        factor = self.latent.factor
        if self._fits(*pixels.shape[-2:]):
            return self.whole.encode(pixels)
        return in_tiles(self.whole.encode, pixels, (factor, 1), self.side, self.overlap)

    def decode(self, samples: Tensor) -> Tensor:
        """Return pictures (N, 3, H, W), nominally from -1 to 1, of latents (N, C, h, w)."""
        factor = self.latent.factor
        if self._fits(samples.shape[-2] * factor, samples.shape[-1] * factor):
            return self.whole.decode(samples)
        return in_tiles(self.whole.decode, samples, (1, factor), self.side, self.overlap)

    def _fits(self, height: int, width: int) -> bool:
        return self.has_room(self.whole.working_set(height, width))
