"""The column beside the picture: how the tools are set, and what is done to the whole mask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.mask.brush import LARGEST, SMALLEST
from app.mask.hand import STROKES, Tool
from app.mask.shapes import Join
from app.widgets.number import NumberField
from app.widgets.switch import Switch
from app.words import translate
from graph.spec import FloatWidget, InputSpec, IntWidget

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QPaintEvent
    from PySide6.QtWidgets import QLayout

    from app.mask.hand import Kit
    from app.theme.look import Look
    from app.widgets.field import Surroundings
    from graph.params import Param
    from graph.spec import Widget

WIDTH: Final = 264
_LABEL = 88
TINTS: Final = {
    "#e5484d": translate("Mask", "Red"),
    "#30a46c": translate("Mask", "Green"),
    "#3b82f6": translate("Mask", "Blue"),
    "#ffffff": translate("Mask", "White"),
    "#000000": translate("Mask", "Black"),
}


class Options(QWidget):
    """Shows and changes a `Kit`.

    Signals:
        changed(): a tool or the view is set otherwise.
        asked(str): something is to be done to the whole mask, by name.
        bareAsked(bool): the mask is to be shown alone, or not.
        left(): writing a number is over.
    """

    changed = Signal()
    asked = Signal(str)
    bareAsked = Signal(bool)
    left = Signal()

    def __init__(self, kit: Kit, around: Surroundings, parent: QWidget) -> None:
        super().__init__(parent)
        self._kit = kit
        self._around = around
        self.setObjectName("mask-options")
        self.setFixedWidth(WIDTH)
        self.fields: dict[str, NumberField] = {}
        self.switches: dict[str, Switch] = {}
        self.buttons: dict[str, QPushButton] = {}
        self.tints: dict[str, Tint] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(8)
        self._brush = self._part(column, translate("Mask", "Brush"), self._fill_brush)
        self._shape = self._part(column, translate("Mask", "Shape"), self._fill_shape)
        self._bucket = self._part(column, translate("Mask", "Fill"), self._fill_bucket)
        self._part(column, translate("Mask", "Whole mask"), self._fill_whole)
        self._part(column, translate("Mask", "View"), self._fill_view, ruled=False)
        column.addStretch(1)
        self._part(column, translate("Mask", "Picture files"), self._fill_files, ruled=False)
        self.refresh()

    def _part(
        self,
        column: QVBoxLayout,
        title: str,
        fill: Callable[[QVBoxLayout], None],
        *,
        ruled: bool = True,
    ) -> QWidget:
        part = QWidget(self)
        inner = QVBoxLayout(part)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(8)
        heading = QLabel(title, part)
        heading.setProperty("tone", "heading")
        inner.addWidget(heading)
        fill(inner)
        if ruled:
            rule = QFrame(part)
            rule.setObjectName("rule")
            rule.setFixedHeight(1)
            inner.addSpacing(8)
            inner.addWidget(rule)
            inner.addSpacing(4)
        column.addWidget(part)
        return part

    # What it is made of

    def _fill_brush(self, column: QVBoxLayout) -> None:
        for name, label, widget in (
            ("size", translate("Mask", "Size"), FloatWidget(SMALLEST, LARGEST, 1)),
            ("hardness", translate("Mask", "Hardness"), FloatWidget(0, 1, 0.01)),
            ("opacity", translate("Mask", "Opacity"), FloatWidget(0, 1, 0.01)),
            ("flow", translate("Mask", "Flow"), FloatWidget(0.01, 1, 0.01)),
            ("smoothing", translate("Mask", "Smoothing"), FloatWidget(0, 1, 0.01)),
        ):
            self._number(column, name, label, widget, self._set_brush)
        self._switch(column, "pressure_sizes", translate("Mask", "Pressure sets size"))
        self._switch(column, "pressure_fades", translate("Mask", "Pressure sets opacity"))

    def _fill_shape(self, column: QVBoxLayout) -> None:
        row = QHBoxLayout()
        row.setSpacing(8)
        group = QButtonGroup(self)
        for how, words in (
            (Join.ADD, translate("Mask", "Add")),
            (Join.SUBTRACT, translate("Mask", "Subtract")),
        ):
            button = self._button(row, how, words)
            button.setCheckable(True)
            group.addButton(button)
            button.clicked.connect(lambda *_, chosen=how: self._set_join(chosen))
        column.addLayout(row)
        self._hint(column, translate("Mask", "Hold Shift to add, Alt to subtract"))

    def _fill_bucket(self, column: QVBoxLayout) -> None:
        self._number(
            column, "tolerance", translate("Mask", "Tolerance"), IntWidget(0, 255), self._set_kit
        )
        row = QHBoxLayout()
        row.setSpacing(8)
        group = QButtonGroup(self)
        for name, words, follows in (
            ("by_picture", translate("Mask", "By picture"), True),
            ("by_mask", translate("Mask", "By mask"), False),
        ):
            button = self._button(row, name, words)
            button.setCheckable(True)
            group.addButton(button)
            button.clicked.connect(lambda *_, chosen=follows: self._set_source(chosen))
        column.addLayout(row)

    def _fill_whole(self, column: QVBoxLayout) -> None:
        self._number(column, "reach", translate("Mask", "Pixels"), IntWidget(1, 256), self._set_kit)
        grid = QGridLayout()
        grid.setSpacing(8)
        for place, (name, words) in enumerate(
            (
                ("grow", translate("Mask", "Grow")),
                ("shrink", translate("Mask", "Shrink")),
                ("feather", translate("Mask", "Feather")),
                ("invert", translate("Mask", "Invert")),
                ("all", translate("Mask", "Select all")),
                ("clear", translate("Mask", "Clear")),
            )
        ):
            row = QHBoxLayout()
            self._ask(row, name, words)
            grid.addLayout(row, place // 3, place % 3)
        column.addLayout(grid)

    def _fill_view(self, column: QVBoxLayout) -> None:
        row = QHBoxLayout()
        row.setSpacing(4)
        label = QLabel(translate("Mask", "Tint"), self)
        label.setFixedWidth(_LABEL)
        row.addWidget(label)
        for colour, name in TINTS.items():
            tint = Tint(colour, name, self._around.look, self)
            tint.clicked.connect(lambda *_, chosen=colour: self._set_kit("tint", chosen))
            self.tints[colour] = tint
            row.addWidget(tint)
        row.addStretch(1)
        column.addLayout(row)
        widget = FloatWidget(0.1, 1, 0.01)
        self._number(
            column, "tint_opacity", translate("Mask", "Tint opacity"), widget, self._set_kit
        )
        self._switch(column, "bare", translate("Mask", "Mask alone"))

    def _fill_files(self, column: QVBoxLayout) -> None:
        row = QHBoxLayout()
        row.setSpacing(8)
        self._ask(row, "import", translate("Mask", "Import…"))
        self._ask(row, "export", translate("Mask", "Export…"))
        column.addLayout(row)

    def _number(
        self,
        column: QVBoxLayout,
        name: str,
        label: str,
        widget: Widget,
        take: Callable[[str, Param], None],
    ) -> None:
        item = InputSpec(name=name, label=label, type="Float", widget=widget, default=0)
        field = NumberField(item, self._around, self)
        field.meant.connect(lambda value: take(name, value))
        field.typed.connect(lambda value: take(name, value))
        field.done.connect(self.left)
        field.given_up.connect(self.left)
        self.fields[name] = field
        row = QHBoxLayout()
        row.setSpacing(0)
        words = QLabel(label, self)
        words.setFixedWidth(_LABEL)
        words.setBuddy(field)
        row.addWidget(words)
        row.addWidget(field, 1)
        column.addLayout(row)

    def _switch(self, column: QVBoxLayout, name: str, label: str) -> None:
        switch = Switch(self._around.look, self)
        switch.setAccessibleName(label)
        self.switches[name] = switch
        take = self.bareAsked.emit if name == "bare" else self._brush_switch(name)
        switch.clicked.connect(take)
        row = QHBoxLayout()
        words = QLabel(label, self)
        words.setBuddy(switch)
        row.addWidget(words, 1)
        row.addWidget(switch)
        column.addLayout(row)

    def _brush_switch(self, name: str) -> Callable[[bool], None]:
        return lambda on: self._set_brush(name, on)

    def _ask(self, row: QLayout, name: str, words: str) -> None:
        self._button(row, name, words).clicked.connect(lambda: self.asked.emit(name))

    def _button(self, row: QLayout, name: str, words: str) -> QPushButton:
        button = QPushButton(words, self)
        button.setAutoDefault(False)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.buttons[name] = button
        row.addWidget(button)
        return button

    def _hint(self, column: QVBoxLayout, words: str) -> None:
        hint = QLabel(words, self)
        hint.setProperty("tone", "quiet")
        hint.setWordWrap(True)
        column.addWidget(hint)

    # Showing and taking

    def refresh(self, *, bare: bool = False) -> None:
        """Show how everything is set."""
        kit, brush = self._kit, self._kit.brush
        for name, field in self.fields.items():
            field.show_value(getattr(brush if hasattr(brush, name) else kit, name))
        for name, switch in self.switches.items():
            switch.setChecked(bare if name == "bare" else getattr(brush, name))
        for how in Join:
            self.buttons[how].setChecked(kit.join is how)
        self.buttons["by_picture"].setChecked(kit.fills_picture)
        self.buttons["by_mask"].setChecked(not kit.fills_picture)
        for colour, tint in self.tints.items():
            tint.setChecked(colour == kit.tint)
        strokes = kit.tool in STROKES
        self._brush.setVisible(strokes)
        self._shape.setVisible(not strokes)
        self._bucket.setVisible(kit.tool is Tool.FILL)

    def _set_brush(self, name: str, value: Param) -> None:
        self._kit.brush = self._kit.brush.with_value(name, value)
        self.changed.emit()

    def _set_kit(self, name: str, value: Param) -> None:
        setattr(self._kit, name, value)
        self.changed.emit()

    def _set_join(self, how: Join) -> None:
        self._kit.join = how
        self.changed.emit()

    def _set_source(self, picture: bool) -> None:  # noqa: FBT001 - a signal's argument
        self._kit.fills_picture = picture
        self.changed.emit()


class Tint(QAbstractButton):
    """A round patch of the colour in which the mask is seen."""

    def __init__(self, colour: str, name: str, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._colour = QColor(colour)
        self._look = look
        self.setCheckable(True)
        self.setFixedSize(24, 24)
        self.setToolTip(name)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's signature
        """Qt: draw it, with a ring when it is chosen."""
        colours = self._look.colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect())
        painter.setPen(QPen(colours.edge, 1))
        painter.setBrush(self._colour)
        painter.drawEllipse(rect.adjusted(5, 5, -5, -5))
        if self.isChecked() or self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colours.accent if self.hasFocus() else colours.text, 1.5))
            painter.drawEllipse(rect.adjusted(2, 2, -2, -2))
