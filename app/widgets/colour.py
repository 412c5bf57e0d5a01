"""A colour: typed, picked from swatches, or found in a square of saturation and value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QLinearGradient, QPainter, QPen
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QWidget

from app.canvas.values import read_colour
from app.widgets.field import Field
from app.widgets.popup import Popup, place_of
from app.words import translate
from graph.spec import ColourWidget, refusal

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent

    from app.theme.look import Look
    from app.widgets.field import Surroundings
    from graph.spec import InputSpec

HEIGHT = 28
SWATCHES: Final = (
    "#000000", "#404040", "#808080", "#c0c0c0", "#ffffff", "#7a4a2b", "#c68642", "#f1c27d",
    "#d7263d", "#f46036", "#f5b700", "#6a994e", "#1b998b", "#2e86ab", "#3d348b", "#b56576",
)  # fmt: skip
_COLUMNS = 8
_SIDE = 216
_STEP = 0.01


class Swatch(QWidget):
    """A small field of a colour that is clicked.

    Signals:
        clicked(): it was.
    """

    clicked = Signal()

    def __init__(self, look: Look, parent: QWidget, colour: str = "#000000") -> None:
        super().__init__(parent)
        self._look = look
        self.colour = colour
        self.setFixedSize(24, 24)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(colour)
        self.setToolTip(colour)

    def show_colour(self, colour: str, name: str) -> None:
        """Show another colour."""
        self.colour = colour
        self.setAccessibleName(name)
        self.setToolTip(colour)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's signature
        """Qt: draw it, with an edge that is seen on any ground."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = self._look.colours.accent if self.hasFocus() else self._look.colours.faint
        painter.setPen(QPen(edge, 1))
        painter.setBrush(QColor(self.colour) if self.colour else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5), 4, 4)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Qt: a click."""
        if self.rect().contains(event.position().toPoint()):
            self.clicked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt: Space and Return are a click."""
        if event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.clicked.emit()
        else:
            super().keyPressEvent(event)


class Plane(QWidget):
    """A plane (or a strip) of which one point is held.

    Signals:
        moved(float, float): the point, from 0 to 1 from left to right and from top to bottom.
    """

    moved = Signal(float, float)

    def __init__(self, look: Look, parent: QWidget, *, strip: bool) -> None:
        super().__init__(parent)
        self._look = look
        self._strip = strip
        self.hue = 0.0
        self.point = (0.0, 0.0)
        """Where it is, from left to right and from top to bottom."""
        self.setFixedSize(_SIDE, 16 if strip else _SIDE * 2 // 3)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(
            translate("Colour", "Hue") if strip else translate("Colour", "Saturation and value")
        )

    def show_point(self, hue: float, x: float, y: float) -> None:
        """Show where it is."""
        self.hue, self.point = hue, (x, y)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's signature
        """Qt: draw the colours and the point."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        across = QLinearGradient(rect.topLeft(), rect.topRight())
        if self._strip:
            for part in range(7):
                across.setColorAt(part / 6, QColor.fromHsvF(min(part / 6, 0.9999), 1, 1))
        else:
            across.setColorAt(0, QColor.fromHsvF(self.hue, 0, 1))
            across.setColorAt(1, QColor.fromHsvF(self.hue, 1, 1))
        edge = self._look.colours.accent if self.hasFocus() else self._look.colours.edge
        painter.setPen(QPen(edge, 1))
        painter.setBrush(across)
        painter.drawRoundedRect(rect, 4, 4)
        if not self._strip:
            down = QLinearGradient(rect.topLeft(), rect.bottomLeft())
            down.setColorAt(0, QColor(0, 0, 0, 0))
            down.setColorAt(1, QColor(0, 0, 0))
            painter.setBrush(down)
            painter.drawRoundedRect(rect, 4, 4)
        self._draw_point(painter, rect)

    def _draw_point(self, painter: QPainter, rect: QRectF) -> None:
        margin = 6.0
        inner = rect.adjusted(margin, margin, -margin, -margin)
        y = rect.center().y() if self._strip else inner.top() + self.point[1] * inner.height()
        at = QPointF(inner.left() + self.point[0] * inner.width(), y)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, radius in ((Qt.GlobalColor.black, 6.0), (Qt.GlobalColor.white, 5.0)):
            painter.setPen(QPen(colour, 1.5))
            painter.drawEllipse(at, radius, radius)

    def _go(self, x: float, y: float) -> None:
        x, y = min(1.0, max(0.0, x)), min(1.0, max(0.0, y))
        self.moved.emit(x, y)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Qt: go there."""
        margin = 6.0
        at = event.position()
        self._go(
            (at.x() - margin) / (self.width() - 2 * margin),
            (at.y() - margin) / (self.height() - 2 * margin),
        )

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Qt: follow."""
        self.mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt: arrows move the point."""
        moves = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0),
                 Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)}  # fmt: skip
        if event.key() not in moves:
            super().keyPressEvent(event)
            return
        x, y = moves[Qt.Key(event.key())]
        self._go(self.point[0] + x * _STEP, self.point[1] + y * _STEP)


class ColourPopup(Popup):
    """Swatches, a plane and a strip; what is chosen is told at once.

    Signals:
        chosen(str): the colour so far.
    """

    chosen = Signal(str)

    def __init__(self, colour: str, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(translate("Colour", "Colour"))
        shown = QColor(colour)
        self._hue = max(0.0, shown.hsvHueF())
        self._saturation, self._value = shown.hsvSaturationF(), shown.valueF()
        self.plane = Plane(look, self, strip=False)
        self.strip = Plane(look, self, strip=True)
        grid = QGridLayout()
        grid.setSpacing(3)
        self.swatches = [Swatch(look, self, each) for each in SWATCHES]
        for place, swatch in enumerate(self.swatches):
            grid.addWidget(swatch, place // _COLUMNS, place % _COLUMNS)
            swatch.clicked.connect(lambda colour=swatch.colour: self._swatch(colour))
        self.column.addWidget(self.plane)
        self.column.addWidget(self.strip)
        self.column.addLayout(grid)
        self.plane.moved.connect(self._moved)
        self.strip.moved.connect(self._turned)
        self._show()

    def _show(self) -> None:
        self.plane.show_point(self._hue, self._saturation, 1 - self._value)
        self.strip.show_point(self._hue, self._hue, 0)

    def _moved(self, x: float, y: float) -> None:
        self._saturation, self._value = x, 1 - y
        self._tell()

    def _turned(self, x: float, _y: float) -> None:
        self._hue = min(x, 0.9999)
        self._tell()

    def _tell(self) -> None:
        self._show()
        self.chosen.emit(QColor.fromHsvF(self._hue, self._saturation, self._value).name())

    def _swatch(self, colour: str) -> None:
        self.chosen.emit(colour)
        self.close()


class ColourField(Field):
    """A swatch that opens the picker, and the colour in digits."""

    def __init__(
        self, item: InputSpec, around: Surroundings, parent: QWidget | None = None
    ) -> None:
        super().__init__(item, around, parent)
        self.swatch = Swatch(around.look, self)
        self.line = QLineEdit(self)
        self.line.setFixedHeight(HEIGHT)
        self.line.setAccessibleName(item.label)
        self.line.setPlaceholderText("#rrggbb")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.swatch)
        row.addWidget(self.line, 1)
        self.setFocusProxy(self.line)
        self.swatch.clicked.connect(self.open_picker)
        self.line.returnPressed.connect(self.finish)
        self.watch(self.line)

    def refresh(self) -> None:
        """Show the value."""
        text = self.value if isinstance(self.value, str) and not self.mixed else ""
        right = refusal(ColourWidget(), text) is None
        name = translate("Colour", "{0}: pick a colour").format(self.item.label)
        self.swatch.show_colour(text if right else "", name)
        self.line.setPlaceholderText(
            translate("Fields", "several values") if self.mixed else "#rrggbb"
        )
        if not (self.line.isModified() and self.line.hasFocus()):
            self.line.setText(text)

    def finish(self) -> None:
        """Mean what was written."""
        if not self.line.isModified():
            return
        try:
            colour = read_colour(self.line.text())
        except ValueError as error:
            self.refused.emit(str(error))
            if not self.line.hasFocus():
                self.escape()
            return
        self.line.setModified(False)
        self.meant.emit(colour)

    def escape(self) -> None:
        """Forget what was written."""
        self.line.setModified(False)
        super().escape()

    def open_picker(self) -> ColourPopup:
        """Show the picker under the swatch."""
        return open_colours(self, place_of(self))


def open_colours(field: Field, anchor: QRect) -> ColourPopup:
    """Show the picker under `anchor`, a place on the screen; what it tells goes through `field`."""
    colour = field.value if isinstance(field.value, str) and not field.mixed else "#808080"
    popup = ColourPopup(colour, field.around.look, field)
    popup.chosen.connect(field.typed.emit)
    popup.closed.connect(field.left)
    popup.open_at(anchor)
    return popup
