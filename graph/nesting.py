"""Edits inside subgraphs: any edit, in any body, with all that shows of it kept sound.

`within` applies an edit of `graph.edits` to the inside of a subgraph. What the subgraph shows may
have lost its inside by that, and nodes that stand for it may have lost their sockets: `settled`
mends both, in every subgraph that holds it and in the document, so that no edit ever leaves a
document that a file could not hold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from immutables import Map
from msgspec.structs import replace

from graph import edits
from graph.edits import Edit, difference
from graph.errors import CycleError, GraphError, UnknownNodeError
from graph.graph import (
    Graph,
    Link,
    Loop,
    Node,
    Source,
    Subgraph,
    Target,
    with_nodes,
)
from graph.reroutes import clash
from graph.spec import refusal
from graph.subgraphs import COUNT, flaw, innermost_first, spec_of, subgraph_of, type_of, uses

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from graph.catalog import Catalog
    from graph.spec import NodeSpec


def require_subgraph(graph: Graph, subgraph_id: str) -> Subgraph:
    """Return the subgraph `subgraph_id`; raise `UnknownNodeError` when the document has none."""
    found = graph.subgraphs.get(subgraph_id)
    if found is None:
        message = f"there is no subgraph {subgraph_id!r} in this document"
        raise UnknownNodeError(message, subgraph_id)
    return found


def instance(graph: Graph, body: Graph, node_id: str) -> tuple[Node, Subgraph]:
    """Return a node of `body` that stands for a subgraph of the document `graph`, and which."""
    node = edits.require_node(body, node_id)
    subgraph = subgraph_of(graph, node.type)
    if subgraph is None:
        message = f"{node.title or node.id} does not stand for a subgraph: choose one that does"
        raise GraphError(message, node_id)
    return node, subgraph


def body_of(graph: Graph, inside: str) -> Graph:
    """Return what is inside the subgraph `inside`; the document itself when that is empty."""
    return require_subgraph(graph, inside).body if inside else graph


def within(
    graph: Graph, catalog: Catalog, inside: str, make: Callable[[Graph], Edit]
) -> Edit:  # fmt: skip
    """Return the edit of the document that does inside a subgraph what `make` does to its body."""
    edit = make(body_of(graph, inside))
    if not inside:
        return edit
    return put_back(graph, catalog, inside, edit.graph, semantic=edit.change.semantic)


def put_back(
    graph: Graph, catalog: Catalog, inside: str, body: Graph, *, semantic: bool = True
) -> Edit:
    """Return the edit that makes `body` the inside of the subgraph `inside`.

    An edit that is not `semantic` moves, names or colours what is there.

    Raises:
        CycleError: the subgraph would hold itself.
    """
    subgraph = replace(require_subgraph(graph, inside), body=body)
    whole = replace(graph, subgraphs=graph.subgraphs.set(inside, subgraph))
    if semantic:
        check_nesting(whole)
        whole = settled(whole, catalog, {inside})
    return Edit(whole, replace(difference(graph, whole), semantic=semantic))


def check_nesting(graph: Graph) -> None:
    """Raise when a subgraph holds itself, in the titles that the artist knows."""
    try:
        innermost_first({name: uses(part) for name, part in graph.subgraphs.items()})
    except CycleError as error:
        titles = [graph.subgraphs[name].title or name for name in error.nodes]
        way = " inside ".join(reversed([*titles, titles[0]]))
        message = f"a subgraph cannot hold itself ({way}): use an independent copy"
        raise CycleError(message, *error.nodes) from None


def settled(graph: Graph, catalog: Catalog, changed: Collection[str]) -> Graph:
    """Return `graph` sound again after the inside of the subgraphs `changed` became another.

    `catalog` may have the document's node types of before.
    """
    affected = set(changed)
    parts = dict(graph.subgraphs)
    for name in innermost_first({key: uses(part) for key, part in parts.items()}):
        if name in changed or uses(parts[name]) & affected:
            parts[name] = _mended(parts[name], catalog, affected)
            affected.add(name)
            problem = flaw(parts[name], catalog)
            if problem is not None:
                message = f"subgraph {parts[name].title or name}: {problem}"
                raise GraphError(message, name)
        catalog = catalog.extended([spec_of(parts[name], catalog)])
    graph = replace(graph, subgraphs=Map(parts))
    return fitted(graph, catalog, affected)


def _mended(subgraph: Subgraph, catalog: Catalog, affected: Collection[str]) -> Subgraph:
    """Return `subgraph` without what it shows that is not inside any more."""
    body = fitted(subgraph.body, catalog, affected)
    inputs = tuple(
        replace(item, targets=tuple(t for t in item.targets if _open(body, catalog, t)))
        for item in subgraph.inputs
    )
    outputs = tuple(item for item in subgraph.outputs if _there(body, catalog, item.source))
    names = {item.name for item in inputs}
    loop = subgraph.loop and _mended_loop(subgraph.loop, names, {item.name for item in outputs})
    return replace(subgraph, body=body, inputs=inputs, outputs=outputs, loop=loop)


def _open(body: Graph, catalog: Catalog, target: Target) -> bool:
    """Say whether an input is there, and not wired."""
    node = body.nodes.get(target.node)
    spec = None if node is None else catalog.get(node.type)
    if node is None or (spec is not None and spec.input(target.input) is None):
        return False
    return target.input not in node.wires


def _there(body: Graph, catalog: Catalog, source: Source) -> bool:
    """Say whether an output is there."""
    node = body.nodes.get(source.node)
    spec = None if node is None else catalog.get(node.type)
    return node is not None and (spec is None or spec.output(source.output) is not None)


def _mended_loop(loop: Loop, inputs: set[str], outputs: set[str]) -> Loop | None:
    """Return `loop` over what is still shown; None when what it goes through is gone."""
    if (loop.over and loop.over not in inputs) or (not loop.over and COUNT in inputs):
        return None
    kept = tuple(pair for pair in loop.feedback if pair[0] in outputs and pair[1] in inputs)
    return replace(loop, feedback=kept)


def fitted(body: Graph, catalog: Catalog, affected: Collection[str]) -> Graph:
    """Return `body` with the nodes that stand for the subgraphs `affected` fitted to their types.

    Wires at sockets that are gone or of another type go; values that are new get their defaults.
    """
    types = {type_of(name) for name in affected}
    instances = {node.id for node in body.nodes.values() if node.type in types}
    if not instances:
        return body
    readers = {r for name in instances for r in body.readers.get(name, frozenset())}
    put = []
    for node_id in instances | readers:
        node = body.nodes[node_id]
        spec = catalog.get(node.type)
        fresh = _with_sources(node, body, catalog, instances)
        if node_id in instances and spec is not None:
            fresh = _as_declared(fresh, spec)
        if fresh is not node:
            put.append(fresh)
    body = with_nodes(body, put=put)
    wrong = [link for link in body.links_of(instances) if clash(body, catalog, *_ends(link))]
    for link in wrong:
        body = edits.disconnect(body, link).graph
    return body


def _ends(link: Link) -> tuple[Source, Target]:
    return link.source, link.target


def _with_sources(
    node: Node, body: Graph, catalog: Catalog, instances: Collection[str]
) -> Node:  # fmt: skip
    """Return `node` without wires from outputs that its `instances` do not have any more."""
    wires = node.wires
    for name, sources in node.wires.items():
        kept = tuple(
            s for s in sources if s.node not in instances or _there(body, catalog, s)
        )  # fmt: skip
        if kept != sources:
            wires = wires.set(name, kept) if kept else wires.delete(name)
    return node if wires is node.wires else replace(node, wires=wires)


def _as_declared(node: Node, spec: NodeSpec) -> Node:
    """Return `node` with the inputs and values that its type has now."""
    wires = node.wires
    for name, sources in node.wires.items():
        item = spec.input(name)
        if item is None:
            wires = wires.delete(name)
        elif len(sources) > 1 and not item.multiple:
            wires = wires.set(name, sources[:1])
    params = {
        item.name: kept
        if (kept := node.params.get(item.name)) is not None and refusal(widget, kept) is None
        else item.default
        for item, widget in spec.widgets
    }
    if wires is node.wires and params == dict(node.params):
        return node
    return replace(node, wires=wires, params=Map(params))


def pruned(graph: Graph) -> Graph:
    """Return `graph` without the subgraphs for which no node stands, in it or in one that is."""
    if not graph.subgraphs:
        return graph
    used: set[str] = set()
    waiting = [part for node in graph.nodes.values() if (part := subgraph_of(graph, node.type))]
    while waiting:
        part = waiting.pop()
        if part.id not in used:
            used.add(part.id)
            waiting += [graph.subgraphs[name] for name in uses(part) if name in graph.subgraphs]
    if len(used) == len(graph.subgraphs):
        return graph
    return replace(graph, subgraphs=Map({name: graph.subgraphs[name] for name in used}))


def remove(graph: Graph, catalog: Catalog, ids: Iterable[str], inside: str = "") -> Edit:
    """Remove parts of the document or of a subgraph, and the subgraphs that nothing uses then."""
    wanted = frozenset(ids)
    edit = within(graph, catalog, inside, lambda body: edits.remove(body, wanted))
    left = pruned(edit.graph)
    if left is edit.graph:
        return edit
    return Edit(left, difference(graph, left))


def renamed_types(nodes: Iterable[Node], names: Mapping[str, str]) -> list[Node]:
    """Return `nodes`, those that stand for a subgraph in `names` standing for its new name."""
    types = {type_of(old): type_of(new) for old, new in names.items()}
    return [
        replace(node, type=types[node.type]) if node.type in types else node for node in nodes
    ]  # fmt: skip


def rewired(node: Node, instead: dict[Source, tuple[Source, ...]]) -> Node:
    """Return `node` with other wires `instead` of some; those that lead to none go."""
    wires = node.wires
    for name, sources in node.wires.items():
        if any(source in instead for source in sources):
            found = tuple(s for source in sources for s in instead.get(source, (source,)))
            kept = tuple(dict.fromkeys(found))
            wires = wires.set(name, kept) if kept else wires.delete(name)
    return node if wires is node.wires else replace(node, wires=wires)
