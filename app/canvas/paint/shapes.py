"""The outlines of sockets: the second cue beside the colour."""

from __future__ import annotations

import math
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainterPath, QPolygonF

from graph.sockets import Shape


@lru_cache(maxsize=64)
def outline(shape: Shape, radius: float) -> QPainterPath:
    """Return `shape` about the origin; all shapes look equally large at one `radius`."""
    path = QPainterPath()
    match shape:
        case Shape.CIRCLE:
            path.addEllipse(QPointF(0, 0), radius, radius)
        case Shape.SQUARE:
            half = radius * 0.88
            path.addRoundedRect(QRectF(-half, -half, 2 * half, 2 * half), 1, 1)
        case Shape.DIAMOND:
            path.addPolygon(_polygon(4, radius * 1.25, -90))
        case Shape.TRIANGLE:
            path.addPolygon(_polygon(3, radius * 1.3, 0))
        case Shape.HEXAGON:
            path.addPolygon(_polygon(6, radius * 1.1, 0))
    path.closeSubpath()
    return path


def _polygon(corners: int, radius: float, turn: float) -> QPolygonF:
    angles = [math.radians(turn + 360 * n / corners) for n in range(corners)]
    return QPolygonF([QPointF(radius * math.cos(a), radius * math.sin(a)) for a in angles])


@lru_cache(maxsize=64)
def chevron(width: float) -> QPainterPath:
    """Return a downward chevron about the origin."""
    path = QPainterPath(QPointF(-width / 2, -width / 4))
    path.lineTo(0, width / 4)
    path.lineTo(width / 2, -width / 4)
    return path


@lru_cache(maxsize=4)
def folder(width: float) -> QPainterPath:
    """Return the outline of a folder about the origin."""
    half, height = width / 2, width * 0.38
    path = QPainterPath(QPointF(-half, height))
    path.lineTo(-half, -height)
    path.lineTo(-half * 0.2, -height)
    path.lineTo(0, -height * 0.55)
    path.lineTo(half, -height * 0.55)
    path.lineTo(half, height)
    path.closeSubpath()
    return path


@lru_cache(maxsize=4)
def brush(width: float) -> QPainterPath:
    """Return a brush about the origin, its handle to the upper right, to be stroked."""
    half = width / 2
    path = QPainterPath(QPointF(half, -half))
    path.lineTo(-half * 0.1, half * 0.1)
    path.moveTo(-half * 0.1, half * 0.1)
    path.cubicTo(-half * 0.7, -half * 0.1, -half * 0.6, half * 0.8, -half, half * 0.9)
    path.cubicTo(-half * 0.3, half * 1.1, half * 0.3, half * 0.7, -half * 0.1, half * 0.1)
    return path


@lru_cache(maxsize=4)
def dice(width: float) -> QPainterPath:
    """Return the face of a die about the origin: its edge and three dots, to be stroked."""
    half = width / 2
    path = QPainterPath()
    path.addRoundedRect(QRectF(-half, -half, width, width), width / 5, width / 5)
    for offset in (-half * 0.45, 0.0, half * 0.45):
        path.addEllipse(QPointF(offset, offset), width / 20, width / 20)
    return path


@lru_cache(maxsize=4)
def tick(width: float) -> QPainterPath:
    """Return a tick about the origin, to be stroked with round ends."""
    path = QPainterPath(QPointF(-width * 0.42, 0))
    path.lineTo(-width * 0.1, width * 0.32)
    path.lineTo(width * 0.42, -width * 0.32)
    return path


@lru_cache(maxsize=4)
def pin(width: float) -> QPainterPath:
    """Return a drawing pin about the origin: head, collar and point."""
    part = width / 11
    path = QPainterPath()
    path.addRoundedRect(QRectF(-2.5 * part, -5.5 * part, 5 * part, 5 * part), part, part)
    path.addRect(QRectF(-4 * part, -0.5 * part, 8 * part, part))
    path.moveTo(0, 0.5 * part)
    path.lineTo(0, 5 * part)
    return path


ROUND_CAP = Qt.PenCapStyle.RoundCap
ROUND_JOIN = Qt.PenJoinStyle.RoundJoin
