"""Edits of wires that mend what they touch: nodes put on a wire, taken out of one, dots, cuts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from immutables import Map
from msgspec.structs import replace

from graph import edits
from graph.catalog import REROUTE
from graph.edits import Edit, difference, fresh_id
from graph.errors import SfumatoError, SocketError
from graph.graph import Graph, Link, Node, Source, Target, sources_of, with_nodes
from graph.nesting import rewired
from graph.order import ordered
from graph.reroutes import carried, reached
from graph.sockets import ANY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from graph.catalog import Catalog
    from graph.graph import Point
    from graph.spec import InputSpec, NodeSpec


def way_through(
    graph: Graph, catalog: Catalog, spec: NodeSpec, link: Link, node: Node | None = None
) -> tuple[str, str] | None:
    """Return the input and the output by which a node of type `spec` fits on the wire `link`.

    None when it fits nowhere. `node` is the node, where it is there already: inputs of it that are
    wired are not taken. Equal types go before conversions, sockets before values.
    """
    accepts = catalog.sockets.accepts
    given = carried(graph, catalog, link.source)
    ends = list(_types_wanted(graph, catalog, link.target))
    inputs = [
        item
        for item in spec.inputs
        if accepts(item.type, given) and (node is None or item.name not in node.wires)
    ]
    outputs = [o for o in spec.outputs if all(accepts(kind, o.type) for kind in ends)]
    if not inputs or not outputs:
        return None
    item = min(inputs, key=lambda i: _rank(i, given))
    # What comes in at one type should come out as that type: a picture in, the picture out.
    output = min(outputs, key=lambda o: (o.type not in ends, o.type != item.type))
    return item.name, output.name


def _rank(item: InputSpec, given: str) -> tuple[bool, bool, bool]:
    return item.type != given, item.widget is not None, not item.required


def _types_wanted(graph: Graph, catalog: Catalog, target: Target) -> Iterator[str]:
    for end in reached(graph, target):
        spec = catalog.get(graph.nodes[end.node].type)
        item = None if spec is None else spec.input(end.input)
        yield ANY.name if item is None else item.type


def insert_on(graph: Graph, catalog: Catalog, link: Link, node_id: str) -> Edit:
    """Put a node that is there on a wire: what flowed through the wire flows through the node.

    Raises:
        SocketError: it does not fit there, or the wire is not there.
        CycleError: the node needs, or is needed by, both ends in another way.
    """
    node = edits.require_node(graph, node_id)
    spec = catalog.require(node.type)
    way = None
    if node_id not in (link.source.node, link.target.node):
        way = way_through(graph, catalog, spec, link, node)
    if way is None:
        message = f"{node.title or spec.title} does not fit on this wire"
        raise SocketError(message, node_id)
    target = edits.require_node(graph, link.target.node)
    before = target.wires.get(link.target.input, ())
    fresh = edits.disconnect(graph, link).graph
    fresh = edits.connect(fresh, catalog, link.source, Target(node_id, way[0])).graph
    out = Source(node_id, way[1])
    fresh = edits.connect(fresh, catalog, out, link.target).graph
    # Among several wires of one input the order counts: the node takes the place of the wire.
    order = tuple(out if source == link.source else source for source in before)
    mended = fresh.nodes[link.target.node]
    mended = replace(mended, wires=mended.wires.set(link.target.input, order))
    fresh = with_nodes(fresh, put=[mended])
    return Edit(fresh, difference(graph, fresh))


def passes(graph: Graph, catalog: Catalog, node_id: str) -> dict[Source, Source]:
    """Return what could stand for each output of a node if it were not there: a wire into it.

    Of several outputs of one type, each takes the next of the wired inputs of that type, as for a
    bypassed node; a dot hands on what it gets.
    """
    node = edits.require_node(graph, node_id)
    spec = catalog.get(node.type)
    found: dict[Source, Source] = {}
    taken: dict[str, int] = {}
    for output in spec.outputs if spec is not None else ():
        wired = [
            node.wires[item.name][0]
            for item in (spec.inputs if spec is not None else ())
            if item.type == output.type and node.wires.get(item.name)
        ]
        if wired:
            place = taken.get(output.type, 0)
            taken[output.type] = place + 1
            found[Source(node_id, output.name)] = wired[min(place, len(wired) - 1)]
    return found


def detach(graph: Graph, catalog: Catalog, ids: Iterable[str]) -> Edit:
    """Take nodes out of their wires, which are healed; the nodes stay where they are, unwired.

    Wires among the nodes stay.
    """
    wanted = {node_id for node_id in ids if node_id in graph.nodes}
    fresh = _healed(graph, catalog, wanted)
    put = []
    for node_id in wanted:
        node = fresh.nodes[node_id]
        inner = {
            s for s in sources_of(graph.nodes[node_id]) if s.node not in wanted
        }  # fmt: skip
        put.append(rewired(node, dict.fromkeys(inner, ())))
    fresh = with_nodes(fresh, put=[node for node in put if node is not fresh.nodes[node.id]])
    return Edit(fresh, difference(graph, fresh))


def take_out(graph: Graph, catalog: Catalog, ids: Iterable[str]) -> Edit:
    """Remove nodes, frames and notes; the wires that went through the nodes are healed."""
    wanted = frozenset(ids)
    fresh = _healed(graph, catalog, {key for key in wanted if key in graph.nodes})
    fresh = edits.remove(fresh, wanted).graph
    return Edit(fresh, difference(graph, fresh))


def _healed(graph: Graph, catalog: Catalog, ids: set[str]) -> Graph:
    """Return `graph` with what reads from the nodes `ids` reading from before them, or nothing."""
    instead: dict[Source, Source] = {}
    for node_id in ordered(graph, ids):
        for output, source in passes(graph, catalog, node_id).items():
            start = instead.get(source, source)
            if start.node not in ids:
                instead[output] = start
    outside = sorted(
        {r for key in ids for r in graph.readers.get(key, frozenset())} - ids
    )  # fmt: skip
    for reader in outside:
        graph = _heal(graph, catalog, graph.nodes[reader], ids, instead)
    return graph


def _heal(
    graph: Graph, catalog: Catalog, node: Node, ids: set[str], instead: dict[Source, Source]
) -> Graph:
    """Return `graph` with `node` reading what stands for each wire from `ids`, where it fits."""
    wires = node.wires
    for name, sources in node.wires.items():
        if not any(source.node in ids for source in sources):
            continue
        kept: list[Source] = []
        for source in sources:
            start = source if source.node not in ids else instead.get(source)
            if start is not None and start not in kept and _fits(graph, catalog, start, node, name):
                kept.append(start)
        wires = wires.set(name, tuple(kept)) if kept else wires.delete(name)
    return with_nodes(graph, put=[replace(node, wires=wires)])


def _fits(graph: Graph, catalog: Catalog, source: Source, node: Node, name: str) -> bool:
    given = carried(graph, catalog, source)
    wanted = _types_wanted(graph, catalog, Target(node.id, name))
    return all(catalog.sockets.accepts(kind, given) for kind in wanted)


def reroute(graph: Graph, link: Link, position: Point) -> tuple[Edit, str]:
    """Put a dot on a wire; return its id as well."""
    node_id = fresh_id(graph, "dot")
    before = edits.require_node(graph, link.target.node).wires.get(link.target.input, ())
    if link.source not in before:
        message = f"{link.target.input} of {link.target.node!r} has no such wire"
        raise SocketError(message, link.target.node)
    place = (float(position[0]), float(position[1]))
    wires = Map({"value": (link.source,)})
    dot = Node(id=node_id, type=REROUTE.id, position=place, wires=wires)
    fresh = edits.insert(graph, [dot]).graph
    order = tuple(Source(node_id, "value") if s == link.source else s for s in before)
    target = fresh.nodes[link.target.node]
    fresh = with_nodes(
        fresh, put=[replace(target, wires=target.wires.set(link.target.input, order))]
    )  # fmt: skip
    return Edit(fresh, difference(graph, fresh)), node_id


def cut(graph: Graph, links: Iterable[Link]) -> Edit:
    """Take several wires away; those that are not there are passed over."""
    fresh = graph
    for link in links:
        node = fresh.nodes.get(link.target.node)
        if node is not None and link.source in node.wires.get(link.target.input, ()):
            fresh = edits.disconnect(fresh, link).graph
    return Edit(fresh, difference(graph, fresh))


def links_at(graph: Graph, end: Source | Target) -> list[Link]:
    """Return the wires at one socket, in a stable order."""
    node = graph.nodes.get(end.node)
    if node is None:
        return []
    if isinstance(end, Target):
        return [Link(source, end) for source in node.wires.get(end.input, ())]
    return sorted(link for link in graph.links_of([end.node]) if link.source == end)


def move_wires(graph: Graph, catalog: Catalog, links: Iterable[Link], to: Source | Target) -> Edit:
    """Move one end of several wires to another socket: the end that is on the side of `to`.

    An input that takes one wire gets the last of them; the others go.

    Raises:
        SfumatoError: one of them does not fit there.
    """
    chosen = [link for link in links if _moved(link, to) != link]
    fresh = cut(graph, chosen).graph
    for link in chosen:
        moved = _moved(link, to)
        node = fresh.nodes.get(moved.target.node)
        if node is not None and moved.source in node.wires.get(moved.target.input, ()):
            continue
        fresh = edits.connect(fresh, catalog, moved.source, moved.target).graph
    return Edit(fresh, difference(graph, fresh))


def _moved(link: Link, to: Source | Target) -> Link:
    return Link(to, link.target) if isinstance(to, Source) else Link(link.source, to)


def can_move(graph: Graph, catalog: Catalog, links: Iterable[Link], to: Source | Target) -> bool:
    """Say whether `move_wires` would do it."""
    try:
        move_wires(graph, catalog, links, to)
    except SfumatoError:
        return False
    return True
