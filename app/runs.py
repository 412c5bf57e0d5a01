"""The app's runs: the queue, driven through the engine one run at a time, and the history.

All documents share it, as they share the engine. What is asked for is a snapshot that goes its way
whatever becomes of its document.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from app.words import translate
from graph.catalog import Catalog
from graph.errors import SfumatoError
from graph.events import Outcome, RunFinished
from graph.runs.costs import Costs, loads_of
from graph.runs.ledger import Ledger
from graph.runs.queue import RunQueue
from graph.runs.record import Recorder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from app.host import EngineHost
    from graph.events import RunEvent
    from graph.runs.history import History
    from graph.runs.queue import Order
    from graph.runs.record import RunRecord

_FRAME_MS = 100
"""Events may come by the thousand: views are told of how a run goes on no oftener than this."""
_LOOK_MS = 250
"""How often to look whether a run that was told to stop does."""


class Runs(QObject):
    """Takes orders, has the engine carry them out, and writes down what became of them.

    Signals:
        changed(): queue or run under way stand otherwise.
        began(Order): the engine was given an order.
        heard(Order, RunEvent): an event of the run under way; its last is `RunFinished`.
        remembered(): the history has another run, or one that ended otherwise.
        troubled(str): what people should know of queue and history.
    """

    changed = Signal()
    began = Signal(object)
    heard = Signal(object, object)
    remembered = Signal()
    troubled = Signal(str)
    _stirred = Signal()
    _found = Signal(object)

    def __init__(self, host: EngineHost, folder: Path | None = None) -> None:
        """Keep queue and history in `folder`; nowhere when None."""
        super().__init__(host)
        self._host = host
        self._ledger = Ledger(folder, self.troubled.emit) if folder is not None else None
        self.queue = RunQueue(self._ledger.waiting if self._ledger else None)
        self.costs = self._ledger.costs if self._ledger else Costs()
        self.stopping = False
        """Whether the run under way was told to stop."""
        self.overdue = False
        """Whether it has not done so for long, so that ending the engine is the way left."""
        self.restored = 0
        """How many runs of an earlier session came back at the start."""
        self._recorder: Recorder | None = None
        self._began = 0.0
        self._first_catalog = Catalog()
        self._number = 0
        self._frame = QTimer(self)
        self._frame.setSingleShot(True)
        self._frame.setInterval(_FRAME_MS)
        self._frame.timeout.connect(self.changed)
        self._patience = QTimer(self)
        self._patience.setInterval(_LOOK_MS)
        self._patience.timeout.connect(self._look_at_stop)
        # What threads tell is heard on this one, a moment later and in order.
        self._stirred.connect(self.changed, Qt.ConnectionType.QueuedConnection)
        self._found.connect(self._restore, Qt.ConnectionType.QueuedConnection)
        self.queue.listen(self._stirred.emit)
        host.runEvent.connect(self._hear)
        host.ended.connect(self._engine_ended)
        self._opened = False

    @property
    def history(self) -> History | None:
        """The runs there were; None where none are kept."""
        return self._ledger.history if self._ledger else None

    @property
    def current(self) -> Order | None:
        """The order under way."""
        return self.queue.current

    @property
    def number(self) -> int:
        """The engine's number of the run under way or the last one."""
        return self._number

    @property
    def progress(self) -> tuple[int, int]:
        """How many nodes of the run under way are settled, and how many there are."""
        recorder = self._recorder
        return (0, 0) if recorder is None else (min(recorder.done, recorder.total), recorder.total)

    def open(self, catalog: Catalog) -> None:
        """Open the history, and take over what programs that ended have left in the queue."""
        if self._ledger is not None and not self._opened:
            self._opened = True
            self._first_catalog = catalog
            self._ledger.open()
            self._ledger.waiting.take_over(catalog, self._found.emit)
            self._tell_when_written()

    def _restore(self, orders: Sequence[Order]) -> None:
        if orders:
            self.restored = len(orders)
            self.queue.restore(orders)

    # What people ask for

    def add(self, order: Order, *, front: bool = False) -> None:
        """Have `order` carried out when its turn comes: at once, when nothing is in its way."""
        self.queue.add(order, front=front)
        self.advance()

    def resume(self) -> None:
        """Go on with the queue, and with what an earlier session left."""
        self.restored = 0
        self.queue.resume()
        self.advance()

    def discard_restored(self) -> None:
        """Forget what an earlier session left."""
        self.restored = 0
        self.queue.discard_held()
        self.changed.emit()

    def front(self, keys: Sequence[str]) -> None:
        """Let waiting orders be the next."""
        self.queue.front(keys)
        self.advance()

    def stop(self) -> None:
        """Stop the run under way at its next step; those that wait go on after it."""
        if self.current is None:
            return
        self._host.engine.cancel(self._number)
        if not self.stopping:
            self.stopping = True
            self._patience.start()
        self.changed.emit()

    def end_engine(self) -> None:
        """End the engine with the run under way; finished work is kept, another engine starts."""
        if self.current is not None:
            self._host.engine.kill()

    def _look_at_stop(self) -> None:
        overdue = self._host.engine.stuck_after(self._number) == 0.0
        if overdue is not self.overdue:
            self.overdue = overdue
            self.changed.emit()

    def advance(self) -> None:
        """Give the engine the next order, when it is free."""
        order = self.queue.take()
        if order is None:
            return
        self._recorder = None
        self._began = time.time()
        self._host.wake()
        if self.history is not None:
            self.history.begin(order, self._catalog, self._began)
            self._tell_when_written()
        try:
            self._number = self._host.engine.run(
                order.graph,
                order.targets,
                output_folder=order.folder,
                document=order.document,
            )
        except (OSError, SfumatoError) as error:
            self._refuse(order, error)
        else:
            self.began.emit(order)
        self.changed.emit()

    def _refuse(self, order: Order, error: Exception) -> None:
        """No process can be started, or the graph cannot be sent: those that wait keep waiting."""
        words = translate("Runs", "A run cannot be started: {0}").format(error)
        record = self._recorder_of(order).record()
        self._finish(order, replace(record, outcome=Outcome.FAILED, message=words))
        if self.queue.waiting:
            self.queue.pause(words)
        self.troubled.emit(words)

    # The history

    def keep(self, run: int, *, kept: bool) -> None:
        """Let a run of the history stay, however old; or let it go when its time comes."""
        if self._ledger is not None:
            self._ledger.history.keep(run, kept=kept)
            self._tell_when_written()

    def forget(self, run: int) -> None:
        """Take a run out of the history."""
        if self._ledger is not None:
            self._ledger.history.delete(run)
            self._tell_when_written()

    def _tell_when_written(self) -> None:
        if self._ledger is not None:
            self._ledger.database.submit(lambda _connection: self.remembered.emit())

    # Hearing the engine

    def _hear(self, event: RunEvent) -> None:
        order = self.current
        if order is None or event.run != self._number:
            return
        recorder = self._recorder_of(order)
        recorder.add(event)
        ended = isinstance(event, RunFinished)
        if ended:
            self._finish(order, recorder.record())
        self.heard.emit(order, event)
        if ended:
            self.advance()
            self.changed.emit()
        elif not self._frame.isActive():
            self._frame.start()

    def _recorder_of(self, order: Order) -> Recorder:
        # Made at the first event: by then the engine has told all its node types.
        if self._recorder is None:
            self._recorder = Recorder(order, self._catalog, self._began)
        return self._recorder

    @property
    def _catalog(self) -> Catalog:
        return self._host.catalog or self._first_catalog

    def _finish(self, order: Order, record: RunRecord) -> None:
        self.stopping = self.overdue = False
        self._patience.stop()
        self.queue.end(order.key, record.outcome)
        self._learn(order, record)
        if self.history is not None:
            self.history.end(order.key, record, self.remembered.emit)

    def _learn(self, order: Order, record: RunRecord) -> None:
        costs, catalog, environment = self.costs, self._catalog, self._host.environment

        def learn(_connection: object = None) -> None:
            loads = loads_of(order.graph, catalog, [node.node for node in record.nodes])
            costs.learn(order.document, environment, record.nodes, loads)

        if self._ledger is not None and self._opened:
            self._ledger.database.submit(learn)  # walks the graph, which may be large
        else:
            learn()

    def _engine_ended(self) -> None:
        if self._host.dead and self.queue.waiting:
            words = translate("Runs", "The engine does not start, so the queue is paused.")
            self.queue.pause(words)

    def close(self) -> None:
        """Write down what waits; the run under way comes back with it at the next start."""
        self._patience.stop()
        self._frame.stop()
        if self._ledger is None or not self._opened:
            return
        order = self.current
        if order is not None and self.history is not None:
            record = self._recorder_of(order).record()
            words = translate("Runs", "Sfumato was closed while it ran.")
            self.history.end(order.key, replace(record, message=words))
        self._ledger.close()
        self._opened = False
