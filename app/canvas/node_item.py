"""A node on the scene: it lies somewhere and knows its sockets; painters draw its state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF

from app.canvas.paint.node import draw_head, draw_node
from app.canvas.paint.plate import draw_plate
from app.canvas.part_item import PartItem
from app.theme import metrics

if TYPE_CHECKING:
    from PySide6.QtGui import QPainter

    from app.canvas.face import Side, Socket
    from app.canvas.scene import CanvasScene
    from app.canvas.state import NodeState


class NodeItem(PartItem):
    """Shows `state`."""

    __slots__ = ("state",)

    MARGIN = metrics.SOCKET + 8

    def __init__(self, state: NodeState, scene: CanvasScene) -> None:
        self.state = state
        super().__init__(scene, state.node.position, state.face.rect)

    @property
    def node_id(self) -> str:
        """The id of the node that it draws."""
        return self.state.node.id

    @property
    def part_id(self) -> str:
        """The same, as all parts have it."""
        return self.state.node.id

    def paint(self, painter: QPainter, zoom: float) -> None:
        """Draw it in its own coordinates: whole, or from `metrics.DETAIL_ZOOM` down as a plate."""
        canvas = self._canvas
        if zoom >= metrics.DETAIL_ZOOM:
            draw_node(painter, self.state, canvas.types, canvas.look)
        else:
            draw_plate(painter, self.state, zoom, canvas.types, canvas.look)

    @property
    def head(self) -> float:
        """How far down title and picture reach: what changes while the node runs."""
        picture = self.state.face.picture
        return self.rect.bottom() if picture is None else picture.bottom()

    def paint_head(self, painter: QPainter, zoom: float) -> None:
        """Draw title and picture; `painter` is clipped to them."""
        if zoom >= metrics.DETAIL_ZOOM and self.state.face.picture is not None:
            draw_head(painter, self.state, self._canvas.look)
        else:
            self.paint(painter, zoom)

    def socket_point(self, side: Side, name: str) -> QPointF:
        """Return where a socket is, on the scene; the title's end for one that is not there."""
        x, y = self.socket_place(side, name)
        return QPointF(x, y)

    def socket_place(self, side: Side, name: str) -> tuple[float, float]:
        """Return the same as numbers."""
        face = self.state.face
        at = face.places.get((side, name))
        if at is not None:
            return (self._x + at[0], self._y + at[1])
        title = face.title
        edge = title.left() if side == "input" else title.right()
        return (self._x + edge, self._y + title.center().y())

    def socket_near(self, point: QPointF, reach: float) -> Socket | None:
        """Return the socket next to `point` (on the scene) within `reach`."""
        x, y = point.x() - self._x, point.y() - self._y
        best: Socket | None = None
        for socket in self.state.face.sockets:
            away_x, away_y = socket.at.x() - x, socket.at.y() - y
            distance = float((away_x * away_x + away_y * away_y) ** 0.5)
            if distance <= reach:
                best, reach = socket, distance
        return best
