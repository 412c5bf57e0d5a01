"""Whose output it is: what stands on the canvas may only hand on what another node makes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graph.flatten import flatten, follow
from graph.runs.places import Places
from graph.subgraphs import localized

if TYPE_CHECKING:
    from app.document import Document
    from graph.graph import Node, Source
    from graph.spec import NodeSpec


class Outlets:
    """Follows outputs of subgraphs, of dots and of what is bypassed to the nodes that make them."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._renew()

    def _renew(self) -> None:
        self._graph, self._catalog = self._document.graph, self._document.catalog
        self._places = Places(self._graph, self._catalog)
        self._ends = flatten(self._graph, localized(self._catalog, self._graph)).ends

    def _now(self) -> None:
        document = self._document
        if document.graph is not self._graph or document.catalog is not self._catalog:
            self._renew()

    def spec(self, path: str) -> NodeSpec | None:
        """Return the specification of the node at `path`."""
        self._now()
        return self._places.spec(path)

    def node(self, path: str) -> Node | None:
        """Return the node at `path`."""
        self._now()
        return self._places.node(path)

    def levels(self, path: str) -> list[str]:
        """Return the nodes that show what the node at `path` does: those around it, and itself.

        They are known by the paths of the canvas, without the numbers of iterations.
        """
        if "/" not in path:
            return [path]
        self._now()
        parts = self._places.plain(path).split("/")
        return ["/".join(parts[: count + 1]) for count in range(len(parts))]

    def maker(self, source: Source) -> tuple[str, int] | None:
        """Return the path of the node that makes what is at `source`, and which output it is."""
        self._now()
        end = follow(source, self._ends)
        spec = self._places.spec(end.node)
        index = None if spec is None else spec.output_index.get(end.output)
        return None if index is None else (end.node, index)
