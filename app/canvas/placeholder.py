"""A stand-in for a node type that is not installed: its wires and values stay to be seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graph.spec import InputSpec, NodeSpec, OutputSpec

if TYPE_CHECKING:
    from graph.graph import Graph, Node


def stand_in(graph: Graph, node: Node) -> NodeSpec:
    """Return a specification with the sockets that the wires of `node` name, and no values."""
    outputs = sorted(
        {
            source.output
            for reader in graph.readers.get(node.id, frozenset())
            for sources in graph.nodes[reader].wires.values()
            for source in sources
            if source.node == node.id
        }
    )
    return NodeSpec(
        id=node.type,
        title=node.type,
        category="",
        inputs=tuple(InputSpec(name=key, label=key, type="") for key in sorted(node.wires)),
        outputs=tuple(OutputSpec(name=key, label=key, type="") for key in outputs),
    )
