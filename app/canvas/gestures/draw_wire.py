"""Drawing a wire from either end, and moving one that is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainterPath

from app.canvas.face import Side, Socket
from app.canvas.fits import fitting_sockets
from app.canvas.gestures.base import Gesture, Pointer
from app.canvas.paint.wire import curve, wire_pen
from app.theme import metrics
from graph.graph import Link, Source, Target

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QPainter

    from app.canvas.node_item import NodeItem
    from app.canvas.scene import CanvasScene
    from app.editing import Editing

_SLACK = 4


class DrawWire(Gesture):
    """Leads a wire from `end` to a socket that fits; on empty ground it asks for a node.

    A wire that was picked up (`picked`) and is let go on empty ground is gone.
    """

    def __init__(
        self,
        start: Pointer,
        end: Source | Target,
        scene: CanvasScene,
        editing: Editing,
        *,
        picked: Link | None = None,
        ask: Callable[[Source | Target, Pointer], None],
    ) -> None:
        self._start = start
        self._scene = scene
        self._editing = editing
        self._end = end
        self._picked = picked
        self._ask = ask
        self._side = Side.OUTPUT if isinstance(end, Source) else Side.INPUT
        self._tip = start.scene
        self._goal: tuple[NodeItem, Socket] | None = None
        self._colour = scene.wire_colour(end)
        self._moved = False
        self._fits = fitting_sockets(scene.document, end)
        scene.show_fits(self._fits, end)
        self._show_picked(shown=False)

    def move(self, pointer: Pointer) -> None:
        """Lead the loose end to the pointer, or to a socket nearby that fits."""
        travel = (pointer.view - self._start.view).manhattanLength()
        self._moved = self._moved or travel > _SLACK
        self._goal = self._fitting_at(pointer.scene)
        self._tip = pointer.scene
        if self._goal is not None:
            item, socket = self._goal
            self._tip = item.mapToScene(socket.at)

    def _fitting_at(self, point: QPointF) -> tuple[NodeItem, Socket] | None:
        """Return the socket that fits and is nearest; on a node, the nearest of that node."""
        under = self._scene.node_at(point)
        if under is not None and self._fits.get(under.node_id):
            return self._nearest([under], point, float("inf"))
        return self._nearest(self._scene.near(point, metrics.SNAP_REACH), point, metrics.SNAP_REACH)

    def _nearest(
        self, items: list[NodeItem], point: QPointF, reach: float
    ) -> tuple[NodeItem, Socket] | None:
        best: tuple[NodeItem, Socket] | None = None
        for item in items:
            fits = self._fits.get(item.node_id, frozenset())
            for socket in item.state.face.sockets:
                away = item.mapToScene(socket.at) - point
                distance = (away.x() ** 2 + away.y() ** 2) ** 0.5
                if (socket.side, socket.name) in fits and distance <= reach:
                    best, reach = (item, socket), distance
        return best

    def release(self, pointer: Pointer) -> None:
        """Wire it, take it away, or ask which node it should lead to."""
        self.move(pointer)
        self._finish()
        if self._goal is not None:
            item, socket = self._goal
            source, target = self._joined(item.node_id, socket)
            self._editing.wire(source, target, instead_of=self._picked)
        elif not self._moved or self._scene.node_at(pointer.scene) is not None:
            # A click, or a drop on a node without a socket that fits: nothing was meant.
            return
        elif self._picked is not None:
            self._editing.unwire(self._picked)
        else:
            self._ask(self._end, pointer)

    def _joined(self, node_id: str, socket: Socket) -> tuple[Source, Target]:
        if isinstance(self._end, Source):
            return self._end, Target(node_id, socket.name)
        return Source(node_id, socket.name), self._end

    def cancel(self) -> None:
        """Leave the wires as they were."""
        self._finish()

    def _finish(self) -> None:
        self._scene.show_fits(None)
        self._show_picked(shown=True)

    def _show_picked(self, *, shown: bool) -> None:
        wire = self._scene.wires.get(self._picked) if self._picked else None
        if wire is not None:
            wire.setVisible(shown)

    def _curve(self) -> QPainterPath:
        item = self._scene.nodes.get(self._end.node)
        if item is None:
            return QPainterPath()
        name = self._end.output if isinstance(self._end, Source) else self._end.input
        fixed = item.socket_point(self._side, name)
        ends = (fixed, self._tip) if self._side is Side.OUTPUT else (self._tip, fixed)
        return curve(*ends)

    def bounds(self) -> QRectF:
        """Return the rectangle around the wire."""
        return self._curve().boundingRect()

    def paint(self, painter: QPainter, zoom: float) -> None:
        """Draw the wire as it would lie."""
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(wire_pen(self._colour, zoom, metrics.WIRE + 0.5))
        painter.drawPath(self._curve())
        painter.setBrush(self._colour)
        painter.drawEllipse(self._tip, 3 / zoom, 3 / zoom)
