"""A session: a document, an engine, and the run that is going on.

It mirrors the engine's table of known actions from its events and plans after every semantic
edit, so that the canvas shows what a run would do without asking for one.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from app.board import Board
from app.host import EngineState
from app.memory import DiskMemory
from app.planner import Planner, Question
from app.results import Results
from app.runstate import Badge, NodeRun
from app.words import translate
from graph import events
from graph.plan import Plan, State
from graph.reasons import explain_all

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from PySide6.QtGui import QImage

    from app.document import Document
    from app.host import EngineHost
    from graph.edits import Change
    from graph.events import RunEvent
    from graph.files import FileIndex
    from graph.graph import Graph


class Session(QObject):
    """What the views show besides the document: `board`, `results`, and the run that goes on.

    Signals:
        activeChanged(): a run began, ended or went on by a node.
        told(str): a message for the status bar.
        warned(str): a message about trouble.
    """

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
        self.board = Board(document, self)
        self.results = Results(document, self)
        self.output_folder = Path("output")
        self.current = ""
        """The node that runs now, or empty."""
        self.progress = (0, 0)
        """How many nodes of the run that is going on are done, and how many there are."""
        self._planner = Planner(files, DiskMemory(host.cache_folder), self)
        self._run: int | None = None
        self._remarks: list[str] = []
        self._hearers: dict[type, Callable[[Any], None]] = {
            events.RunStarted: self._run_started,
            events.NodeStarted: self._started,
            events.NodeProgress: self._progressed,
            events.NodeFinished: self._finished,
            events.NodeFailed: self._failed,
            events.NodeSkipped: self._skipped,
            events.RunFinished: self._run_finished,
        }
        self._planner.planned.connect(self._planned)
        document.changed.connect(self._edited)
        document.catalogChanged.connect(self._ask_plan)
        host.ready.connect(self._ready)
        host.died.connect(self._died)
        host.pictureReady.connect(self.results.arrived)
        self.results.wanted.connect(self._fetch)
        host.runEvent.connect(self._hear)
        self._ask_plan()

    @property
    def running(self) -> bool:
        """Whether a run is going on or was ordered."""
        return self._run is not None

    def owns(self, run: int) -> bool:
        """Say whether `run` is one of this document's."""
        return run == self._run

    @property
    def planned(self) -> bool:
        """Whether the board shows the graph as it stands, with no planning under way."""
        return not self._planner.busy

    # What an artist asks for

    def run(self, targets: Iterable[str] | None = None) -> None:
        """Order a run of the graph as it stands, or of what `targets` need."""
        if self.running:
            return
        if not self.document.graph.nodes:
            self.told.emit(translate("Session", "Add a node first: press Tab"))
            return
        self.host.wake()
        self.board.begin()
        self._run = self.host.engine.run(
            self.document.graph,
            None if targets is None else tuple(targets),
            output_folder=self.output_folder,
            document=self.document.name,
        )
        self.progress = (0, 0)
        self._remarks = []
        if self.host.state is not EngineState.READY:
            self.told.emit(translate("Session", "The run begins when the engine is ready"))
        self.activeChanged.emit()

    def stop(self) -> None:
        """Stop the run at its next step."""
        if self._run is not None:
            self.host.engine.cancel(self._run)
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
            self.host.engine.picture(digest)

    def close(self) -> None:
        """End planning, and wait for it."""
        if self._run is not None:
            self.host.engine.cancel(self._run)
        self._planner.close()

    # Planning

    def _edited(self, change: Change) -> None:
        if change.semantic:
            self.board.edited(change.nodes)
            self._ask_plan()

    def _ask_plan(self) -> None:
        document, host = self.document, self.host
        self._planner.ask(
            Question(
                document.graph,
                document.catalog,
                host.environment,
                dict(host.known),
                dict(host.asks),
                str(self.output_folder.absolute()),
            )
        )

    def _planned(self, graph: Graph, plan: Plan) -> None:
        if graph is not self.document.graph:
            return
        for node_id, step in plan.steps.items():
            if step.state is State.CLEAN:
                self.results.settle(node_id, step.digests)
        self.board.show_plan(plan, certain=self.host.catalog is not None)

    # Hearing the engine

    def _hear(self, event: RunEvent) -> None:
        hear = self._hearers.get(type(event))
        if event.run == self._run and hear is not None:
            hear(event)

    def _run_started(self, event: events.RunStarted) -> None:
        self.progress = (0, len(event.nodes))
        self.activeChanged.emit()

    def _started(self, event: events.NodeStarted) -> None:
        self.current = event.node
        self.board.put(event.node, NodeRun(Badge.RUNNING, explain_all(event.reasons)))
        self.activeChanged.emit()

    def _progressed(self, event: events.NodeProgress) -> None:
        why = self.board.run_of(event.node).text
        self.board.put(event.node, NodeRun(Badge.RUNNING, why, event.done, event.total))
        self.results.progressed(event)
        self.activeChanged.emit()

    def _finished(self, event: events.NodeFinished) -> None:
        self.results.finished(event)
        badge = Badge.RAN if event.status is events.Status.RAN else Badge.CACHED
        why = "\n".join([explain_all(event.reasons), *event.remarks]).strip()
        self._remarks += [f"{self.board.title(event.node)}: {text}" for text in event.remarks]
        self._ended(event.node, NodeRun(badge, why, ms=event.ms))

    def _failed(self, event: events.NodeFailed) -> None:
        self._ended(event.node, NodeRun(Badge.FAILED, event.problem.message, ms=event.ms))
        title, words = self.board.title(event.node), event.problem.message
        self.warned.emit(words if words.startswith(title) else f"{title}: {words}")

    def _skipped(self, event: events.NodeSkipped) -> None:
        self._ended(event.node, NodeRun(Badge.SKIPPED, event.why))

    def _ended(self, node_id: str, run: NodeRun) -> None:
        self.board.end(node_id, run)
        self.progress = (self.progress[0] + 1, self.progress[1])
        if self.current == node_id:
            self.current = ""
        self.activeChanged.emit()

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
        self._run, self.current = None, ""
        self.board.halt()
        self.activeChanged.emit()
        self._ask_plan()

    def _ready(self) -> None:
        catalog = self.host.catalog
        if catalog is not None and tuple(catalog) != tuple(self.document.catalog):
            self.document.catalog = catalog
        else:
            self._ask_plan()

    def _died(self, message: str) -> None:
        self._stand_still()
        self.warned.emit(message)
