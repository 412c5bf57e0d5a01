"""The body of a node, and the ring around a selected one, kept as pixmaps.

Large smooth corners are what painting a node costs most. A pixmap is of one size, look and zoom,
and lies on whole pixels of the screen.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPixmap

from app.theme import metrics

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.theme.colours import Colours

_MARGIN = 6.0


def draw_body(
    painter: QPainter, rect: QRectF, title: QColor, colours: Colours, *, bar: float
) -> None:
    """Draw ground, title and edge of a node whose face is `rect`, in the node's coordinates.

    The title is `bar` high.
    """
    _stamp(painter, rect, _body, (round(bar), title.rgb(), _Look(colours)))


def draw_ring(painter: QPainter, rect: QRectF, colour: QColor) -> None:
    """Draw the ring around a selected part whose outline is `rect`."""
    _stamp(painter, rect, _ring, (colour.rgb(),))


def _stamp(
    painter: QPainter, rect: QRectF, make: Callable[..., QPixmap], look: tuple[object, ...]
) -> None:
    transform = painter.worldTransform()
    ratio = painter.device().devicePixelRatioF()
    pixmap = make(
        round(rect.width()), round(rect.height()), round(transform.m11(), 4), ratio, *look
    )
    corner = transform.map(QPointF(rect.left() - _MARGIN, rect.top() - _MARGIN))
    place = QPointF(round(corner.x() * ratio) / ratio, round(corner.y() * ratio) / ratio)
    painter.resetTransform()
    painter.drawPixmap(place, pixmap)
    painter.setWorldTransform(transform)


class _Look:
    """The colours of a theme, equal when the theme is."""

    def __init__(self, colours: Colours) -> None:
        self.colours = colours

    def __hash__(self) -> int:
        return hash(self.colours.name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Look) and other.colours.name == self.colours.name


def _blank(width: int, height: int, zoom: float, ratio: float) -> QPixmap:
    scale = zoom * ratio
    pixmap = QPixmap(
        round((width + 2 * _MARGIN) * scale) + 1, round((height + 2 * _MARGIN) * scale) + 1
    )
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    return pixmap


def _begun(pixmap: QPixmap, zoom: float) -> QPainter:
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(zoom, zoom)
    painter.translate(_MARGIN, _MARGIN)
    return painter


@lru_cache(maxsize=64)
def _body(
    width: int, height: int, zoom: float, ratio: float, bar: int, title: int, look: _Look
) -> QPixmap:
    pixmap = _blank(width, height, zoom, ratio)
    painter = _begun(pixmap, zoom)
    _paint(painter, QRectF(0, 0, width, height), bar, QColor(title), look.colours)
    painter.end()
    return pixmap


@lru_cache(maxsize=32)
def _ring(width: int, height: int, zoom: float, ratio: float, colour: int) -> QPixmap:
    pixmap = _blank(width, height, zoom, ratio)
    painter = _begun(pixmap, zoom)
    # Two pixels wide at any zoom, so that a selection is seen from afar.
    away = 1 + 1 / zoom
    painter.setPen(QPen(QColor(colour), max(2.0, 2 / zoom)))
    corner = metrics.CORNER + away
    rect = QRectF(0, 0, width, height).adjusted(-away, -away, away, away)
    painter.drawRoundedRect(rect, corner, corner)
    painter.end()
    return pixmap


def _paint(painter: QPainter, rect: QRectF, bar: int, title: QColor, colours: Colours) -> None:
    corner = metrics.CORNER
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(0, 0, 0, 50 if colours.dark else 26))
    painter.drawRoundedRect(rect.adjusted(-1, 1, 1, 4), corner + 1, corner + 1)
    painter.setBrush(colours.node)
    painter.drawRoundedRect(rect, corner, corner)
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.WindingFill)
    top = QRectF(rect.left(), rect.top(), rect.width(), min(bar, rect.height()))
    path.addRoundedRect(top, corner, corner)
    if bar < rect.height():
        path.addRect(top.adjusted(0, corner, 0, 0))
    painter.setBrush(title)
    painter.drawPath(path)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(colours.outline, 1))
    painter.drawRoundedRect(rect, corner, corner)
