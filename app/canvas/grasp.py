"""What a press of the left button takes hold of: a socket, a value, a node, or the ground."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.canvas.face import Side
from app.canvas.gestures.carry import Carry
from app.canvas.gestures.draw_wire import DrawWire
from app.canvas.gestures.rubber import Rubber
from app.canvas.gestures.slide import Slide
from app.canvas.paint.controls import glyph_rect
from app.theme import metrics
from graph.graph import Link, Source, Target
from graph.spec import FloatWidget, IntWidget, SeedWidget

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtCore import QPointF

    from app.canvas.editors.desk import EditorDesk
    from app.canvas.face import Control, Socket
    from app.canvas.gestures.base import Gesture, Pointer
    from app.canvas.node_item import NodeItem
    from app.canvas.scene import CanvasScene
    from app.canvas.selection import Selection
    from app.canvas.view import CanvasView
    from app.editing import Editing


class Grasp:
    """Chooses the gesture for a press; `ask` is told of a wire that was dropped on the ground."""

    def __init__(
        self,
        view: CanvasView,
        scene: CanvasScene,
        selection: Selection,
        editing: Editing,
        desk: EditorDesk,
        ask: Callable[[Source | Target, Pointer], None],
    ) -> None:
        self._view = view
        self._scene = scene
        self._selection = selection
        self._editing = editing
        self._desk = desk
        self._ask = ask
        self.click: tuple[str, str] | None = None
        """Node and control that a release without a drag activates."""
        self.single = ""
        """The node of a selection that a release without a drag selects alone."""

    def forget(self) -> None:
        """Let a release mean nothing more."""
        self.click, self.single = None, ""

    def begin(self, pointer: Pointer) -> Gesture | None:
        """Begin what a press of the left button means here."""
        hit = self.socket(pointer.scene)
        if hit is not None:
            return self._grasp_socket(pointer, *hit)
        item = self._scene.node_at(pointer.scene)
        if item is None:
            return Rubber(pointer, self._scene, self._selection)
        control = self.control(item, pointer.scene)
        number = control is not None and isinstance(control.input.widget, IntWidget | FloatWidget)
        if control is not None and not pointer.ctrl and (number or not pointer.shift):
            return self._grasp_control(pointer, item, control)
        return self._grasp_node(pointer, item)

    def socket(self, point: QPointF) -> tuple[NodeItem, Socket] | None:
        """Return the socket that a press at `point` takes hold of."""
        if self._view.zoom < metrics.DETAIL_ZOOM:
            return None
        hit = self._scene.socket_at(point, metrics.SOCKET_REACH)
        if hit is not None and hit[1].value and not hit[0].state.is_wired(Side.INPUT, hit[1].name):
            # The socket of a value recedes: only close to the edge does it take the press.
            near = abs(hit[0].mapFromScene(point).x() - hit[1].at.x()) <= metrics.SOCKET
            return hit if near else None
        return hit

    def control(self, item: NodeItem, point: QPointF) -> Control | None:
        """Return the value of `item` that a press at `point` is about."""
        if self._view.zoom < metrics.DETAIL_ZOOM:
            return None
        return item.state.face.control_at(item.mapFromScene(point))

    def _grasp_socket(self, pointer: Pointer, item: NodeItem, socket: Socket) -> Gesture:
        ask = self._ask
        if socket.side is Side.OUTPUT:
            source = Source(item.node_id, socket.name)
            return DrawWire(pointer, source, self._scene, self._editing, ask=ask)
        target = Target(item.node_id, socket.name)
        wired = item.state.node.wires.get(socket.name, ())
        if wired:
            link = Link(wired[-1], target)
            return DrawWire(pointer, link.source, self._scene, self._editing, picked=link, ask=ask)
        return DrawWire(pointer, target, self._scene, self._editing, ask=ask)

    def _grasp_control(self, pointer: Pointer, item: NodeItem, control: Control) -> Gesture | None:
        self._selection.set({item.node_id}, item.node_id)
        widget = control.input.widget
        on_glyph = glyph_rect(control).contains(item.mapFromScene(pointer.scene))
        if isinstance(widget, IntWidget | FloatWidget):
            return Slide(pointer, item, control.name, widget, self._editing)
        if isinstance(widget, SeedWidget):
            if on_glyph:
                self._desk.throw_dice(item, control)
            return None
        self.click = (item.node_id, control.name)
        return None

    def _grasp_node(self, pointer: Pointer, item: NodeItem) -> Gesture | None:
        node_id = item.node_id
        if pointer.ctrl or pointer.shift:
            self._selection.toggle(node_id)
            return None
        if node_id in self._selection:
            self.single = node_id
        else:
            self._selection.set({node_id}, node_id)
        return Carry(pointer, node_id, self._selection.ids, self._scene, self._editing)
