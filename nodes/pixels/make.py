"""Pictures made from nothing, and two pictures looked at together."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import numpy as np

from graph.declare import node
from graph.hints import Colour, Doc, Range, Size
from graph.spec import Lane
from graph.values import Image
from nodes.pixels.batches import size_of, together
from nodes.pixels.colour import parsed


class View(StrEnum):
    """How two pictures are compared."""

    SIDE_BY_SIDE = "side by side"
    WIPE = "wipe"
    DIFFERENCE = "difference"


@node(
    "Solid Colour",
    category="Image",
    synonyms=("fill", "plain", "background", "constant", "color", "blank", "empty image"),
    lane=Lane.CPU,
)
def solid_colour(
    width: Annotated[int, Range(1, 8192, 8), Size("height"), Doc("In pixels.")] = 512,
    height: Annotated[int, Range(1, 8192, 8), Doc("In pixels.")] = 512,
    colour: Annotated[str, Colour(), Doc("Of every pixel.")] = "#808080",
    batch: Annotated[int, Range(1, 64), Doc("How many pictures at once.")] = 1,
) -> Image:
    """Make a picture of one colour."""
    done = np.empty((batch, height, width, 3), dtype=np.float32)
    done[:] = parsed(colour)
    return done


@node(
    "Compare",
    category="Image",
    synonyms=("before after", "difference", "wipe", "side by side", "A/B", "split"),
    lane=Lane.CPU,
)
def compare(
    a: Annotated[Image, Doc("The first picture.")],
    b: Annotated[Image, Doc("The second picture, of the same size.")],
    view: Annotated[View, Doc("How both are shown.")] = View.SIDE_BY_SIDE,
    position: Annotated[float, Range(0, 1, 0.01), Doc("Of the line, with Wipe.")] = 0.5,
    vertical: Annotated[bool, Doc("Second below the first instead of right of it.")] = False,
    gain: Annotated[float, Range(1, 100, 1), Doc("How much a difference is amplified.")] = 1.0,
) -> Image:
    """Show two pictures together: side by side, wiped, or what differs.

    The difference is that of the sRGB values; black means equal.
    """
    a, b = together(a=a, b=b)
    if view is View.DIFFERENCE:
        return np.asarray(np.abs(a - b) * np.float32(gain), dtype=np.float32).clip(0, 1)
    axis = 1 if vertical else 2
    if view is View.SIDE_BY_SIDE:
        return np.concatenate([a, b], axis=axis)
    line = round(position * size_of(a)[0 if axis == 2 else 1])  # noqa: PLR2004
    first, _ = np.split(a, [line], axis=axis)
    _, second = np.split(b, [line], axis=axis)
    return np.concatenate([first, second], axis=axis)
