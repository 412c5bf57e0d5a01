"""A wire on the scene: its path is built when an end moves, not when it is painted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from app.canvas.paint.wire import curve, wire_pen
from app.theme import metrics

if TYPE_CHECKING:
    from graph.graph import Link

WIRE_LAYER = 0.0
_MARGIN = 4.0
_DIMMED = 0.2


class WireItem(QGraphicsItem):
    """Draws one wire between two points of the scene."""

    def __init__(self, link: Link, colour: QColor) -> None:
        super().__init__()
        self.link = link
        self.colour = colour
        self.path = QPainterPath()
        self.start = QPointF()
        self.end = QPointF()
        self._bounds = QRectF()
        self.setZValue(WIRE_LAYER)

    def set_ends(self, start: QPointF, end: QPointF) -> None:
        """Lead from `start` to `end`."""
        self.prepareGeometryChange()
        self.start, self.end = start, end
        self.path = curve(start, end)
        self._bounds = self.path.boundingRect().adjusted(-_MARGIN, -_MARGIN, _MARGIN, _MARGIN)

    def set_dimmed(self, *, dimmed: bool) -> None:
        """Recede while another wire is being drawn."""
        self.setOpacity(_DIMMED if dimmed else 1.0)

    def boundingRect(self) -> QRectF:
        """Qt: all that it may paint."""
        return self._bounds

    def shape(self) -> QPainterPath:
        """Qt: wires are not hit; their ends are."""
        return QPainterPath()

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,
        widget: QWidget | None = None,  # noqa: ARG002 - Qt's signature
    ) -> None:
        """Qt: draw it, unless the view draws the map."""
        zoom = option.levelOfDetailFromTransform(painter.worldTransform())
        if zoom < metrics.DETAIL_ZOOM:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(wire_pen(self.colour, zoom))
        painter.drawPath(self.path)
