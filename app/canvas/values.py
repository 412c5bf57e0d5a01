"""Values as text and back, and how far a drag takes them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeAlias

from app.words import translate
from graph.params import FileRef
from graph.spec import SEED_MAX, BoolWidget, ChoiceWidget, FloatWidget, IntWidget, SeedWidget

if TYPE_CHECKING:
    from graph.params import Param
    from graph.spec import Widget

Number: TypeAlias = IntWidget | FloatWidget
_WIDE = 1e5
"""A range beyond this is not shown as a slider's length."""
_TRAVEL = 400.0
"""Pixels of drag for a whole range."""


def show_value(widget: Widget, value: Param) -> str:
    """Return `value` as the control shows it."""
    match widget:
        case FloatWidget() if isinstance(value, int | float):
            return f"{value:.{digits(widget)}f}"
        case ChoiceWidget():
            return next((o.label for o in widget.options if o.value == value), str(value))
        case BoolWidget():
            return translate("Values", "On") if value else translate("Values", "Off")
        case _ if isinstance(value, FileRef):
            return value.name
        case _:
            return "" if value is None else str(value)


def digits(widget: FloatWidget) -> int:
    """Return how many decimals the step of `widget` asks for."""
    step = widget.step or 1.0
    return max(0, min(6, math.ceil(-math.log10(step) - 1e-9)))


def read_value(widget: Widget, text: str) -> Param:
    """Return what `text` says for `widget`.

    Raises:
        ValueError: It is not of the widget's kind; the text says what is expected.
    """
    if isinstance(widget, IntWidget | SeedWidget):
        return _whole(text)
    if isinstance(widget, FloatWidget):
        return _number(text)
    return text


def _number(text: str) -> float:
    try:
        value = float(text.strip().replace(",", "."))
    except ValueError:
        raise ValueError(translate("Values", "{0!r} is not a number").format(text)) from None
    if not math.isfinite(value):
        raise ValueError(translate("Values", "{0!r} is not a finite number").format(text))
    return value


def _whole(text: str) -> int:
    try:
        return int(text.strip())
    except ValueError:
        raise ValueError(translate("Values", "{0!r} is not a whole number").format(text)) from None


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
    steps = round(moved / widget.step)
    value = min(widget.maximum, max(widget.minimum, start + steps * widget.step))
    if isinstance(widget, IntWidget):
        return int(value)
    return round(float(value), digits(widget) + 2)


def roll(random_63: int) -> int:
    """Return a seed short enough to be read aloud, from 63 random bits."""
    return random_63 % min(SEED_MAX, 10**9)
