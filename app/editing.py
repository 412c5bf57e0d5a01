"""What an artist does to a document, by name: each is one undo step, or a sentence why not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QObject, Signal

from app.words import translate
from graph import edits
from graph.edits import Edit
from graph.errors import SfumatoError
from graph.graph import Link, Source, Target

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping

    from app.document import Document
    from graph.graph import Graph, Node, Point
    from graph.params import Param

DUPLICATE_SHIFT = 32.0


class Editing(QObject):
    """Turns gestures and commands into edits of a document.

    Signals:
        refused(str): an edit broke a rule of the graph; the text says what, where and why.
    """

    refused = Signal(str)

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document

    def attempt(
        self, name: str, make: Callable[[Graph], Edit], merge: Hashable | None = None
    ) -> bool:
        """Make the edit that `make` returns for the graph as it stands; say whether it was made."""
        try:
            edit = make(self._document.graph)
        except SfumatoError as error:
            self.refused.emit(str(error))
            return False
        self._document.edit(name, edit, merge)
        return True

    def add(self, type_id: str, position: Point, *, wire: Source | Target | None = None) -> str:
        """Add a node; with `wire`, join it to that socket by the first socket that fits.

        Returns:
            The new node's id, or an empty string when it was refused.
        """
        before = self._document.graph.nodes
        name = translate("Editing", "Add node")
        if not self.attempt(name, lambda graph: self._added(graph, type_id, position, wire)):
            return ""
        return next((key for key in self._document.graph.nodes if key not in before), "")

    def _added(
        self, graph: Graph, type_id: str, position: Point, wire: Source | Target | None
    ) -> Edit:
        catalog = self._document.catalog
        edit = edits.add_node(graph, catalog, type_id, position)
        new = next(iter(edit.change.nodes))
        link = self.fitting(type_id, new, wire) if wire is not None else None
        if link is None:
            return edit
        wired = edits.connect(edit.graph, catalog, link.source, link.target)
        return Edit(wired.graph, edit.change | wired.change)

    def fitting(self, type_id: str, node_id: str, wire: Source | Target) -> Link | None:
        """Return the best wire between the open end `wire` and a node of `type_id`, or None.

        Equal types go before conversions, required inputs before those that have a value.
        """
        catalog = self._document.catalog
        spec = catalog.require(type_id)
        carried = socket_type(self._document, wire)
        if isinstance(wire, Source):
            inputs = [i for i in spec.inputs if catalog.sockets.accepts(i.type, carried)]
            inputs.sort(key=lambda i: (i.type != carried, not i.required, i.widget is not None))
            return Link(wire, Target(node_id, inputs[0].name)) if inputs else None
        outputs = [o for o in spec.outputs if catalog.sockets.accepts(carried, o.type)]
        outputs.sort(key=lambda o: o.type != carried)
        return Link(Source(node_id, outputs[0].name), wire) if outputs else None

    def wire(self, source: Source, target: Target, *, instead_of: Link | None = None) -> bool:
        """Wire `source` into `target`; the wire `instead_of`, which was picked up, goes."""
        node = self._document.graph.nodes.get(target.node)
        if node is not None and source in node.wires.get(target.input, ()):
            return False
        catalog = self._document.catalog

        def make(graph: Graph) -> Edit:
            freed = edits.disconnect(graph, instead_of) if instead_of else None
            edit = edits.connect(freed.graph if freed else graph, catalog, source, target)
            return Edit(edit.graph, edit.change | freed.change) if freed else edit

        return self.attempt(translate("Editing", "Connect"), make)

    def unwire(self, link: Link) -> bool:
        """Take a wire away."""
        return self.attempt(
            translate("Editing", "Disconnect"), lambda graph: edits.disconnect(graph, link)
        )

    def move(self, positions: Mapping[str, Point]) -> bool:
        """Give nodes new places."""
        return self.attempt(
            translate("Editing", "Move"), lambda graph: edits.move(graph, positions)
        )

    def set_param(
        self, node_id: str, name: str, value: Param, merge: Hashable | None = None
    ) -> bool:
        """Give a widget of a node a new value; an equal value is no edit."""
        graph, catalog = self._document.graph, self._document.catalog
        node = graph.nodes.get(node_id)
        if node is not None and name in node.params and _same(node.params[name], value):
            return True
        spec = catalog.get(node.type) if node else None
        item = spec.input(name) if spec else None
        step = translate("Editing", "Change {0}").format(item.label if item else name)
        return self.attempt(
            step, lambda current: edits.set_param(current, catalog, node_id, name, value), merge
        )

    def rename(self, node_id: str, title: str) -> bool:
        """Give a node another title; an empty one brings back its type's title."""
        return self.attempt(
            translate("Editing", "Rename"),
            lambda graph: edits.describe(graph, node_id, title=title.strip()),
        )

    def delete(self, ids: Iterable[str]) -> bool:
        """Remove parts by id."""
        wanted = frozenset(ids) & _parts(self._document.graph)
        if not wanted:
            return False
        return self.attempt(
            translate("Editing", "Delete"), lambda graph: edits.remove(graph, wanted)
        )

    def duplicate(self, ids: Iterable[str]) -> tuple[str, ...]:
        """Copy nodes a little to the side, with the wires into them; return the new ids."""
        graph = self._document.graph
        chosen = [
            graph.nodes[key]
            for key in sorted([key for key in frozenset(ids) if key in graph.nodes])
        ]
        shift = (DUPLICATE_SHIFT, DUPLICATE_SHIFT)
        return self.insert(translate("Editing", "Duplicate"), chosen, shift, keep_outside=True)

    def insert(
        self, name: str, nodes: Iterable[Node], shift: Point, *, keep_outside: bool
    ) -> tuple[str, ...]:
        """Add copies of `nodes` under fresh ids, moved by `shift`; return the new ids.

        Wires among them stay; wires from nodes outside stay when `keep_outside`.
        """
        copies = _copies(self._document.graph, list(nodes), shift, keep_outside=keep_outside)
        if not copies or not self.attempt(name, lambda graph: edits.insert(graph, copies)):
            return ()
        return tuple(node.id for node in copies)


def socket_type(document: Document, end: Source | Target) -> str:
    """Return the type of the socket `end`, or an empty string when its node type is unknown."""
    node = document.graph.nodes.get(end.node)
    spec = document.catalog.get(node.type) if node else None
    if spec is None:
        return ""
    socket = spec.output(end.output) if isinstance(end, Source) else spec.input(end.input)
    return socket.type if socket else ""


def _same(old: Param, new: Param) -> bool:
    # 1 == True == 1.0 in Python, but not in a graph.
    return type(old) is type(new) and old == new


def _parts(graph: Graph) -> frozenset[str]:
    return frozenset((*graph.nodes, *graph.frames, *graph.notes))


def _copies(graph: Graph, nodes: list[Node], shift: Point, *, keep_outside: bool) -> list[Node]:
    taken: dict[str, object] = dict.fromkeys(graph.nodes)
    names: dict[str, str] = {}
    for node in nodes:
        names[node.id] = edits.fresh_id(taken, node.id.rstrip("-0123456789") or node.id)
        taken[names[node.id]] = None
    return [_copy(graph, node, names, shift, keep_outside=keep_outside) for node in nodes]


def _copy(
    graph: Graph, node: Node, names: Mapping[str, str], shift: Point, *, keep_outside: bool
) -> Node:
    wires = node.wires
    for name, sources in node.wires.items():
        kept = tuple(
            Source(names.get(source.node, source.node), source.output)
            for source in sources
            if source.node in names or (keep_outside and source.node in graph.nodes)
        )
        wires = wires.set(name, kept) if kept else wires.delete(name)
    x, y = node.position
    return msgspec.structs.replace(
        node, id=names[node.id], wires=wires, position=(x + shift[0], y + shift[1])
    )
