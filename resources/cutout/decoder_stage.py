"""Teaches the decoder, last of all, to cut clean outlines from what the denoiser gives it.

The autoencoder learnt from exact latents. The denoiser's are a little off, which showed as frayed
edges. So the decoder alone goes on learning, from latents that were noised and then denoised in one
step, towards the picture that they came from. Encoder and latent space stay as they are.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

import torch

from resources.cutout.loop import Stage, autocast, rank
from resources.cutout.models import LATENT_FACTOR
from resources.cutout.optim import optimisers
from resources.cutout.render import render
from resources.cutout.sampling import GUIDANCE, Cutout, token_ids
from resources.cutout.scene import captions, random_rows
from resources.cutout.vae_stage import picture_loss, vae_quality

if TYPE_CHECKING:
    from diffusers import AutoencoderKL
    from torch import Tensor, nn

log = logging.getLogger(__name__)

_PEAK: Final = 7e-4
_BATCH: Final = 12
_PICTURES: Final = 768
_ENCODED_AT_ONCE: Final = 16
_WINDOW: Final = 10
"""The edge, in latents, of the windows that are decoded: around the shape, for its outline."""
_STRONGEST: Final = 300
"""The last moment of the schedule that is denoised in one step; later ones lose the picture."""
_EXACT_SHARE: Final = 0.2
"""How often latents come as they were encoded, so that this is not forgotten."""
_REPORT_STEPS: Final = 100


class Lessons:
    """Pictures with their latents and conditions, encoded once."""

    @torch.no_grad()
    def __init__(self, cutout: Cutout, seed: int) -> None:
        """Draw and encode all."""
        self._cutout = cutout
        self._device = cutout.unet.device
        self._alphas = cutout.scheduler.alphas_cumprod.to(self._device)
        self.generator = torch.Generator().manual_seed(seed)
        rows = random_rows(_PICTURES, self.generator)
        pictures = render(rows, self.generator)
        self._images = pictures.images
        parts = [part.to(self._device) for part in self._images.split(_ENCODED_AT_ONCE)]
        latents = [cutout.vae.encode(part).latent_dist.mode() for part in parts]
        self._latents = torch.cat(latents) * cutout.vae.config.scaling_factor
        self._corners = _corners(pictures.masks)
        ids = token_ids(cutout.tokenizer, captions(rows)).split(_ENCODED_AT_ONCE)
        self._said = torch.cat([cutout.text_encoder(part.to(self._device))[0] for part in ids])
        empty = token_ids(cutout.tokenizer, [""]).to(self._device)
        self._unsaid = cutout.text_encoder(empty)[0]

    @torch.no_grad()
    def batch(self) -> tuple[Tensor, Tensor]:
        """Draw windows of latents, of unit spread, and of the pictures that they should become."""
        chosen = torch.randint(_PICTURES, (_BATCH,), generator=self.generator)
        latents = self._latents[chosen]
        if torch.rand((), generator=self.generator) > _EXACT_SHARE:
            latents = self._denoised(latents, self._said[chosen])
        windows = [
            (latents[index, :, y : y + _WINDOW, x : x + _WINDOW], _cut(self._images[number], x, y))
            for index, number in enumerate(chosen.tolist())
            for x, y in [self._corners[number].tolist()]
        ]
        given, wanted = zip(*windows, strict=True)
        return torch.stack(given), torch.stack(wanted).to(self._device)

    def _denoised(self, latents: Tensor, said: Tensor) -> Tensor:
        """Noise latents and let the denoiser say, with guidance, what they were."""
        count = len(latents)
        moments = torch.randint(_STRONGEST, (count,), generator=self.generator).to(self._device)
        noise = torch.randn(latents.shape, generator=self.generator).to(self._device)
        signal = self._alphas[moments].view(-1, 1, 1, 1)
        noisy = signal.sqrt() * latents + (1 - signal).sqrt() * noise
        conditions = torch.cat([said, self._unsaid.expand_as(said)])
        both = self._cutout.unet(torch.cat([noisy] * 2), torch.cat([moments] * 2), conditions)
        heard, unheard = both.sample.chunk(2)
        velocity = unheard + GUIDANCE * (heard - unheard)
        denoised: Tensor = signal.sqrt() * noisy - (1 - signal).sqrt() * velocity
        return denoised


def _corners(masks: Tensor) -> Tensor:
    """Place each picture's window round its shape: int64 [n, 2] (x, y), in latents."""
    cells = torch.nn.functional.avg_pool2d(masks, LATENT_FACTOR)[:, 0]
    steps = torch.arange(cells.shape[-1]) + 0.5
    total = cells.sum(dim=(1, 2))
    middle = torch.stack((cells.sum(dim=1) @ steps / total, cells.sum(dim=2) @ steps / total), 1)
    return (middle - _WINDOW / 2).round().long().clamp(0, cells.shape[-1] - _WINDOW)


def _cut(image: Tensor, x: int, y: int) -> Tensor:
    """Cut the pixels of a window out of a picture [3, height, width]."""
    left, top, edge = x * LATENT_FACTOR, y * LATENT_FACTOR, _WINDOW * LATENT_FACTOR
    return image[:, top : top + edge, left : left + edge]


@torch.no_grad()
def _meet(model: nn.Module, tuned: nn.Module, first: nn.Module) -> None:
    """Set a model half-way between what it was and what it became.

    Tuned on windows alone, the decoder frets along a whole picture's border; half-way it does not,
    and its outlines are as clean.
    """
    weights = (part.parameters() for part in (model, tuned, first))
    for weight, after, before in zip(*weights, strict=True):
        weight.copy_((after + before) / 2)


def train_decoder(stage: Stage, cutout: Cutout, first: AutoencoderKL, seed: int) -> None:
    """Spend the stage's budget on the decoder of `cutout`; `first` is as it was before."""
    lessons = Lessons(cutout, seed + stage.steps + 500_000 * rank())
    scaling = cutout.vae.config.scaling_factor
    while stage.progress < 1:
        latents, images = lessons.batch()
        with autocast(latents.device, on_cpu=True):
            decoded = cutout.vae.decode(latents / scaling).sample
        loss = picture_loss(decoded, images)
        stage.step(loss)
        if stage.steps % _REPORT_STEPS == 0 and rank() == 0:
            log.info("decoder step %d, %.0f s, %.4f", stage.steps, stage.budget.spent, loss.item())
            stage.save()
    stage.save()
    befores = (first.decoder, first.post_quant_conv)
    for model, average, before in zip(stage.models, stage.average.models, befores, strict=True):
        _meet(model, average, before)
    if rank() == 0:
        log.info("decoder %s", vae_quality(cutout.vae))


def decoder_stage(minutes: float, cutout: Cutout) -> Stage:
    """Set the stage up for the decoder of `cutout`; the rest of it is frozen."""
    for part in (cutout.unet, cutout.text_encoder, cutout.vae):
        part.requires_grad_(requires_grad=False)
    models = [cutout.vae.decoder, cutout.vae.post_quant_conv]
    for model in models:
        model.requires_grad_(requires_grad=True)
    learners = optimisers(models, _PEAK)
    return Stage("decoder", models, learners, minutes=minutes, peak=_PEAK, decay=0.98)
