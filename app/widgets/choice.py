"""A choice: a menu when there are a few, a list to search in when there are many."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QMenu, QPushButton, QVBoxLayout

from app.canvas.paint import shapes
from app.canvas.paint.text import LEFT, draw_text
from app.canvas.values import show_value
from app.widgets.field import Field
from app.widgets.picker import Picker
from app.widgets.picks import Pick
from app.widgets.popup import place_of
from app.words import translate
from graph.spec import ChoiceWidget, refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QColor, QKeyEvent, QPaintEvent, QWheelEvent
    from PySide6.QtWidgets import QWidget

    from app.theme.look import Look
    from app.widgets.field import Surroundings
    from graph.params import Param
    from graph.spec import InputSpec

HEIGHT = 28
MANY = 12
"""From so many choices on they are searched in."""
_CORNER = 6.0


class Face(QPushButton):
    """A button that shows a value, cut to fit, with a chevron where it opens something.

    Signals:
        stepped(int): Ctrl+Up or Ctrl+Down asks for another value, so many places on.
    """

    stepped = Signal(int)

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self.wrong = False
        self.quiet = False
        """Whether what it shows is no value."""
        self.setFixedHeight(HEIGHT)
        self.setObjectName("face")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's signature
        """Qt: draw it."""
        colours = self._look.colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        edge = colours.accent if self.hasFocus() else colours.edge
        painter.setPen(QPen(colours.error if self.wrong else edge, 1))
        painter.setBrush(colours.hover if self.underMouse() else colours.well)
        painter.drawRoundedRect(rect, _CORNER, _CORNER)
        front = colours.error if self.wrong else colours.muted if self.quiet else colours.text
        self.draw_inside(painter, rect, front if self.isEnabled() else colours.faint)
        painter.setPen(QPen(colours.muted, 1.25))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.translate(rect.right() - 14, rect.center().y())
        painter.drawPath(shapes.chevron(7))

    def draw_inside(self, painter: QPainter, rect: QRectF, front: QColor) -> None:
        """Draw what it shows into `rect`, in the colour `front`."""
        draw_text(painter, rect.adjusted(8, 0, -26, 0), self.text(), self._look.fonts.body,
                  front, LEFT)  # fmt: skip

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt: Return, Up and Down open it, as Space does; with Ctrl they step."""
        keys = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        if event.key() in keys and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.stepped.emit(keys[Qt.Key(event.key())])
        elif event.key() in (*keys, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Qt: the wheel is for what scrolls."""
        event.ignore()


class ChoiceField(Field):
    """Opens by a click, Space, Return or Down; Ctrl+Up and Ctrl+Down go to the next choice."""

    def __init__(
        self, item: InputSpec, around: Surroundings, parent: QWidget | None = None
    ) -> None:
        super().__init__(item, around, parent)
        self.button = Face(around.look, self)
        self.button.setAccessibleName(item.label)
        self.button.clicked.connect(self.open_choices)
        self.button.stepped.connect(self._step)
        self.setFocusProxy(self.button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.button)

    def refresh(self) -> None:
        """Show the value."""
        several = translate("Fields", "several values")
        words = several if self.mixed else show_value(self.widget, self.value)
        self.button.setText(words)
        self.button.setAccessibleDescription(words)
        self.button.wrong = not self.mixed and refusal(self.widget, self.value) is not None
        self.button.quiet = self.mixed
        self.button.update()

    def open_choices(self) -> None:
        """Show what there is to choose from."""
        if isinstance(self.widget, ChoiceWidget):
            value = None if self.mixed else self.value
            open_choices(
                self.widget, value, self.around.look, self.button, place_of(self.button),
                self.meant.emit, self.item.label,
            )  # fmt: skip

    def _step(self, by: int) -> None:
        if not isinstance(self.widget, ChoiceWidget):
            return
        values = [option.value for option in self.widget.options]
        here = values.index(str(self.value)) if self.value in values else -1
        self.meant.emit(values[min(len(values) - 1, max(0, here + by))])


def open_choices(
    widget: ChoiceWidget,
    value: Param,
    look: Look,
    parent: QWidget,
    anchor: QRect,
    pick: Callable[[Param], object],
    name: str,
) -> QMenu | Picker:
    """Show the choices under `anchor`, a place on the screen; the one that holds is marked."""
    if len(widget.options) < MANY:
        menu = QMenu(parent)
        menu.aboutToHide.connect(menu.deleteLater)
        for option in widget.options:
            action = menu.addAction(option.label)
            action.setCheckable(True)
            action.setChecked(option.value == value)
            action.triggered.connect(lambda *_, chosen=option.value: pick(chosen))
        menu.setMinimumWidth(anchor.width())
        menu.popup(anchor.bottomLeft())
        return menu
    picks = [Pick(o.value, o.label, marked=o.value == value) for o in widget.options]
    picker = Picker(picks, look, parent, name=name)
    picker.picked.connect(pick)
    picker.open_at(anchor)
    return picker
