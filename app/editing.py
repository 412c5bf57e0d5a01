"""What an artist does to a document, by name: each is one undo step, or a sentence why not."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.words import translate
from graph import edits, healing, nesting
from graph.copies import gathered, insert
from graph.edits import Edit
from graph.errors import SfumatoError
from graph.graph import Link, Source, Target
from graph.reroutes import carried, reached

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping

    from app.level import Level
    from graph.graph import Graph, Point
    from graph.params import Param

DUPLICATE_SHIFT = 32.0


class Editing(QObject):
    """Turns gestures and commands into edits of what is on the canvas.

    Signals:
        refused(str): an edit broke a rule of the graph; the text says what, where and why.
    """

    refused = Signal(str)

    def __init__(self, level: Level, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.level = level

    def attempt(
        self, name: str, make: Callable[[Graph], Edit], merge: Hashable | None = None
    ) -> bool:
        """Make the edit that `make` returns for the graph as it stands; say whether it was made."""
        return self._make(lambda: self.level.edit(name, make(self.level.graph), merge))

    def attempt_whole(
        self, name: str, make: Callable[[Graph], Edit], merge: Hashable | None = None
    ) -> bool:
        """Do the same to the whole document, also when the inside of a subgraph is shown."""
        document = self.level.document
        return self._make(lambda: document.edit(name, make(document.graph), merge))

    def _make(self, edit: Callable[[], object]) -> bool:
        try:
            edit()
        except SfumatoError as error:
            self.refused.emit(str(error))
            return False
        return True

    def add(
        self,
        type_id: str,
        position: Point,
        *,
        wire: Source | Target | None = None,
        params: Mapping[str, Param] | None = None,
    ) -> str:
        """Add a node, `params` over its defaults; with `wire`, join it to that open end.

        Returns:
            The new node's id, or an empty string when it was refused.
        """
        before = self.level.graph.nodes
        name = translate("Editing", "Add node")
        make = partial(self._added, type_id=type_id, position=position, wire=wire, params=params)
        if not self.attempt(name, make):
            return ""
        return next((key for key in self.level.graph.nodes if key not in before), "")

    def _added(
        self,
        graph: Graph,
        *,
        type_id: str,
        position: Point,
        wire: Source | Target | None,
        params: Mapping[str, Param] | None,
    ) -> Edit:
        catalog = self.level.catalog
        edit = edits.add_node(graph, catalog, type_id, position, params=params)
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
        catalog = self.level.catalog
        spec = catalog.require(type_id)
        carried = socket_type(self.level, wire)
        if isinstance(wire, Source):
            inputs = [i for i in spec.inputs if catalog.sockets.accepts(i.type, carried)]
            inputs.sort(key=lambda i: (i.type != carried, not i.required, i.widget is not None))
            return Link(wire, Target(node_id, inputs[0].name)) if inputs else None
        outputs = [o for o in spec.outputs if catalog.sockets.accepts(carried, o.type)]
        outputs.sort(key=lambda o: o.type != carried)
        return Link(Source(node_id, outputs[0].name), wire) if outputs else None

    def wire(self, source: Source, target: Target, *, instead_of: Link | None = None) -> bool:
        """Wire `source` into `target`; the wire `instead_of`, which was picked up, goes."""
        node = self.level.graph.nodes.get(target.node)
        if node is not None and source in node.wires.get(target.input, ()):
            return False
        catalog = self.level.catalog

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

    def move(self, positions: Mapping[str, Point], merge: Hashable | None = None) -> bool:
        """Give parts new places."""
        return self.attempt(
            translate("Editing", "Move"), lambda graph: edits.move(graph, positions), merge
        )

    def set_param(
        self, node_id: str, name: str, value: Param, merge: Hashable | None = None
    ) -> bool:
        """Give a widget of a node a new value; an equal value is no edit."""
        graph, catalog = self.level.graph, self.level.catalog
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
        """Remove parts by id; what nothing uses then goes along."""
        wanted = self._own(ids)
        base, inside = self.level.document.base, self.level.inside
        return bool(wanted) and self.attempt_whole(
            translate("Editing", "Delete"),
            lambda graph: nesting.remove(graph, base, wanted, inside),
        )

    def _own(self, ids: Iterable[str]) -> frozenset[str]:
        """Return those of `ids` that are parts of the graph, and no edges of a subgraph."""
        edges = self.level.edges or ()
        return frozenset(key for key in ids if key in self.level.graph and key not in edges)

    def gathered(self, ids: Iterable[str]) -> Graph:
        """Return the parts `ids` as a graph of their own, for the clipboard."""
        return gathered(self.level.document.graph, self._own(ids), self.level.inside)

    def duplicate(self, ids: Iterable[str]) -> tuple[str, ...]:
        """Copy parts a little to the side, with the wires into them; return the new ids."""
        whole, inside = self.level.document.graph, self.level.inside
        part = gathered(whole, self._own(ids), inside, beside=True)
        shift = (DUPLICATE_SHIFT, DUPLICATE_SHIFT)
        return self.insert(translate("Editing", "Duplicate"), part, shift)

    def insert(self, name: str, part: Graph, shift: Point) -> tuple[str, ...]:
        """Add copies of what is in `part` under fresh ids, moved by `shift`; return the new ids."""
        if not (part.nodes or part.frames or part.notes):
            return ()
        base, inside = self.level.document.base, self.level.inside
        added: list[str] = []

        def make(graph: Graph) -> Edit:
            edit, ids = insert(graph, base, part, shift, inside=inside)
            added.extend(ids)
            return edit

        return tuple(added) if self.attempt_whole(name, make) else ()

    # Wires that mend

    def take_out(self, ids: Iterable[str]) -> bool:
        """Remove parts; the wires that went through the nodes are healed."""
        wanted, catalog = self._own(ids), self.level.catalog
        return bool(wanted) and self.attempt(
            translate("Editing", "Take out"),
            lambda graph: healing.take_out(graph, catalog, wanted),
        )

    def detach(self, ids: Iterable[str], positions: Mapping[str, Point] | None = None) -> bool:
        """Take nodes out of their wires, which are healed; they stay, at `positions` if given."""
        wanted, catalog = self._own(ids), self.level.catalog

        def make(graph: Graph) -> Edit:
            edit = healing.detach(graph, catalog, wanted)
            return edit if positions is None else _and(edit, edits.move(edit.graph, positions))

        return bool(wanted) and self.attempt(translate("Editing", "Shake out"), make)

    def insert_on(
        self, link: Link, node_id: str, positions: Mapping[str, Point] | None = None
    ) -> bool:
        """Put a node on a wire, at `positions` if given."""
        catalog = self.level.catalog

        def make(graph: Graph) -> Edit:
            edit = healing.insert_on(graph, catalog, link, node_id)
            return edit if positions is None else _and(edit, edits.move(edit.graph, positions))

        return self.attempt(translate("Editing", "Insert on wire"), make)

    def reroute(self, link: Link, position: Point, merge: Hashable | None = None) -> str:
        """Put a dot on a wire; return its id, or nothing when that is refused."""
        made: list[str] = []

        def make(graph: Graph) -> Edit:
            edit, node_id = healing.reroute(graph, link, position)
            made.append(node_id)
            return edit

        done = self.attempt(translate("Editing", "Add dot"), make, merge)
        return made[0] if done else ""

    def cut(self, links: Iterable[Link]) -> bool:
        """Take several wires away."""
        wanted = tuple(links)
        return bool(wanted) and self.attempt(
            translate("Editing", "Cut wires"), lambda graph: healing.cut(graph, wanted)
        )

    def unwire_all(self, ids: Iterable[str]) -> bool:
        """Take away all wires at nodes."""
        return self.cut(self.level.graph.links_of(frozenset(ids)))

    def move_wires(self, links: Iterable[Link], to: Source | Target) -> bool:
        """Move one end of several wires to another socket."""
        wanted, catalog = tuple(links), self.level.catalog
        return bool(wanted) and self.attempt(
            translate("Editing", "Move wires"),
            lambda graph: healing.move_wires(graph, catalog, wanted, to),
        )


def _and(first: Edit, second: Edit) -> Edit:
    return Edit(second.graph, first.change | second.change)


def socket_type(document: Level, end: Source | Target) -> str:
    """Return the type of what a socket carries, also through dots; empty when it is not known."""
    graph, catalog = document.graph, document.catalog
    node = graph.nodes.get(end.node)
    spec = catalog.get(node.type) if node else None
    if spec is None:
        return ""
    if isinstance(end, Source):
        return carried(graph, catalog, end) if spec.output(end.output) else ""
    goal = next(reached(graph, end), end)
    spec = catalog.get(graph.nodes[goal.node].type)
    socket = spec.input(goal.input) if spec is not None else None
    return socket.type if socket else ""


def _same(old: Param, new: Param) -> bool:
    # 1 == True == 1.0 in Python, but not in a graph.
    return type(old) is type(new) and old == new
