"""A node on the scene: it lies somewhere, knows its outline, and has itself painted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from app.canvas.paint.node import draw_node
from app.theme import metrics

if TYPE_CHECKING:
    from PySide6.QtGui import QPainter

    from app.canvas.face import Side, Socket
    from app.canvas.scene import CanvasScene
    from app.canvas.state import NodeState

_MARGIN = metrics.SOCKET + 8
NODE_LAYER = 1.0


class NodeItem(QGraphicsItem):
    """Draws `state`; below `metrics.DETAIL_ZOOM` it draws nothing, and the view draws the map."""

    def __init__(self, state: NodeState, scene: CanvasScene) -> None:
        super().__init__()
        self.state = state
        self._canvas = scene
        self._bounds = QRectF()
        self.setZValue(NODE_LAYER)
        self.setPos(*state.node.position)
        self.refit()

    @property
    def node_id(self) -> str:
        """The id of the node that it draws."""
        return self.state.node.id

    def refit(self) -> None:
        """Take the size of the face: call it after `state.face` became another."""
        bounds = self.state.face.rect.adjusted(-_MARGIN, -_MARGIN, _MARGIN, _MARGIN)
        if bounds != self._bounds:
            self.prepareGeometryChange()
            self._bounds = bounds

    def boundingRect(self) -> QRectF:
        """Qt: all that it may paint, sockets and selection included."""
        return self._bounds

    def shape(self) -> QPainterPath:
        """Qt: where it is hit."""
        path = QPainterPath()
        path.addRect(self.state.face.rect)
        return path

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,
        widget: QWidget | None = None,  # noqa: ARG002 - Qt's signature
    ) -> None:
        """Qt: draw it at full detail."""
        zoom = option.levelOfDetailFromTransform(painter.worldTransform())
        if zoom >= metrics.DETAIL_ZOOM:
            draw_node(painter, self.state, self._canvas.types, self._canvas.look)

    def socket_point(self, side: Side, name: str) -> QPointF:
        """Return where a socket is, on the scene; the title's end for one that is not there."""
        socket = self.state.face.socket(side, name)
        if socket is not None:
            return self.mapToScene(socket.at)
        title = self.state.face.title
        edge = title.left() if side == "input" else title.right()
        return self.mapToScene(QPointF(edge, title.center().y()))

    def socket_near(self, point: QPointF, reach: float) -> Socket | None:
        """Return the socket next to `point` (on the scene) within `reach`."""
        local = self.mapFromScene(point)
        best: Socket | None = None
        for socket in self.state.face.sockets:
            distance = _distance(socket.at, local)
            if distance <= reach:
                best, reach = socket, distance
        return best


def _distance(one: QPointF, other: QPointF) -> float:
    away = one - other
    return float((away.x() ** 2 + away.y() ** 2) ** 0.5)
