"""Which node an event speaks of: ids of nodes inside subgraphs are paths, such as `parent/inner`.

The nodes inside a loop have the number of the iteration in their path: `parent/3/inner`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from graph.subgraphs import localized, subgraph_of

if TYPE_CHECKING:
    from graph.catalog import Catalog
    from graph.graph import Graph, Node
    from graph.spec import NodeSpec


def top_of(path: str) -> str:
    """Return the id of the document's node that `path` lies in, or is."""
    return path.partition("/")[0]


def beside(path: str, node_id: str) -> str:
    """Return the path of the node `node_id` in the graph that the node at `path` lies in."""
    around, slash, _ = path.rpartition("/")
    return f"{around}{slash}{node_id}"


class Places:
    """Finds the nodes of one graph by their paths."""

    def __init__(self, graph: Graph, catalog: Catalog) -> None:
        """Look in `graph`; `catalog` knows its node types, but for its own subgraphs."""
        self._graph = graph
        self._catalog = localized(catalog, graph)

    def node(self, path: str) -> Node | None:
        """Return the node at `path`, or None when the graph has none there."""
        chain = self._chain(path)
        return chain[-1] if chain else None

    def spec(self, path: str) -> NodeSpec | None:
        """Return the specification of the node at `path`, when both are known."""
        node = self.node(path)
        return None if node is None else self._catalog.get(node.type)

    def title(self, path: str) -> str:
        """Return what the node is called on the screen, the nodes that it lies in before it."""
        return " / ".join(self._title(node) for node in self._chain(path)) or path

    def plain(self, path: str) -> str:
        """Return `path` without the numbers of iterations; as it is where there is no such node."""
        return "/".join(node.id for node in self._chain(path)) or path

    def inner_title(self, path: str) -> str:
        """Return what the node at `path` alone is called."""
        node = self.node(path)
        return path if node is None else self._title(node)

    def _title(self, node: Node) -> str:
        spec = self._catalog.get(node.type)
        return node.title or (spec.title if spec else node.type)

    def _chain(self, path: str) -> list[Node]:
        """Return the node at `path` and those that it lies in, outermost first; else nothing."""
        nodes, chain = self._graph.nodes, []
        parts = iter(path.split("/"))
        for part in parts:
            node = nodes.get(part)
            if node is None:
                return []
            chain.append(node)
            inside = subgraph_of(self._graph, node.type)
            nodes = inside.body.nodes if inside else type(nodes)()
            if inside is not None and inside.loop is not None:
                next(parts, None)
        return chain
