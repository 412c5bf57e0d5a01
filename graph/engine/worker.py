"""The engine process: takes orders, runs graphs, sends events. Never imports Qt.

Orders are read on a thread of their own, so that a cancel reaches a running graph; graphs run on
the main thread, one after another. When the client is gone the process ends at once.
"""

from __future__ import annotations

import os
import signal
import sys
import time
import traceback
from pathlib import Path
from queue import SimpleQueue
from threading import Lock, Thread
from typing import TYPE_CHECKING, NoReturn

from graph.catalog import dump_catalog
from graph.engine.arena import ArenaWriter
from graph.engine.messages import (
    AddFolder,
    AskPicture,
    CancelRun,
    Freed,
    Placed,
    Shutdown,
    StartRun,
    decode_order,
    encode_event,
)
from graph.engine.output import OutputTap
from graph.errors import SfumatoError
from graph.events import (
    EngineReady,
    Event,
    NodeFailed,
    NodeFinished,
    NodeOutput,
    NodeStarted,
    Outcome,
    PictureReady,
    Pixels,
    RunEvent,
    RunFinished,
)
from graph.format import parse

if TYPE_CHECKING:
    from collections.abc import Generator
    from multiprocessing.connection import Connection

    from graph.engine.settings import EngineSettings
    from graph.execute import Engine


CANNOT_LOAD = 70
"""Exit status of a process whose nodes could not be loaded: another would fare no better."""


def main(channel: Connection, settings: EngineSettings, arena_name: str, output_path: str) -> None:
    """Serve one client until it says `Shutdown` or is gone."""
    tap = OutputTap(output_path)
    # Ctrl+C in a terminal goes to the whole group; ending the engine is the client's decision.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    start = time.perf_counter()
    worker = _Worker(channel, ArenaWriter(arena_name), tap)
    Thread(target=worker.listen, name="orders", daemon=True).start()
    engine = _load(settings)
    worker.serve(engine, time.perf_counter() - start)
    engine.close()
    # The thread that reads orders is blocked in a system call: leave without waiting for it.
    os._exit(0)


def _load(settings: EngineSettings) -> Engine:
    """Return the engine; where its nodes cannot be loaded end with a status that says so."""
    try:
        return settings.engine()
    except Exception:  # noqa: BLE001 - a plugin may raise anything when it is imported
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(CANNOT_LOAD)


class _Worker:
    """Connects one engine with one client."""

    def __init__(self, channel: Connection, arena: ArenaWriter, tap: OutputTap) -> None:
        self._channel = channel
        self._arena = arena
        self._tap = tap
        self._node = ""
        self._engine: Engine | None = None
        self._runs: SimpleQueue[StartRun | None] = SimpleQueue()
        self._cancelled: set[int] = set()
        self._stopping = False
        self._sending = Lock()

    def listen(self) -> None:
        """Take orders until the client is gone."""
        while True:
            try:
                order = decode_order(self._channel.recv_bytes())
            except (EOFError, OSError):
                self._leave()
            match order:
                case StartRun():
                    self._runs.put(order)
                case CancelRun():
                    self._cancelled.add(order.run)
                case AskPicture():
                    self._send_picture(order)
                case AddFolder():
                    if self._engine is not None:
                        self._engine.files.with_folder(order.kind, Path(order.folder))
                case Freed():
                    self._arena.free()
                case Shutdown():
                    self._stopping = True
                    self._runs.put(None)

    def _leave(self) -> NoReturn:
        """End the process: the client is gone, and only what waits for the disk is left to do."""
        if self._engine is not None:
            self._engine.close()
        os._exit(0)

    def serve(self, engine: Engine, seconds: float) -> None:
        """Run what is ordered, one after another."""
        self._engine = engine
        loaded = engine.loaded
        catalog = dump_catalog(loaded.catalog)
        self._send(EngineReady(loaded.environment, loaded.device, catalog, seconds, os.getpid()))
        while (order := self._runs.get()) is not None and not self._stopping:
            self._run(engine, order)

    def _run(self, engine: Engine, order: StartRun) -> None:
        start = time.perf_counter()
        try:
            graph = parse(order.graph, catalog=engine.loaded.catalog)
            events = engine.run(
                graph,
                targets=order.targets,
                output_folder=Path(order.output_folder),
                run_id=order.run,
                document=order.document,
            )
            self._forward(order.run, events, start)
        except SfumatoError as error:
            self._finish(order.run, Outcome.FAILED, start, str(error))
        except Exception:  # noqa: BLE001 - a fault of ours must not end the engine
            self._finish(order.run, Outcome.FAILED, start, traceback.format_exc())
        self._cancelled.discard(order.run)

    def _forward(self, run: int, events: Generator[RunEvent, None, None], start: float) -> None:
        for event in events:
            self._tell_output(run)
            self._send(event)
            if isinstance(event, NodeStarted):
                self._node = event.node
            elif isinstance(event, NodeFinished | NodeFailed):
                self._node = ""
            stopped = self._stopping or run in self._cancelled
            if stopped and not isinstance(event, RunFinished):
                events.close()
                self._finish(run, Outcome.CANCELLED, start)
                return

    def _tell_output(self, run: int) -> None:
        """Tell what was printed since the last event, before the event that ends it."""
        text = self._tap.read()
        if text:
            self._send(NodeOutput(run, self._node, text))

    def _finish(self, run: int, outcome: Outcome, start: float, message: str = "") -> None:
        ms = (time.perf_counter() - start) * 1000
        self._send(RunFinished(run, outcome, ms, message))

    def _send_picture(self, order: AskPicture) -> None:
        pixels: Pixels | None = None
        if self._engine is not None:
            try:
                value = self._engine.value(order.digest)
                pixels = self._engine.loaded.handlers.draw(value, 0)
            except KeyError:
                pixels = None
            except Exception:  # noqa: BLE001 - the thread that takes orders must go on
                traceback.print_exc()
        self._send(PictureReady(order.digest, pixels))

    def _send(self, event: Event) -> None:
        # One lock over placing and sending: pictures are freed in the order of the messages.
        with self._sending:
            data = encode_event(event, self._place)
            try:
                self._channel.send_bytes(data)
            except OSError:
                os._exit(0)

    def _place(self, pixels: Pixels) -> Placed:
        return self._arena.place(pixels)
