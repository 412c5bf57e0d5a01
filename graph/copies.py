"""Copies of parts of a graph with the subgraphs that they need: what the clipboard carries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from immutables import Map
from msgspec.structs import replace

from graph.edits import Edit, P, difference, fresh_id
from graph.edits import insert as insert_nodes
from graph.graph import Graph, Node, Source, with_nodes
from graph.nesting import body_of, instance, pruned, put_back, renamed_types, settled
from graph.subgraphs import uses, uses_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from graph.catalog import Catalog
    from graph.graph import Point, Subgraph


def gathered(graph: Graph, ids: Iterable[str], inside: str = "", *, beside: bool = False) -> Graph:
    """Return the parts `ids` as a graph of their own, with the wires among them.

    Subgraphs that nodes among them stand for come along. With `beside`, wires that come from
    other nodes are kept, which are not there: such a part is for `insert` alone.
    """
    body, wanted = body_of(graph, inside), frozenset(ids)
    nodes = [
        node if beside else _alone(node, wanted)
        for key in sorted(wanted)
        if (node := body.nodes.get(key)) is not None
    ]
    part = with_nodes(Graph(), put=nodes)
    return replace(
        part,
        frames=Map({key: body.frames[key] for key in wanted if key in body.frames}),
        notes=Map({key: body.notes[key] for key in wanted if key in body.notes}),
        subgraphs=Map(needed(graph, uses_of(node.type for node in nodes))),
    )


def _alone(node: Node, chosen: frozenset[str]) -> Node:
    """Return `node` with only the wires that come from `chosen` nodes."""
    wires = node.wires
    for name, sources in node.wires.items():
        kept = tuple(source for source in sources if source.node in chosen)
        if kept != sources:
            wires = wires.set(name, kept) if kept else wires.delete(name)
    return node if wires is node.wires else replace(node, wires=wires)


def needed(graph: Graph, ids: Iterable[str]) -> dict[str, Subgraph]:
    """Return the subgraphs `ids` of `graph` and those inside them."""
    found: dict[str, Subgraph] = {}
    waiting = list(ids)
    while waiting:
        name = waiting.pop()
        part = graph.subgraphs.get(name)
        if part is not None and name not in found:
            found[name] = part
            waiting += uses(part)
    return found


def insert(
    graph: Graph, catalog: Catalog, part: Graph, shift: Point, *, inside: str = ""
) -> tuple[Edit, tuple[str, ...]]:
    """Add what is in `part` under fresh ids, moved by `shift`; return the new ids as well.

    Wires in `part` that come from nodes beside it stay, where there are such nodes. A subgraph of
    an id that the document has with another inside becomes one of its own.

    Raises:
        CycleError: a node would stand for the subgraph that it is put into.
    """
    subgraphs, renamed = _merged(graph, part)
    body = body_of(graph, inside)
    names = _fresh_names(body, part)
    nodes = renamed_types(
        (_copy(body, node, names, shift) for node in part.nodes.values()), renamed
    )  # fmt: skip
    fresh = insert_nodes(body, nodes).graph
    fresh = replace(
        fresh,
        frames=fresh.frames.update(_moved(part.frames, names, shift)),
        notes=fresh.notes.update(_moved(part.notes, names, shift)),
    )
    if inside:
        whole = replace(graph, subgraphs=subgraphs)
        whole = put_back(whole, catalog, inside, fresh).graph
    else:
        whole = replace(fresh, subgraphs=subgraphs)
        # What was copied may be of a document whose subgraphs showed something else.
        stands_for = uses_of(node.type for node in nodes) & set(subgraphs)
        whole = settled(whole, catalog, stands_for) if stands_for else whole
    edit = Edit(whole, difference(graph, whole))
    return edit, tuple(names[key] for key in (*part.nodes, *part.frames, *part.notes))


def _merged(graph: Graph, part: Graph) -> tuple[Map[str, Subgraph], dict[str, str]]:
    """Return the subgraphs of both, and the new ids of those of `part` whose id is taken."""
    renamed: dict[str, str] = {}
    taken = dict.fromkeys((*graph.subgraphs, *part.subgraphs))
    while True:  # a subgraph that holds one under another id is another one itself
        fresh = {
            name
            for name, found in part.subgraphs.items()
            if name not in renamed
            and name in graph.subgraphs
            and (found != graph.subgraphs[name] or uses(found) & renamed.keys())
        }
        if not fresh:
            break
        for name in sorted(fresh):
            renamed[name] = fresh_id(taken, name.rstrip("-0123456789") or name)
            taken[renamed[name]] = None
    merged = graph.subgraphs
    for name, found in part.subgraphs.items():
        if name in graph.subgraphs and name not in renamed:
            continue
        new = renamed.get(name, name)
        nodes = renamed_types(found.body.nodes.values(), renamed)
        body = with_nodes(found.body, put=nodes) if uses(found) & renamed.keys() else found.body
        merged = merged.set(new, replace(found, id=new, body=body))
    return merged, renamed


def _fresh_names(body: Graph, part: Graph) -> dict[str, str]:
    """Return ids that are free in `body` for all parts of `part`; in linear time."""
    taken = {*body.nodes, *body.frames, *body.notes}
    last: dict[str, int] = {}
    names: dict[str, str] = {}
    for part_id in sorted((*part.nodes, *part.frames, *part.notes)):
        stem = fresh_id((), part_id.rstrip("-0123456789") or part_id)
        number = last.get(stem, 1)
        name = stem if number == 1 else f"{stem}-{number}"
        while name in taken:
            number += 1
            name = f"{stem}-{number}"
        last[stem] = number
        taken.add(name)
        names[part_id] = name
    return names


def _copy(body: Graph, node: Node, names: Mapping[str, str], shift: Point) -> Node:
    wires = {
        name: kept
        for name, sources in node.wires.items()
        if (
            kept := tuple(
                Source(names.get(source.node, source.node), source.output)
                for source in sources
                if source.node in names or source.node in body.nodes
            )
        )
    }
    x, y = node.position
    return replace(
        node, id=names[node.id], wires=Map(wires), position=(x + shift[0], y + shift[1])
    )  # fmt: skip


def _moved(parts: Map[str, P], names: Mapping[str, str], shift: Point) -> dict[str, P]:
    return {
        names[key]: replace(
            part,
            id=names[key],
            position=(part.position[0] + shift[0], part.position[1] + shift[1]),
        )
        for key, part in parts.items()
    }


def independent(graph: Graph, catalog: Catalog, ids: Iterable[str], inside: str = "") -> Edit:
    """Give each node of `ids` that stands for a subgraph a subgraph of its own.

    Raises:
        GraphError: one of them stands for no subgraph.
    """
    body, whole = body_of(graph, inside), graph
    fresh: list[Node] = []
    for node_id in sorted(ids):
        node, subgraph = instance(graph, body, node_id)
        name = fresh_id(whole.subgraphs, subgraph.id.rstrip("-0123456789") or subgraph.id)
        whole = replace(whole, subgraphs=whole.subgraphs.set(name, replace(subgraph, id=name)))
        fresh += renamed_types([node], {subgraph.id: name})
    if inside:
        whole = put_back(whole, catalog, inside, with_nodes(body, put=fresh)).graph
    else:
        whole = with_nodes(whole, put=fresh)
    whole = pruned(whole)
    return Edit(whole, difference(graph, whole))
