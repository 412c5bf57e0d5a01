"""The engine as the app sees it: one for all documents, its events brought to Qt's thread."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, TypeAlias

from PySide6.QtCore import QObject, Qt, Signal

from app.catalogs import keep_catalog
from app.runs import Runs
from graph.catalog import load_catalog
from graph.events import EngineDied, EngineReady, Event, NodeFinished, PictureReady

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from graph.actions import Digests
    from graph.catalog import Catalog
    from graph.graph import Graph


Listener: TypeAlias = "Callable[[Event], None]"


class Engine(Protocol):
    """What the session asks of an engine: `graph.engine.client.EngineClient`, or a fake of it."""

    def start(self) -> None:
        """Start the process; returns before it is ready."""

    def run(
        self,
        graph: Graph,
        targets: tuple[str, ...] | None = None,
        *,
        output_folder: Path,
        document: str = "",
    ) -> int:
        """Order a run and return its number."""

    def cancel(self, run: int) -> None:
        """Stop a run at its next step."""

    def stuck_after(self, run: int) -> float | None:
        """Return the seconds until a run that is stopping counts as stuck; None for others."""

    def picture(self, digest: str, side: int = 0) -> None:
        """Ask for an output as a picture, no side above `side` pixels; 0 for full size."""

    def add_folder(self, kind: str, folder: Path) -> None:
        """Look for files of `kind` in `folder` too."""

    def kill(self) -> None:
        """End the process at once; it is started again."""

    def close(self) -> None:
        """End the process and wait for it."""


class EngineState(StrEnum):
    """Whether runs can be computed now."""

    ASLEEP = "asleep"
    STARTING = "starting"
    READY = "ready"
    DEAD = "dead"


class EngineHost(QObject):
    """Holds the engine, what it told of itself, and the table of what it knows.

    Signals:
        changed(): the engine is in another state.
        ready(): it takes runs, under what may be another environment and catalog.
        died(str): it ended by itself; the text says how.
        ended(str, str): the same, with the last lines that it wrote.
        runEvent(RunEvent): an event of some run, in order.
        pictureReady(PictureReady): a picture that was asked for.
    """

    changed = Signal()
    ready = Signal()
    died = Signal(str)
    ended = Signal(str, str)
    runEvent = Signal(object)
    pictureReady = Signal(object)
    _heard = Signal(object)

    def __init__(
        self,
        make: Callable[[Listener], Engine],
        cache_folder: Path | None = None,
        parent: QObject | None = None,
        *,
        runs_folder: Path | None = None,
    ) -> None:
        """Make the engine with `make`, when it is first needed; it tells events to a listener.

        `cache_folder` is where it keeps finished work on disk, `runs_folder` where queue and
        history of runs are kept: nowhere when None.
        """
        super().__init__(parent)
        self.state = EngineState.ASLEEP
        self.device = ""
        self.environment = ""
        self.catalog: Catalog | None = None
        self.known: dict[str, Digests] = {}
        """What was computed under which name: action -> content digests."""
        # Events come on the engine's threads; queued, they are heard on this one, in order.
        self._heard.connect(self._hear, Qt.ConnectionType.QueuedConnection)
        self.asks: dict[str, str] = {}
        """Which lazy input a body asked for after which action."""
        self.cache_folder = cache_folder
        self._make = make
        self._engine: Engine | None = None
        self._folders: list[tuple[str, Path]] = []
        self.runs = Runs(self, runs_folder)
        """What is to be run, what runs, and what ran."""

    @property
    def dead(self) -> bool:
        """Whether the engine ended and does not come back by itself."""
        return self.state is EngineState.DEAD

    @property
    def engine(self) -> Engine:
        """The engine; made now, if it was not yet, for its modules take a while to import."""
        if self._engine is None:
            self._engine = self._make(self._heard.emit)
            for kind, folder in self._folders:
                self._engine.add_folder(kind, folder)
        return self._engine

    def look_in(self, kind: str, folder: Path) -> None:
        """Have the engine look for files of `kind` in `folder` too."""
        self._folders.append((kind, folder))
        if self._engine is not None:
            self._engine.add_folder(kind, folder)

    def look_away(self, kind: str, folder: Path) -> None:
        """Look for no files there any more, from the next `renew` on."""
        self._folders = [place for place in self._folders if place != (kind, folder)]

    def renew(self) -> None:
        """Make the engine anew, whose settings were changed; what it held in memory is gone."""
        if self._engine is None:
            return
        self._engine.close()
        self._engine = None
        self.known.clear()
        self.asks.clear()
        self._become(EngineState.ASLEEP)
        self.wake()

    def wake(self) -> None:
        """Start the engine, unless it is there or on its way."""
        if self.state in (EngineState.ASLEEP, EngineState.DEAD):
            self._become(EngineState.STARTING)
            self.engine.start()

    def close(self) -> None:
        """End the engine, if there is one, and wait for it; write down what is known of runs."""
        if self._engine is not None:
            self._engine.close()
        self.runs.close()

    def _hear(self, event: Event) -> None:
        match event:
            case EngineReady():
                self._ready(event)
            case EngineDied():
                self._died(event)
            case PictureReady():
                self.pictureReady.emit(event)
            case _:
                if isinstance(event, NodeFinished):
                    self._learn(event)
                self.runEvent.emit(event)

    def _learn(self, event: NodeFinished) -> None:
        self.asks.update(event.asks)
        if event.elements:
            # Each call of the body of a mapped node is an action of its own.
            self.known.update(event.elements)
        elif event.action:
            self.known[event.action] = event.digests

    def _ready(self, event: EngineReady) -> None:
        self.environment, self.device = event.environment, event.device
        self.catalog = load_catalog(event.catalog)
        keep_catalog(event.catalog)
        self._become(EngineState.READY)
        self.ready.emit()

    def _died(self, event: EngineDied) -> None:
        # What it held in memory is gone with it: nothing is known any more.
        self.known.clear()
        self.asks.clear()
        self._become(EngineState.STARTING if event.restarting else EngineState.DEAD)
        self.ended.emit(event.message, event.output)
        self.died.emit(event.message)

    def _become(self, state: EngineState) -> None:
        self.state = state
        self.changed.emit()
