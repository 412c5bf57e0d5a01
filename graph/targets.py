"""Targets: what a run is to compute, and what that takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graph.graph import Mode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from graph.catalog import Catalog
    from graph.graph import Graph, Node, Source
    from graph.spec import NodeSpec


def natural_targets(graph: Graph, catalog: Catalog) -> list[str]:
    """Return what "run everything" means: nodes with an effect, or all that nothing reads.

    A node that nothing reads and that has no effect is left alone when another has one: it is
    work in progress at the side, and must not hold up the picture. What is muted is no target.
    """
    on = [node for node in graph.nodes.values() if node.mode is Mode.ON]
    effects = [node.id for node in on if (spec := catalog.get(node.type)) and spec.effect]
    return sorted(effects or (node.id for node in on if node.id not in graph.readers))


def eager_sources(node: Node, spec: NodeSpec | None) -> Iterator[Source]:
    """Yield the outputs that `node` cannot do without: none if muted, else all but the lazy."""
    if node.mode is Mode.MUTED:
        return
    lazy = spec.lazy_inputs if spec is not None else ()
    for name, sources in node.wires.items():
        if name not in lazy:
            yield from sources


def eager_upstream(
    graph: Graph,
    catalog: Catalog,
    ids: Iterable[str],
    is_settled: Callable[[str], bool] | None = None,
) -> set[str]:
    """Return `ids` and all that they depend on, but for what only a lazy input reads.

    What is settled is in it too, but nothing for its sake.
    """
    seen = {node_id for node_id in ids if node_id in graph.nodes}
    waiting = list(seen)
    while waiting:
        node_id = waiting.pop()
        if is_settled is not None and is_settled(node_id):
            continue
        node = graph.nodes[node_id]
        for source in eager_sources(node, catalog.get(node.type)):
            if source.node not in seen:
                seen.add(source.node)
                waiting.append(source.node)
    return seen
