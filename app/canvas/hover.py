"""What the pointer is over: the node, its value, and the cursor that says what a press does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, Qt

from app.theme import metrics
from graph.spec import FloatWidget, IntWidget, TextWidget

if TYPE_CHECKING:
    from app.canvas.gestures.resize import Grip
    from app.canvas.node_item import NodeItem
    from app.canvas.scene import CanvasScene
    from app.canvas.view import CanvasView


class Hover:
    """Marks the node and the value under the pointer."""

    def __init__(self, view: CanvasView, scene: CanvasScene) -> None:
        self._view = view
        self._scene = scene
        self._node = ""
        self.at: QPoint | None = None
        """Where the pointer is on the viewport; None when it is elsewhere."""

    @property
    def item(self) -> NodeItem | None:
        """The node under the pointer."""
        return self._scene.nodes.get(self._node)

    def move(self, point: QPointF, *, socket: bool, grip: Grip | None = None) -> None:
        """The pointer is at `point` of the scene; over a socket or a grip, where that is told."""
        self.at = self._view.mapFromScene(point)
        item = self._scene.node_at(point)
        detailed = self._view.zoom >= metrics.DETAIL_ZOOM
        control = None
        if item is not None and detailed and not socket:
            control = item.state.face.control_at(item.mapFromScene(point))
        self._mark(item, control.name if control else "")
        widget = control.input.widget if control else None
        if socket:
            self._view.setCursor(Qt.CursorShape.CrossCursor)
        elif item is None and grip is not None:
            self._view.setCursor(grip.cursor)
        elif isinstance(widget, IntWidget | FloatWidget):
            self._view.setCursor(Qt.CursorShape.SizeHorCursor)
        elif isinstance(widget, TextWidget):
            self._view.setCursor(Qt.CursorShape.IBeamCursor)
        else:
            self._view.unsetCursor()

    def leave(self) -> None:
        """The pointer is elsewhere."""
        self.at = None
        self._mark(None, "")

    def _mark(self, item: NodeItem | None, hot: str) -> None:
        before = self.item
        if before is not None and before is not item:
            before.state.hovered, before.state.hot = False, ""
            before.update()
        self._node = item.node_id if item is not None else ""
        if item is not None and (not item.state.hovered or item.state.hot != hot):
            item.state.hovered, item.state.hot = True, hot
            item.update()
