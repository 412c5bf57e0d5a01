"""Batches and lists of pictures.

The pictures of a batch go through a node together; what is behind a list runs once for each.
"""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np

from graph.declare import node
from graph.hints import Doc, File, Range
from graph.spec import Lane
from graph.values import Image
from nodes.errors import ImageError
from nodes.pictures import SUFFIXES, read_picture
from nodes.pixels.batches import size_of
from nodes.pixels.colour import parsed
from nodes.pixels.lists import picked
from nodes.pixels.resample import Filter
from nodes.pixels.resize import Fit, resized_to

if TYPE_CHECKING:
    from collections.abc import Sequence


class Differing(StrEnum):
    """What is done with pictures whose size differs from the first one's."""

    REFUSE = "refuse"
    FILL = "fill"
    PAD = "pad"
    STRETCH = "stretch"


@node(
    "Batch Images",
    category="Image/Batch",
    synonyms=("batch from list", "stack", "join", "combine", "collect", "gather", "concat"),
    lane=Lane.CPU,
)
def batch_images(
    images: Annotated[list[Image], Doc("Pictures, batches or lists, in the order of the wires.")],
    differing: Annotated[
        Differing, Doc("What is done with sizes that differ from the first one's.")
    ] = Differing.REFUSE,
) -> Image:
    """Put pictures into one batch; a list that is wired in becomes one too."""
    first = _some(images)[0]
    width, height = size_of(first)
    if differing is not Differing.REFUSE:
        black, shape = parsed("#000000"), Fit(differing.value)
        images = [
            resized_to(image, width, height, shape, Filter.LANCZOS, black) for image in images
        ]
    for image in images:
        if size_of(image) != (width, height):
            w, h = size_of(image)
            message = (
                f"the first picture is {width} × {height}, another {w} × {h}: choose how sizes "
                "that differ are brought together, or use Resize"
            )
            raise ImageError(message)
    return np.concatenate(images)


@node(
    "Unbatch",
    category="Image/Batch",
    synonyms=("split", "list from batch", "separate", "explode", "images to list"),
    lane=Lane.CPU,
)
def unbatch(image: Annotated[Image, Doc("A batch.")]) -> list[Image]:
    """Make a list of the pictures of a batch: what is behind it runs once for each."""
    return [picture[None] for picture in image]


@node(
    "Image From List",
    category="Image/Batch",
    synonyms=("pick", "choose", "select", "index", "pick from list"),
    lane=Lane.CPU,
)
def image_from_list(
    images: Annotated[list[Image], Doc("A list, or several pictures.")],
    index: Annotated[int, Range(-9999, 9999), Doc("1 is the first, -1 the last.")] = 1,
) -> Image:
    """Take one picture out of a list."""
    return picked(images, index)


@node(
    "Image From Batch",
    category="Image/Batch",
    synonyms=("pick", "choose", "select", "index", "frame"),
    lane=Lane.CPU,
)
def image_from_batch(
    image: Annotated[Image, Doc("A batch.")],
    index: Annotated[int, Range(-9999, 9999), Doc("1 is the first, -1 the last.")] = 1,
) -> Image:
    """Take one picture out of a batch."""
    return picked(unbatch(image), index)


@node(
    "Repeat Image",
    category="Image/Batch",
    synonyms=("duplicate", "copies", "times", "repeat batch"),
    lane=Lane.CPU,
)
def repeat_image(
    image: Annotated[Image, Doc("A picture or a batch.")],
    times: Annotated[int, Range(1, 256), Doc("How often it is there afterwards.")] = 2,
) -> Image:
    """Make a batch that holds a picture several times."""
    return np.tile(image, (times, 1, 1, 1))


@node(
    "Load Images",
    category="Image",
    synonyms=("folder", "directory", "open", "batch", "sequence", "data set"),
    lane=Lane.IO,
)
def load_images(
    folder: Annotated[
        Path | None, File("image", SUFFIXES, folders=True), Doc("A folder of pictures.")
    ] = None,
    limit: Annotated[int, Range(0, 9999), Doc("How many at most; 0 takes all.")] = 0,
) -> list[Image]:
    """Read the pictures of a folder as a list; what is behind it runs once for each.

    In the order of their names, 2 before 10. Folders inside are left alone. A single picture will
    do as well.
    """
    if folder is None:
        message = "no folder is chosen: choose a folder that holds pictures"
        raise ImageError(message)
    paths = _pictures(folder)
    return [read_picture(path)[0] for path in paths[: limit or None]]


def _pictures(folder: Path) -> list[Path]:
    if not folder.exists():
        message = f"{folder} is missing: put it back or choose another folder"
        raise ImageError(message)
    inside = folder.iterdir() if folder.is_dir() else [folder]
    found = [path for path in inside if path.suffix.lower() in SUFFIXES and path.is_file()]
    if not found:
        message = f"{folder.name} holds no picture: choose a folder with PNG, JPEG or WebP files"
        raise ImageError(message)
    return sorted(found, key=lambda path: natural(path.name))


def natural(name: str) -> tuple[tuple[tuple[int, int, str], ...], str]:
    """Return what sorts names as people do: numbers by their value, letters whatever their case."""
    parts = re.findall(r"\d+|\D+", name)
    row = ((0, int(part), "") if part.isdecimal() else (1, 0, part.casefold()) for part in parts)
    return tuple(row), name


def _some(images: Sequence[Image]) -> Sequence[Image]:
    if not images:
        message = "no picture came in: the list is empty"
        raise ImageError(message)
    return images
