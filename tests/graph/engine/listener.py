"""A client of a real engine process over the test pack, that waits for what it is told."""

from __future__ import annotations

import contextlib
import time
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, TypeVar

from graph.engine.client import EngineClient
from graph.engine.settings import EngineSettings
from graph.events import EngineReady, RunFinished

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from graph.events import Event
    from graph.graph import Graph

E = TypeVar("E")
PATIENCE = 30.0
PACKS = ("tests.graph.pack",)


class Heard:
    """What a client tells, in order."""

    def __init__(self) -> None:
        self.all: list[Event] = []
        self._queue: SimpleQueue[Event] = SimpleQueue()

    def __call__(self, event: Event) -> None:
        self._queue.put(event)

    def next(self) -> Event:
        """The next event; fails when none comes."""
        try:
            event = self._queue.get(timeout=PATIENCE)
        except Empty:
            raise AssertionError(f"heard nothing more after {self.all[-3:]}") from None
        self.all.append(event)
        return event

    def until(self, kind: type[E]) -> E:
        """The next event of `kind`."""
        while not isinstance(event := self.next(), kind):
            pass
        return event

    def end_of(self, run: int) -> RunFinished:
        """The end of a run."""
        while (event := self.until(RunFinished)).run != run:
            pass
        return event

    def empty(self) -> bool:
        """Say whether nothing waits to be heard."""
        return self._queue.empty()


class Running:
    """A client that was started, and what it tells."""

    def __init__(self, folder: Path, packs: tuple[str, ...] = PACKS) -> None:
        self.heard = Heard()
        self.folder = folder
        settings = EngineSettings(packs=packs, folders={"text": (str(folder),)})
        self.client = EngineClient(settings, self.heard, spare_after=None)

    def run(self, graph: Graph, *targets: str) -> RunFinished:
        """Run to the end."""
        number = self.client.run(graph, targets or None, output_folder=self.folder / "out")
        return self.heard.end_of(number)


@contextlib.contextmanager
def running(folder: Path) -> Iterator[Running]:
    """A client whose engine is ready."""
    engine = Running(folder)
    try:
        engine.client.start()
        engine.heard.until(EngineReady)
        yield engine
    finally:
        engine.client.close()


def wait_until(what: str, holds: object, patience: float = 10.0) -> None:
    """Wait until `holds()` is true."""
    assert callable(holds)
    end = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < end, f"waited in vain until {what}"
        time.sleep(0.01)
