"""A session: a document, an engine, and the run of it that is going on.

It mirrors the engine's table of known actions from its events and plans after every semantic
edit, so that the canvas shows what a run would do without asking for one.
"""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from app.board import Board
from app.frames import Frames
from app.host import EngineState
from app.memory import DiskMemory
from app.planner import Planner, Question
from app.results import THUMBNAIL, Results
from app.runstate import Badge, NodeRun
from app.timing import Timing
from app.words import translate
from graph import events
from graph.plan import State
from graph.reasons import explain_all
from graph.runs.places import top_of
from graph.runs.queue import Order
from graph.runs.record import words_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from PySide6.QtGui import QImage

    from app.document import Document
    from app.host import EngineHost
    from app.planner import Forecast
    from graph.edits import Change
    from graph.events import RunEvent
    from graph.files import FileIndex
    from graph.graph import Graph


_TITLE = 120
"""Most characters of the prompt by which a run is told from others."""


class Session(QObject):
    """What the views show besides the document: `board`, `results`, and the run that goes on.

    Signals:
        ordered(): a run was asked for.
        activeChanged(): a run began, ended or went on by a node.
        told(str): a message for the status bar.
        warned(str): a message about trouble.
    """

    ordered = Signal()
    activeChanged = Signal()
    told = Signal(str)
    warned = Signal(str)

    def __init__(
        self,
        document: Document,
        host: EngineHost,
        files: FileIndex,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.document = document
        self.host = host
        self.frames = Frames(self)
        """When views are told of what changed on board and among results."""
        self.board = Board(document, self.frames, self)
        self.results = Results(document, self.frames, self)
        self.output_folder = Path("output")
        self.progress = (0, 0)
        """How many nodes of the run that is going on are done, and how many there are."""
        self.timing = Timing(host, files, self._question, self)
        """What a run would take, and what the one that goes on still takes."""
        self._key = uuid.uuid4().hex
        self._planner = Planner(files, DiskMemory(host.cache_folder), self)
        self._order: Order | None = None
        self._number = 0
        self._at_work: dict[str, str] = {}
        """Nodes whose bodies run, and why."""
        self._remarks: list[str] = []
        self._hearers: dict[type, Callable[[Any], None]] = {
            events.RunStarted: self._run_started,
            events.NodeStarted: self._started,
            events.NodeProgress: self._progressed,
            events.NodeFinished: self._finished,
            events.NodeFailed: self._failed,
            events.NodeSkipped: self._skipped,
        }
        self._planner.planned.connect(self._planned)
        document.changed.connect(self._edited)
        document.catalogChanged.connect(self._ask_plan)
        host.ready.connect(self._ready)
        host.died.connect(self._died)
        host.runs.began.connect(self._began)
        host.runs.heard.connect(self._hear)
        host.runs.changed.connect(self.activeChanged)
        host.pictureReady.connect(self.results.arrived)
        self.results.wanted.connect(self._fetch)
        self.timing.ticked.connect(self.activeChanged)
        self._ask_plan()

    @property
    def running(self) -> bool:
        """Whether a run of this document is under way."""
        return self._order is not None

    @property
    def waiting(self) -> int:
        """How many runs of this document wait."""
        return sum(order.session == self._key for order in self.host.runs.queue.waiting)

    @property
    def current(self) -> str:
        """The node that runs now, or empty: of several the latest, of nested ones the outermost."""
        return top_of(next(reversed(self._at_work), ""))

    @property
    def at_work(self) -> tuple[str, ...]:
        """The nodes whose bodies run now; paths, where they lie inside others."""
        return tuple(self._at_work)

    @property
    def stopping(self) -> bool:
        """Whether the run was told to stop and goes on yet."""
        return self.running and self.host.runs.stopping

    @property
    def overdue(self) -> bool:
        """Whether it does not stop, so that ending the engine is the way left."""
        return self.running and self.host.runs.overdue

    @property
    def planned(self) -> bool:
        """Whether the board shows the graph as it stands, with no planning under way."""
        return not self._planner.busy

    def owns(self, run: int) -> bool:
        """Say whether the engine's run `run` is the one of this document, under way or the last."""
        return run == self._number

    # What an artist asks for

    def run(self, targets: Iterable[str] | None = None) -> None:
        """Order a run of the graph as it stands, or of what `targets` need."""
        document, queue = self.document, self.host.runs.queue
        if not document.graph.nodes:
            self.told.emit(translate("Session", "Add a node first: press Tab"))
            return
        waits = queue.busy
        order = Order(
            graph=document.graph,
            targets=None if targets is None else tuple(targets),
            folder=self.output_folder,
            document=document.name,
            title=words_of(document.graph, document.catalog).partition("\n")[0][:_TITLE],
            session=self._key,
        )
        self.ordered.emit()
        self.host.runs.add(order)
        if waits:
            self.told.emit(self._queued_words())
        elif self.host.state is not EngineState.READY:
            self.told.emit(translate("Session", "The run begins when the engine is ready"))
        self.activeChanged.emit()

    def _queued_words(self) -> str:
        queue = self.host.runs.queue
        if queue.paused:
            return translate("Session", "Queued; the queue is paused")
        return translate("Session", "Queued; runs before it: {0}").format(
            len(queue.waiting) - len(queue.held)
        )

    def stop(self) -> None:
        """Stop the run at its next step; asked again when it does not stop, end the engine."""
        if not self.running:
            return
        if self.overdue:
            self.told.emit(translate("Session", "Ending the engine"))
            self.host.runs.end_engine()
            return
        self.host.runs.stop()
        self.told.emit(translate("Session", "Stopping after this step"))

    def picture(self, digest: str) -> QImage | None:
        """Return the full picture of `digest`; None when it comes later by `pictureArrived`."""
        image = self.results.full(digest)
        if image is None and digest and self.host.state is EngineState.READY:
            self.host.engine.picture(digest)
        return image

    def _fetch(self, digest: str) -> None:
        """Have the picture of a result sent that is known from before, to make its thumbnail."""
        if self.host.state is EngineState.READY:
            self.results.note_asked(digest)
            self.host.engine.picture(digest, side=THUMBNAIL)

    def close(self) -> None:
        """End planning, and wait for it; runs go on, for they are the queue's."""
        self._planner.close()
        self.timing.close()

    # Planning

    def _edited(self, change: Change) -> None:
        if change.semantic:
            self.timing.forget()
            self.board.edited(change.nodes)
            self._ask_plan()

    def _ask_plan(self) -> None:
        self._planner.ask(self._question(self.document.graph))

    def _question(self, graph: Graph, targets: tuple[str, ...] | None = None) -> Question:
        host = self.host
        return Question(
            graph=graph,
            catalog=self.document.catalog,
            environment=host.environment,
            known=dict(host.known),
            asks=dict(host.asks),
            folder=str(self.output_folder.absolute()),
            targets=targets,
            document=self.document.name,
            costs=host.runs.costs,
        )

    def _planned(self, graph: Graph, forecast: Forecast) -> None:
        if graph is not self.document.graph or self._planner.busy:
            return  # a later question knows more: its answer is on its way
        for node_id, step in forecast.plan.steps.items():
            if step.state is State.CLEAN:
                self.results.settle(node_id, step.digests)
        certain = self.host.catalog is not None
        self.board.show_plan(forecast.plan, certain=certain)
        self.timing.foresee(graph, forecast, certain=certain)
        self.activeChanged.emit()

    # Hearing the engine

    def _began(self, order: Order) -> None:
        if order.session != self._key:
            return
        self._order, self._number = order, self.host.runs.number
        self.progress, self._remarks = (0, 0), []
        self.board.begin()
        self.timing.begin(order)
        self.activeChanged.emit()

    def _hear(self, order: Order, event: RunEvent) -> None:
        if order is not self._order:
            return
        self.timing.hear(event)
        if isinstance(event, events.RunFinished):
            self._run_finished(event)
            return
        hear = self._hearers.get(type(event))
        if hear is not None:
            hear(event)

    def _run_started(self, event: events.RunStarted) -> None:
        self.board.begin(event.nodes)
        self.progress = (0, len(event.nodes))

    def _started(self, event: events.NodeStarted) -> None:
        why = self._at_work[event.node] = explain_all(event.reasons)
        self.board.put(event.node, NodeRun(Badge.RUNNING, why))

    def _progressed(self, event: events.NodeProgress) -> None:
        why = self._at_work.get(event.node, "")
        self.board.put(event.node, NodeRun(Badge.RUNNING, why, event.done, event.total))
        self.results.progressed(event)

    def _finished(self, event: events.NodeFinished) -> None:
        self.results.finished(event)
        badge = Badge(event.status.value)
        why = "\n".join([explain_all(event.reasons), *event.remarks]).strip()
        self._remarks += [f"{self.board.title(event.node)}: {text}" for text in event.remarks]
        self._ended(event.node, NodeRun(badge, why, ms=event.ms))

    def _failed(self, event: events.NodeFailed) -> None:
        title, words = self.board.title(event.node), event.problem.message
        named = words if words.startswith(title) else f"{title}: {words}"
        inner = "/" in event.node
        self._ended(event.node, NodeRun(Badge.FAILED, named if inner else words, ms=event.ms))
        self.warned.emit(named)

    def _skipped(self, event: events.NodeSkipped) -> None:
        self._ended(event.node, NodeRun(Badge.SKIPPED, event.why))

    def _ended(self, node_id: str, run: NodeRun) -> None:
        self.board.end(node_id, run)
        done, total = self.progress
        # Iterations of loops are not among the nodes that were announced.
        self.progress = (done + 1, max(total, done + 1))
        self._at_work.pop(node_id, None)

    def _run_finished(self, event: events.RunFinished) -> None:
        self._stand_still()
        match event.outcome:
            case events.Outcome.DONE:
                self.told.emit(self._done_words(event.ms))
            case events.Outcome.CANCELLED:
                self.told.emit(translate("Session", "Stopped"))
            case events.Outcome.FAILED | events.Outcome.PARTIAL if event.message:
                self.warned.emit(event.message.strip().rpartition("\n")[2])

    def _done_words(self, ms: float) -> str:
        if self._remarks:
            return "; ".join(self._remarks)
        ran = self.board.count(Badge.RAN)
        if not ran:
            return translate("Session", "Nothing to do: everything is up to date")
        words = translate("Session", "Done in {0:.1f} s; nodes that ran: {1} of {2}")
        return words.format(ms / 1000, ran, self.board.count())

    def _stand_still(self) -> None:
        self._order = None
        self._at_work.clear()
        self.timing.forget()
        self.board.halt()
        # Whoever hears that the run is over sees all that it did.
        self.frames.show_now()
        self.activeChanged.emit()
        self._ask_plan()

    def _ready(self) -> None:
        catalog = self.host.catalog
        if catalog is not None and tuple(catalog) != tuple(self.document.base):
            self.document.catalog = catalog
        else:
            self._ask_plan()

    def _died(self, message: str) -> None:
        self.warned.emit(message)
        self._ask_plan()
