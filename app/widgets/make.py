"""The field for a value: chosen by what its widget holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.widgets.choice import ChoiceField
from app.widgets.colour import ColourField
from app.widgets.curve import CurveField
from app.widgets.file import FileField
from app.widgets.number import NumberField
from app.widgets.painted import PaintedField
from app.widgets.prompt import PromptField
from app.widgets.seed import SeedField
from app.widgets.switch import SwitchField
from app.widgets.text import ParagraphField, TextField
from graph.spec import (
    BoolWidget,
    ChoiceWidget,
    ColourWidget,
    CurveWidget,
    FileWidget,
    FloatWidget,
    IntWidget,
    PaintedWidget,
    SeedWidget,
    TextWidget,
)

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from app.widgets.field import Field, Surroundings
    from graph.spec import InputSpec

_KINDS: dict[type, type[Field]] = {
    IntWidget: NumberField,
    FloatWidget: NumberField,
    SeedWidget: SeedField,
    BoolWidget: SwitchField,
    ChoiceWidget: ChoiceField,
    FileWidget: FileField,
    ColourWidget: ColourField,
    CurveWidget: CurveField,
    PaintedWidget: PaintedField,
}


def make_field(item: InputSpec, around: Surroundings, parent: QWidget | None = None) -> Field:
    """Return a field for the values of the input `item`, which has a widget."""
    return _kind(item)(item, around, parent)


def _kind(item: InputSpec) -> type[Field]:
    if isinstance(item.widget, TextWidget):
        if item.widget.prompt:
            return PromptField
        return ParagraphField if item.widget.multiline else TextField
    return _KINDS[type(item.widget)]
