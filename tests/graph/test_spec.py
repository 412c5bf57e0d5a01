"""Widgets: what each takes, and why it does not."""

from __future__ import annotations

from typing import Any

import pytest

from graph.params import FileRef
from graph.spec import (
    SEED_MAX,
    BoolWidget,
    ChoiceOption,
    ChoiceWidget,
    ColourWidget,
    CurveWidget,
    FileWidget,
    FloatWidget,
    IntWidget,
    SeedWidget,
    TextWidget,
    Widget,
    held,
    refusal,
)
from tests.graph.build import CATALOG

INT = IntWidget(-5, 5)
FLOAT = FloatWidget(-0.5, 1.5)
CHOICE = ChoiceWidget((ChoiceOption("a", "A"), ChoiceOption("b", "B")))
FILE = FileWidget("image", (".png",))


@pytest.mark.parametrize(
    ("widget", "value"),
    [
        *((INT, value) for value in (-5, 0, 5)),
        *((SeedWidget(), value) for value in (0, SEED_MAX)),
        *((FLOAT, value) for value in (-0.5, 0, 1, 1.5)),
        *((TextWidget(), value) for value in ("", "Grün\n")),
        *((BoolWidget(), value) for value in (True, False)),
        *((CHOICE, value) for value in ("a", "b")),
        *((FILE, value) for value in (None, FileRef("x.png"))),
        *((ColourWidget(), value) for value in ("#00ff88", "#ABCDEF")),
        *((CurveWidget(), value) for value in ((0, 0, 1, 1), (0.0, 1.0, 0.5, 0.2, 1.0, 0.0))),
    ],
    ids=repr,
)
def test_is_taken(widget: Widget, value: Any) -> None:
    assert refusal(widget, value) is None


@pytest.mark.parametrize(
    ("widget", "value", "why"),
    [
        (INT, 6, "6 is outside -5 to 5"),
        (INT, 10**400, "… is outside -5 to 5"),
        (INT, 1.0, "expected a whole number, got float"),
        (INT, True, "expected a whole number, got bool"),
        (INT, None, "expected a whole number, got NoneType"),
        (SeedWidget(), -1, "-1 is outside 0 to 9223372036854775807"),
        (SeedWidget(), SEED_MAX + 1, "is outside 0 to"),
        (ColourWidget(), "#00ff8", "'#00ff8' is not a colour like #ff8800"),
        (ColourWidget(), "#00ff88\n", "is not a colour"),
        (ColourWidget(), 255, "expected a colour, got int"),
        (CurveWidget(), (0.0, 0.0), "a curve has 2 to 32 points"),
        (FLOAT, 1.6, "1.6 is outside -0.5 to 1.5"),
        (FLOAT, 10**400, "is outside"),
        (FLOAT, float("nan"), "nan is outside -0.5 to 1.5"),
        (FLOAT, float("inf"), "inf is outside -0.5 to 1.5"),
        (FLOAT, False, "expected a number, got bool"),
        (FLOAT, "1", "expected a number, got str"),
        (TextWidget(), 1, "expected text, got int"),
        (BoolWidget(), 1, "expected true or false, got int"),
        (CHOICE, "c", "'c' is not one of a, b"),
        (CHOICE, 1, "1 is not one of a, b"),
        (FILE, "x.png", "expected a file, got str"),
        (FILE, (FileRef("x"),), "expected a file, got tuple"),
    ],
)
def test_is_refused(widget: Widget, value: Any, why: str) -> None:
    found = refusal(widget, value)
    assert found is not None
    assert found.endswith(why) or why in found


def test_whole_numbers_are_held_as_floats_by_a_widget_of_floats() -> None:
    assert repr(held(FLOAT, 1)) == "1.0"
    assert repr(held(INT, 1)) == "1"
    assert repr(held(BoolWidget(), True)) == "True"


def test_looking_things_up() -> None:
    spec = CATALOG.require("test/split")
    assert spec.output_index == {"low": 0, "high": 1}
    assert spec.input("value") is spec.inputs[0]
    assert spec.input("none") is None
    assert spec.output("none") is None
    assert spec.defaults() == {"value": 0}
