"""The body of a node, kept as a pixmap: large smooth corners are what painting a node costs most.

A pixmap is of one size, look and zoom, and lies on whole pixels of the screen; panning, dragging
and live values then draw bodies by copying them.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPixmap

from app.theme import metrics

if TYPE_CHECKING:
    from app.theme.colours import Colours

_MARGIN = 6.0


def draw_body(painter: QPainter, rect: QRectF, title: QColor, colours: Colours) -> None:
    """Draw ground, title and edge of a node whose face is `rect`, in the node's coordinates."""
    transform = painter.worldTransform()
    ratio = painter.device().devicePixelRatioF()
    pixmap = _body(
        round(rect.width()), round(rect.height()), round(transform.m11(), 4), ratio,
        title.rgb(), _Look(colours),
    )  # fmt: skip
    corner = transform.map(QPointF(rect.left() - _MARGIN, rect.top() - _MARGIN))
    painter.save()
    painter.resetTransform()
    painter.drawPixmap(
        QPointF(round(corner.x() * ratio) / ratio, round(corner.y() * ratio) / ratio), pixmap
    )
    painter.restore()


class _Look:
    """The colours of a theme, equal when the theme is."""

    def __init__(self, colours: Colours) -> None:
        self.colours = colours

    def __hash__(self) -> int:
        return hash(self.colours.name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Look) and other.colours.name == self.colours.name


@lru_cache(maxsize=96)
def _body(width: int, height: int, zoom: float, ratio: float, title: int, look: _Look) -> QPixmap:
    colours = look.colours
    scale = zoom * ratio
    pixmap = QPixmap(
        round((width + 2 * _MARGIN) * scale) + 1, round((height + 2 * _MARGIN) * scale) + 1
    )
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(zoom, zoom)
    painter.translate(_MARGIN, _MARGIN)
    _paint(painter, QRectF(0, 0, width, height), QColor(title), colours)
    painter.end()
    return pixmap


def _paint(painter: QPainter, rect: QRectF, title: QColor, colours: Colours) -> None:
    corner = metrics.CORNER
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(0, 0, 0, 50 if colours.dark else 26))
    painter.drawRoundedRect(rect.adjusted(-1, 1, 1, 4), corner + 1, corner + 1)
    painter.setBrush(colours.node)
    painter.drawRoundedRect(rect, corner, corner)
    bar = QRectF(rect.left(), rect.top(), rect.width(), metrics.TITLE_HEIGHT)
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.WindingFill)
    path.addRoundedRect(bar, corner, corner)
    path.addRect(bar.adjusted(0, corner, 0, 0))
    painter.setBrush(title)
    painter.drawPath(path)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(colours.outline, 1))
    painter.drawRoundedRect(rect, corner, corner)
