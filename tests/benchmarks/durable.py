"""Disk: what it costs a run that all it finishes is kept, and announced once it is."""

from __future__ import annotations

import itertools
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import psutil

from graph.declare import node
from graph.edits import add_node, connect
from graph.engine.client import EngineClient
from graph.engine.settings import EngineSettings
from graph.events import EngineReady
from graph.graph import Graph, Source, Target
from graph.pack import Pack, assemble
from graph.values import Image
from tests.benchmarks.harness import Row
from tests.graph.engine.listener import Heard

if TYPE_CHECKING:
    from collections.abc import Iterator

SIDE = 1024
NODES = 30
ROUNDS = 7
PROMISE = 2.0
"""Percent that a run may take longer."""


@node("Work", category="Benchmark")
def work(image: Image | None = None, seed: int = 0, passes: int = 6) -> Image:
    """Compute for some ten milliseconds, as much every time, and give 12 MB."""
    values = np.random.default_rng(seed).random((1, SIDE, SIDE, 3), np.float32)
    if image is not None:
        values += image
    for _ in range(passes):
        values = np.sqrt(values * np.float32(0.3) + np.float32(0.2))
    return values.clip(0, 1)


PACK = Pack(name="durable", modules=(__name__,))


def graph(seed: int) -> Graph:
    """Three chains of ten, all of them new work."""
    made, catalog = Graph(), assemble((PACK,)).catalog
    for i in range(NODES):
        params = {"seed": seed * NODES + i, "passes": 3 + i % 8}
        made = add_node(made, catalog, "durable/work", node_id=f"n{i}", params=params).graph
        if i >= 3:
            wire = Source(f"n{i - 3}", "image"), Target(f"n{i}", "image")
            made = connect(made, catalog, *wire).graph
    return made


class Cost(NamedTuple):
    """What a run took, in seconds."""

    wall: float
    main: float
    """Processor time of the thread that runs the nodes."""
    others: float
    """Processor time of all others."""


class Engine:
    """An engine process, with or without a cache folder."""

    def __init__(self, folder: Path | None) -> None:
        self._heard = Heard()
        settings = EngineSettings(
            packs=("tests.benchmarks.durable",),
            cache_folder=str(folder) if folder else "",
            cache_bytes=256 << 20,
            disk_bytes=1 << 30,
        )
        self._client = EngineClient(settings, self._heard, spare_after=None)
        self._client.start()
        self._process = psutil.Process(self._heard.until(EngineReady).pid)

    def run(self, seed: int) -> Cost:
        """Run new work to its end, and forget what was told."""
        made = graph(seed)
        before, start = self._spent(), time.perf_counter()
        self._heard.end_of(self._client.run(made))
        wall, after = time.perf_counter() - start, self._spent()
        self._heard.all.clear()
        return Cost(wall, after[0] - before[0], after[1] - before[1])

    def _spent(self) -> tuple[float, float]:
        spent = {t.id: t.user_time + t.system_time for t in self._process.threads()}
        main = spent.pop(self._process.pid, 0.0)
        return main, sum(spent.values())

    def close(self) -> None:
        """End it."""
        self._client.close()


def run() -> Iterator[Row]:
    """Measure."""
    with tempfile.TemporaryDirectory() as folder:
        engines = {"off": Engine(None), "on": Engine(Path(folder))}
        costs: dict[str, list[Cost]] = {name: [] for name in engines}
        seeds = itertools.count(1)
        try:
            for round_ in range(ROUNDS + 2):
                # In turn, and each first every other time: what else the machine does hits both.
                for name in sorted(engines, reverse=round_ % 2 == 0):
                    cost = engines[name].run(next(seeds))
                    if round_ >= 2:  # the first fill the memory of the system
                        costs[name].append(cost)
        finally:
            for engine in engines.values():
                engine.close()
    wall = {name: min(cost.wall for cost in found) for name, found in costs.items()}
    yield Row(f"{NODES} nodes of 12 MB each, without a disk", wall["off"] * 1000, "ms")
    yield Row("the same, all of it on disk at its end", wall["on"] * 1000, "ms")
    yield Row("longer with a disk", (wall["on"] / wall["off"] - 1) * 100, "%", PROMISE)
    pairs = zip(costs["on"], costs["off"], strict=True)
    typical = statistics.median(on.wall / off.wall for on, off in pairs)
    yield Row("longer with a disk, median of pairs", (typical - 1) * 100, "%")
    busy = statistics.median(cost.others / (cost.main + cost.others) for cost in costs["on"])
    idle = statistics.median(cost.others / (cost.main + cost.others) for cost in costs["off"])
    yield Row("of its processor time the process writes", (busy - idle) * 100, "%")
