"""Writing a run of the command line into the history, as the app does with its own."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Self

from graph.runs.costs import loads_of
from graph.runs.ledger import Ledger, runs_folder
from graph.runs.queue import Order
from graph.runs.record import Recorder

if TYPE_CHECKING:
    from graph.catalog import Catalog
    from graph.events import RunEvent
    from graph.graph import Graph


class Keeping:
    """Takes in the events of one run and writes it down; costs the run nothing."""

    def __init__(self, graph: Graph, catalog: Catalog, name: str, out: Path) -> None:
        """Keep the run of `graph`, called `name`, which writes into the folder `out`."""
        order = Order(graph=graph, folder=out.absolute(), document=Path(name).stem)
        self._recorder = Recorder(order, catalog)
        self._ledger = Ledger(runs_folder(), _tell)
        self.environment = ""
        """What costs are known under; they are learned when it is set."""

    def __enter__(self) -> Self:
        """Write down that it runs."""
        recorder = self._recorder
        self._ledger.open()
        self._ledger.history.begin(recorder.order, recorder.catalog, recorder.began)
        return self

    def add(self, event: RunEvent) -> None:
        """Take in one event."""
        self._recorder.add(event)

    def __exit__(self, *_error: object) -> None:
        """Write down how it ended; a run that was cut off counts as cancelled."""
        order, record = self._recorder.order, self._recorder.record()
        if self.environment:
            paths = [node.node for node in record.nodes]
            loads = loads_of(order.graph, self._recorder.catalog, paths)
            self._ledger.costs.learn(order.document, self.environment, record.nodes, loads)
        self._ledger.history.end(order.key, record)
        self._ledger.close()


def _tell(words: str) -> None:
    print(f"sfumato: {words}", file=sys.stderr)
