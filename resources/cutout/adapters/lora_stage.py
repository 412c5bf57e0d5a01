"""Trains a LoRA for each style, on latents that the frozen decoder turns into that style."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

import torch
from peft import LoraConfig
from peft.utils import get_peft_model_state_dict
from torch import Tensor

from resources.cutout.adapters.judge import classify_styled
from resources.cutout.denoiser_stage import denoiser_loss, leave_unsaid
from resources.cutout.loop import Stage, rank
from resources.cutout.sampling import Cutout, token_ids
from resources.cutout.scene import captions, random_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diffusers import UNet2DConditionModel
    from torch import nn

    from resources.cutout.adapters.lessons import Lessons
    from resources.cutout.adapters.styles import Style

log = logging.getLogger(__name__)

RANK: Final = 8
TARGETS: Final = (
    *("to_q", "to_k", "to_v", "to_out.0", "proj_in", "proj_out"),
    *("ff.net.0.proj", "ff.net.2", "conv1", "conv2"),
)
"""Attention, its feed-forward layers, and the convolutions of the residual blocks."""
_PEAK: Final = 5e-3
_PACE_DOWN: Final = 0.2
"""The first factor starts at random and moves more slowly than the second, which starts at 0."""
_BATCH: Final = 16
"""Of each process."""
_NEAR_WEIGHT: Final = 1.5
_FAR_WEIGHT: Final = 0.4
"""How much cells count that the style leaves as they are."""
_TRIGGER_SHARE: Final = 0.5
TEXT: Final = 24
"""Tokens: room for any caption with its trigger."""
_REPORT_STEPS: Final = 150


def add_low_rank(unet: UNet2DConditionModel, width: int, targets: Sequence[str]) -> None:
    """Freeze a denoiser and give it factors to train instead; they change nothing yet."""
    unet.requires_grad_(requires_grad=False)
    unet.add_adapter(LoraConfig(r=width, lora_alpha=width, target_modules=list(targets)))


def low_rank_optimiser(model: nn.Module, peak: float) -> torch.optim.Optimizer:
    """Let the two factors learn at paces of their own; whatever else learns goes with the first."""
    learning = [(name, w) for name, w in model.named_parameters() if w.requires_grad]
    second = [w for name, w in learning if "lora_B" in name]
    first = [w for name, w in learning if "lora_B" not in name]
    groups: list[dict[str, Any]] = [
        {"params": first, "pace": _PACE_DOWN},
        {"params": second, "pace": 1.0},
    ]
    return torch.optim.AdamW(groups, lr=peak, betas=(0.9, 0.98), weight_decay=0.0)


def factors(unet: UNet2DConditionModel) -> dict[str, Tensor]:
    """Give the trained factors, named as peft and diffusers do."""
    found: dict[str, Tensor] = get_peft_model_state_dict(unet)
    return found


def styled_captions(rows: Tensor, style: Style, generator: torch.Generator) -> list[str]:
    """Say rows, half of them with the style's trigger words."""
    said = torch.rand(len(rows), generator=generator) < _TRIGGER_SHARE
    pairs = zip(captions(rows), said.tolist(), strict=True)
    return [f"{caption}, {style.trigger}" if named else caption for caption, named in pairs]


def lora_stage(minutes: float, cutout: Cutout, style: Style) -> Stage:
    """Set the stage up; the denoiser of `cutout` gets the factors."""
    add_low_rank(cutout.unet, RANK, TARGETS)
    cutout.unet.to(memory_format=torch.channels_last)
    optimiser = low_rank_optimiser(cutout.unet, _PEAK)
    return Stage(style.name, [cutout.unet], [optimiser], minutes=minutes, peak=_PEAK, decay=0.99)


def style_quality(cutout: Cutout, style: Style, count: int, seed: int = 99) -> dict[str, float]:
    """Sample captions: the share right by attribute, and how much of the style shows."""
    rows = random_rows(count, torch.Generator().manual_seed(seed))
    images = cutout.sample(captions(rows), seed=seed)
    scores = classify_styled(images).accuracy(rows)
    scores[style.measure_name] = style.measure(images).mean().item()
    return {name: round(share, 3) for name, share in scores.items()}


def train_lora(stage: Stage, cutout: Cutout, style: Style, lessons: Lessons, seed: int) -> Cutout:
    """Spend the stage's budget and return the parts with the averaged factors."""
    (unet,), (average,) = stage.models, stage.average.models
    generator = torch.Generator().manual_seed(seed + stage.steps + 500_000 * rank())
    device = cutout.unet.device
    alphas = cutout.scheduler.alphas_cumprod.to(device)
    empty = token_ids(cutout.tokenizer, [""])
    learnt = Cutout(cutout.tokenizer, cutout.text_encoder, average, cutout.vae, cutout.scheduler)
    while stage.progress < 1:
        chosen = torch.randint(len(lessons["rows"]), (_BATCH,), generator=generator)
        words = styled_captions(lessons["rows"][chosen], style, generator)
        ids = leave_unsaid(token_ids(cutout.tokenizer, words), empty, generator)
        latents, ids = lessons["latents"][chosen].to(device), ids[:, :TEXT].to(device)
        loss = denoiser_loss(
            unet,
            cutout.text_encoder,
            (latents, ids),
            alphas,
            generator,
            focus=torch.where(lessons["near"][chosen] > 0, _NEAR_WEIGHT, _FAR_WEIGHT).to(device),
        )
        stage.step(loss)
        if stage.steps % _REPORT_STEPS == 0 and rank() == 0:
            report = (stage.steps, stage.budget.spent, loss.item())
            log.info("%s step %d, %.0f s, loss %.4f", style.name, *report)
            log.info("%s", style_quality(learnt, style, 16))
            stage.save()
    stage.save()
    return learnt
