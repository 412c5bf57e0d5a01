"""The graph that is on the canvas: the document itself, or the inside of one of its subgraphs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.theme import metrics
from graph.edits import Change, difference
from graph.graph import with_nodes
from graph.inside import INPUTS, OUTPUTS, closed, opened
from graph.nesting import put_back
from graph.showing import put
from graph.subgraphs import subgraph_of, type_of

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from app.document import Document
    from graph.catalog import Catalog
    from graph.edits import Edit
    from graph.graph import Graph, Node, Point, Subgraph
    from graph.inside import Inside

_BESIDE = 96.0
"""How far the nodes for what comes in and goes out stand from the rest."""


class Level(QObject):
    """What the canvas edits: it looks like a document, whose edits its own edits are.

    Inside a subgraph, what that shows is seen as two more nodes (`graph.inside`), whose wires say
    what it shows.

    One goes in through the nodes that stand for subgraphs; `path` are the ids of those nodes. When
    one of them is gone (an undo may do that), one is outside again.

    Signals:
        changed(Change): the graph that is shown is another one; says where it differs.
        catalogChanged(): everything may differ, draw it anew: other node types, another level.
        entered(): one is at another level; told before `catalogChanged`.
    """

    changed = Signal(object)
    catalogChanged = Signal()
    entered = Signal()

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self._path: tuple[str, ...] = ()
        self._subgraph = ""
        self._inside: Inside | None = None
        self._graph = document.graph
        self._catalog = self._known = self._base = document.catalog
        document.changed.connect(self._follow)
        document.catalogChanged.connect(self._renew)

    @property
    def graph(self) -> Graph:
        """The graph that is shown; inside a subgraph, with the nodes for what that shows."""
        return self._graph

    @property
    def catalog(self) -> Catalog:
        """The node types that can be used."""
        return self._catalog

    @property
    def edges(self) -> tuple[str, str] | None:
        """Inside a subgraph: the ids of the nodes for what comes in and for what goes out."""
        return None if self._inside is None else (self._inside.inputs, self._inside.outputs)

    def new_socket(self, kind: str) -> str:
        """Return the socket of the node of type `kind` that a wire shows one more of."""
        if self._inside is None:
            return ""
        return self._inside.new_input if kind == INPUTS else self._inside.new_output

    @property
    def path(self) -> tuple[str, ...]:
        """The ids of the nodes through which one went in, the outermost first."""
        return self._path

    @property
    def inside(self) -> str:
        """The id of the subgraph that is shown; empty for the document itself."""
        return self._subgraph

    @property
    def subgraph(self) -> Subgraph | None:
        """The subgraph that is shown."""
        return self.document.graph.subgraphs.get(self._subgraph) if self._subgraph else None

    @property
    def titles(self) -> Sequence[str]:
        """What is on the way in is called, from the document inwards."""
        graph, names = self.document.graph, [self.document.name]
        body = graph
        for node_id in self._path:
            node = body.nodes[node_id]
            subgraph = subgraph_of(graph, node.type)
            assert subgraph is not None  # noqa: S101 - `_resolved` went this way
            names.append(node.title or subgraph.title or subgraph.id)
            body = subgraph.body
        return names

    def event_id(self, node_id: str) -> str:
        """Return what the engine calls a node of this level."""
        return "/".join((*self._path, node_id))

    # Going in and out

    def can_enter(self, node_id: str) -> bool:
        """Say whether a node stands for a subgraph."""
        node = self._graph.nodes.get(node_id)
        return node is not None and subgraph_of(self.document.graph, node.type) is not None

    def enter(self, node_id: str) -> bool:
        """Go into the subgraph that a node stands for; say whether it stands for one."""
        return self.can_enter(node_id) and self.go((*self._path, node_id))

    def leave(self) -> bool:
        """Go out one level; say whether there was one."""
        return bool(self._path) and self.go(self._path[:-1])

    def go(self, path: tuple[str, ...]) -> bool:
        """Go to where `path` leads, as far as it does; say whether that is another level."""
        path, subgraph = self._resolved(path)
        if path == self._path:
            return False
        self._arrive(path, subgraph)
        return True

    def _arrive(self, path: tuple[str, ...], subgraph: str) -> None:
        self._path, self._subgraph = path, subgraph
        self._inside = None
        self._open()
        self.entered.emit()
        self.catalogChanged.emit()

    def _resolved(self, path: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
        """Return how far `path` leads, and the subgraph there."""
        graph, body = self.document.graph, self.document.graph
        found = ""
        for depth, node_id in enumerate(path):
            node = body.nodes.get(node_id)
            subgraph = None if node is None else subgraph_of(graph, node.type)
            if subgraph is None:
                return path[:depth], found
            found, body = subgraph.id, subgraph.body
        return path, found

    def _open(self) -> None:
        """Take what is to be shown from the document."""
        self._known = self.document.catalog
        subgraph = self.subgraph
        if subgraph is None:
            self._graph, self._catalog = self.document.graph, self._known
            return
        before, self._inside = self._inside, opened(subgraph, self._known, _places(subgraph.body))
        self._graph = _kept(self._graph, self._inside.graph)
        if before is None or before.specs != self._inside.specs or self._known is not self._base:
            self._catalog = self._known.extended(self._inside.specs)
            self._base = self._known

    # Edits

    def edit(self, name: str, edit: Edit, merge: Hashable | None = None) -> None:
        """Make `edit`, which began at `graph`, one of the document; see `Document.edit`.

        Raises:
            GraphError: the subgraph would hold itself.
        """
        if edit.graph is self._graph:
            return
        subgraph, inside, graph = self.subgraph, self._inside, self.document.graph
        if subgraph is not None and inside is not None:
            edges = {inside.inputs, inside.outputs}
            if edit.change.nodes and edit.change.nodes <= edges and not edit.change.semantic:
                return  # how the edges look is kept nowhere
            fresh = closed(subgraph, inside, edit.graph, self._known)
            if edit.change.semantic:
                edit = put(graph, self.document.base, fresh)
            else:
                body = fresh.body
                edit = put_back(graph, self.document.base, self._subgraph, body, semantic=False)
        self.document.edit(name, edit, merge)

    def seal(self) -> None:
        """End a row of merging edits."""
        self.document.seal()

    def _follow(self, change: Change) -> None:
        path, subgraph = self._resolved(self._path)
        if (path, subgraph) != (self._path, self._subgraph):
            self._arrive(path, subgraph)
            return
        before, catalog = self._graph, self._catalog
        self._open()
        if self._subgraph:
            change = difference(before, self._graph)
        if self._catalog is not catalog:
            change |= self._redeclared(catalog)
        self.changed.emit(change)

    def _redeclared(self, before: Catalog) -> Change:
        """Return the change at nodes whose type shows something else now."""
        types = {
            kind
            for kind in (*map(type_of, self.document.graph.subgraphs), INPUTS, OUTPUTS)
            if before.get(kind) is not self._catalog.get(kind)
        }
        nodes = frozenset(n.id for n in self._graph.nodes.values() if n.type in types)
        return Change(nodes, wires=bool(nodes))

    def _renew(self) -> None:
        self._open()
        self.catalogChanged.emit()


def _places(body: Graph) -> tuple[Point, Point]:
    """Return where what comes in and what goes out stand: at the left and right of the rest."""
    places = [part.position for part in body.nodes.values()]
    left = min((x for x, _y in places), default=0.0) - metrics.NODE_WIDTH - _BESIDE
    right = max((x for x, _y in places), default=0.0) + metrics.NODE_WIDTH + _BESIDE
    top = min((y for _x, y in places), default=0.0)
    return (left, top), (right, top)


def _kept(before: Graph, now: Graph) -> Graph:
    """Return `now` with nodes of `before` where they are equal: these need not be drawn anew."""
    same: list[Node] = [
        old
        for node in now.nodes.values()
        if (old := before.nodes.get(node.id)) is not None and old is not node and old == node
    ]
    return with_nodes(now, put=same)
