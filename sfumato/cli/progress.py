"""The progress bar of `sfumato run`, on stderr; silent where stderr is no terminal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from graph.events import NodeFinished, NodeProgress, NodeStarted, RunStarted
from graph.subgraphs import localized, title_of

if TYPE_CHECKING:
    from graph.catalog import Catalog
    from graph.events import RunEvent
    from graph.graph import Graph


class Progress:
    """Shows the node at work and how far it and the run are."""

    def __init__(self, graph: Graph, catalog: Catalog) -> None:
        """Take titles from `graph` and `catalog`."""
        self._graph = graph
        self._catalog = localized(catalog, graph)
        self._bar = Bar(
            TextColumn("{task.description:24}"),
            BarColumn(),
            TextColumn("{task.completed:.0f}/{task.total:.0f}"),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
            disable=not sys.stderr.isatty(),
        )
        self._run = self._bar.add_task("Loading the engine", total=1)
        self._node = self._bar.add_task("", total=1, visible=False)

    def __enter__(self) -> Self:
        """Begin to draw."""
        self._bar.start()
        return self

    def __exit__(self, *_error: object) -> None:
        """Take the bar off the screen."""
        self._bar.stop()

    def show(self, event: RunEvent) -> None:
        """Draw one event."""
        match event:
            case RunStarted():
                self._bar.update(self._run, description="Nodes", total=len(event.nodes))
            case NodeStarted():
                title = title_of(self._graph, self._catalog, event.node)
                self._bar.reset(self._node, total=1, description=title, visible=True)
            case NodeProgress():
                self._bar.update(self._node, completed=event.done, total=event.total)
            case NodeFinished():
                self._bar.advance(self._run)
            case _:
                pass
