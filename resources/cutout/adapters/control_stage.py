"""Trains the ControlNet: outline drawings decide shape, size and place; words, the colours."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

import torch
from diffusers import ControlNetModel
from torch import Tensor, nn

from resources.cutout.adapters.drawing import (
    draw_lines,
    find_edges,
    free_layout,
    without_shape,
    words_for,
)
from resources.cutout.adapters.fit import encode
from resources.cutout.classifier import classify
from resources.cutout.denoiser_stage import denoiser_loss, leave_unsaid
from resources.cutout.loop import Stage, rank
from resources.cutout.optim import optimisers
from resources.cutout.render import STANDARD_SIZE, lay_out, nearest, paint, pixel_distances
from resources.cutout.sampling import Cutout, Denoiser, token_ids
from resources.cutout.scene import ATTRIBUTES, captions, random_rows, scenes

if TYPE_CHECKING:
    from diffusers import AutoencoderKL, UNet2DConditionModel

    from resources.cutout.adapters.lessons import Lessons

log = logging.getLogger(__name__)

_EYES: Final = (8, 16, 32, 64)
"""Widths of the layers that take the drawing in, from 128 pixels to 16 latents."""
_PEAK: Final = 1e-3
_BATCH: Final = 16
"""Of each process."""
_TEXT: Final = 16
_FREE_SHARE: Final = 0.4
_FOUND_SHARE: Final = 0.4
_BLANK_SHARE: Final = 0.04
"""How often the sheet is empty, so that an empty one changes nothing."""
_FIRST_BIAS: Final = 1.5
_LAST_BIAS_FROM: Final = 0.5
_NEAR: Final = 6.0
"""Cells whose nearest outline is within so many pixels count more."""
_FAR_WEIGHT: Final = 0.4
_NEAR_WEIGHT: Final = 2.5
_ENCODED_AT_ONCE: Final = 128
_REPORT_STEPS: Final = 250


def fresh_controlnet(unet: UNet2DConditionModel) -> ControlNetModel:
    """Build a ControlNet from a denoiser's encoder; it changes nothing yet.

    Its eyes start at random, not at zero: the zero convolutions behind them suffice.
    """
    controlnet = ControlNetModel.from_unet(unet, conditioning_embedding_out_channels=_EYES)
    nn.init.kaiming_normal_(controlnet.controlnet_cond_embedding.conv_out.weight)
    return controlnet.train()


def steered(unet: UNet2DConditionModel, controlnet: ControlNetModel, control: Tensor) -> Denoiser:
    """Let drawings [n, 3, 128, 128], 0 to 1, steer a denoiser."""

    def predict(noisy: Tensor, moments: Tensor, words: Tensor) -> Any:
        drawings = control.repeat(len(noisy) // len(control), 1, 1, 1)
        down, middle = controlnet(noisy, moments, words, drawings, return_dict=False)
        return unet(
            noisy,
            moments,
            words,
            down_block_additional_residuals=down,
            mid_block_additional_residual=middle,
        )

    return predict


def control_lessons(vae: AutoencoderKL, count: int, seed: int) -> Lessons:
    """Draw scenes, some where no words would put them, with their outlines.

    Gives `latents` of unit spread, `rows`, `free` (whether a scene is laid out freely), `distances`
    to the outline in pixels and the `edges` found.
    """
    generator = torch.Generator().manual_seed(seed + 1000 + 500_000 * rank())
    parts: list[Lessons] = []
    for _ in range(-(-count // _ENCODED_AT_ONCE)):
        rows = random_rows(_ENCODED_AT_ONCE, generator)
        free = torch.arange(len(rows)) < _FREE_SHARE * len(rows)
        for lay, chosen in ((free_layout, rows[free]), (lay_out, rows[~free])):
            layout = lay(chosen, generator)
            images, _ = paint(layout, STANDARD_SIZE)
            parts.append(
                {
                    "latents": encode(vae, images),
                    "rows": chosen,
                    "free": torch.full((len(chosen),), lay is free_layout),
                    "distances": pixel_distances(layout).half(),
                    "edges": find_edges(images),
                }
            )
    return {name: torch.cat([part[name] for part in parts]) for name in parts[0]}


def drawings(distances: Tensor, edges: Tensor, generator: torch.Generator) -> Tensor:
    """Draw outlines, known or found, now and then none: [n, 3, 128, 128], 0 to 1."""
    kind = torch.rand(len(edges), 1, 1, generator=generator)
    lines = draw_lines(distances.float(), generator)
    lines = torch.where(kind < _FOUND_SHARE, edges.float(), lines)
    lines = lines * (kind < 1 - _BLANK_SHARE)
    return lines[:, None].expand(-1, 3, -1, -1)


def focus_on(distances: Tensor) -> Tensor:
    """Weigh cells near the outline more, where the drawing has most to say: [n, 1, 16, 16]."""
    return torch.where(nearest(distances) < _NEAR, _NEAR_WEIGHT, _FAR_WEIGHT)


def control_stage(minutes: float, cutout: Cutout) -> Stage:
    """Set the stage up."""
    controlnet = fresh_controlnet(cutout.unet).to(
        cutout.unet.device, memory_format=torch.channels_last
    )
    cutout.unet.to(memory_format=torch.channels_last)
    learners = optimisers([controlnet], _PEAK)
    return Stage("control", [controlnet], learners, minutes=minutes, peak=_PEAK, decay=0.995)


def overlap(found: Tensor, wanted: Tensor) -> Tensor:
    """Give what two masks share of what they cover together: [n], 0 to 1."""
    first, second = found.flatten(1).round().bool(), wanted.flatten(1).round().bool()
    return (first & second).sum(dim=1) / (first | second).sum(dim=1).clamp(min=1)


def control_quality(
    cutout: Cutout, controlnet: ControlNetModel, count: int, seed: int = 99
) -> dict[str, float]:
    """Paint over fresh drawings: how shapes agree, and the share of words obeyed."""
    generator = torch.Generator().manual_seed(seed)
    rows = random_rows(count, generator)
    layout = lay_out(rows, generator)
    _, masks = paint(layout, STANDARD_SIZE)
    lines = draw_lines(pixel_distances(layout), generator)[:, None].expand(-1, 3, -1, -1)
    denoiser = steered(cutout.unet, controlnet, lines.to(cutout.unet.device))
    quality = {}
    for name, said in (
        ("", captions(rows)),
        ("shape unsaid: ", [without_shape(scene) for scene in scenes(rows)]),
    ):
        verdict = classify(cutout.sample(said, seed=seed, denoiser=denoiser))
        right = verdict.right(rows).float().mean(dim=0).tolist()
        quality[f"{name}iou"] = overlap(verdict.masks, masks).mean().item()
        quality |= {f"{name}{word}": share for word, share in zip(ATTRIBUTES, right, strict=True)}
    return {name: round(share, 3) for name, share in quality.items()}


def train_control(stage: Stage, cutout: Cutout, lessons: Lessons, seed: int) -> ControlNetModel:
    """Spend the stage's budget and return the averaged ControlNet."""
    (controlnet,), (average,) = stage.models, stage.average.models
    device = cutout.unet.device
    generator = torch.Generator().manual_seed(seed + stage.steps + 500_000 * rank())
    alphas = cutout.scheduler.alphas_cumprod.to(device)
    empty = token_ids(cutout.tokenizer, [""])
    while stage.progress < 1:
        chosen = torch.randint(len(lessons["rows"]), (_BATCH,), generator=generator)
        lesson = {name: values[chosen] for name, values in lessons.items()}
        control = drawings(lesson["distances"], lesson["edges"], generator)
        control = control.to(device, memory_format=torch.channels_last)
        words = words_for(lesson["rows"], lesson["free"], generator)
        ids = leave_unsaid(token_ids(cutout.tokenizer, words), empty, generator)[:, :_TEXT]
        loss = denoiser_loss(
            steered(cutout.unet, controlnet, control),
            cutout.text_encoder,
            (lesson["latents"].to(device), ids.to(device)),
            alphas,
            generator,
            _FIRST_BIAS if stage.progress < _LAST_BIAS_FROM else 1.0,
            focus_on(lesson["distances"]).to(device),
        )
        stage.step(loss)
        if stage.steps % _REPORT_STEPS == 0 and rank() == 0:
            report = (stage.steps, stage.budget.spent, loss.item())
            log.info("control step %d, %.0f s, loss %.4f", *report)
            log.info("%s", control_quality(cutout, average, 16))
            stage.save()
    stage.save()
    return average
