"""Graphs on their way to the engine: whole the first time, afterwards what changed.

Versions of a graph share their nodes, so that what an edit changed is found by looking at which
nodes are other objects. Both sides hold the last graph of a few documents, each in a slot that the
sender chooses.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

import msgspec
from immutables import Map
from msgspec.structs import replace

from graph.errors import SfumatoError
from graph.format import dump, parse
from graph.graph import Graph, Source, with_nodes
from graph.subgraphs import PREFIX

if TYPE_CHECKING:
    from graph.catalog import Catalog
    from graph.graph import Node

_SLOTS = 4
"""Documents whose graphs are held: as many as are worked on at a time."""
_FROM_NODES = ("nodes", "readers")


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """A graph, or what makes it of the one that is in its slot."""

    slot: int
    whole: bytes = b""
    """The graph as `graph.format.dump` writes it; empty where only changes are sent."""
    changed: bytes = b""
    """Nodes that are new or other than before, as a graph without wires; empty for none."""
    wires: dict[str, dict[str, tuple[Source, ...]]] = {}
    """The wires of these nodes."""
    removed: tuple[str, ...] = ()


class SnapshotSender:
    """The client's side, for one engine process; whoever uses it must lock it."""

    def __init__(self) -> None:
        """Begin with nothing sent."""
        self._sent: OrderedDict[str, tuple[int, Graph]] = OrderedDict()

    def snapshot(self, graph: Graph, document: str) -> Snapshot:
        """Return what to send for `graph`, a version of `document`."""
        slot, before = self._sent.pop(document, (-1, None))
        if before is None:
            slot = self._free_slot()
        self._sent[document] = slot, graph
        found = None if before is None else _difference(before, graph)
        if found is None:
            return Snapshot(slot=slot, whole=dump(graph))
        changed, removed = found
        bare = Graph(nodes=Map({node.id: replace(node, wires=Map()) for node in changed}))
        return Snapshot(
            slot=slot,
            changed=dump(bare) if changed else b"",
            wires={node.id: dict(node.wires) for node in changed if node.wires},
            removed=removed,
        )

    def _free_slot(self) -> int:
        if len(self._sent) < _SLOTS:
            return len(self._sent)
        _document, (slot, _graph) = self._sent.popitem(last=False)
        return slot

    def forget(self) -> None:
        """Send whole graphs again: another process listens, or one was not understood."""
        self._sent.clear()


def _difference(before: Graph, after: Graph) -> tuple[list[Node], tuple[str, ...]] | None:
    """Return the nodes that changed and the ids of those removed; None when all is to be sent."""
    for name in Graph.__struct_fields__:
        if name not in _FROM_NODES and getattr(before, name) != getattr(after, name):
            return None  # frames, notes or subgraphs changed
    old = before.nodes
    changed = [node for name, node in after.nodes.items() if old.get(name) is not node]
    # A subgraph's type is known only to the document that has it.
    if len(changed) > len(old) // 2 or any(node.type.startswith(PREFIX) for node in changed):
        return None
    return changed, tuple(name for name in old if name not in after.nodes)


class SnapshotReader:
    """The worker's side."""

    def __init__(self) -> None:
        """Begin with nothing heard."""
        self._slots: dict[int, Graph | SfumatoError] = {}

    def graph(self, snapshot: Snapshot, catalog: Catalog) -> Graph:
        """Return the graph; raise `SfumatoError` when it, or what it is made of, cannot be read."""
        try:
            graph = self._read(snapshot, catalog)
        except SfumatoError as error:
            self._slots[snapshot.slot] = error
            raise
        self._slots[snapshot.slot] = graph
        return graph

    def _read(self, snapshot: Snapshot, catalog: Catalog) -> Graph:
        if snapshot.whole:
            return parse(snapshot.whole, catalog=catalog)
        before = self._slots[snapshot.slot]
        if isinstance(before, SfumatoError):
            raise before
        changed: list[Node] = []
        if snapshot.changed:
            changed = [
                replace(node, wires=Map(snapshot.wires.get(node.id, {})))
                for node in parse(snapshot.changed, catalog=catalog).nodes.values()
            ]
        if not changed and not snapshot.removed:
            return before
        return with_nodes(before, changed, snapshot.removed)
