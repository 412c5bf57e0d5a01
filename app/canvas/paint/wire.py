"""Wires: curves that leave and arrive level, coloured by type, readable at every zoom."""

from __future__ import annotations

from functools import lru_cache
from math import ceil
from typing import TYPE_CHECKING, TypeAlias

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from app.canvas.paint import shapes
from app.theme import metrics

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PySide6.QtCore import QPointF

_REACH_LEAST, _REACH_MOST = 32.0, 160.0
_ROWS_MOST = 3.2
"""Pixels of the device: thicker wires are strokes."""
Stroke: TypeAlias = "tuple[QPainterPath, float, float]"
"""A curve, and the direction across it (of length 1) on the scene."""
_APART = 0.6
"""Pixels between lines that shall look like one."""
DIMMED = 0.2
"""How strongly wires are drawn that recede."""


def bend(across: float, down: float) -> float:
    """Return how far a wire runs level at both ends, when it leads so far to the right and down."""
    if across >= 0:
        return max(across / 2, min(abs(down) * 0.3, 2 * _REACH_LEAST), min(across, _REACH_LEAST))
    return min(_REACH_LEAST - across / 2, _REACH_MOST)


def curve(start: QPointF, end: QPointF) -> QPainterPath:
    """Return the curve from an output at `start` to an input at `end`."""
    reach = bend(end.x() - start.x(), end.y() - start.y())
    path = QPainterPath(start)
    path.cubicTo(start.x() + reach, start.y(), end.x() - reach, end.y(), end.x(), end.y())
    return path


def draw_wires(
    painter: QPainter, strokes: Iterable[Stroke], colour: QColor, zoom: float, ratio: float
) -> None:
    """Draw wires of one colour; `painter` draws on the scene, `ratio` are pixels of the device.

    Thick ones are strokes. Others are rows of the thinnest smooth lines, side by side across the
    way that the wire takes, which look the same and cost Qt a third.
    """
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    width = max(metrics.WIRE * zoom, metrics.WIRE_FLOOR) * ratio
    if width > _ROWS_MOST:
        painter.setPen(wire_pen(colour, zoom))
        for path, _, _ in strokes:
            painter.drawPath(path)
        return
    painter.setPen(_hair(colour.rgba()))
    apart = _side_by_side(width)
    scale = 1 / (zoom * ratio)
    for path, across, down in strokes:
        before = 0.0
        for offset in apart:
            by = (offset - before) * scale
            painter.translate(across * by, down * by)
            painter.drawPath(path)
            before = offset
        painter.translate(-across * before * scale, -down * before * scale)


@lru_cache(maxsize=64)
def _side_by_side(width: float) -> tuple[float, ...]:
    """Return where lines one pixel thick lie that together are `width` pixels thick."""
    spread = (width - 1) / 2
    last = max(1, ceil(2 * spread / _APART))
    return tuple(spread * (2 * n / last - 1) for n in range(last + 1))


def wire_pen(colour: QColor, zoom: float, width: float = metrics.WIRE) -> QPen:
    """Return a pen that never gets thinner than the eye can follow, at any zoom."""
    return _pen(colour.rgba(), max(width, metrics.WIRE_FLOOR / max(zoom, 1e-3)))


@lru_cache(maxsize=256)
def _hair(colour: int) -> QPen:
    return QPen(QColor.fromRgba(colour), 0)


@lru_cache(maxsize=256)
def _pen(colour: int, width: float) -> QPen:
    pen = QPen(QColor.fromRgba(colour), width)
    pen.setCapStyle(shapes.ROUND_CAP)
    return pen
