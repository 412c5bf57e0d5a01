"""The autoencoder of the Stable Diffusion families, and a cheap linear guess at its decoder."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import torch
from torch import Tensor

from nodes.families.base import LatentSpec, device_of

if TYPE_CHECKING:
    from diffusers import AutoencoderKL

Rgb: TypeAlias = tuple[tuple[float, float, float], ...]

#: Colour of each channel of Stable Diffusion 1's own VAE, then of zero: the factors that a user of
#: the Hugging Face forum fitted and published in 2022, moved from -1..1 to 0..1.
SD1_RGB: Rgb = (
    (0.149, 0.1035, 0.104),
    (0.0935, 0.143, 0.0865),
    (-0.079, 0.0945, 0.132),
    (-0.092, -0.1355, -0.2365),
    (0.5, 0.5, 0.5),
)
_SD1_WIDTHS = (128, 256, 512, 512)
_SIDE = 8
"""Latent cells along a side of the random patches that a guess is fitted to."""
_PATCHES = 12
_MAPS = 8
"""Maps of the widest level at full size that are in memory at once: measured 7.7 for SD 1's own."""


@dataclass(slots=True)
class KlAutoencoder:
    """An `AutoencoderKL` that scales and shifts latents as its configuration says."""

    module: AutoencoderKL
    _rgb: Rgb = field(default=(), init=False)

    @property
    def latent(self) -> LatentSpec:
        """The space it maps pictures to."""
        config = self.module.config
        return LatentSpec(config["latent_channels"], 2 ** (len(config["block_out_channels"]) - 1))

    @property
    def rgb(self) -> Rgb:
        """The colour of each latent channel, then of zero."""
        if not self._rgb:
            widths = tuple(self.module.config["block_out_channels"])
            self._rgb = SD1_RGB if widths == _SD1_WIDTHS else fit_rgb(self)
        return self._rgb

    def encode(self, pixels: Tensor) -> Tensor:
        """Return the most likely latents (N, C, h, w) of pictures (N, 3, H, W) from -1 to 1."""
        scale, shift = self._scaling()
        found: Tensor = self.module.encode(self._placed(pixels)).latent_dist.mode()
        return (found.float() - shift) * scale

    def decode(self, samples: Tensor) -> Tensor:
        """Return pictures (N, 3, H, W), nominally from -1 to 1, of latents (N, C, h, w)."""
        scale, shift = self._scaling()
        pixels: Tensor = self.module.decode(
            self._placed(samples / scale + shift), return_dict=False
        )[0]
        return pixels.float()

    def working_set(self, height: int, width: int) -> int:
        """Return about how many bytes it takes to encode or decode one picture of that size.

        The widest are the decoder's last blocks, at the picture's full size: several maps of as
        many channels as the second level has, and what a convolution lays out of them.
        """
        widths = self.module.config["block_out_channels"]
        size: int = height * width * max(widths[:2]) * _MAPS * self.module.dtype.itemsize
        return size

    def _placed(self, tensor: Tensor) -> Tensor:
        return tensor.to(device_of(self), self.module.dtype)

    def _scaling(self) -> tuple[float, float]:
        config = self.module.config
        return config["scaling_factor"], config.get("shift_factor") or 0.0


@torch.no_grad()
def fit_rgb(vae: KlAutoencoder) -> Rgb:
    """Return the colours that best explain what `vae` decodes, by least squares.

    The samples are random latents at scales from one cell to the whole patch, as pictures are made
    of areas and not of white noise; always the same ones, so the answer is a function of the VAE.
    """
    spec = vae.latent
    generator = torch.Generator().manual_seed(0)
    patches = [_patch(spec.channels, 2 ** (i % 4), generator) for i in range(_PATCHES)]
    latents = torch.cat(patches)
    pixels = vae.decode(latents).cpu().clamp(-1, 1) / 2 + 0.5
    cells = torch.nn.functional.avg_pool2d(pixels, spec.factor)
    known = latents.movedim(1, -1).reshape(-1, spec.channels)
    ones = torch.ones(len(known), 1)
    wanted = cells.movedim(1, -1).reshape(-1, 3)
    found = torch.linalg.lstsq(torch.cat((known, ones), 1).double(), wanted.double()).solution
    # Rounded, because the colours go into the digest of a latent and the last bits are not stable.
    return tuple((round(r, 4), round(g, 4), round(b, 4)) for r, g, b in found.tolist())


def _patch(channels: int, cell: int, generator: torch.Generator) -> Tensor:
    coarse = torch.randn(1, channels, _SIDE // cell, _SIDE // cell, generator=generator)
    return coarse.repeat_interleave(cell, 2).repeat_interleave(cell, 3)
