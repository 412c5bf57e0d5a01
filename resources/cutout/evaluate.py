"""Judges the shipped Cutout: how often a picture shows what its caption says.

`python -m resources.cutout.evaluate` samples captions that training did not draw, with the shipped
parts, and counts.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Final

import torch
from torch import Tensor
from transformers.utils.logging import disable_progress_bar

from resources.cutout.classifier import classify
from resources.cutout.render import render
from resources.cutout.sampling import GUIDANCE, STEPS, Cutout
from resources.cutout.scene import ATTRIBUTES, COLOURS, PLACES, SHAPES, SIZES, captions, random_rows
from resources.cutout.sheet import contact_sheet

if TYPE_CHECKING:
    from collections.abc import Sequence

SEED: Final = 4242
"""Training starts its generators at another seed."""

TARGETS: Final = {"shape": 0.90, "colour": 0.95, "place": 0.95, "background": 0.97}
_WORDS: Final[dict[str, Sequence[str]]] = {
    "shape": SHAPES,
    "colour": COLOURS,
    "size": SIZES,
    "place": PLACES,
    "background": COLOURS,
}
_SHEET_PICTURES: Final = 64


def paint(cutout: Cutout, rows: Tensor, steps: int = STEPS, guidance: float = GUIDANCE) -> Tensor:
    """Paint rows: [n, 3, 128, 128], -1 to 1; each part of 64 has noise of its own."""
    return torch.cat(
        [
            cutout.sample(captions(part), seed=SEED + index, steps=steps, guidance=guidance)
            for index, part in enumerate(rows.split(_SHEET_PICTURES))
        ]
    )


def table(scores: dict[str, dict[str, float]]) -> str:
    """Set scores out: a line for each attribute, a column for each test."""
    heads = ["", *scores]
    lines = ["".join(f"{head:>16}" for head in heads)]
    for name in (*ATTRIBUTES, "all"):
        shares = "".join(f"{score[name]:>16.1%}" for score in scores.values())
        lines.append(f"{name:>16}{shares}")
    return "\n".join(lines)


def confusion(judged: Tensor, truth: Tensor, attribute: str) -> str:
    """Set out what was asked (rows) against what was seen (columns) for one attribute."""
    column, words = ATTRIBUTES.index(attribute), _WORDS[attribute]
    counts = torch.zeros(len(words), len(words), dtype=torch.int64)
    counts.index_put_((truth[:, column], judged[:, column]), torch.tensor(1), accumulate=True)
    lines = [f"{attribute:>10}" + "".join(f"{word:>10}" for word in words)]
    for word, line in zip(words, counts.tolist(), strict=True):
        lines.append(f"{word:>10}" + "".join(f"{count or '.':>10}" for count in line))
    return "\n".join(lines)


def judge_scores(count: int, seed: int = SEED) -> dict[str, dict[str, float]]:
    """Judge the judge: on fresh renders, and against captions that were shuffled."""
    generator = torch.Generator().manual_seed(seed)
    rows = random_rows(count, generator)
    verdict = classify(render(rows, generator).images)
    shuffled = rows[torch.randperm(count, generator=generator)]
    return {"renders": verdict.accuracy(rows), "shuffled": verdict.accuracy(shuffled)}


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m resources.cutout.evaluate", description=__doc__
    )
    parser.add_argument("--captions", type=int, default=200)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--guidance", type=float, default=GUIDANCE)
    parser.add_argument("--sheet", type=Path, help="write a contact sheet of the first 64 here")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> None:
    """Evaluate and print."""
    options = _parse(arguments)
    disable_progress_bar()
    rows = random_rows(options.captions, torch.Generator().manual_seed(SEED))
    images = paint(Cutout.load(), rows, options.steps, options.guidance)
    verdict = classify(images)
    sampled = verdict.accuracy(rows)
    print(table({"sampled": sampled, **judge_scores(options.captions)}))
    weakest = min(ATTRIBUTES, key=lambda name: sampled[name])
    print(f"\nasked (down) and seen (across), {weakest}:")
    print(confusion(verdict.rows, rows, weakest))
    if options.sheet:
        contact_sheet(images[:_SHEET_PICTURES]).save(options.sheet, optimize=True)


if __name__ == "__main__":
    main()
