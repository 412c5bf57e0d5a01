"""Moving all wires of a socket to another socket."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt

from app.canvas.face import Side, Socket
from app.canvas.gestures.base import Gesture, Pointer
from app.canvas.paint.wire import curve, wire_pen
from app.editing import socket_type
from app.theme import metrics
from graph.graph import Source, Target
from graph.healing import can_move

if TYPE_CHECKING:
    from PySide6.QtGui import QPainter, QPainterPath

    from app.canvas.fits import Fits
    from app.canvas.node_item import NodeItem
    from app.canvas.scene import CanvasScene
    from app.editing import Editing
    from graph.graph import Link

_SLACK = 4


class MoveWires(Gesture):
    """Leads the ends of `links` that lie at one socket elsewhere; on empty ground they go."""

    def __init__(
        self,
        start: Pointer,
        end: Source | Target,
        links: list[Link],
        scene: CanvasScene,
        editing: Editing,
    ) -> None:
        self._start = start
        self._end = end
        self._links = links
        self._scene = scene
        self._editing = editing
        self._side = Side.OUTPUT if isinstance(end, Source) else Side.INPUT
        self._tip = start.scene
        self._goal: tuple[str, str] | None = None
        self._judged: dict[tuple[str, str], bool] = {}
        self._moved = False
        self._fits = self._likely()
        scene.show_fits(self._fits, end)
        self._show(shown=False)

    def _likely(self) -> Fits:
        """Return the sockets of the same side that fit by their type."""
        level = self._scene.document
        accepts = level.catalog.sockets.accepts
        far = [
            link.target if isinstance(self._end, Source) else link.source for link in self._links
        ]
        kinds = [socket_type(level, end) for end in far]
        found: Fits = {}
        for node_id, item in self._scene.nodes.items():
            spec = item.state.spec
            if isinstance(self._end, Source):
                names = [o.name for o in spec.outputs if all(accepts(k, o.type) for k in kinds)]
            else:
                names = [i.name for i in spec.inputs if all(accepts(i.type, k) for k in kinds)]
            if names:
                found[node_id] = frozenset((self._side, name) for name in names)
        return found

    def move(self, pointer: Pointer) -> None:
        """Lead the loose ends to the pointer, or to a socket nearby that takes them all."""
        travel = (pointer.view - self._start.view).manhattanLength()
        self._moved = self._moved or travel > _SLACK
        self._tip, self._goal = pointer.scene, None
        best = metrics.SNAP_REACH
        for item in self._scene.near(pointer.scene, metrics.SNAP_REACH):
            for socket in item.state.face.sockets:
                away = item.mapToScene(socket.at) - pointer.scene
                distance = (away.x() ** 2 + away.y() ** 2) ** 0.5
                if distance < best and self._takes(item, socket):
                    best, self._goal = distance, (item.node_id, socket.name)
                    self._tip = item.mapToScene(socket.at)

    def _takes(self, item: NodeItem, socket: Socket) -> bool:
        key = (item.node_id, socket.name)
        if (socket.side, socket.name) not in self._fits.get(item.node_id, frozenset()):
            return False
        if key not in self._judged:
            level = self._scene.document
            self._judged[key] = can_move(level.graph, level.catalog, self._links, self._to(key))
        return self._judged[key]

    def _to(self, key: tuple[str, str]) -> Source | Target:
        return Source(*key) if isinstance(self._end, Source) else Target(*key)

    def release(self, pointer: Pointer) -> None:
        """Move them, or take them away."""
        self.move(pointer)
        self._finish()
        if self._goal is not None:
            to = self._to(self._goal)
            if to != self._end:
                self._editing.move_wires(self._links, to)
        elif self._moved and self._scene.node_at(pointer.scene) is None:
            self._editing.cut(self._links)

    def cancel(self) -> None:
        """Leave the wires as they were."""
        self._finish()

    def _finish(self) -> None:
        self._scene.show_fits(None)
        self._show(shown=True)

    def _show(self, *, shown: bool) -> None:
        for link in self._links:
            wire = self._scene.wires.get(link)
            if wire is not None:
                wire.setVisible(shown)

    def _curves(self) -> list[QPainterPath]:
        nodes = self._scene.nodes
        if isinstance(self._end, Source):
            ends = [
                nodes[link.target.node].socket_point(Side.INPUT, link.target.input)
                for link in self._links
                if link.target.node in nodes
            ]
            return [curve(self._tip, end) for end in ends]
        ends = [
            nodes[link.source.node].socket_point(Side.OUTPUT, link.source.output)
            for link in self._links
            if link.source.node in nodes
        ]
        return [curve(end, self._tip) for end in ends]

    def bounds(self) -> QRectF:
        """Return the rectangle around the wires."""
        rect = QRectF(self._tip, self._tip + QPointF(1, 1))
        for path in self._curves():
            rect = rect.united(path.boundingRect())
        return rect

    def paint(self, painter: QPainter, zoom: float) -> None:
        """Draw the wires as they would lie."""
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for link, path in zip(self._links, self._curves(), strict=False):
            painter.setPen(wire_pen(self._scene.wire_colour(link.source), zoom, metrics.WIRE + 0.5))
            painter.drawPath(path)
