"""Node specifications: all that the canvas, the file format and the planner know of a node.

A specification is data. The engine derives it from a node's signature (`graph.declare`) and
publishes it; the window works from it and never imports a node.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cached_property
from sys import float_info
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from graph import curves, painted
from graph.params import FileRef, Param, show

if TYPE_CHECKING:
    from collections.abc import Callable


class IntWidget(msgspec.Struct, frozen=True, tag="int"):
    """A whole number between `minimum` and `maximum`, both included."""

    minimum: int
    maximum: int
    step: int = 1


class SeedWidget(msgspec.Struct, frozen=True, tag="seed"):
    """The seed of a random generator: a whole number from 0 to 2**63 - 1, with a dice button."""


class FloatWidget(msgspec.Struct, frozen=True, tag="float"):
    """A finite number between `minimum` and `maximum`, both included; `step` is the drag unit."""

    minimum: float
    maximum: float
    step: float = 0.01


class TextWidget(msgspec.Struct, frozen=True, tag="text"):
    """Text on one line or on many; `prompt` asks for the prompt editor.

    With `wildcards` the files that `__name__` stands for are part of what the node does.
    """

    multiline: bool = False
    prompt: bool = False
    wildcards: bool = False


class BoolWidget(msgspec.Struct, frozen=True, tag="bool"):
    """A check box."""


class ChoiceOption(msgspec.Struct, frozen=True):
    """One choice: the saved `value` and its `label` on screen."""

    value: str
    label: str


class ChoiceWidget(msgspec.Struct, frozen=True, tag="choice"):
    """A choice box."""

    options: tuple[ChoiceOption, ...]


class FileWidget(msgspec.Struct, frozen=True, tag="file"):
    """A file (or, where `folders`, a folder) of `kind`, such as "checkpoint" or "image".

    `suffixes` are lowercase with the dot. With `optional` there may be none.
    """

    kind: str
    suffixes: tuple[str, ...]
    folders: bool = False
    optional: bool = False


class ColourWidget(msgspec.Struct, frozen=True, tag="colour"):
    """A colour: text `#rrggbb`, sRGB."""


class CurveWidget(msgspec.Struct, frozen=True, tag="curve"):
    """A curve from 0 to 1 through points: x and y of each, one after another, x rising."""


class PaintedWidget(msgspec.Struct, frozen=True, tag="painted"):
    """A mask painted by hand: text as `graph.painted` writes it, empty while there is none."""


Widget: TypeAlias = (
    IntWidget
    | SeedWidget
    | FloatWidget
    | TextWidget
    | BoolWidget
    | ChoiceWidget
    | FileWidget
    | ColourWidget
    | CurveWidget
    | PaintedWidget
)

SEED_MAX = 2**63 - 1
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


class Lane(StrEnum):
    """What a node keeps busy: who declares one says that its body may overlap with others."""

    ALONE = "alone"
    """Not declared: nothing else runs meanwhile."""
    GPU = "gpu"
    """One at a time, on the engine's main thread."""
    CPU = "cpu"
    IO = "io"


class InputSpec(msgspec.Struct, frozen=True, kw_only=True):
    """One parameter of a node: a socket, a widget, or a widget that can also be wired."""

    name: str
    """The parameter's name: the saved identity."""
    label: str
    type: str
    """The name of a socket type."""
    required: bool = False
    """Whether it must be wired; only sockets without a widget can be required."""
    multiple: bool = False
    """Whether it takes several wires (`list[T]`)."""
    lazy: bool = False
    """Whether it is computed only when the body asks (`Lazy[T]`)."""
    widget: Widget | None = None
    default: Param = None
    doc: str = ""
    partner: str = ""
    """For the width of a size: the name of the input that is its height."""


class OutputSpec(msgspec.Struct, frozen=True, kw_only=True):
    """One output of a node."""

    name: str
    label: str
    type: str
    doc: str = ""
    many: bool = False
    """Whether it gives a list, over whose elements the nodes behind it are mapped (`list[T]`)."""
    optional: bool = False
    """Whether the body may give None (`T | None`): what is behind it is then switched off."""


class NodeSpec(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """A node type, derived from a signature."""

    id: str
    """`pack/function`."""
    title: str
    category: str
    """Menu path, its parts joined with `/`."""
    version: int = 1
    """Raised by the author when the same inputs give another output."""
    summary: str = ""
    doc: str = ""
    inputs: tuple[InputSpec, ...] = ()
    outputs: tuple[OutputSpec, ...] = ()
    synonyms: tuple[str, ...] = ()
    volatile: bool = False
    """Whether it must run every time: its output depends on more than its inputs."""
    effect: bool = False
    """Whether it does something outside the graph, such as writing a file: a natural target."""
    lane: Lane = Lane.ALONE

    @cached_property
    def lazy_inputs(self) -> frozenset[str]:
        """The names of the inputs that are computed only when asked for."""
        return frozenset(item.name for item in self.inputs if item.lazy)

    @cached_property
    def output_index(self) -> dict[str, int]:
        """The place of each output among all, by name."""
        return {item.name: place for place, item in enumerate(self.outputs)}

    @cached_property
    def input_by_name(self) -> dict[str, InputSpec]:
        """The inputs by their names."""
        return {item.name: item for item in self.inputs}

    @cached_property
    def widgets(self) -> tuple[tuple[InputSpec, Widget], ...]:
        """The inputs that hold a value, with what holds it."""
        return tuple((item, item.widget) for item in self.inputs if item.widget is not None)

    @cached_property
    def bounds(self) -> tuple[tuple[str, float, float], ...]:
        """Name, minimum and maximum of the inputs that hold a number."""
        found: list[tuple[str, float, float]] = []
        for item, widget in self.widgets:
            match widget:
                case IntWidget() | FloatWidget():
                    found.append((item.name, widget.minimum, widget.maximum))
                case SeedWidget():
                    found.append((item.name, 0, SEED_MAX))
                case _:
                    pass
        return tuple(found)

    @cached_property
    def rules(self) -> tuple[tuple[str, Callable[[Param], bool]], ...]:
        """Name of the inputs that hold a choice or a curve, and what says whether one is taken."""
        found: list[tuple[str, Callable[[Param], bool]]] = []
        for item, widget in self.widgets:
            match widget:
                case ChoiceWidget(options):
                    values = frozenset(option.value for option in options)
                    found.append((item.name, values.__contains__))
                case CurveWidget():
                    found.append((item.name, curves.is_curve))
                case _:
                    pass
        return tuple(found)

    def input(self, name: str) -> InputSpec | None:
        """Return the input called `name`."""
        return self.input_by_name.get(name)

    def output(self, name: str) -> OutputSpec | None:
        """Return the output called `name`."""
        return next((item for item in self.outputs if item.name == name), None)

    def defaults(self) -> dict[str, Param]:
        """Return the default of every widget, by parameter name."""
        return {item.name: item.default for item, _widget in self.widgets}


def refusal(widget: Widget, value: Param) -> str | None:  # noqa: C901, PLR0911 - one line a widget
    """Say why `widget` does not take `value`, or None when it does."""
    match widget:
        case IntWidget():
            return _whole(value, widget.minimum, widget.maximum)
        case SeedWidget():
            return _whole(value, 0, SEED_MAX)
        case FloatWidget():
            return _number(value, widget.minimum, widget.maximum)
        case TextWidget():
            return None if isinstance(value, str) else _wrong("text", value)
        case BoolWidget():
            return None if isinstance(value, bool) else _wrong("true or false", value)
        case ChoiceWidget():
            return _choice(widget, value)
        case FileWidget():
            return _file(value)
        case ColourWidget():
            return _colour(value)
        case CurveWidget():
            return curves.refusal(value)
        case PaintedWidget():
            return painted.refusal(value)


def is_of_kind(widget: Widget, value: Param) -> bool:
    """Say whether `value` is of the kind that `widget` holds, be it within its limits or not.

    Limits and choices change from version to version: what is only outside of them can be kept, and
    set anew.
    """
    match widget:
        case IntWidget() | SeedWidget():
            return _whole(value, -SEED_MAX - 1, SEED_MAX) is None
        case FloatWidget():
            return _number(value, -float_info.max, float_info.max) is None
        case ChoiceWidget():
            return isinstance(value, str)
        case CurveWidget():
            parts = value if isinstance(value, tuple) else (None,)
            return all(is_of_kind(_ANY_NUMBER, part) for part in parts)
        case _:
            return refusal(widget, value) is None


_ANY_NUMBER = FloatWidget(minimum=-float_info.max, maximum=float_info.max)


def held(widget: Widget, value: Param) -> Param:
    """Return `value`, of the kind that `widget` holds, as it is kept: equal values in one form.

    A float where it holds floats, also in a curve; colours in lowercase.
    """
    if isinstance(widget, FloatWidget) and type(value) is int:
        return float(value)
    if isinstance(widget, CurveWidget) and isinstance(value, tuple):
        return tuple(float(part) for part in value if isinstance(part, int | float))
    if isinstance(widget, ColourWidget) and isinstance(value, str):
        return value.lower()
    return value


def _wrong(wanted: str, value: Param) -> str:
    return f"expected {wanted}, got {type(value).__name__}"


def _whole(value: Param, minimum: int, maximum: int) -> str | None:
    if not isinstance(value, int) or isinstance(value, bool):
        return _wrong("a whole number", value)
    return _between(value, minimum, maximum)


def _number(value: Param, minimum: float, maximum: float) -> str | None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return _wrong("a number", value)
    return _between(value, minimum, maximum)


def _between(value: float, minimum: float, maximum: float) -> str | None:
    # Written so that NaN, which compares false with everything, is refused too.
    if minimum <= value <= maximum:
        return None
    return f"{show(value)} is outside {show(minimum)} to {show(maximum)}"


def _choice(widget: ChoiceWidget, value: Param) -> str | None:
    if any(option.value == value for option in widget.options):
        return None
    names = ", ".join(option.value for option in widget.options)
    return f"{value!r} is not one of {names}"


def _colour(value: Param) -> str | None:
    if not isinstance(value, str):
        return _wrong("a colour", value)
    return None if _COLOUR.fullmatch(value) else f"{show(value)!r} is not a colour like #ff8800"


def _file(value: Param) -> str | None:
    return None if value is None or isinstance(value, FileRef) else _wrong("a file", value)
