"""The app's side of the engine: keeps one process at work and one warm, and notices deaths.

A death is told in words (`EngineDied`); runs that were under way end as `Outcome.DIED`, and the
spare, which has loaded its nodes but holds no weights and no device memory, takes over at once.
Runs asked for while no engine is ready wait until one is.
"""

from __future__ import annotations

import signal
import time
from pathlib import Path
from threading import RLock, Timer
from typing import TYPE_CHECKING

from graph.engine.messages import AddFolder, AskPicture, CancelRun, StartRun
from graph.engine.pace import Pace
from graph.engine.process import EngineProcess
from graph.engine.snapshots import SnapshotSender
from graph.engine.worker import CANNOT_LOAD
from graph.events import EngineDied, EngineReady, Outcome, PictureReady, RunFinished, RunStarted

if TYPE_CHECKING:
    from collections.abc import Callable

    from graph.engine.messages import Order
    from graph.engine.process import End
    from graph.engine.settings import EngineSettings
    from graph.events import Event
    from graph.graph import Graph

_MANY_DEATHS = 3
"""Deaths in a row while loading after which no process is started again by itself."""
_ACCESS_VIOLATION = 0xC0000005
"""What Windows says of a process that touched memory that is not its own."""


class EngineClient:
    """One engine, whatever becomes of its processes.

    `listener` is called with every event, in order, on a thread of the client: it must hand over
    and return. All methods may be called from any thread.
    """

    def __init__(
        self,
        settings: EngineSettings,
        listener: Callable[[Event], None],
        *,
        spare_after: float | None = 10.0,
    ) -> None:
        """Prepare; nothing is started yet.

        A spare is started `spare_after` seconds after the engine is ready, so that it does not take
        the processor from the first run; never when None.
        """
        self._settings = settings
        self._listener = listener
        self._spare_after = spare_after
        # Held while the listener is told of a death and its consequences, in order.
        self._lock = RLock()
        self._active: EngineProcess | None = None
        self._spare: EngineProcess | None = None
        self._serving: EngineProcess | None = None
        """The process that takes orders: the active one, once it has all that waited for it."""
        self._timer: Timer | None = None
        self._closing = False
        self._waiting: list[Order] = []
        self._folders: list[AddFolder] = []
        self._runs: dict[int, str] = {}
        """The runs that were ordered and did not end, and the document of each."""
        self._running = 0
        """The run that has begun and not ended, or 0."""
        self._cancelled: dict[int, float] = {}
        self._pace = Pace()
        self._snapshots = SnapshotSender()
        self._asked: list[tuple[str, int]] = []
        """Digest and size of the pictures that were asked for and did not come yet."""
        self._next_run = 1
        self._deaths = 0

    @property
    def pid(self) -> int | None:
        """Return the process id of the engine, or None when there is none."""
        active = self._active
        return None if active is None else active.pid

    @property
    def has_spare(self) -> bool:
        """Say whether a spare is warm."""
        spare = self._spare
        return spare is not None and spare.ready is not None

    def start(self) -> None:
        """Start the engine, unless it runs; returns before it is ready."""
        with self._lock:
            if not self._closing and self._active is None:
                self._active = self._launch()

    def _launch(self) -> EngineProcess:
        return EngineProcess(self._settings, self._heard, self._ended)

    def run(
        self,
        graph: Graph,
        targets: tuple[str, ...] | None = None,
        *,
        output_folder: Path = Path("output"),
        document: str = "",
    ) -> int:
        """Order a run of this snapshot and return its number; starts the engine if need be."""
        self.start()
        folder = str(output_folder.absolute())
        with self._lock:
            snapshot = self._snapshots.snapshot(graph, document)
            number = self._next_run
            self._next_run += 1
            self._runs[number] = document
            self._order(StartRun(number, snapshot, targets, folder, document))
        return number

    def cancel(self, run: int) -> None:
        """Stop a run at its next step; it ends as `Outcome.CANCELLED`.

        Asked again when `stuck_after` is 0, it ends the process: a body that does not answer can be
        stopped in no other way.
        """
        with self._lock:
            if run not in self._runs:
                return
            stuck = self.stuck_after(run) == 0.0
            self._cancelled.setdefault(run, time.monotonic())
            self._order(CancelRun(run))
        if stuck:
            self.kill()

    def stuck_after(self, run: int) -> float | None:
        """Return the seconds until a run that is stopping counts as stuck; 0 when it does.

        None when it was not told to stop, has not begun, or is over. A body has 5 s to answer, or
        as long as it usually takes from one step to the next if that is longer; when it is stuck,
        asking again to cancel ends it with its process.
        """
        with self._lock:
            asked = self._cancelled.get(run)
            if asked is None or run != self._running:
                return None
            patience = self._pace.patience(self._runs.get(run, ""))
            return max(0.0, asked + patience - time.monotonic())

    def picture(self, digest: str, side: int = 0) -> None:
        """Ask for an output as a picture; answered by `PictureReady`.

        No side of it shall exceed `side` pixels; 0 asks for full size.
        """
        with self._lock:
            self._asked.append((digest, side))
            self._order(AskPicture(digest, side))

    def add_folder(self, kind: str, folder: Path) -> None:
        """Look for files of `kind` in `folder` too, also after a restart."""
        order = AddFolder(kind, str(folder))
        with self._lock:
            if order not in self._folders:
                self._folders.append(order)
                self._order(order)

    def kill(self) -> None:
        """End the process at once; another takes over."""
        active = self._active
        if active is not None:
            active.kill()

    def close(self) -> None:
        """End the processes and wait for them; nothing is left behind."""
        with self._lock:
            self._closing = True
            processes = [p for p in (self._active, self._spare) if p is not None]
            timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()
            timer.join()
        for process in processes:
            process.close()

    def _order(self, order: Order) -> None:
        with self._lock:
            if self._serving is not None:
                self._serving.send(order)
            elif not isinstance(order, AddFolder):
                self._waiting.append(order)

    def _heard(self, process: EngineProcess, event: Event) -> None:
        with self._lock:
            if process is not self._active:
                return
            if isinstance(event, EngineReady) and not self._begin(process):
                return
            self._note(event)
        self._listener(event)

    def _note(self, event: Event) -> None:
        match event:
            case RunStarted():
                self._running = event.run
            case RunFinished():
                self._running = 0
                self._runs.pop(event.run, None)
                self._cancelled.pop(event.run, None)
                if event.outcome is Outcome.FAILED:
                    self._snapshots.forget()  # it may not have been understood
            case PictureReady() if (asked := (event.digest, event.side)) in self._asked:
                self._asked.remove(asked)
            case _:
                pass
        self._pace.note(event, self._runs.get(self._running, ""))

    def _begin(self, process: EngineProcess) -> bool:
        """Give a process that is ready what waits for it; say whether it had not begun before."""
        if process is self._serving:
            return False
        self._deaths = 0
        self._serving = process
        for order in (*self._folders, *self._waiting):
            process.send(order)
        self._waiting.clear()
        waits = self._timer is not None and self._timer.is_alive()
        if self._spare_after is not None and not (waits or self._spare or self._closing):
            self._timer = Timer(self._spare_after, self._warm)
            self._timer.daemon = True
            self._timer.start()
        return True

    def _warm(self) -> None:
        with self._lock:
            if not self._closing and self._spare is None:
                self._spare = self._launch()

    def _ended(self, process: EngineProcess, end: End) -> None:
        with self._lock:
            if process is self._spare:
                self._spare = None
                return
            if self._closing or process is not self._active:
                return
            self._replace(process, end)

    def _replace(self, process: EngineProcess, end: End) -> None:
        self._deaths = 0 if process.ready else self._deaths + 1
        restarting = self._deaths < _MANY_DEATHS and end.exitcode != CANNOT_LOAD
        lost = sorted(self._runs)
        self._runs.clear()
        self._snapshots.forget()
        self._pace.forget()
        unseen, self._asked = self._asked, []
        self._running = 0
        self._waiting.clear()
        self._cancelled.clear()
        self._active, self._spare, self._serving = self._spare, None, None
        message = explain_exit(end.exitcode, end.seconds, end.output)
        self._listener(EngineDied(message, restarting, end.output))
        for run in lost:
            self._listener(RunFinished(run, Outcome.DIED, 0.0, message))
        for digest, side in unseen:
            self._listener(PictureReady(digest, None, side))
        if self._active is None and restarting:
            self._active = self._launch()
        elif (spare := self._active) is not None and spare.ready and self._begin(spare):
            self._listener(spare.ready)


def explain_exit(exitcode: int | None, seconds: float, output: str = "") -> str:
    """Say in words how the engine process ended; `output` is what it wrote last."""
    if exitcode == CANNOT_LOAD:
        why = output.rpartition("\n")[2] or "no reason was given"
        return f"The engine could not load its nodes: {why}. Your graph is untouched."
    known = {
        -signal.SIGSEGV: "crashed in native code (segmentation fault)",
        -signal.SIGABRT: "was aborted by native code",
        -9: "was killed, by hand or because memory ran out",
        -signal.SIGTERM: "was told to end",
        _ACCESS_VIOLATION: "crashed in native code (access violation)",
    }
    if exitcode is None:
        how = "ended"
    elif exitcode in known:
        how = known[exitcode]
    elif exitcode < 0:
        how = f"was ended by signal {-exitcode}"
    else:
        how = f"ended with status {exitcode}"
    return f"After {seconds:.0f} s the engine {how}. Your graph is untouched."
