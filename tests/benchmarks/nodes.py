"""Nodes whose bodies cost nothing, so that what is measured is the engine."""

from __future__ import annotations

from graph.declare import node
from graph.edits import add_node, connect
from graph.graph import Graph, Source, Target
from graph.pack import Pack, assemble


@node("Begin", category="Benchmark")
def begin(value: int = 0) -> int:
    """Begin a chain."""
    return value


@node("Step", category="Benchmark")
def step(a: int = 0, b: int = 0) -> int:
    """Hand on; the results differ, so that no two nodes of a chain are equal work."""
    return (a + b + 1) % 1_000_003


PACK = Pack(name="bench", modules=(__name__,))
LOADED = assemble((PACK,))
CATALOG = LOADED.catalog


def chain(length: int) -> Graph:
    """A chain of `length` nodes."""
    graph = add_node(Graph(), CATALOG, "bench/begin", node_id="n0").graph
    for i in range(1, length):
        graph = add_node(graph, CATALOG, "bench/step", node_id=f"n{i}").graph
        graph = _wire(graph, f"n{i - 1}", f"n{i}", "a")
    return graph


def lattice(depth: int) -> Graph:
    """Each node takes the one before it twice: 2 ** depth ways from end to start."""
    graph = chain(depth)
    for i in range(1, depth):
        graph = _wire(graph, f"n{i - 1}", f"n{i}", "b")
    return graph


def _wire(graph: Graph, source: str, target: str, name: str) -> Graph:
    return connect(graph, CATALOG, Source(source, "int"), Target(target, name)).graph
