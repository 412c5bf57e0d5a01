"""The scene: one item a node and one a wire, kept in step with the document by its changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPointF, QRectF, Signal
from PySide6.QtGui import QColor, QTransform
from PySide6.QtWidgets import QGraphicsScene

from app.canvas.face import Side, lay_out
from app.canvas.node_item import NodeItem
from app.canvas.pictures import Pictures
from app.canvas.placeholder import stand_in
from app.canvas.state import NodeState
from app.canvas.wire_item import WireItem
from app.runstate import NOT_KNOWN
from app.theme import metrics
from graph.graph import Link, Source, Target

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from app.canvas.face import Socket
    from app.canvas.fits import Fits
    from app.canvas.selection import Selection
    from app.document import Document
    from app.runstate import NodeRun
    from app.theme.look import Look
    from graph.edits import Change
    from graph.graph import Node
    from graph.sockets import SocketTypes


class CanvasScene(QGraphicsScene):
    """Draws a document. It holds items, never truth: all of it can be made anew at any time.

    Signals:
        touched(): something looks otherwise; a view that lets the items paint need not listen.
    """

    touched = Signal()

    def __init__(
        self, document: Document, selection: Selection, look: Look, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.document = document
        self.look = look
        self.pictures = Pictures()
        self._selection = selection
        self._nodes: dict[str, NodeItem] = {}
        self._wires: dict[Link, WireItem] = {}
        self._wires_at: dict[str, set[Link]] = {}
        self._runs: Mapping[str, NodeRun] = {}
        self.revision = 0
        """Raised when an item moved, came or went."""
        document.changed.connect(self.apply)
        document.catalogChanged.connect(self.rebuild)
        selection.changed.connect(self._mark_selected)
        look.changed.connect(self.recolour)
        self.rebuild()

    @property
    def types(self) -> SocketTypes:
        """The socket types of the document's catalog."""
        return self.document.catalog.sockets

    @property
    def nodes(self) -> Mapping[str, NodeItem]:
        """The node items by id."""
        return self._nodes

    @property
    def wires(self) -> Mapping[Link, WireItem]:
        """The wire items by wire."""
        return self._wires

    # Keeping in step with the document

    def rebuild(self) -> None:
        """Make all items anew."""
        self.clear()
        self._nodes.clear()
        self._wires.clear()
        self._wires_at.clear()
        self._update_nodes(self.document.graph.nodes)
        self._update_wires(self.document.graph.nodes)
        self.touched.emit()

    def apply(self, change: Change) -> None:
        """Bring the items that `change` names in step with the document."""
        self._update_nodes(change.nodes)
        self._update_wires(change.nodes)
        self._selection.keep(self.document.graph.nodes)
        self.touched.emit()

    def _update_nodes(self, ids: Iterable[str]) -> None:
        graph = self.document.graph
        self.revision += 1
        for node_id in ids:
            node, item = graph.nodes.get(node_id), self._nodes.get(node_id)
            if node is None:
                if item is not None:
                    self.removeItem(self._nodes.pop(node_id))
            elif item is None:
                item = NodeItem(self._fresh_state(node), self)
                self._nodes[node_id] = item
                self.addItem(item)
            else:
                self._renew(item, node)

    def _fresh_state(self, node: Node) -> NodeState:
        spec = self.document.catalog.get(node.type)
        known = spec is not None
        spec = spec or stand_in(self.document.graph, node)
        state = NodeState(node=node, spec=spec, face=lay_out(spec), known=known)
        state.selected = node.id in self._selection
        state.run = self._runs.get(node.id, NOT_KNOWN)
        state.picture = self.pictures.get(node.id)
        self._fit_face(state)
        return state

    def _renew(self, item: NodeItem, node: Node) -> None:
        state = item.state
        state.node = node
        if not state.known:
            state.spec = stand_in(self.document.graph, node)
        self._fit_face(state)
        item.refit()
        item.setPos(*node.position)
        item.update()

    def _fit_face(self, state: NodeState) -> None:
        values = (item.name for item in state.spec.inputs if item.widget is not None)
        wired = frozenset(name for name in values if name in state.node.wires)
        ratio = self.pictures.ratio(state.node.id)
        state.face = lay_out(state.spec, wired, ratio)

    def _update_wires(self, ids: Iterable[str]) -> None:
        touched = set(ids)
        wanted = set(self.document.graph.links_of(touched))
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
        item = WireItem(link, self.wire_colour(link.source))
        self._wires[link] = item
        self.addItem(item)
        for node_id in (link.source.node, link.target.node):
            self._wires_at.setdefault(node_id, set()).add(link)

    def _drop_wire(self, link: Link) -> None:
        self.removeItem(self._wires.pop(link))
        for node_id in (link.source.node, link.target.node):
            self._wires_at.get(node_id, set()).discard(link)

    def _note_outputs(self, node_id: str) -> None:
        item = self._nodes.get(node_id)
        if item is None:
            return
        links = self._wires_at.get(node_id, ())
        wired = frozenset(link.source.output for link in links if link.source.node == node_id)
        if wired != item.state.outputs_wired:
            item.state.outputs_wired = wired
            item.update()

    def place_wire(self, link: Link) -> None:
        """Lead a wire from where its output is to where its input is."""
        source, target = self._nodes.get(link.source.node), self._nodes.get(link.target.node)
        if source is not None and target is not None:
            self._wires[link].set_ends(
                source.socket_point(Side.OUTPUT, link.source.output),
                target.socket_point(Side.INPUT, link.target.input),
            )

    def wire_colour(self, end: Source | Target) -> QColor:
        """Return the colour of a wire at that socket."""
        item = self._nodes.get(end.node)
        kind = ""
        if item is not None:
            spec = item.state.spec
            found = spec.output(end.output) if isinstance(end, Source) else spec.input(end.input)
            kind = found.type if found else ""
        return self.look.colours.wire(self.types[kind].colour)

    # What is shown beside the document's own parts

    def shift(self, positions: Mapping[str, QPointF]) -> None:
        """Show nodes elsewhere while they are dragged; the document knows nothing of it yet."""
        self.revision += 1
        links: set[Link] = set()
        for node_id, position in positions.items():
            self._nodes[node_id].setPos(position)
            links |= self._wires_at.get(node_id, set())
        for link in links:
            self.place_wire(link)
        self.touched.emit()

    def show_runs(self, runs: Mapping[str, NodeRun], ids: Iterable[str]) -> None:
        """Show the states in `runs`, which differ for the nodes `ids`."""
        self._runs = runs
        for node_id in ids:
            item = self._nodes.get(node_id)
            if item is not None:
                item.state.run = runs.get(node_id, NOT_KNOWN)
                item.update()
        self.touched.emit()

    def show_picture(self, node_id: str) -> None:
        """Draw the picture that `pictures` holds for a node now."""
        item = self._nodes.get(node_id)
        if item is None:
            return
        item.state.picture = self.pictures.get(node_id)
        before = item.state.face
        self._fit_face(item.state)
        if item.state.face is not before:
            self.revision += 1
            item.refit()
            for link in self._wires_at.get(node_id, ()):
                self.place_wire(link)
        item.update()
        self.touched.emit()

    def show_fits(self, fits: Fits | None, end: Source | Target | None = None) -> None:
        """Light the sockets in `fits` and the one at `end`, dim all others; None ends that."""
        lit = dict(fits or {})
        if isinstance(end, Source):
            lit[end.node] = frozenset({(Side.OUTPUT, end.output)})
        elif end is not None:
            lit[end.node] = frozenset({(Side.INPUT, end.input)})
        for node_id, item in self._nodes.items():
            item.state.fits = None if fits is None else lit.get(node_id, frozenset())
            item.update()
        for wire in self._wires.values():
            wire.set_dimmed(dimmed=fits is not None)

    def recolour(self) -> None:
        """Paint everything in the colours of the theme."""
        self.revision += 1
        for link, item in self._wires.items():
            item.colour = self.wire_colour(link.source)
        self.update()
        self.touched.emit()

    def _mark_selected(self, ids: frozenset[str]) -> None:
        for node_id in ids:
            item = self._nodes.get(node_id)
            if item is not None:
                item.state.selected = node_id in self._selection
                item.setZValue(2.0 if item.state.selected else 1.0)
                item.update()
        self.touched.emit()

    # What lies where

    def node_at(self, point: QPointF) -> NodeItem | None:
        """Return the topmost node under `point`."""
        for item in self.items(point):
            if isinstance(item, NodeItem):
                return item
        return None

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
        rect = QRectF(point.x() - grown, point.y() - grown, 2 * grown, 2 * grown)
        return [item for item in self.items(rect) if isinstance(item, NodeItem)]

    def bounds(self, ids: Iterable[str]) -> QRectF:
        """Return the rectangle around the nodes `ids`; an empty one without nodes."""
        rect = QRectF()
        for node_id in ids:
            item = self._nodes.get(node_id)
            if item is not None:
                rect = rect.united(item.state.face.rect.translated(item.pos()))
        return rect

    def inside(self, rect: QRectF) -> set[str]:
        """Return the nodes that `rect` touches."""
        found = self.items(rect, deviceTransform=QTransform())
        return {item.node_id for item in found if isinstance(item, NodeItem)}
