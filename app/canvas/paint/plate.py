"""A node from some way off: what it is called, how it stands, its picture; forms are only hinted.

Words and badges keep their size on the screen, so that a graph reads as a map.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QPainter

from app.canvas.face import Shape, Side
from app.canvas.paint.badges import draw_badge
from app.canvas.paint.body import draw_body
from app.canvas.paint.node import (
    draw_dot,
    draw_picture,
    draw_trouble,
    strength_of,
    title_colour,
)
from app.canvas.paint.text import draw_text
from app.runstate import Badge
from app.theme import metrics

if TYPE_CHECKING:
    from app.canvas.state import NodeState
    from app.theme.look import Look
    from graph.sockets import SocketTypes

CALM = frozenset({Badge.UNKNOWN, Badge.CLEAN, Badge.RAN, Badge.CACHED})
"""States that ask for nothing."""
_TITLE = 16.0
"""Height of a title on the screen, in pixels, at least."""
_TEXT = 11.0
_ALL_BADGES = 0.4
"""Below this zoom a title has no room for a badge that tells of nothing to do."""


def draw_plate(
    painter: QPainter, state: NodeState, zoom: float, types: SocketTypes, look: Look
) -> None:
    """Draw a node in its own coordinates, as it is seen at `zoom`."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    face = state.face
    if face.shape is Shape.DOT:
        draw_dot(painter, state, types, look)
        return
    painter.setOpacity(strength_of(state))
    bar = min(max(metrics.TITLE_HEIGHT, _TITLE / zoom), face.rect.height())
    draw_body(painter, face.rect, title_colour(state, look), look.colours, bar=bar)
    if face.picture is not None:
        # Beneath the title, which is higher here than it is nearby.
        place = QRectF(face.picture)
        place.setTop(max(place.top(), bar))
        draw_picture(painter, place, state, look, words=False)
    _draw_wells(painter, state, bar, look)
    _draw_title(painter, state, zoom, bar, look)
    draw_trouble(painter, state, look, 1.5 / zoom)
    _draw_ends(painter, state, types, look)
    painter.setOpacity(1.0)


def _draw_wells(painter: QPainter, state: NodeState, bar: float, look: Look) -> None:
    """Draw where values lie: enough to know a form from a picture."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(look.colours.well)
    painter.drawRects([c.rect for c in state.face.controls if c.rect.top() >= bar])


def _draw_title(painter: QPainter, state: NodeState, zoom: float, bar: float, look: Look) -> None:
    font = sized(look.fonts.strong, max(metrics.TEXT_BODY, round(_TEXT / zoom)))
    margin, badge = 5 / zoom, 14 / zoom
    told = zoom >= _ALL_BADGES or state.run.badge not in CALM
    rect = QRectF(state.face.rect.left(), state.face.rect.top(), state.face.rect.width(), bar)
    words = rect.adjusted(margin, 0, -margin - (badge if told else 0), 0)
    draw_text(painter, words, state.title, font, look.colours.text)
    if not told:
        return
    painter.save()
    painter.translate(rect.right() - 9 / zoom, rect.center().y())
    painter.scale(0.8 / zoom, 0.8 / zoom)
    draw_badge(painter, QPointF(0, 0), state.run, look.colours)
    painter.restore()


def sized(font: QFont, pixels: int) -> QFont:
    """Return `font` in another size."""
    return _sized(font.key(), pixels)


@lru_cache(maxsize=64)
def _sized(key: str, pixels: int) -> QFont:
    font = QFont()
    font.fromString(key)
    font.setPixelSize(pixels)
    return font


def _draw_ends(painter: QPainter, state: NodeState, types: SocketTypes, look: Look) -> None:
    """Draw wired and lit sockets, so that a wire is seen to arrive."""
    painter.setPen(Qt.PenStyle.NoPen)
    for socket in state.face.sockets:
        lit = state.fits is not None and (socket.side, socket.name) in state.fits
        if lit or state.is_wired(Side(socket.side), socket.name):
            painter.setBrush(look.colours.wire(types[socket.type].colour))
            painter.drawEllipse(socket.at, metrics.SOCKET, metrics.SOCKET)
