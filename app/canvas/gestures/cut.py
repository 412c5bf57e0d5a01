"""Cutting wires with a stroke."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainterPath, QPen, QPolygonF

from app.canvas.gestures.base import Gesture, Pointer
from app.canvas.paint.wire import wire_pen
from app.canvas.wires import wires_across
from app.theme import metrics

if TYPE_CHECKING:
    from PySide6.QtCore import QPointF
    from PySide6.QtGui import QPainter

    from app.canvas.scene import CanvasScene
    from app.editing import Editing
    from graph.graph import Link


class Cut(Gesture):
    """Takes away the wires that the stroke crosses; it shows which while it is drawn."""

    def __init__(self, start: Pointer, scene: CanvasScene, editing: Editing) -> None:
        self._scene = scene
        self._editing = editing
        self._stroke: list[QPointF] = [start.scene]
        self._links: set[Link] = set()

    def move(self, pointer: Pointer) -> None:
        """Lengthen the stroke."""
        self._links |= wires_across(self._scene, self._stroke[-1], pointer.scene)
        self._stroke.append(pointer.scene)

    def release(self, pointer: Pointer) -> None:
        """Cut."""
        self.move(pointer)
        self._editing.cut(sorted(self._links))

    def _crossed(self) -> list[QPainterPath]:
        wires = self._scene.wires
        return [wires[link].path for link in self._links if link in wires]

    def bounds(self) -> QRectF:
        """Return the rectangle around the stroke and what it cuts."""
        rect = QPolygonF(self._stroke).boundingRect()
        for path in self._crossed():
            rect = rect.united(path.boundingRect())
        return rect

    def paint(self, painter: QPainter, zoom: float) -> None:
        """Draw the stroke, and the wires that will go."""
        colour = self._scene.look.colours.error
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(wire_pen(colour, zoom, metrics.WIRE + 0.5))
        for path in self._crossed():
            painter.drawPath(path)
        pen = QPen(colour, 1.5 / zoom)
        pen.setDashPattern([4, 3])
        painter.setPen(pen)
        painter.drawPolyline(QPolygonF(self._stroke))
