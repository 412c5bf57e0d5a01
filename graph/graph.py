"""The graph as a value: immutable, and versions share what they have in common.

`Graph` holds its parts in persistent maps, so that an edit copies a few tree nodes and a thousand
undo steps of a large graph stay cheap. Edits are functions in `graph.edits`; nothing else builds
changed graphs.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

import msgspec
from immutables import Map, MapMutation

from graph.params import Param

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Point: TypeAlias = tuple[float, float]
Size: TypeAlias = tuple[float, float]
Extra: TypeAlias = "Map[str, object]"
"""Fields of the file that this version does not know, kept for the next save."""

NOTHING: Extra = Map()

# `gc=False` here and in the engine: values that never change cannot lie in a circle, and the
# collector need not look at a hundred thousand of them again and again.


class Source(msgspec.Struct, frozen=True, order=True, gc=False):
    """One end of a wire: an output of a node."""

    node: str
    output: str


class Target(msgspec.Struct, frozen=True, order=True):
    """The other end of a wire: an input of a node."""

    node: str
    input: str


class Link(msgspec.Struct, frozen=True, order=True):
    """One wire."""

    source: Source
    target: Target


class Mode(StrEnum):
    """Whether a node takes part in a run."""

    ON = "on"
    MUTED = "muted"
    """Switched off, and with it all that needs it."""
    BYPASSED = "bypassed"
    """Left out: what is wired in goes on to the outputs of the same type."""


class Node(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A node in a graph: what it is, what its widgets hold, what is wired into it, how it looks."""

    id: str
    type: str
    """`pack/function`."""
    version: int = 1
    params: Map[str, Param] = Map()
    """Widget values that differ from nothing: all that were set, by parameter name."""
    wires: Map[str, tuple[Source, ...]] = Map()
    """What is wired into each input; several sources only where the input takes several."""
    position: Point = (0.0, 0.0)
    title: str = ""
    """The name given by the artist; empty shows the type's title."""
    colour: str = ""
    """`#rrggbb`, or empty for none."""
    mode: Mode = Mode.ON
    collapsed: bool = False
    """Whether only its title and sockets are drawn."""
    pinned: bool = False
    """Whether it stays where it is."""
    extra: Extra = NOTHING


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """A titled rectangle behind nodes."""

    id: str
    title: str = ""
    position: Point = (0.0, 0.0)
    size: Size = (400.0, 300.0)
    colour: str = ""
    extra: Extra = NOTHING


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """Text on the canvas."""

    id: str
    text: str = ""
    position: Point = (0.0, 0.0)
    size: Size = (240.0, 120.0)
    colour: str = ""
    extra: Extra = NOTHING


class SubgraphInput(msgspec.Struct, frozen=True, kw_only=True):
    """An input that a subgraph shows: it feeds inputs of nodes inside."""

    name: str
    label: str = ""
    """What is shown; empty shows the label of the first target."""
    targets: tuple[Target, ...]
    """The inputs inside that it feeds; the first decides its type, widget and default."""


class SubgraphOutput(msgspec.Struct, frozen=True, kw_only=True):
    """An output that a subgraph shows: that of a node inside."""

    name: str
    label: str = ""
    source: Source


class Loop(msgspec.Struct, frozen=True, kw_only=True):
    """A subgraph that runs again and again, each time with what the last time gave.

    Outputs in `feedback` give what the last iteration gave; the others list what each gave.
    """

    over: str = ""
    """The input whose list is gone through, one element an iteration; empty: `count` times."""
    feedback: tuple[tuple[str, str], ...] = ()
    """Pairs of an output and the input that it feeds in the next iteration."""


class Subgraph(msgspec.Struct, frozen=True, kw_only=True):
    """A graph that is used as a node: nodes of the type `subgraph/ID` stand for it."""

    id: str
    title: str = ""
    doc: str = ""
    body: Graph
    """What is inside; its own `subgraphs` is empty, for a document has one table of them."""
    inputs: tuple[SubgraphInput, ...] = ()
    outputs: tuple[SubgraphOutput, ...] = ()
    loop: Loop | None = None
    extra: Extra = NOTHING


class Graph(msgspec.Struct, frozen=True, kw_only=True):
    """A document: nodes with their wires, frames, notes, and the subgraphs that nodes stand for."""

    nodes: Map[str, Node] = Map()
    frames: Map[str, Frame] = Map()
    notes: Map[str, Note] = Map()
    readers: Map[str, frozenset[str]] = Map()
    """Which nodes are wired to an output of each node: derived from the wires by `with_nodes`."""
    subgraphs: Map[str, Subgraph] = Map()
    extra: Extra = NOTHING

    def __contains__(self, part_id: object) -> bool:
        """Say whether a node, a frame or a note has the id `part_id`: no two parts share one."""
        return part_id in self.nodes or part_id in self.frames or part_id in self.notes

    def links(self) -> Iterator[Link]:
        """Yield every wire, in no particular order."""
        for node in self.nodes.values():
            yield from links_into(node)

    def links_of(self, ids: Iterable[str]) -> Iterator[Link]:
        """Yield each wire that starts or ends at one of the nodes `ids`, once."""
        wanted = set(ids)
        around = set(wanted)
        for node_id in wanted:
            around |= self.readers.get(node_id, frozenset())
        for node_id in around:
            for link in links_into(self.nodes[node_id]) if node_id in self.nodes else ():
                if link.source.node in wanted or link.target.node in wanted:
                    yield link

    def downstream(self, ids: Iterable[str]) -> set[str]:
        """Return `ids` and all nodes that depend on one of them."""
        seen = set(ids)
        waiting = list(seen)
        while waiting:
            for reader in self.readers.get(waiting.pop(), frozenset()):
                if reader not in seen:
                    seen.add(reader)
                    waiting.append(reader)
        return seen

    def upstream(self, ids: Iterable[str]) -> set[str]:
        """Return `ids` and all nodes that one of them depends on."""
        seen = {node_id for node_id in ids if node_id in self.nodes}
        waiting = list(seen)
        while waiting:
            for source in sources_of(self.nodes[waiting.pop()]):
                if source.node not in seen and source.node in self.nodes:
                    seen.add(source.node)
                    waiting.append(source.node)
        return seen


def links_into(node: Node) -> Iterator[Link]:
    """Yield the wires that end at `node`."""
    for name, sources in node.wires.items():
        for source in sources:
            yield Link(source, Target(node.id, name))


def sources_of(node: Node) -> Iterator[Source]:
    """Yield the outputs that are wired into `node`."""
    for sources in node.wires.values():
        yield from sources


def with_nodes(graph: Graph, put: Iterable[Node] = (), remove: Iterable[str] = ()) -> Graph:
    """Return `graph` with the nodes `put` added or replaced and the nodes `remove` gone.

    The one place that changes nodes, and so keeps `readers` true to the wires. It checks nothing:
    the rules live in `graph.edits` and `graph.format`.
    """
    nodes = graph.nodes.mutate()
    readers = graph.readers.mutate()
    for node_id in remove:
        _rewire(readers, node_id, nodes.pop(node_id), None)
    for node in put:
        _rewire(readers, node.id, nodes.get(node.id), node)
        nodes[node.id] = node
    return msgspec.structs.replace(graph, nodes=nodes.finish(), readers=readers.finish())


def _rewire(
    readers: MapMutation[str, frozenset[str]], node_id: str, old: Node | None, new: Node | None
) -> None:
    """Bring `readers` from the wires of `old` to those of `new`."""
    if old is not None and new is not None and old.wires is new.wires:
        return
    before = {source.node for source in sources_of(old)} if old else set()
    after = {source.node for source in sources_of(new)} if new else set()
    for gone in before - after:
        left = readers.get(gone, frozenset()) - {node_id}
        if left:
            readers[gone] = left
        else:
            readers.pop(gone, None)
    for come in after - before:
        readers[come] = readers.get(come, frozenset()) | {node_id}
