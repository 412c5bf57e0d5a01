"""Crop and pad."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, NamedTuple

import numpy as np

from graph.declare import node
from graph.hints import Colour, Doc, Range, Size
from graph.spec import Lane
from graph.values import Image, Mask, Region
from nodes.errors import ImageError
from nodes.pixels.batches import size_of
from nodes.pixels.colour import parsed
from nodes.pixels.resample import LARGEST, check_side


class Border(StrEnum):
    """What a border shows."""

    COLOUR = "colour"
    EDGE = "edge"
    REFLECT = "reflect"


class Cropped(NamedTuple):
    """A piece of a picture."""

    image: Annotated[Image, Doc("The piece.")]
    region: Annotated[Region, Doc("Where it lay; goes into Paste Back.")]


class Padded(NamedTuple):
    """A picture with a border."""

    image: Annotated[Image, Doc("The picture with its border.")]
    mask: Annotated[Mask, Doc("1 where the border is: what outpainting has to fill.")]


@node(
    "Crop",
    category="Image/Transform",
    synonyms=("cut", "trim", "slice", "region"),
    lane=Lane.CPU,
)
def crop(
    image: Annotated[Image, Doc("What a piece is cut out of.")],
    x: Annotated[int, Range(0, LARGEST), Doc("Pixels left of the piece.")] = 0,
    y: Annotated[int, Range(0, LARGEST), Doc("Pixels above the piece.")] = 0,
    width: Annotated[int, Range(1, LARGEST), Size("height"), Doc("In pixels.")] = 512,
    height: Annotated[int, Range(1, LARGEST), Doc("In pixels.")] = 512,
) -> Cropped:
    """Cut a rectangle out of a picture.

    What would reach over the right or lower edge ends there.
    """
    w, h = size_of(image)
    if x >= w or y >= h:
        message = f"the piece begins at {x}, {y}, outside of the {w} × {h} pixels: use less"
        raise ImageError(message)
    region = Region(x, y, min(width, w - x), min(height, h - y), w, h)
    return Cropped(image[:, y : y + region.height, x : x + region.width], region)


@node(
    "Pad",
    category="Image/Transform",
    synonyms=("border", "extend", "outpaint", "canvas size", "margin", "frame"),
    lane=Lane.CPU,
)
def pad(
    image: Annotated[Image, Doc("What gets a border.")],
    left: Annotated[int, Range(0, 8192, 8), Doc("New pixels on the left.")] = 0,
    top: Annotated[int, Range(0, 8192, 8), Doc("New pixels above.")] = 0,
    right: Annotated[int, Range(0, 8192, 8), Doc("New pixels on the right.")] = 0,
    bottom: Annotated[int, Range(0, 8192, 8), Doc("New pixels below.")] = 0,
    border: Annotated[Border, Doc("A colour, the edge drawn out, or the picture mirrored.")] = (
        Border.COLOUR
    ),
    colour: Annotated[str, Colour(), Doc("Of the border, with Colour.")] = "#808080",
) -> Padded:
    """Put a border around a picture, and select it in a mask.

    The picture itself is not touched.
    """
    w, h = size_of(image)
    check_side(w + left + right, h + top + bottom)
    room = ((0, 0), (top, bottom), (left, right))
    mask = np.pad(np.zeros((len(image), h, w), dtype=np.float32), room, constant_values=1)
    sides = (*room, (0, 0))
    if border is Border.COLOUR:
        done = np.empty((*mask.shape, 3), dtype=np.float32)
        done[:] = parsed(colour)
        done[:, top : top + h, left : left + w] = image
    elif border is Border.EDGE:
        done = np.pad(image, sides, mode="edge")
    else:
        # Mirrored about the edge's own pixels, again and again where the border is wider.
        done = np.pad(image, sides, mode="symmetric")
    return Padded(done, mask)
