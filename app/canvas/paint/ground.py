"""The ground under the graph: a flat grey with quiet dots that never crowd."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPen

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
    left = math.floor(rect.left() / pitch)
    right = math.ceil(rect.right() / pitch)
    top = math.floor(rect.top() / pitch)
    bottom = math.ceil(rect.bottom() / pitch)
    dots = [
        QPointF(x * pitch, y * pitch)
        for y in range(top, bottom + 1)
        for x in range(left, right + 1)
    ]
    pen = QPen(colours.grid, _DOT)
    pen.setCosmetic(True)
    painter.setPen(pen)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
    painter.drawPoints(dots)
