"""The engine process: takes orders, runs graphs, sends events. Never imports Qt.

Orders are read on a thread of their own, so that a cancel reaches a running graph; events leave on
another, and pictures are drawn on a third. Graphs run on the main thread, one after another. When
the client is gone the process ends at once.
"""

from __future__ import annotations

import os
import signal
import sys
import time
import traceback
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, NoReturn

from graph.catalog import dump_catalog
from graph.engine.announce import Announcer
from graph.engine.arena import ArenaWriter
from graph.engine.messages import (
    AddFolder,
    AskPicture,
    CancelRun,
    Freed,
    Shutdown,
    StartRun,
    decode_order,
)
from graph.engine.outbox import Outbox
from graph.engine.output import OutputTap
from graph.engine.snapshots import SnapshotReader
from graph.errors import SfumatoError
from graph.events import (
    EngineReady,
    NodeFailed,
    NodeFinished,
    NodeProgress,
    NodeStarted,
    Outcome,
    PictureReady,
    RunFinished,
    Status,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from multiprocessing.connection import Connection

    from graph.engine.settings import EngineSettings
    from graph.events import Pixels, RunEvent
    from graph.execute import Engine


CANNOT_LOAD = 70
"""Exit status of a process whose nodes could not be loaded: another would fare no better."""


def main(
    channel: Connection,
    settings: EngineSettings,
    arena_name: str,
    output_paths: tuple[str, str],
) -> None:
    """Serve one client until it says `Shutdown` or is gone."""
    tap = OutputTap(output_paths)
    # Ctrl+C in a terminal goes to the whole group; ending the engine is the client's decision.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    start = time.perf_counter()
    worker = _Worker(channel, ArenaWriter(arena_name), tap)
    Thread(target=worker.listen, name="engine-orders", daemon=True).start()
    engine = _load(settings)
    worker.serve(engine, time.perf_counter() - start)
    engine.close()
    worker.outbox.close()
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
        self.outbox = Outbox(channel, arena, tap)
        self._channel = channel
        self._arena = arena
        self._tap = tap
        self._engine: Engine | None = None
        self._runs: SimpleQueue[StartRun | None] = SimpleQueue()
        self._pictures: SimpleQueue[AskPicture] = SimpleQueue()
        self._snapshots = SnapshotReader()
        self._cancelled: set[int] = set()
        self._stopping = False

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
                    self._pictures.put(order)
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
            # Not the engine, which would wait for bodies that are under way.
            self._engine.cache.close()
        os._exit(0)

    def serve(self, engine: Engine, seconds: float) -> None:
        """Run what is ordered, one after another."""
        self._engine = engine
        Thread(target=self._draw_all, args=(engine,), name="engine-pictures", daemon=True).start()
        loaded = engine.loaded
        catalog = dump_catalog(loaded.catalog)
        self.outbox.put(
            EngineReady(loaded.environment, loaded.device, catalog, seconds, os.getpid())
        )
        while (order := self._runs.get()) is not None and not self._stopping:
            self._run(engine, order)

    def _run(self, engine: Engine, order: StartRun) -> None:
        start = time.perf_counter()
        self._tap.run = order.run
        tell = Announcer(engine.cache, self.outbox.put).tell
        try:
            graph = self._snapshots.graph(order.graph, engine.loaded.catalog)
            events = engine.run(
                graph,
                targets=order.targets,
                output_folder=Path(order.output_folder),
                run_id=order.run,
                document=order.document,
            )
            end = self._forward(order.run, events, tell)
        except SfumatoError as error:
            end = RunFinished(order.run, Outcome.FAILED, _ms(start), str(error))
        except Exception:  # noqa: BLE001 - a fault of ours must not end the engine
            end = RunFinished(order.run, Outcome.FAILED, _ms(start), traceback.format_exc())
        self._tap.rest()
        tell(end or RunFinished(order.run, Outcome.CANCELLED, _ms(start)))
        self._cancelled.discard(order.run)

    def _forward(
        self,
        run: int,
        events: Generator[RunEvent, None, None],
        tell: Callable[[RunEvent], None],
    ) -> RunFinished | None:
        """Tell what happens until the run ends; return its end, or None when it was stopped."""
        for event in events:
            match event:
                case RunFinished():
                    return event
                case NodeStarted():
                    self._tap.begin(event.node)
                case NodeFinished(status=Status.CACHED):
                    pass
                case NodeFinished() | NodeFailed():
                    self._tap.end(event.node)
                case NodeProgress():
                    self._tap.collect()
                case _:
                    pass
            tell(event)
            if isinstance(event, NodeStarted):
                # Whatever the body does to this process, everybody shall know which it was.
                self.outbox.flush()
            if self._stopping or run in self._cancelled:
                events.close()
                return None
        return None

    def _draw_all(self, engine: Engine) -> None:
        """Draw what is asked for, one after another, beside the runs."""
        while True:
            order = self._pictures.get()
            pixels: Pixels | None = None
            try:
                pixels = engine.loaded.handlers.draw(engine.value(order.digest), order.side)
            except KeyError:
                pass
            except Exception:  # noqa: BLE001 - the thread must go on
                traceback.print_exc()
            self.outbox.put(PictureReady(order.digest, pixels, order.side))


def _ms(start: float) -> float:
    return (time.perf_counter() - start) * 1000
