"""Finds latents that Cutout's decoder turns into given pictures.

The autoencoder was trained on plain cut-outs. Its encoder takes a thin line or a grain for noise
and leaves it out, though the decoder can paint it. So what styles teach is found by descent through
the frozen decoder, from the encoder's guess.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import torch
from torch import Tensor

from resources.cutout.loop import autocast

if TYPE_CHECKING:
    from diffusers import AutoencoderKL

_STEPS: Final = 16
_PEAK: Final = 0.1
_TETHER: Final = 0.01
"""How much latents are drawn back to the encoder's guess: strange ones are hard to learn."""
_AT_ONCE: Final = 16


@torch.no_grad()
def encode(vae: AutoencoderKL, images: Tensor) -> Tensor:
    """Encode pictures [n, 3, 128, 128], -1 to 1: latents of unit spread, [n, 4, 16, 16]."""
    images = images.to(vae.device, memory_format=torch.channels_last)
    with autocast(vae.device, on_cpu=True):
        parts = [vae.encode(part).latent_dist.mode().float() for part in images.split(_AT_ONCE)]
    latents: Tensor = torch.cat(parts).contiguous() * vae.config.scaling_factor
    return latents


def fit(vae: AutoencoderKL, images: Tensor, guesses: Tensor, free: Tensor) -> Tensor:
    """Fit pictures [n, 3, 128, 128], -1 to 1: latents of unit spread, [n, 4, 16, 16].

    The `guesses` stay as they are but for the cells that are `free`, [n, 1, 16, 16], 0 or 1.
    """
    batches = [values.to(vae.device).split(_AT_ONCE) for values in (images, guesses, free)]
    return torch.cat([_descend(vae, *batch) for batch in zip(*batches, strict=True)])


def _descend(vae: AutoencoderKL, wanted: Tensor, guess: Tensor, free: Tensor) -> Tensor:
    """Improve one batch of latents."""
    factor = vae.config.scaling_factor
    change = torch.zeros_like(guess, requires_grad=True)
    optimiser = torch.optim.Adam([change], lr=_PEAK * factor)
    for step in range(_STEPS):
        optimiser.param_groups[0]["lr"] = _PEAK * factor * (1 - step / (_STEPS + 2))
        latents = guess + free * change
        scaled = (latents / factor).to(memory_format=torch.channels_last)
        with autocast(guess.device, on_cpu=True):
            painted = vae.decode(scaled).sample
        error = painted.float() - wanted
        loss = error.square().mean() + 0.5 * error.abs().mean()
        loss = loss + _TETHER * (free * change).square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return (guess + free * change).detach()
