"""What a double press means where it lands: write, go in, show, bend, add."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Signal

from app.canvas.face import Side
from app.canvas.paint.controls import glyph_rect
from graph.graph import Link, Source, Target
from graph.inside import INPUTS, OUTPUTS
from graph.spec import SeedWidget

if TYPE_CHECKING:
    from PySide6.QtCore import QPointF

    from app.canvas.editors.desk import EditorDesk
    from app.canvas.editors.words import WordDesk
    from app.canvas.face import Socket
    from app.canvas.gestures.base import Pointer
    from app.canvas.grasp import Grasp
    from app.canvas.node_item import NodeItem
    from app.canvas.scene import CanvasScene
    from app.canvas.selection import Selection
    from app.editing import Editing
    from graph.showing import Side as ShownSide


class DoublePress(QObject):
    """Does it.

    Signals: see those of the same names of `Hands`.
    """

    searchAsked = Signal(QPoint, object)
    opened = Signal(str)
    entered = Signal(str)

    def __init__(
        self,
        scene: CanvasScene,
        selection: Selection,
        editing: Editing,
        desk: EditorDesk,
        words: WordDesk,
        grasp: Grasp,
    ) -> None:
        super().__init__(scene)
        self._scene = scene
        self._selection = selection
        self._editing = editing
        self._desk = desk
        self._words = words
        self._grasp = grasp
        self._structure = grasp.structure

    def press(self, pointer: Pointer) -> None:
        """The left button went down twice at `pointer`."""
        hit = self._grasp.socket(pointer.scene)
        item = self._scene.node_at(pointer.scene)
        if hit is not None:
            self._promote(*hit, pointer)
        elif item is None:
            self._below(pointer)
        elif item.node_id in (self._scene.document.edges or ()):
            self._rename_shown(pointer)
        else:
            self._on(item, pointer)

    def _below(self, pointer: Pointer) -> None:
        """Do what a double press means where there is no node."""
        note = self._scene.note_at(pointer.scene)
        frame = self._grasp.carrier(pointer.scene)
        wire = self._grasp.wire(pointer.scene)
        if note is not None:
            self._words.write(note)
        elif wire is not None:
            dot = self._grasp.put_dot(pointer.scene, wire)
            if dot:
                self._selection.set({dot}, dot)
        elif frame is not None and frame.part_id in self._scene.frames:
            self._words.entitle(self._scene.frames[frame.part_id])
        else:
            self.searchAsked.emit(pointer.view, None)

    def _on(self, item: NodeItem, pointer: Pointer) -> None:
        """Do what a double press means on a node."""
        control = self._grasp.control(item, pointer.scene)
        local = item.mapFromScene(pointer.scene)
        if control is not None:
            on_dice = isinstance(control.input.widget, SeedWidget) and glyph_rect(control).contains(
                local
            )
            if on_dice:
                self._desk.throw_dice(item, control)
            else:
                self._desk.activate(item, control)
        elif self._scene.document.can_enter(item.node_id):
            self.entered.emit(item.node_id)
        elif item.state.face.title.contains(local):
            self._desk.rename(item)
        else:
            self.opened.emit(item.node_id)

    def _promote(self, item: NodeItem, socket: Socket, pointer: Pointer) -> None:
        """Make a value a socket and back: inside a subgraph, a socket of the subgraph."""
        level = self._scene.document
        node_id, edges = item.node_id, level.edges
        if edges is not None and node_id in edges:
            self._rename_shown(pointer)
            return
        target = Target(node_id, socket.name)
        if socket.side is Side.INPUT and item.state.is_wired(socket.side, socket.name):
            self._editing.cut([Link(s, target) for s in item.state.node.wires[socket.name]])
        elif edges is None:
            end = target if socket.side is Side.INPUT else Source(node_id, socket.name)
            self.searchAsked.emit(pointer.view, end)
        elif socket.side is Side.INPUT:
            self._editing.wire(Source(edges[0], level.new_socket(INPUTS)), target)
        else:
            end = Target(edges[1], level.new_socket(OUTPUTS))
            self._editing.wire(Source(node_id, socket.name), end)

    def _rename_shown(self, pointer: Pointer) -> None:
        """Write the name of what a subgraph shows outside."""
        found = shown_at(self._scene, pointer.scene)
        if found is None:
            return
        side, name, item, socket = found
        which: ShownSide = "inputs" if side == "inputs" else "outputs"
        self._words.ask(
            socket.label,
            item.mapRectToScene(socket.row),
            lambda text: self._structure.label_shown(which, name, text),
        )


def shown_at(scene: CanvasScene, point: QPointF) -> tuple[str, str, NodeItem, Socket] | None:
    """Return what a subgraph shows outside whose name is at `point`: its side and name."""
    item = scene.node_at(point)
    edges = scene.document.edges
    if item is None or edges is None or item.node_id not in edges:
        return None
    local = item.mapFromScene(point)
    subgraph = scene.document.subgraph
    side = "inputs" if item.state.node.type == INPUTS else "outputs"
    shown = () if subgraph is None else getattr(subgraph, side)
    names = {part.name for part in shown}
    for socket in item.state.face.sockets:
        if socket.name in names and socket.row.contains(local):
            return side, socket.name, item, socket
    return None
