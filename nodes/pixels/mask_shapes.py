"""Masks made from nothing: all or nothing, a rectangle, an ellipse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import numpy as np

from graph.declare import node
from graph.hints import Doc, Range, Size
from graph.spec import Lane
from graph.values import Mask

if TYPE_CHECKING:
    from numpy.typing import NDArray


@node(
    "Solid Mask",
    category="Mask/Shape",
    synonyms=("fill", "full", "everything", "nothing", "constant", "blank"),
    lane=Lane.CPU,
)
def solid_mask(
    width: Annotated[int, Range(1, 8192, 8), Size("height"), Doc("In pixels.")] = 512,
    height: Annotated[int, Range(1, 8192, 8), Doc("In pixels.")] = 512,
    value: Annotated[float, Range(0, 1, 0.05), Doc("1 selects everything, 0 nothing.")] = 1.0,
) -> Mask:
    """Make a mask that selects everything alike."""
    return np.full((1, height, width), value, dtype=np.float32)


@node(
    "Rectangle Mask",
    category="Mask/Shape",
    synonyms=("box", "square", "area", "region", "shape"),
    lane=Lane.CPU,
)
def rectangle_mask(
    width: Annotated[int, Range(1, 8192, 8), Size("height"), Doc("Of the mask, in pixels.")] = 512,
    height: Annotated[int, Range(1, 8192, 8), Doc("Of the mask, in pixels.")] = 512,
    left: Annotated[float, Range(0, 1, 0.01), Doc("Where it begins, of the width.")] = 0.25,
    top: Annotated[float, Range(0, 1, 0.01), Doc("Where it begins, of the height.")] = 0.25,
    right: Annotated[float, Range(0, 1, 0.01), Doc("Where it ends, of the width.")] = 0.75,
    bottom: Annotated[float, Range(0, 1, 0.01), Doc("Where it ends, of the height.")] = 0.75,
) -> Mask:
    """Select a rectangle; places are parts of the whole, so that it fits any size.

    Pixels that it covers in part are selected in part.
    """
    across = _covered(width, left, right)
    down = _covered(height, top, bottom)
    return np.asarray(np.outer(down, across)[None], dtype=np.float32)


@node(
    "Ellipse Mask",
    category="Mask/Shape",
    synonyms=("circle", "oval", "round", "vignette", "spot", "shape"),
    lane=Lane.CPU,
)
def ellipse_mask(
    width: Annotated[int, Range(1, 8192, 8), Size("height"), Doc("Of the mask, in pixels.")] = 512,
    height: Annotated[int, Range(1, 8192, 8), Doc("Of the mask, in pixels.")] = 512,
    left: Annotated[float, Range(0, 1, 0.01), Doc("Where it begins, of the width.")] = 0.25,
    top: Annotated[float, Range(0, 1, 0.01), Doc("Where it begins, of the height.")] = 0.25,
    right: Annotated[float, Range(0, 1, 0.01), Doc("Where it ends, of the width.")] = 0.75,
    bottom: Annotated[float, Range(0, 1, 0.01), Doc("Where it ends, of the height.")] = 0.75,
) -> Mask:
    """Select an ellipse; places are parts of the whole, so that it fits any size.

    Its edge is smoothed over one pixel.
    """
    middle_x, radius_x = _span(width, left, right)
    middle_y, radius_y = _span(height, top, bottom)
    if radius_x <= 0 or radius_y <= 0:
        return np.zeros((1, height, width), dtype=np.float32)
    x = (np.arange(width) + 0.5 - middle_x)[None] / radius_x
    y = (np.arange(height) + 0.5 - middle_y)[:, None] / radius_y
    # Distance to the edge in pixels, to first order: the implicit function over its slope.
    inside = 1 - np.hypot(x, y)
    slope = np.hypot(x / radius_x, y / radius_y) / np.maximum(np.hypot(x, y), 1e-9)
    slope = np.maximum(slope, 1 / max(radius_x, radius_y))
    return np.asarray((0.5 + inside / slope).clip(0, 1)[None], dtype=np.float32)


def _covered(count: int, start: float, end: float) -> NDArray[np.float32]:
    """Return how much of each of `count` pixels lies between `start` and `end`, parts of all."""
    edges = np.arange(count + 1).clip(start * count, max(start, end) * count)
    return np.diff(edges).astype(np.float32)


def _span(count: int, start: float, end: float) -> tuple[float, float]:
    """Return the middle and half the length in pixels."""
    return (start + end) / 2 * count, (end - start) / 2 * count
