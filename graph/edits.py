"""Edits: pure functions from a graph to the changed graph and what changed.

Each checks the rules of the graph and raises a `GraphError` that says what, where and why; a
refused edit changes nothing. Documents (`app.document`) apply edits; nothing else alters a graph.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import msgspec
from immutables import Map

from graph.errors import CycleError, GraphError, ParamError, SocketError, UnknownNodeError
from graph.format import misfit
from graph.graph import (
    Frame,
    Graph,
    Link,
    Mode,
    Node,
    Note,
    Point,
    Size,
    Source,
    Target,
    sources_of,
    with_nodes,
)
from graph.order import ordered
from graph.reroutes import clash
from graph.spec import NodeSpec, held, refusal

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping

    from graph.catalog import Catalog
    from graph.params import Param

_LONGEST_STEM = 60
"""Characters of an id before its number: ids in files are short."""

Ids: TypeAlias = frozenset[str]
T = TypeVar("T")
P = TypeVar("P", Node, Frame, Note)


class Change(msgspec.Struct, frozen=True):
    """What an edit touched: ids of parts that were added, altered or removed."""

    nodes: Ids = frozenset()
    frames: Ids = frozenset()
    notes: Ids = frozenset()
    subgraphs: Ids = frozenset()
    wires: bool = False
    """Whether a wire came or went."""
    semantic: bool = False
    """Whether results may differ: not so for positions, titles, colours, frames and notes."""

    def __or__(self, other: Change) -> Change:
        """Return the change of both edits together."""
        return Change(
            self.nodes | other.nodes,
            self.frames | other.frames,
            self.notes | other.notes,
            self.subgraphs | other.subgraphs,
            self.wires or other.wires,
            self.semantic or other.semantic,
        )


class Edit(msgspec.Struct, frozen=True):
    """The outcome of an edit."""

    graph: Graph
    change: Change


def require_node(graph: Graph, node_id: str) -> Node:
    """Return the node `node_id`; raise `UnknownNodeError` when the graph has none."""
    node = graph.nodes.get(node_id)
    if node is None:
        message = f"there is no node {node_id!r} in this graph"
        raise UnknownNodeError(message, node_id)
    return node


def fresh_id(taken: Container[str], wanted: str) -> str:
    """Return `wanted` as a readable id that is not in `taken`: `sample`, `sample-2` ..."""
    stem = re.sub(r"[^a-z0-9]+", "-", wanted.lower())[:_LONGEST_STEM].strip("-") or "node"
    if stem not in taken:
        return stem
    # In leaps, then halfway: a paste of thousands asks this for each, and most numbers are taken.
    used, free = 1, 2
    while f"{stem}-{free}" in taken:
        used, free = free, 2 * free
    while free - used > 1:
        middle = (used + free) // 2
        if f"{stem}-{middle}" in taken:
            used = middle
        else:
            free = middle
    return f"{stem}-{free}"


def add_node(
    graph: Graph,
    catalog: Catalog,
    type_id: str,
    position: Point = (0.0, 0.0),
    *,
    node_id: str | None = None,
    params: Mapping[str, Param] | None = None,
    title: str = "",
) -> Edit:
    """Add a node of `type_id` with its defaults, `params` over them.

    Without `node_id` its id is made from the type's name.
    """
    spec = catalog.require(type_id)
    name = node_id or fresh_id(graph, spec.id.rpartition("/")[2])
    values = spec.defaults()
    for key, value in (params or {}).items():
        values[key] = _taken(spec, name, key, value)
    node = Node(
        id=name,
        type=spec.id,
        version=spec.version,
        params=Map(values),
        position=position,
        title=title,
    )
    return insert(graph, [node])


def insert(graph: Graph, nodes: Iterable[Node]) -> Edit:
    """Add whole nodes, such as pasted ones; their wires must end inside graph and `nodes`."""
    added = tuple(nodes)
    new = {node.id for node in added}
    if len(new) < len(added):
        message = "two of the nodes to be added have one id"
        raise GraphError(message, *sorted(new))
    for node in added:
        if node.id in graph:
            message = f"{node.id!r} is already in this graph"
            raise GraphError(message, node.id)
        for source in sources_of(node):
            if source.node not in graph.nodes and source.node not in new:
                message = f"node {node.id!r} is wired to {source.node!r}, which is not here"
                raise SocketError(message, node.id)
    result = _put(graph, added)
    if len(ordered(result, new)) < len(new):
        message = "the nodes to be added form a circle"
        raise CycleError(message, *sorted(new))
    ends = {source.node for node in added for source in sources_of(node)}
    return Edit(result, Change(frozenset(new | ends), wires=bool(ends), semantic=True))


def _put(graph: Graph, nodes: Iterable[Node]) -> Graph:
    """Return `graph` with `nodes` added or replaced; raise when a file could not hold them."""
    put = tuple(nodes)
    for node in put:
        _check_fit(node)
    return with_nodes(graph, put=put)


def _check_fit(part: Node | Frame | Note) -> None:
    problem = misfit(part)
    if problem is not None:
        raise GraphError(problem, part.id)


def remove(graph: Graph, ids: Iterable[str]) -> Edit:
    """Remove nodes, frames and notes by id, and every wire at the removed nodes."""
    wanted = frozenset(ids)
    nodes = _those_in(graph.nodes, wanted)
    readers = {r for node_id in nodes for r in graph.readers.get(node_id, frozenset())}
    sources = {s.node for node_id in nodes for s in sources_of(graph.nodes[node_id])}
    freed = [_without(graph.nodes[reader], nodes) for reader in sorted(readers - nodes)]
    result = with_nodes(graph, put=freed, remove=sorted(nodes))
    frames, notes = _those_in(graph.frames, wanted), _those_in(graph.notes, wanted)
    result = msgspec.structs.replace(
        result, frames=_dropped(graph.frames, frames), notes=_dropped(graph.notes, notes)
    )
    change = Change(
        nodes=nodes | readers | sources,
        frames=frames,
        notes=notes,
        wires=bool(readers or sources),
        semantic=bool(nodes),
    )
    return Edit(result, change)


def _those_in(parts: Map[str, T], ids: Iterable[str]) -> Ids:
    return frozenset(part_id for part_id in ids if part_id in parts)


def _dropped(parts: Map[str, T], ids: Iterable[str]) -> Map[str, T]:
    mutable = parts.mutate()
    for part_id in ids:
        del mutable[part_id]
    return mutable.finish()


def _without(node: Node, gone: Ids) -> Node:
    """Return `node` with no wires from the nodes `gone`."""
    wires = {
        name: kept
        for name, sources in node.wires.items()
        if (kept := tuple(source for source in sources if source.node not in gone))
    }
    return msgspec.structs.replace(node, wires=Map(wires))


def move(graph: Graph, positions: Mapping[str, Point]) -> Edit:
    """Put nodes, frames and notes at new places."""
    nodes, frames, notes = [], graph.frames.mutate(), graph.notes.mutate()
    for part_id, place in positions.items():
        point = (float(place[0]), float(place[1]))
        if part_id in graph.frames:
            frames[part_id] = _moved(graph.frames[part_id], point)
        elif part_id in graph.notes:
            notes[part_id] = _moved(graph.notes[part_id], point)
        else:
            nodes.append(_moved(require_node(graph, part_id), point))
    moved = msgspec.structs.replace(
        _put(graph, nodes), frames=frames.finish(), notes=notes.finish()
    )
    change = Change(
        frozenset(node.id for node in nodes),
        _those_in(graph.frames, positions),
        _those_in(graph.notes, positions),
    )
    return Edit(moved, change)


def _moved(part: P, point: Point) -> P:
    moved = msgspec.structs.replace(part, position=point)
    _check_fit(moved)
    return moved


def set_param(graph: Graph, catalog: Catalog, node_id: str, name: str, value: Param) -> Edit:
    """Give the widget `name` of a node a new value."""
    node = require_node(graph, node_id)
    taken = _taken(catalog.require(node.type), node_id, name, value)
    changed = msgspec.structs.replace(node, params=node.params.set(name, taken))
    return Edit(_put(graph, [changed]), Change(frozenset({node_id}), semantic=True))


def _taken(spec: NodeSpec, node_id: str, name: str, value: Param) -> Param:
    """Return `value` as the widget `name` keeps it; raise `ParamError` when it is refused."""
    item = spec.input(name)
    if item is None or item.widget is None:
        names = ", ".join(i.name for i in spec.inputs if i.widget is not None) or "none"
        message = f"{spec.title} ({node_id}) has no value {name!r}; its values are: {names}"
        raise ParamError(message, node_id)
    problem = refusal(item.widget, value)
    if problem is not None:
        message = f"{spec.title} ({node_id}), {item.label}: {problem}"
        raise ParamError(message, node_id)
    return held(item.widget, value)


def describe(
    graph: Graph, node_id: str, *, title: str | None = None, colour: str | None = None
) -> Edit:
    """Give a node another title or colour; an empty string takes it away."""
    node = require_node(graph, node_id)
    changed = msgspec.structs.replace(
        node,
        title=node.title if title is None else title,
        colour=node.colour if colour is None else colour,
    )
    return Edit(_put(graph, [changed]), Change(frozenset({node_id})))


def set_mode(graph: Graph, ids: Iterable[str], mode: Mode) -> Edit:
    """Switch nodes on, off, or bypass them."""
    changed = [
        msgspec.structs.replace(node, mode=mode)
        for node in (require_node(graph, node_id) for node_id in ids)
        if node.mode is not mode
    ]
    names = frozenset(node.id for node in changed)
    return Edit(_put(graph, changed), Change(names, semantic=bool(changed)))


def arrange(
    graph: Graph,
    ids: Iterable[str],
    *,
    collapsed: bool | None = None,
    pinned: bool | None = None,
) -> Edit:
    """Collapse nodes to their titles, pin them where they are, or undo either."""
    changed = [
        msgspec.structs.replace(
            node,
            collapsed=node.collapsed if collapsed is None else collapsed,
            pinned=node.pinned if pinned is None else pinned,
        )
        for node in (require_node(graph, node_id) for node_id in ids)
    ]
    return Edit(_put(graph, changed), Change(frozenset(node.id for node in changed)))


def connect(graph: Graph, catalog: Catalog, source: Source, target: Target) -> Edit:
    """Wire `source` into `target`; a wire that already sits on a single input gives way to it."""
    check_link(graph, catalog, Link(source, target))
    node = graph.nodes[target.node]
    item = catalog.require(node.type).input(target.input)
    multiple = item is not None and item.multiple
    before = node.wires.get(target.input, ())
    if source in before:
        message = f"{source.node}.{source.output} is already wired into {target.input}"
        raise SocketError(message, target.node)
    sources = (*before, source) if multiple else (source,)
    changed = msgspec.structs.replace(node, wires=node.wires.set(target.input, sources))
    ends = {target.node, source.node, *(gone.node for gone in before)}
    change = Change(frozenset(ends), wires=True, semantic=True)
    return Edit(_put(graph, [changed]), change)


def disconnect(graph: Graph, link: Link) -> Edit:
    """Take one wire away."""
    node = require_node(graph, link.target.node)
    before = node.wires.get(link.target.input, ())
    if link.source not in before:
        message = f"{link.target.input} of {node.id!r} has no such wire"
        raise SocketError(message, node.id)
    kept = tuple(source for source in before if source != link.source)
    wires = (
        node.wires.set(link.target.input, kept) if kept else node.wires.delete(link.target.input)
    )
    changed = msgspec.structs.replace(node, wires=wires)
    change = Change(frozenset({node.id, link.source.node}), wires=True, semantic=True)
    return Edit(_put(graph, [changed]), change)


def check_link(graph: Graph, catalog: Catalog, link: Link) -> None:
    """Raise when a wire may not be: unknown socket, types that do not fit, or a cycle."""
    source_node = require_node(graph, link.source.node)
    target_node = require_node(graph, link.target.node)
    source_spec, target_spec = catalog.require(source_node.type), catalog.require(target_node.type)
    output, item = source_spec.output(link.source.output), target_spec.input(link.target.input)
    if output is None:
        names = ", ".join(o.name for o in source_spec.outputs) or "none"
        message = f"{source_spec.title} has no output {link.source.output!r}; it has: {names}"
        raise SocketError(message, source_node.id)
    if item is None:
        names = ", ".join(i.name for i in target_spec.inputs) or "none"
        message = f"{target_spec.title} has no input {link.target.input!r}; it has: {names}"
        raise SocketError(message, target_node.id)
    found = clash(graph, catalog, link.source, link.target)
    if found is not None:
        given, end, wanted = found
        end_spec = catalog.require(graph.nodes[end.node].type)
        label = end_spec.input_by_name[end.input].label
        message = (
            f"{output.label or 'the wire'} of {source_spec.title} is {given}, but {label} of "
            f"{end_spec.title} takes {wanted}"
        )
        raise SocketError(message, source_node.id, end.node)
    _check_acyclic(graph, link)


def _check_acyclic(graph: Graph, link: Link) -> None:
    """Raise when `link.source` already depends on `link.target`, naming the way round."""
    start, goal = link.target.node, link.source.node
    came: dict[str, str] = {}
    waiting = [start]
    while waiting and goal not in came and goal != start:
        here = waiting.pop()
        for reader in sorted(graph.readers.get(here, frozenset())):
            if reader not in came and reader != start:
                came[reader] = here
                waiting.append(reader)
    if goal == start or goal in came:
        way = [goal]
        while way[-1] != start:
            way.append(came[way[-1]])
        names = " -> ".join([*reversed(way), start])
        message = f"this wire would close a circle: {names}"
        raise CycleError(message, *way)


def put_frame(graph: Graph, frame: Frame) -> Edit:
    """Add `frame`, or replace the frame of the same id."""
    _check_fit(frame)
    _check_other(graph, frame.id, graph.frames)
    frames = graph.frames.set(frame.id, frame)
    result = msgspec.structs.replace(graph, frames=frames)
    return Edit(result, Change(frames=frozenset({frame.id})))


def put_note(graph: Graph, note: Note) -> Edit:
    """Add `note`, or replace the note of the same id."""
    _check_fit(note)
    _check_other(graph, note.id, graph.notes)
    notes = graph.notes.set(note.id, note)
    result = msgspec.structs.replace(graph, notes=notes)
    return Edit(result, Change(notes=frozenset({note.id})))


def _check_other(graph: Graph, part_id: str, own: Container[str]) -> None:
    """Raise when `part_id` names a part of another kind: an id means one thing in a graph."""
    if part_id in graph and part_id not in own:
        message = f"{part_id!r} is already in this graph"
        raise GraphError(message, part_id)


def resize(graph: Graph, part_id: str, size: Size) -> Edit:
    """Give a frame or a note another size."""
    if part_id in graph.frames:
        return put_frame(graph, msgspec.structs.replace(graph.frames[part_id], size=size))
    if part_id in graph.notes:
        return put_note(graph, msgspec.structs.replace(graph.notes[part_id], size=size))
    message = f"there is no frame or note {part_id!r} in this graph"
    raise UnknownNodeError(message, part_id)


def difference(old: Graph, new: Graph) -> Change:
    """Return what differs between two versions: what undo and redo tell the canvas."""
    nodes = _changed(old.nodes, new.nodes)
    semantic = [n for n in nodes if _meaning(old.nodes.get(n)) != _meaning(new.nodes.get(n))]
    wires = any(_wires(old.nodes.get(n)) != _wires(new.nodes.get(n)) for n in semantic)
    ends = {s.node for n in semantic for g in (old, new) if n in g.nodes
            for s in sources_of(g.nodes[n])} if wires else set()  # fmt: skip
    subgraphs = _changed(old.subgraphs, new.subgraphs)
    return Change(
        nodes | ends,
        _changed(old.frames, new.frames),
        _changed(old.notes, new.notes),
        subgraphs,
        wires,
        bool(semantic or subgraphs),
    )


def _changed(old: Map[str, T], new: Map[str, T]) -> Ids:
    if old is new:
        return frozenset()
    kept = {key for key, value in new.items() if old.get(key) is value}
    return frozenset({*old, *new} - kept)


def _wires(node: Node | None) -> object:
    return Map() if node is None else node.wires


def _meaning(node: Node | None) -> object:
    return None if node is None else (node.type, node.version, node.params, node.wires, node.mode)
