"""Trains inpainting: the denoiser sees, beside its latents, the mask and what lies round it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import torch
from diffusers import UNet2DConditionModel
from torch import Tensor
from torch.nn import functional

from resources.cutout.adapters.fit import encode
from resources.cutout.adapters.lora_stage import TARGETS, add_low_rank, low_rank_optimiser
from resources.cutout.adapters.masks import draw_masks
from resources.cutout.classifier import classify
from resources.cutout.denoiser_stage import denoiser_loss, leave_unsaid
from resources.cutout.loop import Stage, rank
from resources.cutout.models import LATENT_FACTOR
from resources.cutout.render import STANDARD_SIZE, Layout, lay_out, paint, palette
from resources.cutout.sampling import Cutout, Denoiser, token_ids
from resources.cutout.scene import (
    ATTRIBUTES,
    PLACES,
    SIZES,
    Place,
    Scene,
    Size,
    captions,
    random_rows,
    scenes,
)

if TYPE_CHECKING:
    from diffusers import AutoencoderKL

    from resources.cutout.adapters.lessons import Lessons

log = logging.getLogger(__name__)

CHANNELS: Final = 9
RANK: Final = 16
_PEAK: Final = 5e-3
_BATCH: Final = 16
"""Of each process."""
_TEXT: Final = 16
_PARTLY_SHARE: Final = 0.25
_ANYWHERE_SHARE: Final = 0.1
_COMPANY_SHARE: Final = 0.25
"""How many pictures show a second shape, which the mask leaves alone."""
_WHOLE_WORDS: Final = 0.5
_NEAREST_SHARE: Final = 0.5
_COVERED: Final = 0.95
_UNTOUCHED: Final = 0.02
_INSIDE_WEIGHT: Final = 2.0
_OUTSIDE_WEIGHT: Final = 0.5
_ENCODED_AT_ONCE: Final = 128
_REPORT_STEPS: Final = 250
_OPPOSITE: Final = {
    Place.LEFT: Place.RIGHT,
    Place.RIGHT: Place.LEFT,
    Place.TOP: Place.BOTTOM,
    Place.BOTTOM: Place.TOP,
}


@dataclass(frozen=True, slots=True)
class Holes:
    """Pictures with holes."""

    images: Tensor
    """[n, 3, 128, 128], -1 to 1, whole."""
    masks: Tensor
    """bool [n, 1, 128, 128], true where to paint anew."""
    rows: Tensor
    """int64 [n, 5], the scene without company."""
    covered: Tensor
    """[n], the share of the shape that the mask hides, 0 to 1."""

    @property
    def seen(self) -> Tensor:
        """The pictures with mid-grey in place of what the mask hides, as in Stable Diffusion."""
        return self.images * ~self.masks


def beside(rows: Tensor, generator: torch.Generator) -> Tensor:
    """Choose small companions across from the shapes of rows that are not in the centre."""
    others = random_rows(len(rows), generator)
    across = [PLACES.index(_OPPOSITE.get(place, place)) for place in PLACES]
    others[:, 2] = SIZES.index(Size.SMALL)
    others[:, 3] = torch.tensor(across)[rows[:, 3]]
    others[:, 4] = rows[:, 4]
    same = others[:, 1] == others[:, 4]
    others[same, 1] = rows[same, 1]
    return others


def draw_holes(rows: Tensor, generator: torch.Generator, *, over: bool = False) -> Holes:
    """Draw scenes, some with company, and a mask for each; with `over` all hide their shape."""
    count = len(rows)
    layout = lay_out(rows, generator)
    images, shapes = paint(layout, STANDARD_SIZE)
    company, others = paint(lay_out(beside(rows, generator), generator), STANDARD_SIZE)
    has_company = torch.rand(count, generator=generator) < _COMPANY_SHARE
    has_company &= rows[:, 3] != PLACES.index(Place.CENTER)
    images = torch.lerp(images, company, others * has_company.view(-1, 1, 1, 1))
    centres, reach = _aims(layout, has_company | over, generator)
    masks = draw_masks(centres, reach, STANDARD_SIZE, generator)
    covered = (shapes * masks).sum(dim=(1, 2, 3)) / shapes.sum(dim=(1, 2, 3))
    return Holes(images, masks, rows, covered)


def _aims(layout: Layout, over: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Choose middles [n, 2] and radii [n] of masks: over the shape, across its edge, anywhere."""
    count = len(over)
    stray = 2 * torch.rand(count, 2, generator=generator) - 1
    chance = torch.rand(count, generator=generator)
    partly = (chance < _PARTLY_SHARE) & ~over
    anywhere = (chance > 1 - _ANYWHERE_SHARE) & ~over
    centres = layout.centre + torch.where(partly[:, None], 0.2, 0.02) * stray
    centres = torch.where(anywhere[:, None], 0.5 + 0.4 * stray, centres)
    scale = torch.rand(count, generator=generator)
    reach = layout.radius * (1.2 + 0.25 * scale)
    return centres, torch.where(partly | anywhere, 0.08 + 0.17 * scale, reach)


def inpaint_lessons(vae: AutoencoderKL, count: int, seed: int) -> Lessons:
    """Draw and encode pictures with holes: `latents` and `seen` latents, of unit spread.

    Besides `masks`, bool, of all pixels, `rows` and the share `covered`.
    """
    generator = torch.Generator().manual_seed(seed + 2000 + 500_000 * rank())
    parts: list[Lessons] = []
    for _ in range(-(-count // _ENCODED_AT_ONCE)):
        holes = draw_holes(random_rows(_ENCODED_AT_ONCE, generator), generator)
        parts.append(
            {
                "latents": encode(vae, holes.images),
                "seen": encode(vae, holes.seen),
                "masks": holes.masks,
                "rows": holes.rows,
                "covered": holes.covered,
            }
        )
    return {name: torch.cat([part[name] for part in parts]) for name in parts[0]}


def words_for(rows: Tensor, covered: Tensor, generator: torch.Generator) -> list[str]:
    """Say the whole scene, or only what the mask hides: the shape, or a piece of background."""
    chances = torch.rand(len(rows), generator=generator).tolist()
    return [
        _said(scene, hidden, chance)
        for scene, hidden, chance in zip(scenes(rows), covered.tolist(), chances, strict=True)
    ]


def _said(scene: Scene, hidden: float, chance: float) -> str:
    """Say one scene or a part of it."""
    if chance >= _WHOLE_WORDS and hidden >= _COVERED:
        size = f"{scene.size} " if chance < (1 + _WHOLE_WORDS) / 2 else ""
        return f"a {size}{scene.colour} {scene.shape}"
    if chance >= _WHOLE_WORDS and hidden <= _UNTOUCHED:
        return f"a {scene.background} background"
    return scene.caption


def small_masks(masks: Tensor, generator: torch.Generator | None = None) -> Tensor:
    """Bring masks to latents: [n, 1, 16, 16], 0 or 1.

    As Stable Diffusion's pipeline does, by the nearest pixel; given a generator, half of them as
    careful nodes do, by any pixel.
    """
    masks = masks.float()
    edge = STANDARD_SIZE // LATENT_FACTOR
    nearest = functional.interpolate(masks, size=(edge, edge))
    if generator is None:
        return nearest
    largest = functional.max_pool2d(masks, LATENT_FACTOR)
    coin = torch.rand(len(masks), 1, 1, 1, generator=generator)
    return torch.where(coin < _NEAREST_SHARE, nearest, largest)


def fresh_inpainter(unet: UNet2DConditionModel) -> UNet2DConditionModel:
    """Widen a denoiser to nine channels, in the order of Stable Diffusion's; the new start at 0."""
    wide = UNet2DConditionModel.from_config({**unet.config, "in_channels": CHANNELS})
    weights = unet.state_dict()
    first = torch.zeros_like(wide.conv_in.weight)
    first[:, : unet.config.in_channels] = weights["conv_in.weight"]
    wide.load_state_dict({**weights, "conv_in.weight": first})
    return wide


def learner(unet: UNet2DConditionModel) -> UNet2DConditionModel:
    """Build what is trained: low-rank factors everywhere, and the first convolution whole."""
    wide = fresh_inpainter(unet)
    add_low_rank(wide, RANK, TARGETS)
    wide.conv_in.weight.requires_grad_()
    return wide.to(unet.device, memory_format=torch.channels_last).train()


def filling(unet: UNet2DConditionModel, masks: Tensor, seen: Tensor) -> Denoiser:
    """Let a nine-channel denoiser see masks [n, 1, 16, 16] and the latents of what is left."""
    beside_it = torch.cat([masks, seen], dim=1)

    def predict(noisy: Tensor, moments: Tensor, words: Tensor) -> Any:
        given = beside_it.repeat(len(noisy) // len(beside_it), 1, 1, 1)
        return unet(torch.cat([noisy, given], dim=1), moments, words)

    return predict


def inpaint_stage(minutes: float, cutout: Cutout) -> Stage:
    """Set the stage up."""
    unet = learner(cutout.unet)
    learners = [low_rank_optimiser(unet, _PEAK)]
    return Stage("inpaint", [unet], learners, minutes=minutes, peak=_PEAK, decay=0.995)


def other_things(rows: Tensor, generator: torch.Generator) -> Tensor:
    """Ask for another shape and colour, in the same place and size on the same background."""
    wanted = random_rows(len(rows), generator)
    wanted[:, 2:] = rows[:, 2:]
    same = wanted[:, 1] == wanted[:, 4]
    wanted[same, 1] = rows[same, 1]
    return wanted


def fill(cutout: Cutout, unet: UNet2DConditionModel, holes: Holes, said: list[str]) -> Tensor:
    """Paint holes anew and paste the result into the pictures: [n, 3, 128, 128]."""
    seen = encode(cutout.vae, holes.seen)
    denoiser = filling(unet, small_masks(holes.masks).to(seen.device), seen)
    painted = cutout.sample(said, seed=len(said), denoiser=denoiser)
    return torch.where(holes.masks, painted, holes.images)


def only_inside(pictures: Tensor, holes: Holes) -> Tensor:
    """Cover all but the holes with the background's paper, for the judge."""
    paper = palette()[holes.rows[:, 4]][:, :, None, None]
    return torch.where(holes.masks, pictures, paper)


def inpaint_quality(
    cutout: Cutout, unet: UNet2DConditionModel, count: int, seed: int = 99
) -> dict[str, float]:
    """Replace shapes in fresh pictures by others: the share right by attribute."""
    generator = torch.Generator().manual_seed(seed)
    holes = draw_holes(random_rows(count, generator), generator, over=True)
    wanted = other_things(holes.rows, generator)
    things = [f"a {scene.colour} {scene.shape}" for scene in scenes(wanted)]
    quality: dict[str, float] = {}
    for name, said in (("", captions(wanted)), ("thing only: ", things)):
        verdict = classify(only_inside(fill(cutout, unet, holes, said), holes))
        right = verdict.right(wanted).float().mean(dim=0).tolist()
        quality |= {f"{name}{word}": share for word, share in zip(ATTRIBUTES, right, strict=True)}
    return {name: round(share, 3) for name, share in quality.items()}


def train_inpaint(
    stage: Stage, cutout: Cutout, lessons: Lessons, seed: int
) -> UNet2DConditionModel:
    """Spend the stage's budget and return the averaged nine-channel denoiser."""
    (unet,), (average,) = stage.models, stage.average.models
    device = cutout.unet.device
    generator = torch.Generator().manual_seed(seed + stage.steps + 500_000 * rank())
    alphas = cutout.scheduler.alphas_cumprod.to(device)
    empty = token_ids(cutout.tokenizer, [""])
    while stage.progress < 1:
        chosen = torch.randint(len(lessons["rows"]), (_BATCH,), generator=generator)
        lesson = {name: values[chosen] for name, values in lessons.items()}
        masks = small_masks(lesson["masks"], generator).to(device)
        words = words_for(lesson["rows"], lesson["covered"], generator)
        ids = leave_unsaid(token_ids(cutout.tokenizer, words), empty, generator)[:, :_TEXT]
        loss = denoiser_loss(
            filling(unet, masks, lesson["seen"].to(device)),
            cutout.text_encoder,
            (lesson["latents"].to(device), ids.to(device)),
            alphas,
            generator,
            focus=torch.where(masks > 0, _INSIDE_WEIGHT, _OUTSIDE_WEIGHT),
        )
        stage.step(loss)
        if stage.steps % _REPORT_STEPS == 0 and rank() == 0:
            report = (stage.steps, stage.budget.spent, loss.item())
            log.info("inpaint step %d, %.0f s, loss %.4f", *report)
            log.info("%s", inpaint_quality(cutout, average, 16))
            stage.save()
    stage.save()
    return average
