"""Reroute dots: what flows through them, and whom it reaches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graph.catalog import REROUTE
from graph.graph import Source, Target
from graph.sockets import ANY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graph.catalog import Catalog
    from graph.graph import Graph


def origin(graph: Graph, source: Source) -> Source | None:
    """Return the output that `source` hands on: itself, or what is wired into a row of dots.

    None where the row of dots begins with nothing.
    """
    seen: set[str] = set()
    node = graph.nodes.get(source.node)
    while node is not None and node.type == REROUTE.id:
        wired = node.wires.get("value", ())
        if not wired or node.id in seen:
            return None
        seen.add(node.id)
        source = wired[0]
        node = graph.nodes.get(source.node)
    return source


def carried(graph: Graph, catalog: Catalog, source: Source) -> str:
    """Return the socket type of what `source` carries; "Any" where that is not known."""
    start = origin(graph, source)
    node = None if start is None else graph.nodes.get(start.node)
    spec = None if node is None else catalog.get(node.type)
    output = None if spec is None or start is None else spec.output(start.output)
    return ANY.name if output is None else output.type


def reached(graph: Graph, target: Target) -> Iterator[Target]:
    """Yield the inputs that get what is wired into `target`: itself, or those behind dots."""
    waiting, seen = [target], set()
    while waiting:
        here = waiting.pop()
        node = graph.nodes.get(here.node)
        if node is None or node.type != REROUTE.id:
            yield here
            continue
        if here.node in seen:
            continue
        seen.add(here.node)
        for reader in sorted(graph.readers.get(here.node, frozenset())):
            for name, sources in sorted(graph.nodes[reader].wires.items()):
                if Source(here.node, "value") in sources:
                    waiting.append(Target(reader, name))


def clash(
    graph: Graph, catalog: Catalog, source: Source, target: Target
) -> tuple[str, Target, str] | None:
    """Return what a wire would bring where it does not fit: (type, input, type wanted), or None."""
    kind = carried(graph, catalog, source)
    for end in reached(graph, target):
        spec = catalog.get(graph.nodes[end.node].type)
        item = None if spec is None else spec.input(end.input)
        if item is not None and not catalog.sockets.accepts(item.type, kind):
            return kind, end, item.type
    return None
