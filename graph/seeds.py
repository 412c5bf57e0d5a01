"""Seeds that are not kept: each run gives them another value, as one edit before it begins.

Which these are is written into the node's file entry, under `free_seeds`; every seed begins kept.
The value itself is an ordinary widget value, so that a graph always says which seeds it ran with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from graph.edits import Change, Edit, require_node
from graph.graph import with_nodes
from graph.spec import SeedWidget

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from graph.catalog import Catalog
    from graph.graph import Graph, Node

FIELD = "free_seeds"


def free_seeds(node: Node) -> frozenset[str]:
    """Return the names of the seeds of `node` that are not kept."""
    named = node.extra.get(FIELD)
    if not isinstance(named, list | tuple):
        return frozenset()
    return frozenset(name for name in named if isinstance(name, str))


def set_free(graph: Graph, node_id: str, name: str, *, free: bool) -> Edit:
    """Keep the seed `name` of a node, or let each run give it another value."""
    node = require_node(graph, node_id)
    names = free_seeds(node) | {name} if free else free_seeds(node) - {name}
    if names:
        extra = node.extra.set(FIELD, sorted(names))
    else:
        extra = node.extra.delete(FIELD) if FIELD in node.extra else node.extra
    changed = replace(node, extra=extra)
    return Edit(with_nodes(graph, put=[changed]), Change(frozenset({node_id})))


def renewed(
    graph: Graph, catalog: Catalog, targets: Iterable[str] | None, throw: Callable[[], int]
) -> Edit | None:
    """Return `graph` with what `throw` gives in each free seed that `targets` depend on.

    None for targets are all nodes; the answer is None where no seed is free. Seeds that a wire
    brings stay as they are. Inside subgraphs all free seeds are renewed: who uses them may be
    anybody.
    """
    looked_at = graph.nodes.keys() if targets is None else graph.upstream(targets)
    nodes = _renewed([graph.nodes[node_id] for node_id in sorted(looked_at)], catalog, throw)
    subgraphs = graph.subgraphs
    changed = []
    for key in sorted(graph.subgraphs):
        subgraph = graph.subgraphs[key]
        inner = _renewed(subgraph.body.nodes.values(), catalog, throw)
        if inner:
            subgraphs = subgraphs.set(
                key, replace(subgraph, body=with_nodes(subgraph.body, put=inner))
            )
            changed.append(key)
    if not nodes and not changed:
        return None
    ids = frozenset(node.id for node in nodes)
    result = replace(with_nodes(graph, put=nodes), subgraphs=subgraphs)
    return Edit(result, Change(ids, subgraphs=frozenset(changed), semantic=True))


def _renewed(nodes: Iterable[Node], catalog: Catalog, throw: Callable[[], int]) -> list[Node]:
    """Return those of `nodes` that have free seeds, with other values in them."""
    changed = []
    for node in nodes:
        spec, names = catalog.get(node.type), free_seeds(node)
        params = node.params
        for item, widget in spec.widgets if spec is not None and names else ():
            wanted = item.name in names and item.name not in node.wires
            if wanted and isinstance(widget, SeedWidget):
                params = params.set(item.name, throw())
        if params is not node.params:
            changed.append(replace(node, params=params))
    return changed
