"""Judges Cutout's shipped adapters from pixels, on scenes and drawings that training did not draw.

python -m resources.cutout.adapters.evaluate control
python -m resources.cutout.adapters.evaluate lora
python -m resources.cutout.adapters.evaluate inpaint
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import torch
from diffusers import ControlNetModel
from torch import Tensor

from resources.cutout.adapters.control_stage import overlap, steered
from resources.cutout.adapters.drawing import (
    draw_lines,
    find_edges,
    free_layout,
    without_place,
    without_shape,
)
from resources.cutout.adapters.inpaint_stage import draw_holes, fill, only_inside, other_things
from resources.cutout.adapters.judge import classify_styled
from resources.cutout.adapters.rebuild import inpainter
from resources.cutout.adapters.shipped import CONTROLNET, LORAS
from resources.cutout.adapters.styles import STYLES, Style
from resources.cutout.classifier import Verdict, classify
from resources.cutout.render import STANDARD_SIZE, lay_out, paint, pixel_distances
from resources.cutout.sampling import Cutout
from resources.cutout.scene import ATTRIBUTES, Scene, captions, random_rows, scenes
from resources.cutout.sheet import contact_sheet

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from resources.cutout.render import Layout

SEED: Final = 777
"""Training starts its generators at other seeds."""
_SHEET_ROWS: Final = 8
_ENOUGH: Final = 0.85
_MORE: Final = 1.3
"""How much more of a style a picture must show than the same picture without it."""

Scores = dict[str, float]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an evaluation found."""

    scores: dict[str, Scores]
    """By test."""
    sheet: Tensor
    """Pictures for a contact sheet, [n, 3, 128, 128], -1 to 1."""


def _obeyed(verdict: Verdict, rows: Tensor) -> Scores:
    """Give the share of words obeyed, by attribute, all five, and both colours at once."""
    right = verdict.right(rows)
    colours = right[:, [ATTRIBUTES.index("colour"), ATTRIBUTES.index("background")]]
    return verdict.accuracy(rows) | {"both colours": colours.all(dim=1).float().mean().item()}


def _split(images: Tensor) -> Tensor:
    """Take what fits a row of the contact sheet."""
    return images[:_SHEET_ROWS]


def evaluate_control(cutout: Cutout, count: int) -> Outcome:
    """Paint over outline drawings; those of shorter captions are half as many."""
    controlnet = ControlNetModel.from_pretrained(
        CONTROLNET, local_files_only=True, torch_dtype=torch.float32
    )
    scores: dict[str, Scores] = {}
    sheet: list[Tensor] = []
    for name, lay, say, pictures in (
        ("whole captions", lay_out, whole, count),
        ("colours and shape said", lay_out, without_place, count // 2),
        ("colours said", lay_out, without_shape, count // 2),
        ("laid out freely, colours and shape said", free_layout, without_place, count // 2),
    ):
        drawings = draw(lay, pictures)
        said = [say(scene) for scene in scenes(drawings.rows)]
        denoiser = steered(cutout.unet, controlnet, drawings.control)
        painted = cutout.sample(said, seed=SEED, denoiser=denoiser)
        scores[name] = followed(painted, drawings)
        sheet += [_split(drawings.control * 2 - 1), _split(painted)]
    drawings = draw(lay_out, count // 2)
    plain = cutout.sample(captions(drawings.rows), seed=SEED)
    scores["whole captions, no drawing"] = followed(plain, drawings)
    return Outcome(scores, torch.cat(sheet))


@dataclass(frozen=True, slots=True)
class Drawings:
    """Outline drawings and their truth."""

    control: Tensor
    """[n, 3, 128, 128], 0 to 1."""
    masks: Tensor
    """[n, 1, 128, 128], 0 to 1."""
    rows: Tensor
    """int64 [n, 5]."""


def whole(scene: Scene) -> str:
    """Say all of a scene."""
    return scene.caption


def draw(lay: Callable[[Tensor, torch.Generator], Layout], count: int) -> Drawings:
    """Draw scenes, every other one by its known line, the rest by the edges found in it."""
    generator = torch.Generator().manual_seed(SEED)
    rows = random_rows(count, generator)
    layout = lay(rows, generator)
    images, masks = paint(layout, STANDARD_SIZE)
    known = (torch.arange(count) % 2 == 0).view(-1, 1, 1)
    lines = draw_lines(pixel_distances(layout), generator)
    lines = torch.where(known, lines, find_edges(images).float())
    return Drawings(lines[:, None].expand(-1, 3, -1, -1), masks, rows)


def followed(painted: Tensor, drawings: Drawings) -> Scores:
    """Compare pictures with the drawings that they were painted over."""
    verdict = classify(painted)
    shared = overlap(verdict.masks, drawings.masks)
    return {
        "iou": shared.mean().item(),
        f"iou at least {_ENOUGH}": (shared >= _ENOUGH).float().mean().item(),
    } | _obeyed(verdict, drawings.rows)


def styled(style: Style) -> Cutout:
    """Read the base and put a style's shipped LoRA on it."""
    cutout = Cutout.load()
    cutout.unet.load_lora_adapter(LORAS / style.file, prefix="unet")
    return cutout


def evaluate_lora(cutout: Cutout, count: int) -> Outcome:
    """Paint captions with each style and without, from the same noise."""
    rows = random_rows(count, torch.Generator().manual_seed(SEED))
    plain = cutout.sample(captions(rows), seed=SEED)
    scores = {"without": _obeyed(classify(plain), rows)}
    sheet = [_split(plain)]
    for style in STYLES.values():
        with_style = styled(style)
        for test, ending, pictures in (
            (style.name, "", count),
            (f"{style.name}, trigger said", f", {style.trigger}", count // 2),
        ):
            said = [f"{caption}{ending}" for caption in captions(rows[:pictures])]
            painted = with_style.sample(said, seed=SEED)
            # The first of equal noise, however many there are: each has a companion without style.
            before, after = style.measure(plain[:pictures]), style.measure(painted)
            scores[test] = {
                f"{style.measure_name}, without": before.mean().item(),
                style.measure_name: after.mean().item(),
                f"shown ({_MORE} times as much)": (after >= _MORE * before).float().mean().item(),
            } | _obeyed(classify_styled(painted), rows[:pictures])
            if not ending:
                sheet.append(_split(painted))
    return Outcome(scores, torch.cat(sheet))


def evaluate_inpaint(cutout: Cutout, count: int) -> Outcome:
    """Replace shapes by others, with the caption of the whole scene or of the new shape."""
    unet = inpainter(cutout.unet)
    generator = torch.Generator().manual_seed(SEED)
    holes = draw_holes(random_rows(count, generator), generator, over=True)
    wanted = other_things(holes.rows, generator)
    scores: dict[str, Scores] = {}
    sheet = [_split(holes.images), _split(holes.seen)]
    things = [f"a {scene.colour} {scene.shape}" for scene in scenes(wanted)]
    for name, said in (("whole captions", captions(wanted)), ("the new shape only", things)):
        painted = fill(cutout, unet, holes, said)
        scores[name] = _obeyed(classify(only_inside(painted, holes)), wanted) | {
            "seam": seam(painted, holes.masks),
            "seam of the sources": seam(holes.images, holes.masks),
        }
        sheet.append(_split(painted))
    scores["the judge on what was there"] = _obeyed(
        classify(only_inside(holes.images, holes)), holes.rows
    )
    return Outcome(scores, torch.cat(sheet))


def seam(images: Tensor, masks: Tensor) -> float:
    """Give the median step of brightness across the masks' borders, of 255."""
    steps = []
    for axis in (2, 3):
        border = masks.diff(dim=axis)
        step = images.diff(dim=axis).abs().mean(dim=1, keepdim=True)
        steps.append(step[border])
    return torch.cat(steps).median().item() * 127.5


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m resources.cutout.adapters.evaluate",
        description="Judge Cutout's shipped adapters from pixels.",
    )
    parser.add_argument("what", choices=tuple(_EVALUATIONS))
    parser.add_argument("--pictures", type=int, default=100)
    parser.add_argument("--sheet", type=Path, help="write a contact sheet here")
    return parser.parse_args(arguments)


_EVALUATIONS: Final = {
    "control": evaluate_control,
    "lora": evaluate_lora,
    "inpaint": evaluate_inpaint,
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Evaluate and print."""
    options = _parse(arguments)
    outcome = _EVALUATIONS[options.what](Cutout.load(), options.pictures)
    rounded = {
        test: {name: round(value, 3) for name, value in scores.items()}
        for test, scores in outcome.scores.items()
    }
    print(json.dumps(rounded, indent=2))
    if options.sheet:
        contact_sheet(outcome.sheet, _SHEET_ROWS).save(options.sheet, optimize=True)


if __name__ == "__main__":
    main()
