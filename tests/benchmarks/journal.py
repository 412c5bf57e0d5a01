"""Journal: what an edit costs on Qt's thread, and how soon it is on disk."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from app.document import Document
from app.journal.replay import replay
from app.journal.sessions import Journal
from graph.edits import move
from tests.benchmarks.harness import Row, measure
from tests.benchmarks.nodes import CATALOG, chain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graph.graph import Graph

_EDITS = 400
_SLOWEST = 0.99


def run() -> Iterator[Row]:
    """Measure."""
    application = QCoreApplication.instance() or QCoreApplication([])
    for length in (2000, 10_000):
        graph = chain(length)
        plain = Document(CATALOG, graph)
        bare = _edits(plain)
        with tempfile.TemporaryDirectory() as folder:
            journal = Journal(Path(folder))
            document = Document(CATALOG, graph)
            begun = time.perf_counter()
            journal.record(document)
            handed = time.perf_counter()
            journal.flush()
            kept = time.perf_counter()
            told = _edits(document)
            waits = _until_kept(journal, document)
            [path] = journal.folder.glob("*.journal")
            data = path.read_bytes()
            journal.drop(document)
            journal.close()
        name = f"{length:,} nodes"
        yield Row(f"{name}, an edit without a journal", statistics.median(bare), "ms CPU")
        yield Row(f"{name}, with it", statistics.median(told), "ms CPU")
        yield Row(f"{name}, begun: on Qt's thread", (handed - begun) * 1000, "ms")
        yield Row(f"{name}, begun: on disk after", (kept - begun) * 1000, "ms", 100.0)
        yield Row(f"{name}, an edit is on disk after", statistics.median(waits), "ms", 100.0)
        slowest = sorted(waits)[int(len(waits) * _SLOWEST)]
        yield Row(f"{name}, 99 of 100 are after", slowest, "ms", 100.0)
        read = measure(lambda data=data: replay(data), rounds=3)  # type: ignore[misc] # bound at once
        yield Row(f"{name}, {len(waits) + len(told)} edits read back", read.cpu, "ms CPU")
    del application


def _moved(document: Document, graph: Graph, number: int) -> None:
    node = f"n{number * 37 % len(graph.nodes)}"
    document.edit("Move", move(document.graph, {node: (float(number), 1.0)}))


def _edits(document: Document) -> list[float]:
    """Return the milliseconds of this thread that each of many edits takes."""
    times = []
    for number in range(_EDITS):
        begun = time.thread_time()
        _moved(document, document.graph, number)
        times.append((time.thread_time() - begun) * 1000)
    return times


def _until_kept(journal: Journal, document: Document) -> list[float]:
    """Return the milliseconds from an edit to when its line was handed to the system."""
    times = []
    for number in range(_EDITS):
        begun = time.perf_counter()
        _moved(document, document.graph, number + _EDITS)
        journal.flush()
        times.append((time.perf_counter() - begun) * 1000)
        time.sleep(0.002)
    return times
