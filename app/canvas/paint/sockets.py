"""Sockets: type colour and shape; lit, dimmed or receding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPen

from app.canvas.paint.shapes import outline
from app.theme import metrics

if TYPE_CHECKING:
    from PySide6.QtGui import QPainter

    from app.canvas.face import Socket
    from app.canvas.state import NodeState
    from app.theme.colours import Colours
    from graph.sockets import SocketTypes

_DIMMED = 0.25


def draw_sockets(painter: QPainter, state: NodeState, types: SocketTypes, colours: Colours) -> None:
    """Draw all sockets of a node."""
    for socket in state.face.sockets:
        lit = state.fits is not None and (socket.side, socket.name) in state.fits
        dimmed = state.fits is not None and not lit
        wired = state.is_wired(socket.side, socket.name)
        if socket.value and not (wired or lit or state.hovered):
            continue
        painter.setOpacity(_DIMMED if dimmed else 1.0)
        _draw(painter, socket, types, colours, wired=wired, lit=lit)
    painter.setOpacity(1.0)


def _draw(
    painter: QPainter,
    socket: Socket,
    types: SocketTypes,
    colours: Colours,
    *,
    wired: bool,
    lit: bool,
) -> None:
    kind = types[socket.type]
    colour = colours.wire(kind.colour)
    small = socket.value and not (wired or lit)
    radius = metrics.SOCKET_SMALL if small else metrics.SOCKET
    painter.save()
    painter.translate(socket.at)
    if lit:
        halo = QColor(colour)
        halo.setAlphaF(0.3)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(halo)
        painter.drawPath(outline(kind.shape, metrics.SOCKET + 5))
    # The ring of the ground cuts the socket out of the node's edge.
    painter.setPen(QPen(colours.canvas, 4))
    painter.setBrush(colours.canvas)
    painter.drawPath(outline(kind.shape, radius))
    painter.setPen(QPen(colour, 1.5))
    painter.setBrush(colour if wired or lit else colours.node)
    painter.drawPath(outline(kind.shape, radius))
    painter.restore()
