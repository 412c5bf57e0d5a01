"""Pictures at another size: Pillow's antialiased filters on 32-bit floats.

Detail that a smaller picture cannot hold has to be averaged as light, or fine bright lines go dark;
so whatever shrinks along a side is resampled in linear light. Enlarging is done on the sRGB
values: there the overshoot of a sharp filter is as visible in shadows as in lights.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from nodes.errors import ImageError
from nodes.pixels.colour import to_linear, to_srgb

if TYPE_CHECKING:
    from numpy.typing import NDArray

Box: TypeAlias = tuple[float, float, float, float]
"""Left, top, right and bottom in pixels of the source, which may lie between pixels."""

LARGEST = 16384
"""Pixels along a side."""


class Filter(StrEnum):
    """How new pixels are made of old ones."""

    LANCZOS = "lanczos"
    BICUBIC = "bicubic"
    AREA = "area"
    NEAREST = "nearest"


def resized(
    image: NDArray[np.float32],
    width: int,
    height: int,
    kind: Filter = Filter.LANCZOS,
    box: Box | None = None,
) -> NDArray[np.float32]:
    """Return an Image at another size; at its own size it comes back bit for bit.

    `box` is the part of the source that is taken (None: all).
    """
    old_height, old_width = image.shape[1:3]
    part = box or (0, 0, old_width, old_height)
    shrinks = width < part[2] - part[0] or height < part[3] - part[1]
    if kind is Filter.NEAREST or not shrinks:
        return planes_resized(image, width, height, kind, box)
    return to_srgb(planes_resized(to_linear(image), width, height, kind, box))


def planes_resized(
    planes: NDArray[np.float32],
    width: int,
    height: int,
    kind: Filter = Filter.LANCZOS,
    box: Box | None = None,
) -> NDArray[np.float32]:
    """Return (N, H, W) or (N, H, W, C) at another size, on the values as they are, 0 to 1."""
    from PIL import Image as Pil

    check_side(width, height)
    old_height, old_width = planes.shape[1:3]
    if (width, height) == (old_width, old_height) and box in (None, (0, 0, width, height)):
        return planes
    filters = {
        Filter.LANCZOS: Pil.Resampling.LANCZOS,
        Filter.BICUBIC: Pil.Resampling.BICUBIC,
        Filter.AREA: Pil.Resampling.BOX,
        Filter.NEAREST: Pil.Resampling.NEAREST,
    }
    deep = planes[..., None] if planes.ndim == 3 else planes  # noqa: PLR2004 - a Mask
    done = np.empty((len(deep), height, width, deep.shape[-1]), dtype=np.float32)
    for place in np.ndindex(len(deep), deep.shape[-1]):
        n, c = place
        plane = Pil.fromarray(np.ascontiguousarray(deep[n, ..., c]))
        done[n, ..., c] = np.asarray(plane.resize((width, height), filters[kind], box))
    np.clip(done, 0, 1, out=done)
    return done.reshape(*done.shape[:3]) if planes.ndim == 3 else done  # noqa: PLR2004


def check_side(width: int, height: int) -> None:
    """Raise `ImageError` for a size that no picture can have."""
    if min(width, height) < 1 or max(width, height) > LARGEST:
        message = f"{width} × {height} pixels: each side must be from 1 to {LARGEST}"
        raise ImageError(message)
