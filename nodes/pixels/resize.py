"""Resize: to a size, by a factor, to a longest side, to a number of megapixels."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import numpy as np

from graph.declare import node
from graph.hints import Colour, Doc, Range, Size
from graph.spec import Lane
from graph.values import Image
from nodes.pixels.batches import size_of
from nodes.pixels.colour import parsed
from nodes.pixels.resample import LARGEST, Filter, resized

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Goal(StrEnum):
    """What the new size is told by."""

    SIZE = "size"
    FACTOR = "factor"
    LONGEST_SIDE = "longest side"
    MEGAPIXELS = "megapixels"


class Fit(StrEnum):
    """What happens when the picture and the new size differ in shape."""

    FIT = "fit"
    FILL = "fill"
    STRETCH = "stretch"
    PAD = "pad"


@node(
    "Resize",
    category="Image/Transform",
    synonyms=("scale", "size", "resolution", "upscale", "downscale", "thumbnail", "fit", "zoom"),
    lane=Lane.CPU,
)
def resize(
    image: Annotated[Image, Doc("What gets another size.")],
    *,
    to: Annotated[Goal, Doc("Which of the numbers below counts.")] = Goal.SIZE,
    width: Annotated[int, Range(1, LARGEST), Size("height"), Doc("In pixels, to a size.")] = 512,
    height: Annotated[int, Range(1, LARGEST), Doc("In pixels, to a size.")] = 512,
    factor: Annotated[float, Range(0.01, 16, 0.05), Doc("2 is twice as wide and high.")] = 2.0,
    longest_side: Annotated[int, Range(1, LARGEST), Doc("In pixels.")] = 1024,
    megapixels: Annotated[float, Range(0.01, 200, 0.05), Doc("Millions of pixels.")] = 1.0,
    shape: Annotated[
        Fit,
        Doc("Fit lies inside the size, Fill is cropped to it, Pad is bordered up to it."),
    ] = Fit.FIT,
    filter: Annotated[Filter, Doc("Nearest keeps hard pixels.")] = Filter.LANCZOS,  # noqa: A002 - saved
    colour: Annotated[str, Colour(), Doc("Of the border, with Pad.")] = "#000000",
) -> Image:
    """Bring a picture to another size.

    What gets smaller is averaged in linear light, so that fine bright lines stay bright; what gets
    larger is interpolated between its sRGB values. A picture that has the size already is not
    touched. Shape matters only for a size; the other goals keep the picture's own.
    """
    if to is not Goal.SIZE:
        return resized(image, *wanted(size_of(image), to, factor, longest_side, megapixels), filter)
    return resized_to(image, width, height, shape, filter, parsed(colour))


def wanted(
    size: tuple[int, int], to: Goal, factor: float, longest_side: int, megapixels: float
) -> tuple[int, int]:
    """Return the new width and height of a picture of `size`, its shape kept."""
    if to is Goal.LONGEST_SIDE:
        factor = longest_side / max(size)
    elif to is Goal.MEGAPIXELS:
        factor = float(np.sqrt(megapixels * 1e6 / (size[0] * size[1])))
    return scaled(size, factor)


def scaled(size: tuple[int, int], factor: float) -> tuple[int, int]:
    """Return width and height times `factor`, rounded, at least 1."""
    return max(1, round(size[0] * factor)), max(1, round(size[1] * factor))


def resized_to(
    image: NDArray[np.float32],
    width: int,
    height: int,
    shape: Fit,
    kind: Filter,
    colour: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Return `image` at a size; only FIT may come out smaller along one side."""
    w, h = size_of(image)
    ratios = (width / w, height / h)
    if shape is Fit.STRETCH or ratios[0] == ratios[1]:
        return resized(image, width, height, kind)
    if shape is Fit.FILL:
        part = (width / max(ratios), height / max(ratios))
        left, top = (w - part[0]) / 2, (h - part[1]) / 2
        box = (max(0.0, left), max(0.0, top), min(w, left + part[0]), min(h, top + part[1]))
        return resized(image, width, height, kind, box)
    new = scaled((w, h), min(ratios))
    inner = resized(image, min(width, new[0]), min(height, new[1]), kind)
    if shape is Fit.FIT:
        return inner
    done = np.empty((len(image), height, width, 3), dtype=np.float32)
    done[:] = colour
    iw, ih = size_of(inner)
    left, top = (width - iw) // 2, (height - ih) // 2
    done[:, top : top + ih, left : left + iw] = inner
    return done
