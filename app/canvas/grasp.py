"""What a press of the left button takes hold of: a socket, a value, a part, a wire, the ground."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.canvas.face import Side
from app.canvas.gestures.carry import Carry
from app.canvas.gestures.draw_wire import DrawWire
from app.canvas.gestures.move_wires import MoveWires
from app.canvas.gestures.resize import Resize, grip_at
from app.canvas.gestures.rubber import Rubber
from app.canvas.gestures.slide import Slide
from app.canvas.paint.controls import glyph_rect
from app.canvas.wires import wire_near
from app.structure import Structure
from app.theme import metrics
from graph.graph import Link, Source, Target
from graph.healing import links_at
from graph.spec import FloatWidget, IntWidget, SeedWidget

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from PySide6.QtCore import QPointF

    from app.canvas.editors.desk import EditorDesk
    from app.canvas.face import Control, Socket
    from app.canvas.frame_item import FrameItem, NoteItem
    from app.canvas.gestures.base import Gesture, Pointer
    from app.canvas.gestures.resize import Grip
    from app.canvas.node_item import NodeItem
    from app.canvas.scene import CanvasScene
    from app.canvas.selection import Selection
    from app.canvas.view import CanvasView
    from app.canvas.wire_item import WireItem
    from app.editing import Editing

_WIRE_REACH = 7.0
"""Pixels of the screen within which a wire is hit."""


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
        self.structure = Structure(editing)
        self.snaps = True
        """Whether what is dragged keeps to the grid and its neighbours."""
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
            return self._grasp_below(pointer)
        control = self.control(item, pointer.scene)
        number = control is not None and isinstance(control.input.widget, IntWidget | FloatWidget)
        if control is not None and not pointer.ctrl and (number or not pointer.shift):
            return self._grasp_control(pointer, item, control)
        return self._grasp_part(pointer, item.node_id)

    def _grasp_below(self, pointer: Pointer) -> Gesture | None:
        """Begin what a press means where there is no node: notes, wires, frames, the ground."""
        if pointer.alt and (wire := self.wire(pointer.scene)) is not None:
            return self._grasp_wire(pointer, wire)
        hit = self.grip(pointer.scene)
        if hit is not None:
            return Resize(pointer, *hit, self._scene, self.structure)
        part = self.carrier(pointer.scene)
        if part is not None:
            return self._grasp_part(pointer, part.part_id)
        return Rubber(pointer, self._scene, self._selection)

    def _grasp_wire(self, pointer: Pointer, wire: WireItem) -> Gesture | None:
        """Put a dot on a wire and take hold of it."""
        step = object()
        dot = self.put_dot(pointer.scene, wire, step)
        if not dot:
            return None
        self._selection.set({dot}, dot)
        return self._carry(pointer, dot, step)

    def put_dot(self, point: QPointF, wire: WireItem, merge: Hashable | None = None) -> str:
        """Put a dot on `wire` at `point`; return its id, or nothing when that is refused."""
        half, grid = metrics.DOT / 2, metrics.GRID
        x, y = round((point.x() - half) / grid) * grid, round((point.y() - half) / grid) * grid
        return self._editing.reroute(wire.link, (float(x), float(y)), merge)

    def wire(self, point: QPointF) -> WireItem | None:
        """Return the wire that a press at `point` is about."""
        return wire_near(self._scene, point, _WIRE_REACH / self._view.zoom)

    def grip(self, point: QPointF) -> tuple[FrameItem | NoteItem, Grip] | None:
        """Return the frame or note whose edge a press at `point` takes hold of, and which edge."""
        items: list[FrameItem | NoteItem] = [
            *self._scene.frames_by_size,
            *self._scene.notes.values(),
        ]
        for item in reversed(items):
            found = grip_at(item, point, self._view.zoom)
            if found is not None:
                return item, found
        return None

    def carrier(self, point: QPointF) -> FrameItem | NoteItem | None:
        """Return the note at `point`, or the frame whose title is there."""
        note = self._scene.note_at(point)
        if note is not None:
            return note
        frame = self._scene.frame_at(point)
        if frame is None:
            return None
        bar = frame.bar
        # From afar a title is drawn larger than it is.
        bar.setHeight(min(max(bar.height(), 20.0 / self._view.zoom), frame.rect.height()))
        return frame if bar.contains(frame.mapFromScene(point)) else None

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
        if pointer.ctrl:
            end = _end_of(item, socket)
            links = links_at(self._scene.graph, end)
            if links:
                return MoveWires(pointer, end, links, self._scene, self._editing)
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

    def _grasp_part(self, pointer: Pointer, part_id: str) -> Gesture | None:
        if pointer.ctrl or pointer.shift:
            self._selection.toggle(part_id)
            return None
        if part_id in self._selection:
            self.single = part_id
        else:
            self._selection.set({part_id}, part_id)
        return self._carry(pointer, part_id)

    def _carry(self, pointer: Pointer, part_id: str, merge: Hashable | None = None) -> Gesture:
        return Carry(
            pointer,
            part_id,
            self._selection.ids,
            self._scene,
            self._editing,
            snaps=self.snaps,
            merge=merge,
        )


def _end_of(item: NodeItem, socket: Socket) -> Source | Target:
    if socket.side is Side.OUTPUT:
        return Source(item.node_id, socket.name)
    return Target(item.node_id, socket.name)
