"""Crop and stitch: work on the surroundings of a mask at a good size, and put them back."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, NamedTuple

import numpy as np

from graph.declare import node
from graph.hints import Doc, Label, Range, Size
from graph.spec import Lane
from graph.values import Image, Mask, Region
from nodes.errors import ImageError
from nodes.pixels.batches import check_same_size, size_of, together
from nodes.pixels.blend import mixed
from nodes.pixels.morphology import feathered_outwards
from nodes.pixels.resample import Filter, planes_resized, resized
from nodes.pixels.seams import evened

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MOST_LACKING = 64
"""The largest factor of a VAE known: what it cuts off is less."""


class CroppedToMask(NamedTuple):
    """The surroundings of a mask."""

    image: Annotated[Image, Doc("The piece, at its working size.")]
    mask: Annotated[Mask, Doc("The mask of the piece, at the same size.")]
    region: Annotated[Region, Doc("Where the piece lay; goes into Paste Back.")]


@node(
    "Crop To Mask",
    category="Mask",
    synonyms=("inpaint only masked", "crop and stitch", "zoom", "bounding box", "detailer"),
    lane=Lane.CPU,
)
def crop_to_mask(
    image: Annotated[Image, Doc("What a piece is cut out of.")],
    mask: Annotated[Mask, Doc("What the piece is to hold, of the same size.")],
    padding: Annotated[int, Range(0, 2048, 8), Doc("Pixels shown around the mask.")] = 32,
    scale: Annotated[bool, Doc("Bring the piece to the size below; else it keeps its own.")] = True,
    width: Annotated[int, Range(16, 8192, 8), Size("height"), Doc("Working size, in pixels.")] = (
        512
    ),
    height: Annotated[int, Range(16, 8192, 8), Doc("Working size, in pixels.")] = 512,
    multiple: Annotated[int, Range(1, 128), Doc("Both sides are divisible by it.")] = 8,
) -> CroppedToMask:
    """Cut out what lies around a mask, to work on it at full resolution.

    The piece takes on the shape of the working size as far as the picture has room for it. One
    piece serves all pictures of a batch: it holds everything that any of their masks selects.
    Paste Back puts it back.
    """
    image, mask = together(image=image, mask=mask)
    aim = (width, height) if scale else None
    region = surroundings(mask, padding, aim, multiple)
    new = working_size(region, aim, multiple)
    box = (slice(None), *_slices(region))
    piece = resized(image[box], *new, Filter.LANCZOS)
    # Masks are soft shapes without fine lines: bicubic, and no light to weigh.
    return CroppedToMask(piece, planes_resized(mask[box], *new, Filter.BICUBIC), region)


@node(
    "Paste Back",
    category="Mask",
    synonyms=("stitch", "uncrop", "composite", "inpaint only masked", "crop and stitch", "seam"),
    lane=Lane.CPU,
)
def paste_back(
    original: Annotated[Image, Doc("The picture that is put into.")],
    piece: Annotated[Image, Doc("What is put in, at any size.")],
    region: Annotated[
        Region | None, Doc("From Crop To Mask or Crop; without it the piece is the whole picture.")
    ] = None,
    mask: Annotated[
        Mask | None, Doc("What of the piece shows, at the size of the original; without it, all.")
    ] = None,
    feather: Annotated[
        int, Range(0, 512), Doc("Width of a soft edge around the mask, where both are mixed.")
    ] = 0,
    match: Annotated[
        float,
        Range(0, 1, 0.01),
        Label("Match colours"),
        Doc("Colours that differ by less than this along the edge are made to meet; 0 leaves all."),
    ] = 0.1,
) -> Image:
    """Put a piece into a picture without a seam: what was cut out, or made new by inpainting.

    Pixels outside of the mask and its soft edge keep their values, bit for bit. What differs a
    little along the edge is evened out inside of it, less and less inwards. The soft edge is mixed
    in linear light and ends at the border of the piece. Without a region, a piece that lacks a few
    pixels, as the VAE cuts them off, is put into the middle.
    """
    w, h = size_of(original)
    if region is None:
        region = _whole(size_of(piece), (w, h))
    elif (region.source_width, region.source_height) != (w, h):
        message = (
            f"the piece was cut out of a picture of {region.source_width} × "
            f"{region.source_height} pixels, this one has {w} × {h}: wire in the same picture"
        )
        raise ImageError(message)
    back = resized(piece, region.width, region.height, Filter.LANCZOS)
    box = _slices(region)
    if mask is None:
        weight = _border(region, feather)[None]
    else:
        check_same_size(original=original, mask=mask)
        weight = _edged(mask, region, feather)
    below, above, weight = together(original=original[:, *box], piece=back, mask=weight)
    if match:
        above = evened(above, below, (weight <= 0) | _rim(region), match)
    done = np.broadcast_to(original, (len(below), h, w, 3)).copy()
    done[:, *box] = mixed(below, above, weight)
    return done


def surroundings(
    mask: NDArray[np.float32], padding: int, aim: tuple[int, int] | None, multiple: int
) -> Region:
    """Return the region around all that any mask of the batch selects.

    Grown to the shape of `aim`, or else until its sides are divisible by `multiple`, as far as
    there is room.

    Raises:
        ImageError: nothing is selected.
    """
    w, h = size_of(mask)
    columns, rows = (np.flatnonzero((mask > 0).any(axis=away)) for away in ((0, 1), (0, 2)))
    if not len(columns):
        message = "the mask selects nothing: paint on it, or choose another one"
        raise ImageError(message)
    left, right = max(0, int(columns[0]) - padding), min(w, int(columns[-1]) + 1 + padding)
    top, bottom = max(0, int(rows[0]) - padding), min(h, int(rows[-1]) + 1 + padding)
    wide, high = right - left, bottom - top
    if aim is not None:
        wide, high = (
            max(wide, round(high * aim[0] / aim[1])),
            max(high, round(wide * aim[1] / aim[0])),
        )
    else:
        wide, high = _upwards(wide, multiple), _upwards(high, multiple)
    x, wide = _placed(left, right, wide, w)
    y, high = _placed(top, bottom, high, h)
    return Region(x, y, wide, high, w, h)


def working_size(region: Region, aim: tuple[int, int] | None, multiple: int) -> tuple[int, int]:
    """Return the size that the piece of `region` is worked on at: as large as fits `aim`.

    Both sides are divisible by `multiple`.
    """
    if aim is None:
        return _upwards(region.width, multiple), _upwards(region.height, multiple)
    ratio = min(aim[0] / region.width, aim[1] / region.height)
    sides = (region.width * ratio, region.height * ratio)
    return _nearest(sides[0], multiple), _nearest(sides[1], multiple)


def _upwards(side: int, multiple: int) -> int:
    return math.ceil(side / multiple) * multiple


def _nearest(side: float, multiple: int) -> int:
    return max(1, round(side / multiple)) * multiple


def _placed(start: int, end: int, length: int, room: int) -> tuple[int, int]:
    """Return where a stretch of `length` around `start` to `end` begins, and its length."""
    length = min(length, room)
    begin = (start + end - length) // 2
    return min(max(0, begin), room - length), length


def _whole(piece: tuple[int, int], picture: tuple[int, int]) -> Region:
    """Return where a piece that was cut out of nothing lies: everywhere, or nearly, in the middle.

    It is nearly as large where the VAE took off what is no multiple of its factor.
    """
    lacking = [whole - part for whole, part in zip(picture, piece, strict=True)]
    if not all(0 <= each < _MOST_LACKING for each in lacking):
        return Region(0, 0, *picture, *picture)
    return Region(lacking[0] // 2, lacking[1] // 2, *piece, *picture)


def _slices(region: Region) -> tuple[slice, slice]:
    return (
        slice(region.y, region.y + region.height),
        slice(region.x, region.x + region.width),
    )


def _edged(mask: NDArray[np.float32], region: Region, feather: int) -> NDArray[np.float32]:
    """Return the part of a whole `mask` in the region, with a soft edge that ends at its border."""
    box = _slices(region)
    inner = mask[:, *box]
    if feather <= 0:
        return inner
    soft = feathered_outwards(mask, feather)[:, *box]
    return np.maximum(inner, np.minimum(soft, _border(region, feather)))


def _border(region: Region, feather: int) -> NDArray[np.float32]:
    """Return (height, width): 1 but for what falls to 0 beyond the border of the region.

    Where that is the border of the picture as well there is nothing to blend with.
    """
    across = _ramp(region.x, region.width, region.source_width, feather)
    down = _ramp(region.y, region.height, region.source_height, feather)
    return np.minimum(down[:, None], across)


def _rim(region: Region) -> NDArray[np.bool_]:
    """Return (height, width): the outermost pixels of the region, but for edges of the picture."""
    inner = (
        _ramp(region.y, region.height, region.source_height, 1)[:, None],
        _ramp(region.x, region.width, region.source_width, 1),
    )
    return np.minimum(*inner) < 1


def _ramp(start: int, length: int, room: int, feather: int) -> NDArray[np.float32]:
    """Return what rises from the ends of a stretch, unless they are ends of the picture."""
    place = np.arange(length)
    ramp = np.ones(length)
    if start > 0:
        ramp = np.minimum(ramp, (place + 1) / (feather + 1))
    if start + length < room:
        ramp = np.minimum(ramp, (length - place) / (feather + 1))
    return ramp.astype(np.float32)
