"""Orders and records of runs, made by the real engine where it matters how they come about."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from graph.execute import Engine
from graph.files import FileIndex
from graph.runs.queue import Order
from graph.runs.record import Recorder
from tests.graph.build import CATALOG, LOADED, build, n

if TYPE_CHECKING:
    from graph.cache import Cache
    from graph.graph import Graph
    from graph.runs.ledger import Ledger
    from graph.runs.record import RunRecord

GRAPH = build(n("a", "number", value=1), n("b", "fold", {"a": "a.int"}, b=2))


def order(graph: Graph = GRAPH, *, document: str = "star", title: str = "") -> Order:
    return Order(graph=graph, folder=Path("output"), document=document, title=title)


def record(asked: Order, cache: Cache | None = None) -> RunRecord:
    """The record of a real run."""
    recorder = Recorder(asked, CATALOG)
    engine = Engine(LOADED, FileIndex(), cache)
    with closing(engine.run(asked.graph, output_folder=asked.folder)) as events:
        for event in events:
            recorder.add(event)
    return recorder.record()


def remember(ledger: Ledger, asked: Order, made: RunRecord | None = None) -> None:
    """Write a whole run into the history."""
    ledger.history.begin(asked, CATALOG, asked.added)
    ledger.history.end(asked.key, made or record(asked))
    assert ledger.database.flush()
