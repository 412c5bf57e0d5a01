"""The order in which nodes are computed: linear in the graph, stable between processes."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

from graph.graph import Graph, sources_of

if TYPE_CHECKING:
    from collections.abc import Iterable


def ordered(graph: Graph, ids: Iterable[str]) -> list[str]:
    """Return the nodes `ids` so that each comes after all it depends on, ties sorted by id.

    Nodes on a cycle are left out: a graph from `graph.edits` or `graph.format` has none.
    """
    wanted = set(ids)
    waiting = {
        node_id: len({s.node for s in sources_of(graph.nodes[node_id])} & wanted)
        for node_id in wanted
    }
    ready = [node_id for node_id, count in waiting.items() if count == 0]
    heapq.heapify(ready)
    result = []
    while ready:
        node_id = heapq.heappop(ready)
        result.append(node_id)
        for reader in graph.readers.get(node_id, ()):
            if reader in waiting:
                waiting[reader] -= 1
                if waiting[reader] == 0:
                    heapq.heappush(ready, reader)
    return result


def find_cycle(graph: Graph) -> list[str]:
    """Return the nodes of one cycle in order, the least first and again last; empty for none.

    A name for people is all that networkx is used for here: finding that there is no cycle, which
    every load does, costs one pass over the nodes.
    """
    left = set(graph.nodes) - set(ordered(graph, graph.nodes))
    if not left:
        return []
    import networkx as nx

    knot = nx.DiGraph()
    for node_id in sorted(left):
        for source in sources_of(graph.nodes[node_id]):
            if source.node in left:
                knot.add_edge(source.node, node_id)
    way = [source for source, _target in nx.find_cycle(knot)]
    start = way.index(min(way))
    return [*way[start:], *way[:start], way[start]]
