"""Wires: curves that leave and arrive level, coloured by type, readable at every zoom."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from PySide6.QtGui import QColor, QPainterPath, QPen

from app.canvas.paint import shapes
from app.theme import metrics

if TYPE_CHECKING:
    from PySide6.QtCore import QPointF

_REACH_LEAST, _REACH_MOST = 32.0, 160.0


def curve(start: QPointF, end: QPointF) -> QPainterPath:
    """Return the curve from an output at `start` to an input at `end`."""
    across, down = end.x() - start.x(), abs(end.y() - start.y())
    if across >= 0:
        reach = max(across / 2, min(down * 0.3, 2 * _REACH_LEAST), min(across, _REACH_LEAST))
    else:
        reach = min(_REACH_LEAST + abs(across) / 2, _REACH_MOST)
    path = QPainterPath(start)
    path.cubicTo(start.x() + reach, start.y(), end.x() - reach, end.y(), end.x(), end.y())
    return path


def wire_pen(colour: QColor, zoom: float, width: float = metrics.WIRE) -> QPen:
    """Return a pen that never gets thinner than the eye can follow, at any zoom."""
    return _pen(colour.rgba(), max(width, metrics.WIRE_FLOOR / max(zoom, 1e-3)))


@lru_cache(maxsize=256)
def _pen(colour: int, width: float) -> QPen:
    pen = QPen(QColor.fromRgba(colour), width)
    pen.setCapStyle(shapes.ROUND_CAP)
    return pen
