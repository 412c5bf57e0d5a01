"""Keeps what takes long to make, on disk: latents and whatever else an adapter is taught with.

Each process has lessons of its own, so the more processes, the more there are.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from resources.cutout.adapters.fit import encode, fit
from resources.cutout.loop import BUILD, rank
from resources.cutout.render import STANDARD_SIZE, lay_out, nearest, paint, pixel_distances
from resources.cutout.scene import random_rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from diffusers import AutoencoderKL

    from resources.cutout.adapters.styles import Style

log = logging.getLogger(__name__)

Lessons = dict[str, Tensor]
"""Tensors that have one entry for each picture."""


def kept(name: str, make: Callable[[], Lessons]) -> Lessons:
    """Read this process's lessons from the build folder; make them first if there are none."""
    path = BUILD / f"{name}-lessons-{rank()}.pt"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        lessons = make()
        partial = path.with_suffix(".partial")
        torch.save(lessons, partial)
        partial.replace(path)
    found: Lessons = torch.load(path, weights_only=True)
    log.info("%s: %d lessons", path.name, len(next(iter(found.values()))))
    return found


def style_lessons(vae: AutoencoderKL, style: Style, count: int, seed: int) -> Lessons:
    """Draw scenes in a style: `latents` of unit spread, fitted, and `rows`.

    Beyond the style's reach latents are those of the plain picture. `near`, 0 or 1 for each cell,
    says which are not.
    """
    generator = torch.Generator().manual_seed(seed + 500_000 * rank())
    rows = random_rows(count, generator)
    layout = lay_out(rows, generator)
    images = style.draw(layout, rows, generator)
    plain, _ = paint(layout, STANDARD_SIZE)
    near = (nearest(pixel_distances(layout)) < style.reach).float()
    guesses = torch.lerp(encode(vae, plain), encode(vae, images), near)
    return {"latents": fit(vae, images, guesses, near), "rows": rows, "near": near}
