"""Trains the autoencoder on fresh renders, small windows first and whole pictures last."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

import torch
from torch import Tensor
from torch.nn import functional

from resources.cutout.loop import Stage, autocast, rank
from resources.cutout.models import LATENT_FACTOR, new_vae
from resources.cutout.optim import optimisers
from resources.cutout.render import Pictures, render, render_crops
from resources.cutout.scene import random_rows

if TYPE_CHECKING:
    from diffusers import AutoencoderKL

log = logging.getLogger(__name__)

_PEAK: Final = 2e-3
_BATCH: Final = 16
_WINDOW: Final = 64
_WHOLE_FROM: Final = 0.8
"""The share of the budget after which pictures come whole, half as many, at twice the edge."""
_SHRUNK_SHARE: Final = 0.2
"""How often a small batch shows whole pictures, shrunk, and not windows."""
_INSIDE: Final = 0.99
_REPORT_STEPS: Final = 200
_FIRST_LOG_VARIANCE: Final = -5.0


def fresh_vae() -> AutoencoderKL:
    """Build an autoencoder whose latents start nearly free of noise, or it would learn nothing."""
    vae = new_vae()
    with torch.no_grad():
        vae.quant_conv.bias[4:] = _FIRST_LOG_VARIANCE
        vae.quant_conv.weight[4:] *= 0.1
    return vae


def draw(progress: float, generator: torch.Generator) -> Pictures:
    """Draw a batch that suits the progress."""
    if progress >= _WHOLE_FROM:
        return render(random_rows(_BATCH // 2, generator), generator)
    if torch.rand((), generator=generator) < _SHRUNK_SHARE:
        return render(random_rows(_BATCH, generator), generator, _WINDOW)
    return render_crops(random_rows(_BATCH, generator), generator, _WINDOW)


def picture_loss(decoded: Tensor, images: Tensor) -> Tensor:
    """Weigh what the eye minds in decoded pictures [n, 3, height, width]: flat colour and edges."""
    error = decoded.float() - images
    coarse = functional.avg_pool2d(error, LATENT_FACTOR)
    edges = error.diff(dim=2).abs().mean() + error.diff(dim=3).abs().mean()
    loss: Tensor = error.abs().mean() + 2 * error.square().mean() + 2 * coarse.abs().mean() + edges
    return loss


def vae_loss(vae: AutoencoderKL, images: Tensor, progress: float) -> Tensor:
    """Weigh pictures [n, 3, height, width], -1 to 1, and how calm their latents are."""
    with autocast(images.device, on_cpu=True):
        posterior = vae.encode(images).latent_dist
        decoded = vae.decode(posterior.sample()).sample
    mean, log_variance = posterior.mean.float(), posterior.logvar.float()
    # Three channels begin as the mean colour of their cell: a head start, and the denoiser meets
    # colours as they are.
    anchor = (mean[:, :3] - functional.avg_pool2d(images, LATENT_FACTOR)).abs().mean()
    divergence = 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).mean()
    weight = max(0.02, 0.5 * (1 - 5 * progress))
    loss: Tensor = picture_loss(decoded, images) + weight * anchor + 2e-4 * divergence
    return loss


@torch.no_grad()
def vae_quality(vae: AutoencoderKL, count: int = 64, seed: int = 7) -> dict[str, float]:
    """Measure on fresh whole pictures: decibels, and the shape's mean colour error of 255."""
    generator = torch.Generator().manual_seed(seed)
    pictures = render(random_rows(count, generator), generator)
    device = vae.device
    decoded = torch.cat(
        [
            vae.decode(vae.encode(part.to(device)).latent_dist.mode()).sample.cpu()
            for part in pictures.images.split(16)
        ]
    )
    error = (decoded.clamp(-1, 1) - pictures.images) * 127.5
    inside = (pictures.masks > _INSIDE).float()
    bias = ((error * inside).sum(dim=(2, 3)) / inside.sum(dim=(2, 3))).abs().mean()
    decibels = 20 * torch.log10(255 / error.square().mean(dim=(1, 2, 3)).sqrt()).mean()
    return {"psnr_db": round(decibels.item(), 2), "shape_colour_error": round(bias.item(), 2)}


@torch.no_grad()
def set_scaling(vae: AutoencoderKL, count: int = 256, seed: int = 11) -> float:
    """Set the factor that brings latents to unit spread, as measured."""
    generator = torch.Generator().manual_seed(seed)
    images = render(random_rows(count, generator), generator).images
    latents = torch.cat(
        [vae.encode(part.to(vae.device)).latent_dist.mode() for part in images.split(16)]
    )
    factor = round(1 / latents.std().item(), 5)
    vae.register_to_config(scaling_factor=factor)
    return factor


def train_vae(stage: Stage, seed: int) -> AutoencoderKL:
    """Spend the stage's budget and return the averaged autoencoder, scaled."""
    (vae,) = stage.models
    (average,) = stage.average.models
    device = next(vae.parameters()).device
    generator = torch.Generator().manual_seed(seed + stage.steps + 500_000 * rank())
    while stage.progress < 1:
        images = draw(stage.progress, generator).images.to(
            device, memory_format=torch.channels_last
        )
        loss = vae_loss(vae, images, stage.progress)
        stage.step(loss)
        if stage.steps % _REPORT_STEPS == 0 and rank() == 0:
            log.info(
                "vae step %d, %.0f s, loss %.4f, %s",
                stage.steps,
                stage.budget.spent,
                loss.item(),
                vae_quality(average, 16),
            )
            stage.save()
    stage.save()
    set_scaling(average)
    return average


def vae_stage(minutes: float, device: torch.device) -> Stage:
    """Set the stage up."""
    vae = fresh_vae().to(device, memory_format=torch.channels_last)
    return Stage("vae", [vae], optimisers([vae], _PEAK), minutes=minutes, peak=_PEAK, decay=0.995)
