"""A wire on the scene: its path is built when an end moves, not when it is painted."""

from __future__ import annotations

from itertools import pairwise
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
_PIECES = 8
_SLACK = 8.0
"""How far the curve may leave the straight lines between its pieces' ends."""
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
        self._pieces: list[QRectF] = []
        self.setZValue(WIRE_LAYER)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)

    def set_ends(self, start: QPointF, end: QPointF) -> None:
        """Lead from `start` to `end`."""
        self.prepareGeometryChange()
        self.start, self.end = start, end
        self.path = curve(start, end)
        points = [self.path.pointAtPercent(n / _PIECES) for n in range(_PIECES + 1)]
        self._pieces = [
            QRectF(one, other).normalized().adjusted(-_SLACK, -_SLACK, _SLACK, _SLACK)
            for one, other in pairwise(points)
        ]
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
        exposed = option.exposedRect
        # A wire is long and thin: most of its rectangle is not it.
        if zoom < metrics.DETAIL_ZOOM or not any(p.intersects(exposed) for p in self._pieces):
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(wire_pen(self.colour, zoom))
        painter.drawPath(self.path)
