"""The scene: one item a part and one a wire, kept in step with the document by its changes."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPointF, QRectF

from app.canvas.chart import Chart
from app.canvas.face import Shape, Side, lay_out
from app.canvas.frame_item import FrameItem, NoteItem
from app.canvas.index import Grid, overlap
from app.canvas.node_item import NodeItem
from app.canvas.pictures import Pictures
from app.canvas.placeholder import stand_in
from app.canvas.state import NodeState
from app.canvas.wire_item import WireItem
from app.runstate import NOT_KNOWN, Badge
from app.theme import metrics
from graph.graph import Link, Source, Target
from graph.reroutes import carried

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from PySide6.QtGui import QColor

    from app.canvas.face import Face, Socket
    from app.canvas.fits import Fits
    from app.canvas.index import Box
    from app.canvas.part_item import PartItem
    from app.canvas.selection import Selection
    from app.level import Level
    from app.runstate import NodeRun
    from app.theme.look import Look
    from graph.catalog import Catalog
    from graph.edits import Change
    from graph.graph import Graph, Node
    from graph.sockets import SocketTypes
    from graph.spec import NodeSpec


class CanvasScene(QObject):
    """What lies where. It holds items, never truth: all of it can be made anew at any time.

    Views paint it, and are told by `watch` which boxes of it look otherwise.
    """

    def __init__(
        self, document: Level, selection: Selection, look: Look, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.document = document
        self.look = look
        self.pictures = Pictures()
        self.chart = Chart()
        self.node_grid: Grid[NodeItem] = Grid()
        self.wire_grid: Grid[WireItem] = Grid()
        self.epoch = 0
        """Raised when everything looks otherwise: no painted item may be kept."""
        self._selection = selection
        self._nodes: dict[str, NodeItem] = {}
        self._frames: dict[str, FrameItem] = {}
        self._notes: dict[str, NoteItem] = {}
        self._wires: dict[Link, WireItem] = {}
        self._wires_at: dict[str, set[Link]] = {}
        self._dots: set[str] = set()
        self._runs: Mapping[str, NodeRun] = {}
        self._watchers: list[Callable[[Box | None], None]] = []
        self._ranks = count(1)
        self._faces: dict[tuple[int, frozenset[str], float, bool], Face] = {}
        self._values: dict[int, tuple[NodeSpec, frozenset[str]]] = {}
        self._colours: dict[str, QColor] = {}
        self.frames_by_size: list[FrameItem] = []
        """Frames in the order of painting: the large ones lie below."""
        document.changed.connect(self.apply)
        document.catalogChanged.connect(self.rebuild)
        selection.changed.connect(self._mark_selected)
        look.changed.connect(self.recolour)
        self.rebuild()

    @property
    def graph(self) -> Graph:
        """The graph that is shown."""
        return self.document.graph

    @property
    def catalog(self) -> Catalog:
        """The node types that are known."""
        return self.document.catalog

    @property
    def types(self) -> SocketTypes:
        """The socket types of the catalog."""
        return self.catalog.sockets

    @property
    def nodes(self) -> Mapping[str, NodeItem]:
        """The node items by id."""
        return self._nodes

    @property
    def frames(self) -> Mapping[str, FrameItem]:
        """The frame items by id."""
        return self._frames

    @property
    def notes(self) -> Mapping[str, NoteItem]:
        """The note items by id."""
        return self._notes

    @property
    def wires(self) -> Mapping[Link, WireItem]:
        """The wire items by wire."""
        return self._wires

    def part(self, part_id: str) -> NodeItem | FrameItem | NoteItem | None:
        """Return the item of a node, frame or note."""
        return self._nodes.get(part_id) or self._frames.get(part_id) or self._notes.get(part_id)

    def selected_nodes(self) -> list[NodeItem]:
        """Return the items of the selected nodes."""
        nodes = self._nodes
        return [nodes[key] for key in self._selection.ids if key in nodes]

    # Telling views

    def watch(self, watcher: Callable[[Box | None], None]) -> None:
        """Tell `watcher` from now on which box looks otherwise; None stands for everything."""
        self._watchers.append(watcher)

    def mark(self, box: Box | None) -> None:
        """Have `box` painted anew, or everything."""
        for watcher in self._watchers:
            watcher(box)

    def update(self, rect: QRectF) -> None:
        """Have `rect` painted anew."""
        self.mark((rect.left(), rect.top(), rect.right(), rect.bottom()))

    # Keeping in step with the document

    def rebuild(self) -> None:
        """Make all items anew."""
        self.epoch += 1
        self.chart.clear()
        self.node_grid.clear()
        self.wire_grid.clear()
        for kept in (self._nodes, self._frames, self._notes, self._wires, self._wires_at,
                     self._faces, self._values, self._colours):  # fmt: skip
            kept.clear()
        self._dots.clear()
        graph = self.graph
        self._update_nodes(graph.nodes)
        self._update_frames(graph.frames)
        self._update_notes(graph.notes)
        for link in graph.links():
            self._add_wire(link)
            self.place_wire(link)
        for node_id in graph.nodes:
            self._note_outputs(node_id)
        self._colour_dots()
        self.mark(None)

    def apply(self, change: Change) -> None:
        """Bring the items that `change` names in step with the document."""
        moved = self._update_nodes(change.nodes)
        self._update_frames(change.frames)
        self._update_notes(change.notes)
        if change.wires:
            self._update_wires(change.nodes)
            self._colour_dots()
        else:
            self._place_wires_of(moved)
        graph, ids = self.graph, self._selection.ids
        if ids:
            self._selection.keep([part_id for part_id in ids if part_id in graph])

    def _update_nodes(self, ids: Iterable[str]) -> list[str]:
        """Bring node items in step; return those that lie elsewhere or are of another size."""
        nodes = self.graph.nodes
        moved: list[str] = []
        for node_id in ids:
            node, item = nodes.get(node_id), self._nodes.get(node_id)
            if node is None:
                if item is not None:
                    self._drop_node(self._nodes.pop(node_id))
            elif item is None:
                item = NodeItem(self._fresh_state(node), self)
                item.selected, item.rank = item.state.selected, next(self._ranks)
                self._nodes[node_id] = item
                if item.state.face.shape is Shape.DOT:
                    self._dots.add(node_id)
                self._settle(item)
                self.mark(item.box)
            elif self._is_other(item.state, node) and self._renew(item, node):
                moved.append(node_id)
        return moved

    def _drop_node(self, item: NodeItem) -> None:
        self._dots.discard(item.node_id)
        self.node_grid.drop(item)
        self.chart.drop_node(item)
        self.mark(item.box)

    def _settle(self, item: NodeItem) -> None:
        """Note where an item lies and how it looks from afar."""
        self.node_grid.put(item, (item.box,))
        self.chart.put_node(item, self.look)

    def _fresh_state(self, node: Node) -> NodeState:
        spec = self.catalog.get(node.type)
        known = spec is not None
        spec = spec or stand_in(self.graph, node)
        face = self._face(spec, node, known=known)
        state = NodeState(node=node, spec=spec, face=face, known=known)
        state.selected = node.id in self._selection
        state.run = self._runs.get(node.id, NOT_KNOWN)
        state.pictures = self.pictures
        return state

    def _face(self, spec: NodeSpec, node: Node, *, known: bool) -> Face:
        """Return the face of a node; most nodes share theirs with many others."""
        if not known:
            return lay_out(spec, collapsed=node.collapsed)
        found = self._values.get(id(spec))
        if found is None:
            # Kept with the type itself, so that no other one can get its identity.
            values = frozenset(item.name for item in spec.inputs if item.widget is not None)
            found = self._values[id(spec)] = (spec, values)
        values = found[1]
        wired = frozenset(name for name in node.wires if name in values)
        key = (id(spec), wired, self.pictures.ratio(node.id), node.collapsed)
        face = self._faces.get(key)
        if face is None:
            face = lay_out(spec, wired, key[2], collapsed=node.collapsed)
            self._faces[key] = face
        return face

    def _is_other(self, state: NodeState, node: Node) -> bool:
        """Say whether a node, or what a subgraph shows for which it stands, is another one."""
        return state.node is not node or (
            state.known and self.catalog.get(node.type) is not state.spec
        )

    def _renew(self, item: NodeItem, node: Node) -> bool:
        """Show another version of a node; say whether its sockets lie elsewhere now."""
        state = item.state
        state.node = node
        spec = self.catalog.get(node.type)
        state.known = spec is not None
        state.spec = spec or stand_in(self.graph, node)
        before, face = item.box, self._face(state.spec, node, known=state.known)
        other = face is not state.face
        state.face = face
        moved = item.put(node.position, face.rect)
        self._settle(item)
        if moved:
            self.mark(before)
        item.update()
        return moved or other

    def _update_frames(self, ids: Iterable[str]) -> None:
        frames, changed = self.graph.frames, False
        for frame_id in ids:
            frame, item, changed = frames.get(frame_id), self._frames.get(frame_id), True
            if item is not None:
                self.mark(item.box)
            if frame is None:
                self._frames.pop(frame_id, None)
                continue
            if item is None:
                item = self._frames[frame_id] = FrameItem(frame, self)
                item.selected = frame_id in self._selection
            else:
                item.renew(frame)
            self.mark(item.box)
        if changed or not frames:
            self.frames_by_size = sorted(
                self._frames.values(), key=lambda i: -i.rect.width() * i.rect.height()
            )

    def _update_notes(self, ids: Iterable[str]) -> None:
        notes = self.graph.notes
        for note_id in ids:
            note, item = notes.get(note_id), self._notes.get(note_id)
            if item is not None:
                self.mark(item.box)
            if note is None:
                self._notes.pop(note_id, None)
                continue
            if item is None:
                item = self._notes[note_id] = NoteItem(note, self)
                item.selected = note_id in self._selection
            else:
                item.renew(note)
            self.mark(item.box)

    # Wires

    def _update_wires(self, ids: Iterable[str]) -> None:
        touched = set(ids)
        wanted = set(self.graph.links_of(touched))
        present = {link for node_id in touched for link in self._wires_at.get(node_id, ())}
        for link in present - wanted:
            self._drop_wire(link)
        for link in wanted - present:
            self._add_wire(link)
        for link in wanted:
            self.place_wire(link)
        ends = {end for link in present ^ wanted for end in (link.source.node, link.target.node)}
        for node_id in ends | touched:
            self._note_outputs(node_id)

    def _add_wire(self, link: Link) -> None:
        self._wires[link] = WireItem(link, self.wire_colour(link.source), self)
        for node_id in (link.source.node, link.target.node):
            at = self._wires_at.get(node_id)
            if at is None:
                self._wires_at[node_id] = {link}
            else:
                at.add(link)

    def _drop_wire(self, link: Link) -> None:
        item = self._wires.pop(link)
        self.wire_grid.drop(item)
        self.chart.drop_wire(item)
        self.mark(item.box)
        for node_id in (link.source.node, link.target.node):
            self._wires_at.get(node_id, set()).discard(link)

    def _note_outputs(self, node_id: str) -> None:
        item = self._nodes.get(node_id)
        if item is None:
            return
        links = self._wires_at.get(node_id, ())
        wired = frozenset([link.source.output for link in links if link.source.node == node_id])
        if wired != item.state.outputs_wired:
            item.state.outputs_wired = wired
            item.update()

    def place_wire(self, link: Link) -> None:
        """Lead a wire from where its output is to where its input is."""
        source, target = self._nodes.get(link.source.node), self._nodes.get(link.target.node)
        if source is None or target is None:
            return
        wire = self._wires[link]
        before = wire.pieces
        if wire.set_ends(
            source.socket_place(Side.OUTPUT, link.source.output),
            target.socket_place(Side.INPUT, link.target.input),
        ):
            self.wire_grid.put(wire, wire.pieces)
            self.chart.put_wire(wire)
            if self._watchers:
                for piece in (*before, *wire.pieces):
                    self.mark(piece)

    def _place_wires_of(self, ids: Iterable[str]) -> None:
        for link in {link for node_id in ids for link in self._wires_at.get(node_id, ())}:
            self.place_wire(link)

    def wire_colour(self, end: Source | Target) -> QColor:
        """Return the colour of a wire at that socket."""
        kind = self.carried_by(end)
        colour = self._colours.get(kind)
        if colour is None:
            colour = self._colours[kind] = self.look.colours.wire(self.types[kind].colour)
        return colour

    def carried_by(self, end: Source | Target) -> str:
        """Return the type of what a socket carries; through dots, of what is wired into them."""
        item = self._nodes.get(end.node)
        if item is None:
            return ""
        if isinstance(end, Source):
            if item.state.face.shape is Shape.DOT:
                return carried(self.graph, self.catalog, end)
            output = item.state.spec.output(end.output)
            return output.type if output else ""
        taken = item.state.spec.input(end.input)
        return taken.type if taken else ""

    def _colour_dots(self) -> None:
        """Give dots, and the wires that leave them, the colour of what they carry."""
        for node_id in self._dots:
            item = self._nodes[node_id]
            kind = self.carried_by(Source(node_id, "value"))
            if kind == item.state.carried:
                continue
            item.state.carried = kind
            item.update()
            for link in self._wires_at.get(node_id, ()):
                self._tint(self._wires[link])

    def _tint(self, wire: WireItem) -> None:
        wire.colour = self.wire_colour(wire.link.source)
        self.chart.put_wire(wire)
        self.mark(wire.box)

    # What is shown beside the document's own parts

    def shift(self, positions: Mapping[str, QPointF]) -> None:
        """Show parts elsewhere while they are dragged; the document knows nothing of it yet."""
        moved: list[str] = []
        for part_id, position in positions.items():
            item = self.part(part_id)
            if item is None:
                continue
            before = item.box
            if not item.put(position.toTuple(), item.rect):
                continue
            if isinstance(item, NodeItem):
                self._settle(item)
                moved.append(part_id)
            self.mark(before)
            self.mark(item.box)
        self._place_wires_of(moved)

    def stretch(self, part_id: str, rect: QRectF) -> None:
        """Show a frame or note elsewhere while it is resized; the document does not know yet."""
        item = self._frames.get(part_id) or self._notes.get(part_id)
        if item is not None:
            self.mark(item.box)
            item.put((rect.x(), rect.y()), QRectF(0, 0, rect.width(), rect.height()))
            self.mark(item.box)

    def show_runs(self, runs: Mapping[str, NodeRun], ids: Iterable[str]) -> None:
        """Show the states in `runs`, which differ for the nodes `ids`."""
        self._runs = runs
        for node_id in ids:
            item = self._nodes.get(node_id)
            if item is None:
                continue
            before, run = item.state.run, runs.get(node_id, NOT_KNOWN)
            item.state.run = run
            if run.badge is before.badge is Badge.RUNNING:
                item.freshen()
            elif run != before:
                self.chart.put_state(item, self.look)
                item.update()

    def show_picture(self, node_id: str) -> None:
        """Draw the picture that `pictures` holds for a node now."""
        item = self._nodes.get(node_id)
        if item is None:
            return
        state = item.state
        before = state.face
        state.face = self._face(state.spec, state.node, known=state.known)
        if state.face is before:
            self.chart.put_picture(item)
            item.freshen()
            return
        self.mark(item.box)
        item.put(item.place, state.face.rect)
        self._place_wires_of([node_id])
        self._settle(item)
        item.update()

    def show_fits(self, fits: Fits | None, end: Source | Target | None = None) -> None:
        """Light the sockets in `fits` and the one at `end`, dim all others; None ends that."""
        lit = dict(fits or {})
        if isinstance(end, Source):
            lit[end.node] = frozenset({(Side.OUTPUT, end.output)})
        elif end is not None:
            lit[end.node] = frozenset({(Side.INPUT, end.input)})
        for node_id, item in self._nodes.items():
            item.state.fits = None if fits is None else lit.get(node_id, frozenset())
            item.version += 1
        for wire in self._wires.values():
            wire.dimmed = fits is not None
        self.mark(None)

    def recolour(self) -> None:
        """Paint everything in the colours of the theme."""
        self.epoch += 1
        self._colours.clear()
        for item in self._nodes.values():
            self.chart.put_node(item, self.look)
        for link, wire in self._wires.items():
            wire.colour = self.wire_colour(link.source)
            self.chart.put_wire(wire)
        self.mark(None)

    def _mark_selected(self, ids: frozenset[str]) -> None:
        for part_id in ids:
            item = self.part(part_id)
            if item is None:
                continue
            item.selected = part_id in self._selection
            if isinstance(item, NodeItem):
                item.state.selected = item.selected
            self.mark(item.box)

    # What lies where

    def node_at(self, point: QPointF) -> NodeItem | None:
        """Return the topmost node under `point`."""
        x, y = point.x(), point.y()
        found = [i for i in self.node_grid.near((x, y, x, y)) if i.contains(x, y)]
        return max(found, key=_height, default=None)

    def note_at(self, point: QPointF) -> NoteItem | None:
        """Return the note under `point`; nodes lie above notes."""
        x, y = point.x(), point.y()
        found = [item for item in self._notes.values() if item.contains(x, y)]
        return found[-1] if found else None

    def frame_at(self, point: QPointF) -> FrameItem | None:
        """Return the smallest frame under `point`, which lies on top of the larger ones."""
        x, y = point.x(), point.y()
        found = [item for item in self.frames_by_size if item.contains(x, y)]
        return found[-1] if found else None

    def socket_at(self, point: QPointF, reach: float) -> tuple[NodeItem, Socket] | None:
        """Return the socket within `reach` of `point`, on the topmost node that has one there."""
        for item in self.near(point, reach):
            socket = item.socket_near(point, reach)
            if socket is not None:
                return item, socket
        return None

    def near(self, point: QPointF, reach: float) -> list[NodeItem]:
        """Return the nodes within `reach` of `point`, the topmost first."""
        grown = reach + metrics.SOCKET
        x, y = point.x(), point.y()
        box = (x - grown, y - grown, x + grown, y + grown)
        found = [item for item in self.node_grid.near(box) if overlap(item.box, box)]
        return sorted(found, key=_height, reverse=True)

    def bounds(self, ids: Iterable[str]) -> QRectF:
        """Return the rectangle around the parts `ids`; an empty one without any."""
        boxes = [item.core for part_id in ids if (item := self.part(part_id)) is not None]
        if not boxes:
            return QRectF()
        left, top = min(box[0] for box in boxes), min(box[1] for box in boxes)
        right, bottom = max(box[2] for box in boxes), max(box[3] for box in boxes)
        return QRectF(left, top, right - left, bottom - top)

    def extent(self) -> QRectF:
        """Return the rectangle around everything."""
        return self.bounds((*self._nodes, *self._frames, *self._notes))

    def inside(self, rect: QRectF) -> set[str]:
        """Return the nodes that `rect` touches."""
        box = (rect.left(), rect.top(), rect.right(), rect.bottom())
        return {item.node_id for item in self.node_grid.near(box) if overlap(item.core, box)}

    def within(self, rect: QRectF) -> set[str]:
        """Return the nodes, frames and notes that lie wholly in `rect`: what a frame carries."""
        box = (rect.left(), rect.top(), rect.right(), rect.bottom())
        parts: list[PartItem] = [*self.node_grid.near(box), *self._frames.values()]
        parts += self._notes.values()
        return {
            item.part_id
            for item in parts
            if box[0] <= item.core[0] and box[1] <= item.core[1]
            and box[2] >= item.core[2] and box[3] >= item.core[3]
        }  # fmt: skip


def _height(item: NodeItem) -> tuple[bool, int]:
    return (item.selected, item.rank)
