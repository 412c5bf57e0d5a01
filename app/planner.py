"""Planning beside the window: a checkpoint's fingerprint may take seconds to compute."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QThreadPool, Signal

from app.memory import Backed, DiskMemory
from graph.plan import plan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graph.catalog import Catalog
    from graph.files import FileIndex
    from graph.graph import Graph
    from graph.plan import Plan


@dataclass(frozen=True, slots=True)
class Question:
    """What to plan, and all that planning looks up; see `graph.plan.plan`."""

    graph: Graph
    catalog: Catalog
    environment: str
    known: Mapping[str, tuple[str, ...]]
    asks: Mapping[str, str]
    folder: str

    def answer(self, files: FileIndex, memory: DiskMemory) -> Plan:
        """Plan it, with what `memory` knows behind the tables."""
        return plan(
            self.graph,
            self.catalog,
            files,
            self.environment,
            Backed(self.known, memory.digests),
            asks=Backed(self.asks, memory.ask),
            folder=self.folder,
        )


class Planner(QObject):
    """Plans one graph at a time; of those that wait only the newest is planned.

    Signals:
        planned(Graph, Plan): what a run of that graph would do.
    """

    planned = Signal(object, object)
    _finished = Signal(object, object)

    def __init__(self, files: FileIndex, memory: DiskMemory, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._files = files
        self._memory = memory
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._busy = False
        self._closed = False
        self._next: Question | None = None
        self._finished.connect(self._done)

    @property
    def busy(self) -> bool:
        """Whether a plan is being worked out."""
        return self._busy

    def ask(self, question: Question) -> None:
        """Plan what `question` says; its tables must not change any more."""
        if self._closed:
            return
        self._next = question
        if not self._busy:
            self._begin()

    def _begin(self) -> None:
        asked, self._next = self._next, None
        if asked is None:
            return
        self._busy = True
        files, memory, finished = self._files, self._memory, self._finished

        def work() -> None:
            result = None
            try:
                result = asked.answer(files, memory)
            finally:
                finished.emit(asked.graph, result)

        self._pool.start(work)

    def _done(self, graph: Graph, result: object) -> None:
        self._busy = False
        self._begin()
        if result is not None and not self._closed:
            self.planned.emit(graph, result)

    def close(self) -> None:
        """Wait for the work that is going on; plan nothing more."""
        self._closed, self._next = True, None
        self._pool.waitForDone()
        self._memory.close()
