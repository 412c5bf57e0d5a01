"""Planning beside the window: a checkpoint's fingerprint may take seconds to compute."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QThreadPool, Signal

from app.memory import Backed, DiskMemory
from graph.plan import plan
from graph.runs.costs import Costs
from graph.runs.estimate import estimate
from graph.subgraphs import localized
from graph.targets import natural_targets

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graph.actions import Digests
    from graph.catalog import Catalog
    from graph.files import FileIndex
    from graph.graph import Graph
    from graph.plan import Plan
    from graph.runs.estimate import Estimate


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a run would find, and how much it would do."""

    plan: Plan
    estimate: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What to plan, and all that planning looks up; see `graph.plan.plan`."""

    graph: Graph
    catalog: Catalog
    environment: str
    known: Mapping[str, Digests]
    asks: Mapping[str, str]
    folder: str
    targets: tuple[str, ...] | None = None
    """What the estimate is for: what "run everything" means, when None; all nodes are planned."""
    document: str = ""
    costs: Costs = field(default_factory=Costs)

    def answer(self, files: FileIndex, memory: DiskMemory) -> Forecast:
        """Plan it, with what `memory` knows behind the tables."""
        found = plan(
            self.graph,
            self.catalog,
            files,
            self.environment,
            Backed(self.known, memory.digests),
            asks=Backed(self.asks, memory.ask),
            folder=self.folder,
        )
        targets = self.targets
        if targets is None:
            known = localized(self.catalog, self.graph)
            targets = tuple(natural_targets(self.graph, known))
        cost_of = partial(self.costs.of, self.document, self.environment)
        return Forecast(found, estimate(found, self.graph, self.catalog, targets, cost_of))


class Planner(QObject):
    """Plans one graph at a time; of those that wait only the newest is planned.

    Signals:
        planned(Graph, Forecast): what a run of that graph would do.
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
