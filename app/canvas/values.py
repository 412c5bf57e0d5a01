"""Values as text and back, how far a drag takes them, and which of them were changed."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, TypeAlias

from app.words import translate
from graph import curves, painted
from graph.expressions import evaluate, whole
from graph.params import FileRef
from graph.spec import (
    SEED_MAX,
    BoolWidget,
    ChoiceWidget,
    ColourWidget,
    CurveWidget,
    FileWidget,
    FloatWidget,
    IntWidget,
    PaintedWidget,
    SeedWidget,
    refusal,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from graph.params import Param
    from graph.spec import InputSpec, Widget

Number: TypeAlias = IntWidget | FloatWidget
_WIDE = 1e5
"""A range beyond this is not shown as a slider's length."""
_TOO_LONG = 1e15
"""A number from here up is shown by its power of ten."""
_TRAVEL = 400.0
"""Pixels of drag for a whole range."""
_LONGEST_SHOWN = 400
"""Characters of a text that are shown on one line; nothing is wide enough for more."""
_YES = frozenset({"true", "on", "yes", "1"})
_NO = frozenset({"false", "off", "no", "0"})
_SHORT_COLOUR = re.compile(r"#?([0-9a-fA-F]{3})")
_COLOUR = re.compile(r"#?([0-9a-fA-F]{6})")


def show_value(widget: Widget, value: Param) -> str:
    """Return `value` as the control shows it, short."""
    match widget:
        case FloatWidget() if isinstance(value, int | float):
            return _shown(value, digits(widget))
        case ChoiceWidget():
            return next((o.label for o in widget.options if o.value == value), str(value))
        case BoolWidget():
            return translate("Values", "On") if value else translate("Values", "Off")
        case CurveWidget() if isinstance(value, tuple):
            return translate("Values", "{0} points").format(len(value) // 2)
        case PaintedWidget():
            size = painted.size(value) if isinstance(value, str) else None
            return f"{size[0]} × {size[1]}" if size else translate("Values", "Paint…")
        case _:
            return _plain(value)[:_LONGEST_SHOWN]


def _plain(value: Param) -> str:
    if isinstance(value, FileRef):
        return value.name
    return "" if value is None else str(value)


def _shown(value: float, places: int) -> str:
    """Return `value` with as many decimals as its step asks for, or more where they are needed."""
    if abs(value) >= _TOO_LONG:
        return f"{value:.7g}"
    text = f"{value:.{places}f}"
    return text if math.isclose(float(text), value, rel_tol=1e-9) else f"{value:.7g}"


def write_value(widget: Widget, value: Param) -> str:
    """Return `value` in full, as `read_value` reads it back: for typing and for the clipboard."""
    match widget:
        case CurveWidget() if isinstance(value, tuple):
            numbers = [part for part in value if isinstance(part, int | float)]
            return "  ".join(f"{x:g}, {y:g}" for x, y in curves.points(numbers))
        case FloatWidget() if isinstance(value, int | float):
            text = show_value(widget, value)
            return text if float(text) == value else repr(value)
        case BoolWidget() | ChoiceWidget():
            return show_value(widget, value)
        case _:
            return _plain(value)


def digits(widget: FloatWidget) -> int:
    """Return how many decimals the step of `widget` asks for."""
    step = widget.step or 1.0
    return max(0, min(6, math.ceil(-math.log10(step) - 1e-9)))


def read_value(widget: Widget, text: str, before: Param = None) -> Param:
    """Return what `text` says for `widget`; `before` is what `x` stands for in an expression.

    Raises:
        ValueError: It is not of the widget's kind; the text says what is expected.
    """
    x = before if isinstance(before, int | float) and not isinstance(before, bool) else None
    match widget:
        case IntWidget() | SeedWidget():
            return whole(evaluate(text, x))
        case FloatWidget():
            return float(evaluate(text, x))
        case ChoiceWidget():
            return _read_choice(widget, text)
        case _:
            read = _READERS.get(type(widget))
            return read(text) if read is not None else text


def _read_switch(text: str) -> bool:
    plain = text.strip().lower()
    if plain not in _YES | _NO:
        raise ValueError(translate("Values", "{0!r} is neither on nor off").format(text))
    return plain in _YES


def _read_choice(widget: ChoiceWidget, text: str) -> str:
    plain = text.strip().lower()
    for option in widget.options:
        if plain in (option.value.lower(), option.label.lower()):
            return option.value
    raise ValueError(translate("Values", "{0!r} is not one of the choices").format(text))


def read_colour(text: str) -> str:
    """Return the colour that `text` says, with or without `#`, of 6 digits or of 3."""
    plain = text.strip()
    if found := _COLOUR.fullmatch(plain):
        return f"#{found[1].lower()}"
    if found := _SHORT_COLOUR.fullmatch(plain):
        return "#" + "".join(digit * 2 for digit in found[1].lower())
    raise ValueError(translate("Values", "{0!r} is not a colour like #ff8800").format(text))


def _read_curve(text: str) -> Param:
    numbers = tuple(evaluate(part) for part in re.split(r"[\s,;]+", text.strip()))
    problem = curves.refusal(numbers)
    if problem is not None:
        raise ValueError(problem)
    return tuple(float(number) for number in numbers)


def _read_file(text: str) -> Param:
    return FileRef(text.strip()) if text.strip() else None


_READERS: dict[type, Callable[[str], Param]] = {
    BoolWidget: _read_switch,
    ColourWidget: read_colour,
    CurveWidget: _read_curve,
    FileWidget: _read_file,
}


def fraction(widget: Number, value: Param) -> float | None:
    """Return how far along its range `value` is, or None where that tells nothing."""
    span = widget.maximum - widget.minimum
    if not isinstance(value, int | float) or not 0 < span <= _WIDE:
        return None
    return min(1.0, max(0.0, (value - widget.minimum) / span))


def dragged(widget: Number, start: float, pixels: float, *, fine: bool) -> Param:
    """Return the value after a drag of `pixels` from `start`, within the range, on a step."""
    span = widget.maximum - widget.minimum
    per_pixel = widget.step if span > _WIDE else max(span / _TRAVEL, widget.step / 8)
    moved = pixels * (widget.step / 8 if fine else per_pixel)
    return stepped(widget, start, round(moved / widget.step))


def stepped(widget: Number, start: float, steps: int) -> Param:
    """Return the value `steps` steps from `start`, within the range."""
    value = min(widget.maximum, max(widget.minimum, start + steps * widget.step))
    if isinstance(widget, IntWidget):
        return int(value)
    return round(float(value), digits(widget) + 2)


def nearest(widget: Widget, value: Param) -> Param:
    """Return the value nearest to `value` that `widget` takes; None when there is none."""
    if refusal(widget, value) is None:
        return value
    if isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value):
        return None
    match widget:
        case IntWidget():
            return round(min(widget.maximum, max(widget.minimum, value)))
        case SeedWidget():
            return round(min(SEED_MAX, max(0, value)))
        case FloatWidget():
            return float(min(widget.maximum, max(widget.minimum, value)))
        case _:
            return None


def limits(widget: Widget) -> str:
    """Return range and step of a number in a few words; nothing for other values."""
    match widget:
        case IntWidget() | FloatWidget():
            low, high = _limit(widget.minimum), _limit(widget.maximum)
            if abs(widget.minimum) > _WIDE and abs(widget.maximum) > _WIDE:
                return translate("Values", "step {0:g}").format(widget.step)
            return translate("Values", "{0} to {1}, step {2:g}").format(low, high, widget.step)
        case SeedWidget():
            return translate("Values", "a whole number from 0")
        case _:
            return ""


def _limit(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:g}"


def is_changed(item: InputSpec, value: Param) -> bool:
    """Say whether `value` is another than the default of the input `item`."""
    return not same(value, item.default)


def same(one: Param, other: Param) -> bool:
    """Say whether two values are one to a graph: 1, 1.0 and True are not."""
    return type(one) is type(other) and one == other


def roll(random_63: int) -> int:
    """Return a seed short enough to be read aloud, from 63 random bits."""
    return random_63 % min(SEED_MAX, 10**9)
