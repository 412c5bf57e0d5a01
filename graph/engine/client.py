"""The app's side of the engine process: starts it, sends orders, hears events, notices its death.

The process is started with `spawn`, on every system, so that it shares nothing with the window.
A death is told in words (`EngineDied`) and the process is started again; runs that were under way
end as `Outcome.DIED`. Runs asked for while the engine loads wait until it is ready.
"""

from __future__ import annotations

import multiprocessing
import signal
import time
from pathlib import Path
from threading import Lock, Thread
from typing import TYPE_CHECKING

from graph.engine import worker
from graph.engine.arena import ArenaReader
from graph.engine.messages import (
    AddFolder,
    AskPicture,
    CancelRun,
    Freed,
    Order,
    Placed,
    Shutdown,
    StartRun,
    decode_event,
    encode_order,
)
from graph.events import (
    EngineDied,
    EngineReady,
    Event,
    Outcome,
    Pixels,
    RunFinished,
)
from graph.format import dump

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnProcess

    from graph.engine.settings import EngineSettings
    from graph.graph import Graph

_GRACE = 5.0
"""Seconds that a closing engine has to end by itself."""
_MANY_DEATHS = 3
"""Deaths in a row while loading after which it is not started again by itself."""


class EngineClient:
    """One engine process and its replacements.

    `listener` is called with every event, in order, on a thread of the client: it must hand over
    and return. All methods may be called from any thread.
    """

    def __init__(self, settings: EngineSettings, listener: Callable[[Event], None]) -> None:
        """Prepare; nothing is started yet."""
        self._settings = settings
        self._listener = listener
        self._lock = Lock()
        self._arena: ArenaReader | None = None
        self._channel: Connection | None = None
        self._process: SpawnProcess | None = None
        self._thread: Thread | None = None
        self._ready = False
        self._closing = False
        self._waiting: list[Order] = []
        self._folders: list[AddFolder] = []
        self._active: set[int] = set()
        self._next_run = 1
        self._deaths = 0

    @property
    def pid(self) -> int | None:
        """Return the process id of the engine, or None when there is none."""
        process = self._process
        return process.pid if process is not None and process.is_alive() else None

    def start(self) -> None:
        """Start the process, unless it runs; returns before it is ready."""
        with self._lock:
            if self._closing or self._process is not None:
                return
            self._launch()

    def _launch(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._arena = self._arena or ArenaReader()
        ours, theirs = context.Pipe()
        arguments = (theirs, self._settings, self._arena.name)
        process = context.Process(target=worker.main, args=arguments, name="sfumato-engine")
        process.daemon = True
        process.start()
        theirs.close()
        self._process, self._channel, self._ready = process, ours, False
        self._thread = Thread(target=self._hear, args=(ours, process), name="engine-events")
        self._thread.daemon = True
        self._thread.start()

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
        with self._lock:
            number = self._next_run
            self._next_run += 1
            self._active.add(number)
        folder = str(output_folder.absolute())
        self._order(StartRun(number, dump(graph), targets, folder, document))
        return number

    def cancel(self, run: int) -> None:
        """Stop a run at its next step; it ends as `Outcome.CANCELLED`."""
        self._order(CancelRun(run))

    def picture(self, digest: str, kind: str = "") -> None:
        """Ask for an output at full size; answered by `PictureReady`."""
        self._order(AskPicture(digest, kind))

    def add_folder(self, kind: str, folder: Path) -> None:
        """Look for files of `kind` in `folder` too, also after a restart."""
        order = AddFolder(kind, str(folder))
        if order not in self._folders:
            self._folders.append(order)
            self._order(order)

    def kill(self) -> None:
        """End the process at once: for a body that does not answer. It is started again."""
        process = self._process
        if process is not None:
            process.kill()

    def close(self) -> None:
        """End the process and wait for it; nothing is left behind."""
        with self._lock:
            self._closing = True
        self._order(Shutdown(), now=True)
        process, thread = self._process, self._thread
        if process is not None:
            process.join(_GRACE if self._ready else 0.1)
            if process.is_alive():
                process.kill()
                process.join()
        if thread is not None:
            thread.join()
        if self._channel is not None:
            self._channel.close()
        if process is not None:
            process.close()
        if self._arena is not None:
            self._arena.close()
        self._arena = self._channel = self._process = self._thread = None

    def _order(self, order: Order, *, now: bool = False) -> None:
        with self._lock:
            if not (self._ready or now):
                self._waiting.append(order)
                return
            self._send(order)

    def _send(self, order: Order) -> None:
        if self._channel is None:
            return
        try:
            self._channel.send_bytes(encode_order(order))
        except OSError:
            # The process is gone; the thread that hears it is about to say so.
            return

    def _hear(self, channel: Connection, process: SpawnProcess) -> None:
        started = time.monotonic()
        while True:
            try:
                data = channel.recv_bytes()
            except (EOFError, OSError):
                break
            event = decode_event(data, self._fetch)
            self._note(event)
            self._listener(event)
        process.join()
        self._ended(process.exitcode, time.monotonic() - started)

    def _fetch(self, placed: Placed) -> Pixels:
        assert self._arena is not None  # noqa: S101 - it lives as long as this thread
        pixels = self._arena.fetch(placed)
        if placed.data is None:
            self._order(Freed(), now=True)
        return pixels

    def _note(self, event: Event) -> None:
        with self._lock:
            if isinstance(event, EngineReady):
                self._ready, self._deaths = True, 0
                for order in (*self._folders, *self._waiting):
                    self._send(order)
                self._waiting.clear()
            elif isinstance(event, RunFinished):
                self._active.discard(event.run)

    def _ended(self, exitcode: int | None, seconds: float) -> None:
        with self._lock:
            if self._closing:
                return
            was_ready, self._ready = self._ready, False
            lost, self._active = sorted(self._active), set()
            self._waiting.clear()
            self._deaths = 0 if was_ready else self._deaths + 1
            restarting = self._deaths < _MANY_DEATHS
            if self._channel is not None:
                self._channel.close()
            self._process = None
        message = explain_exit(exitcode, seconds)
        self._listener(EngineDied(message, restarting))
        for run in lost:
            self._listener(RunFinished(run, Outcome.DIED, 0.0, message))
        if restarting:
            self.start()


def explain_exit(exitcode: int | None, seconds: float) -> str:
    """Say in words how the engine process ended."""
    known = {
        -signal.SIGSEGV: "crashed in native code (segmentation fault)",
        -signal.SIGABRT: "was aborted by native code",
        -9: "was killed, by hand or because memory ran out",
        -signal.SIGTERM: "was told to end",
    }
    if exitcode is None:
        how = "ended"
    elif exitcode in known:
        how = known[exitcode]
    elif exitcode < 0:
        how = f"was ended by signal {-exitcode}"
    else:
        how = f"ended with status {exitcode}"
    return f"The engine {how} after {seconds:.0f} s. Your graph is untouched."
