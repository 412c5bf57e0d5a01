"""What `Annotated[...]` in a node's signature may carry."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Range:
    """The smallest and largest number that a widget takes, both included, and its drag unit."""

    minimum: float
    maximum: float
    step: float | None = None


@dataclass(frozen=True, slots=True)
class Seed:
    """An int that seeds a random generator: 0 to 2**63 - 1, with a dice button."""


@dataclass(frozen=True, slots=True)
class Size:
    """For the width of a size: `partner` names the parameter that is its height.

    Both are shown together, with presets, an aspect lock and a swap; each stays a number of its
    own, in files and on wires.
    """

    partner: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """Text that describes a picture: many lines, with the prompt editor.

    With `wildcards` the body fills in `__name__` from the artist's text files
    (`graph.wildcards`); the files that the text names belong to what its result is named by.
    """

    wildcards: bool = False


@dataclass(frozen=True, slots=True)
class Multiline:
    """Text of several lines."""


@dataclass(frozen=True, slots=True)
class File:
    """A file that the user has; the body receives its `Path`.

    `kind` names the folders it is looked for in, such as "checkpoint" or "image"; `suffixes` are
    lowercase with the dot; with `folders` a folder will do as well. The default is None: nothing is
    chosen, and the node cannot run; with `optional` it can, and the body receives None.
    """

    kind: str
    suffixes: tuple[str, ...]
    folders: bool = False
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Colour:
    """A `str` that is a colour, `#rrggbb`, sRGB."""


@dataclass(frozen=True, slots=True)
class Curve:
    """A `tuple[float, ...]` that is a curve from 0 to 1: x and y of each point, one after another.

    `graph.curves` draws the curve through the points.
    """


@dataclass(frozen=True, slots=True)
class Painted:
    """A `str` that is a mask painted by hand, as `graph.painted` writes it; empty: none yet."""


@dataclass(frozen=True, slots=True)
class Label:
    """What the canvas shows instead of the parameter's name."""

    text: str


@dataclass(frozen=True, slots=True)
class Doc:
    """What an input or output means, in a sentence."""

    text: str
