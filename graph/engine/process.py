"""One engine process, as its client has it: channel, arena, output, and the thread that hears."""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import os
import time
from multiprocessing.connection import wait
from threading import Lock, Thread
from typing import TYPE_CHECKING, NamedTuple

from graph.engine import worker
from graph.engine.arena import ArenaReader
from graph.engine.messages import Freed, Placed, Shutdown, encode_order, event_decoder
from graph.engine.output import OutputFiles
from graph.events import EngineReady

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.context import SpawnProcess

    from graph.engine.messages import Order
    from graph.engine.settings import EngineSettings
    from graph.events import Event, Pixels

_LOG = logging.getLogger(__name__)
_GRACE = 5.0
"""Seconds that a closing engine has to end by itself."""


class End(NamedTuple):
    """How a process ended."""

    exitcode: int | None
    seconds: float
    """How long it lived."""
    output: str
    """The last lines that it wrote."""


class EngineProcess:
    """A process from its start to its end; never started twice.

    `heard` is called with each event and `ended` once, both on the thread of this object.
    """

    def __init__(
        self,
        settings: EngineSettings,
        heard: Callable[[EngineProcess, Event], None],
        ended: Callable[[EngineProcess, End], None],
    ) -> None:
        """Start the process; it says `EngineReady` when it has loaded its nodes."""
        self.ready: EngineReady | None = None
        """What it said when it was ready."""
        self._heard = heard
        self._ended = ended
        self._sending = Lock()
        self._arena = ArenaReader()
        self._output = OutputFiles()
        self._decode = event_decoder(self._fetch)
        # Spawned on every system, so that it shares nothing with the window.
        context = multiprocessing.get_context("spawn")
        self._channel, theirs = context.Pipe()
        arguments = (theirs, settings, self._arena.name, self._output.paths)
        self._process = context.Process(
            target=worker.main, args=arguments, name="sfumato-engine", daemon=True
        )
        self._process.start()
        theirs.close()
        self._thread = Thread(target=self._hear, name="engine-events", daemon=True)
        self._thread.start()

    @property
    def pid(self) -> int | None:
        """Return its process id while it lives."""
        # Not by asking the system: whoever asks first takes the exit status from the others.
        return self._process.pid if self._thread.is_alive() else None

    def send(self, order: Order) -> None:
        """Send an order; one that cannot arrive is dropped, since the end is about to be told."""
        try:
            with self._sending:
                self._channel.send_bytes(encode_order(order))
        except OSError:
            return

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()

    def close(self) -> None:
        """End it, in peace if it is ready, and free everything; waits for its thread."""
        self.send(Shutdown())
        self._thread.join(_GRACE if self.ready else 0.1)
        self._process.kill()
        self._thread.join()

    def _hear(self) -> None:
        started = time.monotonic()
        # The channel alone does not tell: a process that a body left behind may hold it open.
        with _death_of(self._process) as death:
            while self._channel in wait([self._channel, death]):
                try:
                    events = self._decode(self._channel.recv_bytes())
                except (EOFError, OSError):
                    break
                for event in events:
                    self._take(event)
        self._process.join()
        end = End(self._process.exitcode, time.monotonic() - started, self._output.tail())
        self._channel.close()
        self._arena.close()
        self._output.close()
        self._ended(self, end)

    def _take(self, event: Event) -> None:
        if isinstance(event, EngineReady):
            self.ready = event
        try:
            self._heard(self, event)
        except Exception:  # noqa: BLE001 - whatever it is
            # Whoever listens may fail; what comes after, such as the end, must be heard still.
            _LOG.exception("failed to take in %s", type(event).__name__)

    def _fetch(self, placed: Placed) -> Pixels:
        pixels = self._arena.fetch(placed)
        if placed.data is None:
            self.send(Freed())
        return pixels


@contextlib.contextmanager
def _death_of(process: SpawnProcess) -> Iterator[int]:
    """Give a handle to wait on for the end of `process`."""
    assert process.pid is not None  # noqa: S101 - it was started
    try:
        handle = os.pidfd_open(process.pid)
    except (AttributeError, OSError):
        yield process.sentinel  # not Linux, or gone already
        return
    try:
        yield handle
    finally:
        os.close(handle)
