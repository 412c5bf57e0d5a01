"""What has a graph to show: a document, or the inside of one of its subgraphs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from PySide6.QtCore import SignalInstance

    from graph.catalog import Catalog
    from graph.graph import Graph


class Shown(Protocol):
    """A graph that changes, with the node types that it is made of."""

    @property
    def graph(self) -> Graph:
        """The graph as it stands."""

    @property
    def catalog(self) -> Catalog:
        """The node types that can be used."""

    @property
    def changed(self) -> SignalInstance:
        """Told with a `Change` when the graph is another one."""

    @property
    def catalogChanged(self) -> SignalInstance:
        """Told when everything may differ."""

    def seal(self) -> None:
        """End a row of merging edits."""
