"""A number: dragged, turned with the wheel, stepped with keys, typed, or worked out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QHBoxLayout, QLineEdit

from app.canvas.values import (
    dragged,
    fraction,
    limits,
    read_value,
    show_value,
    stepped,
    write_value,
)
from app.widgets.bubble import Bubble
from app.widgets.field import Field, Formula
from app.words import translate
from graph.spec import SEED_MAX, FloatWidget, IntWidget, refusal

if TYPE_CHECKING:
    from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPaintEvent, QWheelEvent
    from PySide6.QtWidgets import QWidget

    from app.widgets.field import Surroundings
    from graph.params import Param
    from graph.spec import InputSpec

HEIGHT = 28
_SLACK = 3
_NOTCH = 120
_LARGE = 10
_REST_MS = 700
"""After so long without a turn of the wheel the next one is another step to undo."""
_CORNER = 6.0
_BY_KEY = frozenset({Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason})


class NumberLine(QLineEdit):
    """The line of a number; at rest a slider, with the focus a text field.

    Signals:
        said(str): what is written is meant.
        slid(object): a drag ended at that value.
        stepped(int): so many steps up, by key or wheel.
    """

    said = Signal(str)
    slid = Signal(object)
    stepped = Signal(int)

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self._field = field
        self._grip: QPointF | None = None
        self._start = 0.0
        self._live: Param = None
        self._turned = 0
        self.setObjectName("number")
        self.setFixedHeight(HEIGHT)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setCursor(Qt.CursorShape.SizeHorCursor)
        # A press may begin a slide: only a click without one takes the focus, in `write`.
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._bubble = Bubble(self)
        self.textEdited.connect(self._foretell)

    @property
    def slides(self) -> bool:
        """Whether a drag changes it: seeds are not on any line."""
        return isinstance(self._field.widget, IntWidget | FloatWidget)

    @property
    def live(self) -> Param:
        """The value while it is dragged, else None."""
        return self._live

    def show_value(self) -> None:
        """Write the value of the field, unless something is being written."""
        if self.hasFocus() and self.isModified():
            return
        field = self._field
        if field.mixed:
            self.clear()
            self.setPlaceholderText(translate("Fields", "several values"))
        else:
            writing = self.hasFocus()
            write = write_value if writing else show_value
            self.setText(write(field.widget, field.value))
            self.setPlaceholderText("")
            if writing:
                self.selectAll()
        self.update()

    def write(self) -> None:
        """Begin to write: all of it is selected."""
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        self._open()

    def _open(self) -> None:
        self.setCursor(Qt.CursorShape.IBeamCursor)
        self.setModified(False)
        self.show_value()
        self.selectAll()
        self._bubble.tell(limits(self._field.widget))

    def _foretell(self, text: str) -> None:
        """Say what the text comes to, or why it comes to nothing."""
        field = self._field
        if not text.strip():
            self._bubble.tell(limits(field.widget))
            return
        try:
            value = read_value(field.widget, text, None if field.mixed else field.value)
        except ValueError as error:
            self._bubble.tell(str(error), wrong=True)
            return
        wrong = refusal(field.widget, value)
        if wrong is not None:
            self._bubble.tell(wrong, wrong=True)
        else:
            plain = show_value(field.widget, value)
            self._bubble.tell(f"= {plain}" if plain != text.strip() else limits(field.widget))

    # Qt

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Qt: the Tab key writes at once."""
        super().focusInEvent(event)
        if event.reason() in _BY_KEY:
            self._open()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Qt: be a slider again."""
        super().focusOutEvent(event)
        self._bubble.hide()
        self.setCursor(Qt.CursorShape.SizeHorCursor)
        self.deselect()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Qt: take hold of the slider, or place the cursor while writing."""
        if self.hasFocus() or event.button() is not Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)
            return
        self._grip = event.position()
        value = self._field.value
        held = isinstance(value, int | float) and not isinstance(value, bool)
        self._start = value if held and isinstance(value, int | float) else 0.0

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Qt: slide."""
        widget = self._field.widget
        if self._grip is None:
            super().mouseMoveEvent(event)
            return
        travel = event.position().x() - self._grip.x()
        if not isinstance(widget, IntWidget | FloatWidget) or self._field.mixed:
            return
        if self._live is None and abs(travel) < _SLACK:
            return
        if self._live is None:
            self.grabKeyboard()  # so that Escape is heard, whoever has the focus
        fine = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        self._live = dragged(widget, self._start, travel, fine=fine)
        self.setText(show_value(widget, self._live))
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Qt: mean the value that was slid to; a click without a slide writes."""
        if self._grip is None:
            super().mouseReleaseEvent(event)
            return
        live = self._live
        self.let_go()
        if live is not None:
            self.slid.emit(live)
        else:
            self.write()

    def let_go(self) -> None:
        """End a slide; it comes to nothing."""
        if self._live is not None:
            self.releaseKeyboard()
        self._grip = self._live = None
        self.show_value()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Qt: the second click selects all that the first began to write."""
        if self.hasFocus():
            self.selectAll()
        else:
            super().mouseDoubleClickEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt: Up and Down step, Page Up and Page Down by ten; Return means what is written."""
        steps = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1,
                 Qt.Key.Key_PageUp: _LARGE, Qt.Key.Key_PageDown: -_LARGE}  # fmt: skip
        if event.key() in steps:
            shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.stepped.emit(steps[Qt.Key(event.key())] * (_LARGE if shift else 1))
            self.setModified(False)
            self.show_value()
            self.selectAll()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            self.said.emit(self.text())
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Qt: with Ctrl a notch is a step; without, the wheel is for what scrolls."""
        if not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            event.ignore()
            return
        self._turned += event.angleDelta().y() or event.angleDelta().x()
        steps = int(self._turned / _NOTCH)
        self._turned -= steps * _NOTCH
        if steps:
            shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.stepped.emit(steps * (_LARGE if shift else 1))
            self.setModified(False)
            self.show_value()
        event.accept()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt: the well, how far along its range the value is, and the text over both."""
        look, widget = self._field.around.look, self._field.widget
        value = self._field.value if self._live is None else self._live
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        path = QPainterPath()
        rect = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        path.addRoundedRect(rect, _CORNER, _CORNER)
        hot = self.underMouse() and not self.hasFocus()
        painter.fillPath(path, look.colours.hover if hot else look.colours.well)
        if isinstance(widget, IntWidget | FloatWidget) and not self._field.mixed:
            part = fraction(widget, value) or 0.0
            painter.setClipPath(path)
            filled = QRectF(rect.left(), rect.top(), rect.width() * part, rect.height())
            painter.fillRect(filled, look.colours.fill)
            painter.setClipping(False)
        wrong = not self._field.mixed and refusal(widget, value) is not None
        edge = look.colours.accent if self.hasFocus() else look.colours.edge
        painter.setPen(QPen(look.colours.error if wrong else edge, 1))
        painter.drawPath(path)
        painter.end()
        super().paintEvent(event)


class NumberField(Field):
    """A whole number or one with decimals."""

    def __init__(
        self, item: InputSpec, around: Surroundings, parent: QWidget | None = None
    ) -> None:
        super().__init__(item, around, parent)
        self.line = NumberLine(self)
        self.line.setAccessibleName(item.label)
        self.line.setAccessibleDescription(limits(self.widget))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.line, 1)
        self.setFocusProxy(self.line)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self.left)
        self.line.said.connect(self._return)
        self.line.slid.connect(self.meant)
        self.line.stepped.connect(self._step)
        self.watch(self.line)

    def refresh(self) -> None:
        """Show the value."""
        self.line.show_value()

    def begin(self) -> None:
        """Write."""
        self.line.write()

    def finish(self) -> None:
        """Mean what was written."""
        if self.line.isModified():
            self._said(self.line.text())

    def _return(self, text: str) -> None:
        if not self.line.isModified() or self._said(text):
            self.left.emit()
            self.done.emit()

    def escape(self) -> None:
        """Forget what was written, or slid to."""
        if self.line.live is not None:
            self.line.let_go()
            return
        self.line.setModified(False)
        super().escape()

    def _said(self, text: str) -> bool:
        """Mean what `text` says; say whether it was taken."""
        if self.mixed:
            self.line.setModified(False)
            self.meant.emit(Formula(text))
            return True
        try:
            value = read_value(self.widget, text, self.value)
        except ValueError as error:
            self.refused.emit(str(error))
            self._leave_as_it_was()
            return False
        wrong = refusal(self.widget, value)
        if wrong is not None:
            self.refused.emit(f"{self.item.label}: {wrong}")
            self._leave_as_it_was()
            return False
        self.line.setModified(False)
        self.meant.emit(value)
        self.refresh()
        if self.line.hasFocus():
            self.line.selectAll()
        return True

    def _leave_as_it_was(self) -> None:
        """Keep a refused text for another try while it is being written, and no longer."""
        if not self.line.hasFocus():
            self.line.setModified(False)
            self.refresh()

    def _step(self, steps: int) -> None:
        if self.mixed:
            size = getattr(self.widget, "step", 1)
            self.typed.emit(Formula(f"x + ({steps * size!r})"))
        else:
            self.typed.emit(self._stepped(steps))
        self._rest.start()

    def _stepped(self, steps: int) -> Param:
        value = self.value
        if isinstance(value, bool) or not isinstance(value, int | float):
            return self.item.default
        if isinstance(self.widget, IntWidget | FloatWidget):
            return stepped(self.widget, value, steps)
        return min(SEED_MAX, max(0, int(value) + steps))
