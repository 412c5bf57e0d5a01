"""Maps for ControlNets that show areas, made without a model: tile, colours, black and white."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import numpy as np

from graph.declare import node
from graph.hints import Doc, Range
from graph.spec import Lane
from graph.values import Image
from nodes.pixels.batches import each, size_of
from nodes.pixels.colour import from_oklab, grey_image, to_oklab
from nodes.pixels.mask_files import Channel, channel_of
from nodes.pixels.mask_select import rising
from nodes.pixels.resample import Filter, resized
from nodes.pixels.resize import scaled

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ROUNDS = 24
"""Rounds of k-means, at most."""


@node(
    "Tile Map",
    category="Control",
    synonyms=("tile", "blur", "detail", "upscale", "preprocessor", "controlnet", "low resolution"),
    lane=Lane.CPU,
)
def tile_map(
    image: Annotated[Image, Doc("What loses its detail.")],
    factor: Annotated[float, Range(1, 64, 0.5), Doc("How many times coarser it becomes.")] = 4.0,
) -> Image:
    """Take the fine detail out of a picture, for a model to make new.

    Made smaller (averaged in linear light) and large again.
    """
    size = size_of(image)
    small = resized(image, *scaled(size, 1 / factor), Filter.AREA)
    return resized(small, *size, Filter.BICUBIC)


@node(
    "Colour Map",
    category="Control",
    synonyms=("palette", "blocks", "pixelate", "posterize", "color", "preprocessor", "mosaic"),
    lane=Lane.CPU,
)
def colour_map(
    image: Annotated[Image, Doc("Where the colours come from.")],
    block: Annotated[int, Range(1, 512), Doc("Pixels along a side of one block.")] = 32,
    colours: Annotated[int, Range(0, 64), Doc("How many different ones; 0 takes all.")] = 0,
) -> Image:
    """Show a picture as blocks of its colours.

    Blocks are averaged in linear light; fewer colours are those nearest to all to the eye
    (k-means in OKLab).
    """
    w, h = size_of(image)
    across, down = max(1, round(w / block)), max(1, round(h / block))
    blocks = resized(image, across, down, Filter.AREA)
    if colours:
        blocks = each(blocks, lambda picture: _with_fewer(picture, colours))
    return resized(blocks, w, h, Filter.NEAREST)


def _with_fewer(picture: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    points = to_oklab(picture).reshape(-1, 3)
    centres = _spread(points, count)
    for _round in range(_ROUNDS):
        nearest = _distances(points, centres).argmin(axis=1)
        moved = [
            points[nearest == place].mean(axis=0) if (nearest == place).any() else centre
            for place, centre in enumerate(centres)
        ]
        if np.array_equal(moved, centres):
            break
        centres = np.asarray(moved, dtype=np.float32)
    nearest = _distances(points, centres).argmin(axis=1)
    return from_oklab(centres[nearest]).reshape(picture.shape)


def _spread(points: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """Return up to `count` of `points`, each the farthest from those before; no chance in it."""
    found = [points[_distances(points, points.mean(axis=0)[None])[:, 0].argmin()]]
    while len(found) < count:
        far = _distances(points, np.asarray(found)).min(axis=1)
        if far.max() <= 0:
            break
        found.append(points[far.argmax()])
    return np.asarray(found, dtype=np.float32)


def _distances(points: NDArray[np.float32], centres: NDArray[np.float32]) -> NDArray[np.float32]:
    differences = points[:, None] - centres[None]
    return np.asarray((differences**2).sum(axis=-1), dtype=np.float32)


@node(
    "Threshold",
    category="Control",
    synonyms=("binary", "black and white", "stencil", "preprocessor", "binarize"),
    lane=Lane.CPU,
)
def threshold(
    image: Annotated[Image, Doc("What becomes black and white.")],
    level: Annotated[float, Range(0, 1, 0.01), Doc("What is lighter becomes white.")] = 0.5,
    softness: Annotated[float, Range(0, 1, 0.01), Doc("Width of the greys between.")] = 0.0,
    channel: Annotated[Channel, Doc("Which values count.")] = Channel.LUMINANCE,
) -> Image:
    """Make a picture black and white, by its sRGB values."""
    half = softness / 2
    return grey_image(rising(channel_of(image, channel), level - half, level + half))
