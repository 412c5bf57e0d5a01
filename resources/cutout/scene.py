"""What a Cutout picture shows, as a value, and the one sentence that says it.

A scene is five words. The same five words are the caption, the row of indices that the renderer and
the classifier work on, and the truth against which a picture is judged.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import torch
from torch import Tensor


class Shape(StrEnum):
    """The eight figures that are cut out."""

    CIRCLE = "circle"
    SQUARE = "square"
    TRIANGLE = "triangle"
    STAR = "star"
    HEART = "heart"
    LEAF = "leaf"
    CRESCENT = "crescent"
    CROSS = "cross"


class Colour(StrEnum):
    """The ten papers."""

    RED = "red"
    ORANGE = "orange"
    YELLOW = "yellow"
    GREEN = "green"
    BLUE = "blue"
    PURPLE = "purple"
    PINK = "pink"
    BROWN = "brown"
    BLACK = "black"
    WHITE = "white"


class Size(StrEnum):
    """The two sizes."""

    SMALL = "small"
    LARGE = "large"


class Place(StrEnum):
    """The five places."""

    LEFT = "left"
    RIGHT = "right"
    TOP = "top"
    BOTTOM = "bottom"
    CENTER = "center"


SHAPES: Final = tuple(Shape)
COLOURS: Final = tuple(Colour)
SIZES: Final = tuple(Size)
PLACES: Final = tuple(Place)

ATTRIBUTES: Final = ("shape", "colour", "size", "place", "background")
"""The columns of a row of indices, in order."""

_GRAMMAR: Final = re.compile(
    r"a (?P<size>\w+) (?P<colour>\w+) (?P<shape>\w+) "
    r"at the (?P<place>\w+) on a (?P<background>\w+) background"
)


class CaptionError(ValueError):
    """A sentence that is not in Cutout's grammar."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One shape on one background; the two colours differ."""

    shape: Shape
    colour: Colour
    size: Size
    place: Place
    background: Colour

    def __post_init__(self) -> None:
        """Refuse a shape that could not be seen."""
        if self.colour is self.background:
            message = (
                f"the shape and the background are both {self.colour}; give them different colours"
            )
            raise CaptionError(message)

    @property
    def caption(self) -> str:
        """The sentence for this scene."""
        subject = f"a {self.size} {self.colour} {self.shape}"
        return f"{subject} at the {self.place} on a {self.background} background"

    @property
    def row(self) -> tuple[int, int, int, int, int]:
        """The indices of this scene, in the order of `ATTRIBUTES`."""
        return (
            SHAPES.index(self.shape),
            COLOURS.index(self.colour),
            SIZES.index(self.size),
            PLACES.index(self.place),
            COLOURS.index(self.background),
        )

    @classmethod
    def from_caption(cls, caption: str) -> Scene:
        """Read a caption; anything but the exact grammar is a `CaptionError`."""
        match = _GRAMMAR.fullmatch(caption)
        if match is None:
            message = f"not a Cutout caption: {caption!r}"
            raise CaptionError(message)
        try:
            return cls(
                Shape(match["shape"]),
                Colour(match["colour"]),
                Size(match["size"]),
                Place(match["place"]),
                Colour(match["background"]),
            )
        except ValueError as error:
            raise CaptionError(str(error)) from error

    @classmethod
    def from_row(cls, row: Tensor) -> Scene:
        """Read a row of five indices."""
        shape, colour, size, place, background = (int(index) for index in row)
        return cls(SHAPES[shape], COLOURS[colour], SIZES[size], PLACES[place], COLOURS[background])


def random_rows(count: int, generator: torch.Generator) -> Tensor:
    """Draw scenes evenly: int64 [count, 5], columns as in `ATTRIBUTES`."""
    choices = (len(SHAPES), len(COLOURS), len(SIZES), len(PLACES), len(COLOURS) - 1)
    columns = [torch.randint(choice, (count,), generator=generator) for choice in choices]
    # Nine backgrounds are left for each colour: step over the shape's own.
    columns[4] += (columns[4] >= columns[1]).long()
    return torch.stack(columns, dim=1)


def scenes(rows: Tensor) -> list[Scene]:
    """Read many rows."""
    return [Scene.from_row(row) for row in rows]


def vocabulary() -> list[str]:
    """List every word that captions are made of, sorted."""
    named = (*SHAPES, *COLOURS, *SIZES, *PLACES)
    return sorted({"a", "at", "the", "on", "background", *map(str, named)})


def captions(rows: Tensor) -> list[str]:
    """Say many rows."""
    return [scene.caption for scene in scenes(rows)]
