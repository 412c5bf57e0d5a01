"""Rotate and flip."""

from __future__ import annotations

import math
from enum import StrEnum
from typing import Annotated, NamedTuple

import numpy as np

from graph.declare import node
from graph.hints import Colour, Doc, Range
from graph.spec import Lane
from graph.values import Image, Mask
from nodes.pixels.batches import size_of
from nodes.pixels.colour import parsed, to_linear, to_srgb

_QUARTER = 90


class Axis(StrEnum):
    """Which way a picture is mirrored."""

    HORIZONTAL = "horizontal"
    VERTICAL = "vertical"
    BOTH = "both"


class Rotated(NamedTuple):
    """A turned picture."""

    image: Annotated[Image, Doc("The turned picture.")]
    mask: Annotated[Mask, Doc("1 where the picture is, 0 in the corners that it leaves.")]


@node(
    "Rotate",
    category="Image/Transform",
    synonyms=("turn", "angle", "straighten", "tilt", "orientation"),
    lane=Lane.CPU,
)
def rotate(
    image: Annotated[Image, Doc("What is turned.")],
    angle: Annotated[float, Range(-360, 360, 1), Doc("Degrees, clockwise.")] = 90.0,
    grow: Annotated[bool, Doc("Make room for all of it; else it keeps its size.")] = True,
    colour: Annotated[str, Colour(), Doc("Of the corners.")] = "#000000",
) -> Rotated:
    """Turn a picture around its middle.

    Quarter turns that grow move pixels and change none. Other angles are interpolated (bicubic) in
    linear light.
    """
    turns = angle / _QUARTER
    w, h = size_of(image)
    if turns.is_integer() and (grow or w == h or int(turns) % 2 == 0):
        turned = np.rot90(image, -int(turns), axes=(1, 2))
        return Rotated(turned, np.ones(turned.shape[:3], dtype=np.float32))
    size = _bounds(w, h, angle) if grow else (w, h)
    return _warped(image, angle, size, colour)


def _bounds(width: int, height: int, angle: float) -> tuple[int, int]:
    """Return the size that holds the turned picture."""
    sine, cosine = abs(math.sin(math.radians(angle))), abs(math.cos(math.radians(angle)))
    # A little less than the exact size, lest a rounding error costs a whole pixel.
    wide = math.ceil(width * cosine + height * sine - 1e-6)
    high = math.ceil(width * sine + height * cosine - 1e-6)
    return wide, high


def _warped(image: Image, angle: float, size: tuple[int, int], colour: str) -> Rotated:
    import cv2

    w, h = size_of(image)
    matrix = cv2.getRotationMatrix2D(((w - 1) / 2, (h - 1) / 2), -angle, 1)
    matrix = matrix + np.array([[0, 0, (size[0] - w) / 2], [0, 0, (size[1] - h) / 2]])
    ground = to_linear(parsed(colour))
    pictures = []
    cover = _warp(np.ones((h, w), dtype=np.float32), matrix, size, cv2.INTER_LINEAR)
    for picture in image:
        light = to_linear(picture)
        # The edge drawn out, so that the interpolation mixes no border colour in by itself.
        inner = np.asarray(
            cv2.warpAffine(
                np.ascontiguousarray(light),
                matrix,
                size,
                flags=cv2.INTER_CUBIC,
                borderMode=cv2.BORDER_REPLICATE,
            ),
            dtype=np.float32,
        )
        share = cover[..., None]
        pictures.append(to_srgb(inner * share + ground * (1 - share)))
    masks = np.broadcast_to(cover, (len(image), *cover.shape))
    return Rotated(np.stack(pictures), masks.copy())


def _warp(plane: Mask, matrix: object, size: tuple[int, int], flags: int) -> Mask:
    import cv2

    warped = cv2.warpAffine(plane, np.asarray(matrix), size, flags=flags)
    return np.asarray(warped, dtype=np.float32).clip(0, 1)


@node(
    "Flip",
    category="Image/Transform",
    synonyms=("mirror", "reverse", "reflect"),
    lane=Lane.CPU,
)
def flip(
    image: Annotated[Image, Doc("What is mirrored.")],
    axis: Annotated[Axis, Doc("Horizontal swaps left and right.")] = Axis.HORIZONTAL,
) -> Image:
    """Mirror a picture; its pixels keep their values."""
    if axis in (Axis.VERTICAL, Axis.BOTH):
        image = image[:, ::-1]
    return image[:, :, ::-1] if axis in (Axis.HORIZONTAL, Axis.BOTH) else image
