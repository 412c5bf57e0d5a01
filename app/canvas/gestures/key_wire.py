"""Wiring by keyboard: choose a socket of a node, then one that fits, with the arrow keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPen

from app.canvas.face import Side
from app.canvas.fits import fitting_sockets
from app.canvas.gestures.base import Gesture
from app.canvas.paint.wire import curve, wire_pen
from app.theme import metrics
from graph.graph import Source, Target

if TYPE_CHECKING:
    from PySide6.QtGui import QPainter

    from app.canvas.node_item import NodeItem
    from app.canvas.scene import CanvasScene
    from app.editing import Editing

_BACK = (Qt.Key.Key_Up, Qt.Key.Key_Left, Qt.Key.Key_Backtab)
_ON = (Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Tab)
_TAKE = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
_RING = 9.0


class KeyWire(Gesture):
    """First the socket that the wire begins at, then the one that it ends in; Return takes each."""

    def __init__(self, item: NodeItem, scene: CanvasScene, editing: Editing) -> None:
        self._item = item
        self._scene = scene
        self._editing = editing
        self._end: Source | Target | None = None
        sockets = sorted(item.state.face.sockets, key=lambda s: (s.side != Side.OUTPUT, s.value))
        self._choice = [(item.node_id, socket.side, socket.name) for socket in sockets]
        self._at = 0
        self.over = not self._choice
        """Whether there is nothing more to choose."""

    @property
    def said(self) -> str:
        """What is chosen now, for the status bar and screen readers."""
        node_id, side, name = self._choice[self._at]
        state = self._scene.nodes[node_id].state
        socket = state.face.socket(side, name)
        return f"{state.title}: {socket.label or name if socket else name}"

    @property
    def point(self) -> QPointF:
        """Where the socket is that is chosen now."""
        node_id, side, name = self._choice[self._at]
        item = self._scene.nodes.get(node_id)
        return QPointF() if item is None else item.socket_point(side, name)

    def key(self, key: int) -> bool:
        """Choose on or take; say whether the key meant something here."""
        if key in _BACK or key in _ON:
            self._at = (self._at + (1 if key in _ON else -1)) % len(self._choice)
        elif key in _TAKE:
            self._take()
        else:
            return False
        return True

    def _take(self) -> None:
        node_id, side, name = self._choice[self._at]
        if self._end is None:
            self._begin(Source(node_id, name) if side is Side.OUTPUT else Target(node_id, name))
            return
        self._finish()
        if isinstance(self._end, Source):
            self._editing.wire(self._end, Target(node_id, name))
        else:
            self._editing.wire(Source(node_id, name), self._end)

    def _begin(self, end: Source | Target) -> None:
        fits = fitting_sockets(self._scene.document, end)
        here = self.point
        found = []
        for node_id, sockets in fits.items():
            for side, name in sockets:
                away = self._scene.nodes[node_id].socket_point(side, name) - here
                found.append((away.manhattanLength(), node_id, side, name))
        if not found:
            self.over = True
            return
        self._end = end
        self._choice = [(node_id, side, name) for _away, node_id, side, name in sorted(found)]
        self._at = 0
        self._scene.show_fits(fits, end)

    def cancel(self) -> None:
        """Leave everything as it was."""
        self._finish()

    def _finish(self) -> None:
        self.over = True
        if self._end is not None:
            self._scene.show_fits(None)

    def _start(self) -> QPointF | None:
        item = self._scene.nodes.get(self._item.node_id)
        if self._end is None or item is None:
            return None
        if isinstance(self._end, Source):
            return item.socket_point(Side.OUTPUT, self._end.output)
        return item.socket_point(Side.INPUT, self._end.input)

    def bounds(self) -> QRectF:
        """Return what is drawn: the ring around the socket, and the wire to it."""
        point, start = self.point, self._start()
        ring = QRectF(point.x() - 2 * _RING, point.y() - 2 * _RING, 4 * _RING, 4 * _RING)
        if start is None:
            return ring
        return ring.united(curve(*self._ends(start, point)).boundingRect())

    def _ends(self, start: QPointF, point: QPointF) -> tuple[QPointF, QPointF]:
        return (start, point) if isinstance(self._end, Source) else (point, start)

    def paint(self, painter: QPainter, zoom: float) -> None:
        """Draw a ring around the socket that is chosen now, and the wire as it would lie."""
        point, start = self.point, self._start()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if start is not None and self._end is not None:
            colour = self._scene.wire_colour(self._end)
            painter.setPen(wire_pen(colour, zoom, metrics.WIRE + 0.5))
            painter.drawPath(curve(*self._ends(start, point)))
        painter.setPen(QPen(self._scene.look.colours.accent, 2 / min(zoom, 1.0)))
        painter.drawEllipse(point, _RING, _RING)
