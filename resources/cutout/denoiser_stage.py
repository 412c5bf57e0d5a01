"""Trains the denoiser and the text encoder together, on latents of ever fresh renders."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

import torch
from torch import Tensor, nn

from resources.cutout.classifier import classify
from resources.cutout.loop import Stage, autocast, rank
from resources.cutout.models import MAX_TOKENS, new_scheduler, new_text_encoder, new_unet
from resources.cutout.optim import optimisers
from resources.cutout.render import render
from resources.cutout.sampling import Cutout, token_ids
from resources.cutout.scene import captions, random_rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from diffusers import AutoencoderKL
    from transformers import CLIPTextModel, CLIPTokenizer

log = logging.getLogger(__name__)

_PEAK: Final = 2e-3
_FIRST_BATCH: Final = 16
_BATCH: Final = 32
"""Of each process. Small batches come first: many steps find the rough way sooner."""
_FULL_BATCH_FROM: Final = 0.85
_POOL: Final = 65536
_FIRST_POOL: Final = 1024
_GROWTH: Final = 64
_FRESH_SHARE: Final = 0.25
"""How many new renders join the pool at each step, for each picture of the batch."""
_UNSAID: Final = 0.1
"""The share of captions that are left empty, for classifier-free guidance."""
_SHORT_TEXT: Final = 16
"""Room for any caption; most steps leave out the padding behind it, which saves time."""
_SHORT_SHARE: Final = 0.75
_FULL_TEXT_FROM: Final = 0.8
"""The share of the budget after which all steps see all 77 tokens, as samplers do."""
_FIRST_BIAS: Final = 2.5
_LAST_BIAS: Final = 0.9
_LAST_BIAS_FROM: Final = 0.65
_SNR_CEILING: Final = 20.0
_LEAST_WEIGHT: Final = 0.1
_REPORT_STEPS: Final = 400
_QUALITY_CAPTIONS: Final = 64


class Pool:
    """Latents of renders with their token ids; grows, then replaces its oldest."""

    def __init__(self, vae: AutoencoderKL, tokenizer: CLIPTokenizer, seed: int) -> None:
        """Start empty."""
        self._vae = vae
        self._tokenizer = tokenizer
        self._generator = torch.Generator().manual_seed(seed)
        self._latents = torch.empty(_POOL, 4, 16, 16)
        self._ids = torch.empty(_POOL, tokenizer.model_max_length, dtype=torch.int64)
        self._drawn = 0

    @torch.no_grad()
    def grow(self, count: int) -> None:
        """Render, encode and keep `count` more pictures."""
        rows = random_rows(count, self._generator)
        images = render(rows, self._generator).images.to(self._vae.device)
        with autocast(images.device, on_cpu=False):
            latents = self._vae.encode(images).latent_dist.mode().float().cpu()
        slots = (self._drawn + torch.arange(count)) % _POOL
        self._latents[slots] = latents * self._vae.config.scaling_factor
        self._ids[slots] = token_ids(self._tokenizer, captions(rows))
        self._drawn += count

    def batch(self, count: int) -> tuple[Tensor, Tensor]:
        """Draw latents [n, 4, 16, 16] and ids [n, 77]."""
        filled = min(self._drawn, _POOL)
        chosen = torch.randint(filled, (count,), generator=self._generator)
        return self._latents[chosen], self._ids[chosen]


def fresh_text_encoder(tokenizer: CLIPTokenizer) -> CLIPTextModel:
    """Build a text encoder whose words start out as far apart as they can be."""
    text_encoder = new_text_encoder(tokenizer)
    for name, weight in text_encoder.named_parameters():
        if name.endswith("token_embedding.weight"):
            nn.init.orthogonal_(weight, gain=2.0)
    return text_encoder


def denoiser_loss(
    unet: Callable[[Tensor, Tensor, Tensor], Any],
    text_encoder: nn.Module,
    batch: tuple[Tensor, Tensor],
    alphas: Tensor,
    generator: torch.Generator,
    bias: float = 1.0,
    focus: Tensor | None = None,
) -> Tensor:
    """Compare the predicted v with the true one.

    `alphas` is the schedule's cumulative product, [1000]. Nearly clean latents count less: what a
    caption says is decided while noise is strong. A `bias` above 1 favours strong noise; a `focus`,
    [n, 1, height, width], says how much each place counts.
    """
    latents, ids = batch
    count, device = len(latents), latents.device
    # One moment from each of n equal stretches: the loss then varies less from batch to batch.
    moments = (torch.arange(count) + torch.rand(count, generator=generator)) / count
    steps = ((1 - moments**bias) * len(alphas)).ceil().sub(1).clamp(min=0).long().to(device)
    noise = torch.randn(latents.shape, generator=generator).to(device)
    signal = alphas[steps].view(-1, 1, 1, 1)
    noisy = signal.sqrt() * latents + (1 - signal).sqrt() * noise
    velocity = signal.sqrt() * noise - (1 - signal).sqrt() * latents
    with autocast(device, on_cpu=False):
        predicted = unet(noisy, steps, text_encoder(ids)[0]).sample
    ratio = alphas[steps] / (1 - alphas[steps])
    weight = (_SNR_CEILING / ratio).clamp(_LEAST_WEIGHT, 1)
    error = (predicted.float() - velocity).square()
    if focus is not None:
        error = error * focus
    error = error.mean(dim=(1, 2, 3))
    loss: Tensor = (weight * error).mean()
    return loss


def leave_unsaid(ids: Tensor, empty: Tensor, generator: torch.Generator) -> Tensor:
    """Empty a share of the captions."""
    dropped = torch.rand(len(ids), generator=generator) < _UNSAID
    return torch.where(dropped[:, None], empty, ids)


def batch_size(progress: float) -> int:
    """Choose how many pictures a step sees."""
    return _BATCH if progress >= _FULL_BATCH_FROM else _FIRST_BATCH


def noise_bias(progress: float) -> float:
    """Favour strong noise at first, where only words tell the place, and fine edges later."""
    return _LAST_BIAS if progress >= _LAST_BIAS_FROM else _FIRST_BIAS


def text_length(progress: float, generator: torch.Generator) -> int:
    """Choose how many tokens a step reads."""
    short = torch.rand((), generator=generator).item() < _SHORT_SHARE
    return _SHORT_TEXT if short and progress < _FULL_TEXT_FROM else MAX_TOKENS


def obedience(cutout: Cutout, count: int = _QUALITY_CAPTIONS, seed: int = 99) -> dict[str, float]:
    """Sample captions and judge them: the share right by attribute."""
    rows = random_rows(count, torch.Generator().manual_seed(seed))
    with autocast(cutout.unet.device, on_cpu=False):
        images = cutout.sample(captions(rows), seed=seed)
    return {name: round(share, 3) for name, share in classify(images).accuracy(rows).items()}


class Feed:
    """What each step of a training sees: pictures, words and noise that suit the progress."""

    def __init__(self, vae: AutoencoderKL, tokenizer: CLIPTokenizer, seed: int) -> None:
        """Fill the pool as far as the first steps need."""
        self.generator = torch.Generator().manual_seed(seed + 1)
        self._pool = Pool(vae, tokenizer, seed)
        self._empty = token_ids(tokenizer, [""])
        for _ in range(_FIRST_POOL // _GROWTH):
            self._pool.grow(_GROWTH)

    def batch(self, progress: float, device: torch.device) -> tuple[Tensor, Tensor]:
        """Draw latents [n, 4, 16, 16] and ids [n, tokens]; the pool grows by a share of as many."""
        count = batch_size(progress)
        self._pool.grow(int(_FRESH_SHARE * count))
        latents, ids = self._pool.batch(count)
        ids = leave_unsaid(ids, self._empty, self.generator)
        return latents.to(device), ids[:, : text_length(progress, self.generator)].to(device)


def train_denoiser(stage: Stage, vae: AutoencoderKL, tokenizer: CLIPTokenizer, seed: int) -> Cutout:
    """Spend the stage's budget and return the averaged model."""
    unet, text_encoder = stage.models
    device = next(unet.parameters()).device
    scheduler = new_scheduler()
    alphas = scheduler.alphas_cumprod.to(device)
    feed = Feed(vae, tokenizer, seed + stage.steps + 500_000 * rank())
    unet_average, text_average = stage.average.models
    cutout = Cutout(tokenizer, text_average, unet_average, vae, scheduler)
    while stage.progress < 1:
        batch, bias = feed.batch(stage.progress, device), noise_bias(stage.progress)
        loss = denoiser_loss(unet, text_encoder, batch, alphas, feed.generator, bias)
        stage.step(loss)
        if stage.steps % _REPORT_STEPS == 0 and rank() == 0:
            report = (stage.steps, stage.budget.spent, loss.item(), obedience(cutout))
            log.info("denoiser step %d, %.0f s, loss %.4f, %s", *report)
            stage.save()
    stage.save()
    return cutout


def denoiser_stage(minutes: float, device: torch.device, tokenizer: CLIPTokenizer) -> Stage:
    """Set the stage up."""
    models = [new_unet().to(device), fresh_text_encoder(tokenizer).to(device)]
    return Stage(
        "denoiser", models, optimisers(models, _PEAK), minutes=minutes, peak=_PEAK, decay=0.998
    )
