"""The ground under the graph: a flat grey with quiet dots that never crowd."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainter, QPen, QPolygonF

if TYPE_CHECKING:
    from app.canvas.index import Box
    from app.theme.colours import Colours

_PITCH = 32.0
_CLOSEST = 20.0
"""Least distance of dots on the screen, in pixels."""
_DOT = 1.5


def draw_dots(painter: QPainter, box: Box, zoom: float, colours: Colours) -> None:
    """Draw the dots in `box`, seen at `zoom`; `painter` draws on the scene."""
    pitch = _PITCH
    while pitch * zoom < _CLOSEST:
        pitch *= 2
    left, top = math.floor(box[0] / pitch), math.floor(box[1] / pitch)
    columns = math.ceil(box[2] / pitch) - left + 1
    rows = math.ceil(box[3] / pitch) - top + 1
    pen = QPen(colours.grid, _DOT * painter.device().devicePixelRatioF())
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
