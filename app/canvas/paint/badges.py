"""State badges, told apart by shape: a tick, a ring, dots, an arc, a bar, an exclamation mark."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPen

from app.canvas.paint import shapes
from app.runstate import Badge

if TYPE_CHECKING:
    from PySide6.QtGui import QColor, QPainter

    from app.runstate import NodeRun
    from app.theme.colours import Colours

RADIUS = 5.0
_FULL = 360 * 16


def badge_colour(badge: Badge, colours: Colours) -> QColor:
    """Return the colour in which `badge` is drawn."""
    if badge in (Badge.BROKEN, Badge.FAILED):
        return colours.error
    if badge is Badge.RUNNING:
        return colours.accent
    if badge in (Badge.RAN, Badge.CACHED):
        return colours.text
    return colours.muted


def draw_badge(painter: QPainter, centre: QPointF, run: NodeRun, colours: Colours) -> None:
    """Draw the badge of `run` about `centre`."""
    painter.save()
    painter.translate(centre)
    colour = badge_colour(run.badge, colours)
    pen = QPen(colour, 1.75)
    pen.setCapStyle(shapes.ROUND_CAP)
    pen.setJoinStyle(shapes.ROUND_JOIN)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    _SHAPES[run.badge](painter, run, colours)
    painter.restore()


def _disc() -> QRectF:
    return QRectF(-RADIUS, -RADIUS, 2 * RADIUS, 2 * RADIUS)


def _tick(painter: QPainter, _run: NodeRun, _colours: Colours) -> None:
    painter.drawPath(shapes.tick(2 * RADIUS))


def _ring(painter: QPainter, _run: NodeRun, _colours: Colours) -> None:
    painter.drawEllipse(_disc())


def _dots(painter: QPainter, _run: NodeRun, _colours: Colours) -> None:
    pen = painter.pen()
    pen.setStyle(Qt.PenStyle.DotLine)
    pen.setDashPattern([0.1, 1.95])
    painter.setPen(pen)
    painter.drawEllipse(_disc())


def _arc(painter: QPainter, run: NodeRun, colours: Colours) -> None:
    front = painter.pen()
    back = QPen(front)
    back.setColor(colours.fill)
    painter.setPen(back)
    painter.drawEllipse(_disc())
    painter.setPen(front)
    share = run.fraction or 0.25
    painter.drawArc(_disc(), 90 * 16, -int(_FULL * share))


def _kept(painter: QPainter, _run: NodeRun, colours: Colours) -> None:
    """Draw a tick in a disc: known without running."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colours.fill)
    painter.drawEllipse(_disc().adjusted(-2, -2, 2, 2))
    pen = QPen(colours.text, 1.5)
    pen.setCapStyle(shapes.ROUND_CAP)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(shapes.tick(1.5 * RADIUS))


def _alarm(painter: QPainter, _run: NodeRun, colours: Colours) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colours.error)
    painter.drawEllipse(_disc().adjusted(-2, -2, 2, 2))
    pen = QPen(colours.node, 1.75)
    pen.setCapStyle(shapes.ROUND_CAP)
    painter.setPen(pen)
    painter.drawLine(QPointF(0, -3.2), QPointF(0, 0.6))
    painter.drawPoint(QPointF(0, 3.4))


def _bar(painter: QPainter, _run: NodeRun, _colours: Colours) -> None:
    painter.drawLine(QPointF(-RADIUS + 1, 0), QPointF(RADIUS - 1, 0))


def _off(painter: QPainter, _run: NodeRun, _colours: Colours) -> None:
    """Draw a ring with a stroke through it: switched off."""
    painter.drawEllipse(_disc())
    reach = RADIUS * 0.7
    painter.drawLine(QPointF(-reach, reach), QPointF(reach, -reach))


def _nothing(_painter: QPainter, _run: NodeRun, _colours: Colours) -> None:
    """Draw nothing: nothing is known yet."""


_SHAPES = {
    Badge.UNKNOWN: _nothing,
    Badge.CLEAN: _tick,
    Badge.DIRTY: _ring,
    Badge.PENDING: _dots,
    Badge.BLOCKED: _off,
    Badge.BROKEN: _alarm,
    Badge.RUNNING: _arc,
    Badge.RAN: _tick,
    Badge.CACHED: _kept,
    Badge.FAILED: _alarm,
    Badge.SKIPPED: _bar,
}
