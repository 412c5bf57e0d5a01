"""A curve: points that are dragged, added and taken away, with the line through them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.canvas.paint.curve import curve_path
from app.widgets.field import Field
from app.words import translate
from graph import curves

if TYPE_CHECKING:
    from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPaintEvent

    from app.theme.colours import Colours
    from app.widgets.field import Surroundings
    from graph.params import Param
    from graph.spec import InputSpec

HEIGHT = 140
_MARGIN = 8.0
_REACH = 10.0
_AWAY = 24.0
"""How far outside a point is dragged to be taken away."""
_FINE, _COARSE = 0.01, 0.05
_QUARTERS = 4


def numbers_of(value: Param) -> tuple[float, ...]:
    """Return `value` as a curve; the straight one for what is none."""
    if curves.refusal(value) is not None or not isinstance(value, tuple):
        return curves.STRAIGHT
    return tuple(float(part) for part in value if isinstance(part, int | float))


def draw_grid(painter: QPainter, rect: QRectF, colours: Colours) -> None:
    """Draw the quarters of a curve's field and its diagonal."""
    painter.setPen(QPen(colours.fill, 1))
    for part in range(1, _QUARTERS):
        x = rect.left() + rect.width() * part / _QUARTERS
        y = rect.top() + rect.height() * part / _QUARTERS
        painter.drawLine(QPointF(x, rect.top()), QPointF(x, rect.bottom()))
        painter.drawLine(QPointF(rect.left(), y), QPointF(rect.right(), y))
    painter.drawLine(rect.bottomLeft(), rect.topRight())


class CurvePad(QWidget):
    """Click to add a point, drag to move it, drag it away or press Delete to take it off.

    Signals:
        changed(object): the curve so far.
        done(): a drag is over.
    """

    changed = Signal(object)
    done = Signal()

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self._field = field
        self.held = -1
        """The point that the keyboard moves; none: -1."""
        self._dragged = False
        self._before: tuple[float, ...] = ()
        self.setMinimumHeight(HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setToolTip(
            translate("Curve", "Click to add a point; drag it away to remove it; arrows move it")
        )

    @property
    def curve(self) -> tuple[float, ...]:
        """The curve that is shown."""
        return numbers_of(self._field.value)

    def _area(self) -> QRectF:
        return QRectF(self.rect()).adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)

    def place(self, x: float, y: float) -> QPointF:
        """Return where the point (x, y) is, in pixels."""
        area = self._area()
        return QPointF(area.left() + x * area.width(), area.bottom() - y * area.height())

    def _point(self, at: QPointF) -> tuple[float, float]:
        area = self._area()
        x = (at.x() - area.left()) / area.width()
        y = (area.bottom() - at.y()) / area.height()
        return min(1.0, max(0.0, x)), min(1.0, max(0.0, y))

    def _near(self, at: QPointF) -> int:
        reaches = [(at - self.place(x, y)).manhattanLength() for x, y in curves.points(self.curve)]
        best = min(range(len(reaches)), key=lambda place: reaches[place])
        return best if reaches[best] <= _REACH else -1

    # Changing

    def _put(self, points: list[tuple[float, float]]) -> bool:
        curve = tuple(round(part, 4) for point in points for part in point)
        if curves.refusal(curve) is not None:
            return False
        self.changed.emit(curve)
        self.update()
        return True

    def add(self, x: float, y: float) -> None:
        """Add a point, and hold it."""
        points = curves.points(self.curve)
        at = sum(other < x for other, _ in points)
        points.insert(at, (x, y))
        if self._put(points):
            self.held = at

    def remove(self, place: int) -> None:
        """Take a point off; two are left at least."""
        points = curves.points(self.curve)
        if 0 <= place < len(points) and self._put(points[:place] + points[place + 1 :]):
            self.held = min(place, len(points) - 2)

    def move_point(self, place: int, x: float, y: float) -> None:
        """Move a point, between those beside it."""
        points = curves.points(self.curve)
        gap = curves.LEAST_GAP * 2
        low = points[place - 1][0] + gap if place else 0.0
        high = points[place + 1][0] - gap if place + 1 < len(points) else 1.0
        points[place] = (min(high, max(low, x)), min(1.0, max(0.0, y)))
        self._put(points)

    def give_up(self) -> bool:
        """Go back to before a drag; say whether there was one."""
        if not self._dragged:
            return False
        self._dragged = False
        self.changed.emit(self._before)
        self.update()
        return True

    # Qt

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Qt: take hold of a point, or add one."""
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        self._before = self.curve
        self.held = self._near(event.position())
        self._dragged = True
        if self.held < 0:
            self.add(*self._point(event.position()))
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Qt: move the point; outside it is gone, as long as it is held there."""
        if not self._dragged or self.held < 0:
            return
        away = QRectF(self.rect()).adjusted(-_AWAY, -_AWAY, _AWAY, _AWAY)
        if not away.contains(event.position()):
            self.remove(self.held)
            self.held, self._dragged = -1, False
            self.done.emit()
        else:
            self.move_point(self.held, *self._point(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: ARG002 - Qt's signature
        """Qt: let go."""
        if self._dragged:
            self._dragged = False
            self.done.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt: arrows move the point, N goes to the next, Delete takes it off."""
        step = _FINE if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else _COARSE
        moves = {Qt.Key.Key_Left: (-step, 0), Qt.Key.Key_Right: (step, 0),
                 Qt.Key.Key_Up: (0, step), Qt.Key.Key_Down: (0, -step)}  # fmt: skip
        points = curves.points(self.curve)
        if event.key() in moves:
            self.held = max(0, self.held)
            x, y = points[self.held]
            across, up = moves[Qt.Key(event.key())]
            self.move_point(self.held, x + across, y + up)
        elif event.key() == Qt.Key.Key_N:
            self.held = (self.held + 1) % len(points)
            self.update()
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.remove(self.held)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's signature
        """Qt: draw grid, line and points."""
        colours = self._field.around.look.colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(colours.accent if self.hasFocus() else colours.edge, 1))
        painter.setBrush(colours.well)
        painter.drawRoundedRect(rect, 6, 6)
        draw_grid(painter, self._area(), colours)
        if self._field.mixed:
            painter.setPen(colours.muted)
            words = translate("Fields", "several values")
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, words)
            return
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colours.text, 1.75))
        painter.drawPath(curve_path(self.curve, self._area()))
        for place, (x, y) in enumerate(curves.points(self.curve)):
            front: QColor = colours.accent if place == self.held else colours.text
            painter.setPen(QPen(colours.well, 1.5))
            painter.setBrush(front)
            painter.drawEllipse(self.place(x, y), 5, 5)


class CurveField(Field):
    """A curve; one drag is one undo step."""

    def __init__(
        self, item: InputSpec, around: Surroundings, parent: QWidget | None = None
    ) -> None:
        super().__init__(item, around, parent)
        self.pad = CurvePad(self)
        self.pad.setAccessibleName(item.label)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.pad)
        self.setFocusProxy(self.pad)
        self.pad.changed.connect(self._changed)
        self.pad.done.connect(self.left)
        self.watch(self.pad)

    def escape(self) -> None:
        """Give a drag up, or else the visit."""
        if not self.pad.give_up():
            super().escape()

    def refresh(self) -> None:
        """Show the value."""
        self.pad.held = min(self.pad.held, len(self.pad.curve) // 2 - 1)
        self.pad.update()

    def _changed(self, curve: object) -> None:
        if isinstance(curve, tuple):
            self.value, self.mixed = curve, False
            self.typed.emit(curve)
