"""An engine that computes nothing, by the rules of the real one: same plans, same events."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from graph import events
from graph.catalog import dump_catalog
from graph.files import FileIndex
from graph.order import ordered
from graph.plan import State, plan
from graph.reasons import FirstRun
from tests.app.catalog import CATALOG

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from graph.actions import Digests
    from graph.catalog import Catalog
    from graph.events import Event, Pixels
    from graph.graph import Graph

ENVIRONMENT = "fake"
STEPS = 3


def picture(text: str, side: int = 16) -> Pixels:
    """Return a picture in a colour that `text` gives."""
    red, green, blue = hashlib.sha256(text.encode()).digest()[:3]
    return np.full((side, side, 3), (red, green, blue), np.uint8)


@dataclass
class FakeEngine:
    """Keeps what it was told; runs go on when a test says so."""

    listener: Callable[[Event], None]
    catalog: Catalog = CATALOG
    files: FileIndex = field(default_factory=FileIndex)
    started: int = 0
    closed: bool = False
    orders: list[tuple[int, Graph, tuple[str, ...] | None]] = field(default_factory=list)
    cancelled: list[int] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    folders: list[tuple[str, Path]] = field(default_factory=list)
    known: dict[str, Digests] = field(default_factory=dict)
    breaks: dict[str, str] = field(default_factory=dict)
    """Nodes that fail, and what they say."""
    folder: str = ""
    stuck: float | None = 5.0
    """Seconds after which a run that was cancelled counts as stuck."""

    def start(self) -> None:
        self.started += 1

    def run(
        self,
        graph: Graph,
        targets: tuple[str, ...] | None = None,
        *,
        output_folder: Path,
        document: str = "",  # noqa: ARG002
    ) -> int:
        number = len(self.orders) + 1
        self.orders.append((number, graph, targets))
        self.folder = str(output_folder.absolute())
        return number

    def cancel(self, run: int) -> None:
        self.cancelled.append(run)

    def stuck_after(self, run: int) -> float | None:
        return self.stuck if run in self.cancelled else None

    def picture(self, digest: str, side: int = 0) -> None:  # noqa: ARG002
        self.asked.append(digest)

    def add_folder(self, kind: str, folder: Path) -> None:
        self.folders.append((kind, folder))

    def kill(self) -> None:
        self.die()

    def close(self) -> None:
        self.closed = True

    # What tests make it do

    def be_ready(self) -> None:
        self.listener(events.EngineReady(ENVIRONMENT, "cpu", dump_catalog(self.catalog)))

    def die(self) -> None:
        self.known.clear()
        message = "The engine was killed. Your graph is untouched."
        self.listener(events.EngineDied(message, restarting=True))
        for number, _, _ in self.orders:
            self.listener(events.RunFinished(number, events.Outcome.DIED, 0.0))

    def send_picture(self, digest: str, pixels: Pixels) -> None:
        self.listener(events.PictureReady(digest, pixels))

    def perform(self) -> None:
        """Send all events of the last run that was ordered."""
        for event in self.events():
            self.listener(event)

    def events(self) -> Iterator[Event]:
        """Yield the events of the last run that was ordered."""
        number, graph, targets = self.orders[-1]
        order = ordered(graph, graph.nodes if targets is None else graph.upstream(targets))
        yield events.RunStarted(number, tuple(order))
        failed: set[str] = set()
        for node_id in order:
            if graph.upstream([node_id]) & failed:
                yield events.NodeSkipped(number, node_id, "what it reads failed")
            else:
                yield from self._node(number, graph, node_id, failed)
        outcome = events.Outcome.PARTIAL if failed else events.Outcome.DONE
        yield events.RunFinished(number, outcome, 12.0)

    def _node(self, number: int, graph: Graph, node_id: str, failed: set[str]) -> Iterator[Event]:
        known = plan(
            graph, self.catalog, self.files, ENVIRONMENT, self.known, [node_id], folder=self.folder
        )
        step = known.steps[node_id]
        if step.state is State.CLEAN:
            yield events.NodeFinished(
                number, node_id, events.Status.CACHED, step.action, step.digests
            )
            return
        reasons = (FirstRun(),)
        problem = self.breaks.get(node_id) or (step.problems and step.problems[0])
        if problem:
            failed.add(node_id)
            yield events.NodeFailed(number, node_id, events.Problem("ValueError", problem))
            return
        yield events.NodeStarted(number, node_id, reasons)
        for done in range(1, STEPS + 1):
            yield events.NodeProgress(number, node_id, done, STEPS)
        spec = self.catalog.require(graph.nodes[node_id].type)
        digests = tuple(f"{step.action}.{output.name}" for output in spec.outputs)
        self.known[step.action] = digests
        shows = any(output.type == "Image" for output in spec.outputs)
        yield events.NodeFinished(
            number, node_id, events.Status.RAN, step.action, digests,
            ms=5.0, reasons=reasons, preview=picture(step.action) if shows else None,
        )  # fmt: skip
