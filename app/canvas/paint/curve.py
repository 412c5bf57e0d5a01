"""The line of a curve, as a path."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath

from graph import curves


def curve_path(curve: tuple[float, ...], rect: QRectF) -> QPainterPath:
    """Return the line of `curve` in `rect`, 0 at the left and at the bottom."""
    count = max(2, min(256, int(rect.width())))
    path = QPainterPath()
    for place, y in enumerate(curves.sampled(curve, count)):
        x = rect.left() + rect.width() * place / (count - 1)
        at = QPointF(x, rect.bottom() - rect.height() * y)
        if place:
            path.lineTo(at)
        else:
            path.moveTo(at)
    return path
