"""How long runs take: what one would take now, and what the one that goes on still takes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from app.memory import DiskMemory
from app.planner import Planner
from graph import events
from graph.runs.estimate import Remaining

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.host import EngineHost
    from app.planner import Forecast, Question
    from graph.events import RunEvent
    from graph.files import FileIndex
    from graph.graph import Graph
    from graph.runs.estimate import Estimate
    from graph.runs.queue import Order

_TICK_MS = 500


class Timing(QObject):
    """The estimate of a document's next run, and the time that its run under way still takes.

    Signals:
        ticked(): time passed, so that the remaining time is another.
    """

    ticked = Signal()

    def __init__(
        self,
        host: EngineHost,
        files: FileIndex,
        question: Callable[[Graph, tuple[str, ...] | None], Question],
        parent: QObject | None = None,
    ) -> None:
        """Ask what a run of a graph and targets would do by `question`."""
        super().__init__(parent)
        self.estimate: Estimate | None = None
        """What a run of the document as it stands would do; None while that is not known."""
        self._graph: Graph | None = None
        self._question = question
        self._order: Order | None = None
        self._remaining = Remaining({})
        # The run under way may be of another graph than the one that is planned for the canvas.
        self._planner = Planner(files, DiskMemory(host.cache_folder), self)
        self._planner.planned.connect(self._foreseen)
        self._clock = QTimer(self)
        self._clock.setInterval(_TICK_MS)
        self._clock.timeout.connect(self.ticked)

    def foresee(self, graph: Graph, forecast: Forecast, *, certain: bool) -> None:
        """Take in what a run of the document's graph would do."""
        self._graph = graph
        self.estimate = forecast.estimate if certain else None

    def forget(self) -> None:
        """The document changed: what is known of its next run does not hold any more."""
        self._graph = self.estimate = None

    @property
    def left(self) -> float | None:
        """How many seconds the run under way still takes; None while that is not known."""
        if self._order is None or not self._remaining.knows_all():
            return None
        return self._remaining.seconds(time.monotonic())

    def begin(self, order: Order) -> None:
        """A run of the document begins."""
        self._order = order
        self._remaining = Remaining({})
        self._clock.start()
        if self.estimate is not None and order.targets is None and order.graph is self._graph:
            self._remaining.expect(self.estimate.expected)
        else:
            self._planner.ask(self._question(order.graph, order.targets))

    def _foreseen(self, graph: Graph, forecast: Forecast) -> None:
        if self._order is not None and graph is self._order.graph:
            self._remaining.expect(forecast.estimate.expected)

    def hear(self, event: RunEvent) -> None:
        """Take in how the run goes."""
        match event:
            case events.NodeStarted(node=node):
                self._remaining.started(node, time.monotonic())
            case events.NodeProgress(node=node, done=done, total=total):
                self._remaining.progressed(node, done, total, time.monotonic())
            case events.NodeFinished(node=node) | events.NodeFailed(node=node):
                self._remaining.settled(node)
            case events.NodeSkipped(node=node):
                self._remaining.settled(node)
            case events.RunFinished():
                self._order = None
                self._clock.stop()
            case _:
                pass

    def close(self) -> None:
        """End planning, and wait for it."""
        self._clock.stop()
        self._planner.close()
