"""The ground under the graph: a flat grey with quiet dots that never crowd."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPen, QPolygonF

if TYPE_CHECKING:
    from app.theme.colours import Colours

_PITCH = 32.0
_CLOSEST = 20.0
"""Least distance of dots on the screen, in pixels."""
_DOT = 1.5


def draw_ground(painter: QPainter, rect: QRectF, zoom: float, colours: Colours) -> None:
    """Fill `rect` of the scene, seen at `zoom`."""
    painter.fillRect(rect, colours.canvas)
    pitch = _PITCH
    while pitch * zoom < _CLOSEST:
        pitch *= 2
    left, top = math.floor(rect.left() / pitch), math.floor(rect.top() / pitch)
    columns = math.ceil(rect.right() / pitch) - left + 1
    rows = math.ceil(rect.bottom() / pitch) - top + 1
    pen = QPen(colours.grid, _DOT)
    pen.setCosmetic(True)
    painter.setPen(pen)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
    painter.save()
    painter.translate(left * pitch, top * pitch)
    painter.drawPoints(_dots(columns, rows, pitch))
    painter.restore()


@lru_cache(maxsize=64)
def _dots(columns: int, rows: int, pitch: float) -> QPolygonF:
    return QPolygonF([QPointF(x * pitch, y * pitch) for y in range(rows) for x in range(columns)])
