"""Border of the engine process: what events and pictures cost on their way."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from graph.edits import move
from graph.engine.client import EngineClient
from graph.engine.settings import EngineSettings
from graph.events import EngineReady, NodeFinished, PictureReady
from tests.benchmarks.harness import Row
from tests.graph.build import build, chain, n
from tests.graph.engine.listener import Heard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graph.graph import Graph

SIDE, FRAMES = 512, 120
LENGTH = 1000
ROUNDS = 7


def run() -> Iterator[Row]:
    """Measure."""
    heard = Heard()
    with tempfile.TemporaryDirectory() as folder:
        settings = EngineSettings(packs=("tests.graph.pack",))
        client = EngineClient(settings, heard, spare_after=None)
        start = time.perf_counter()
        client.start()
        heard.until(EngineReady)
        yield Row("from start to ready, without torch", time.perf_counter() - start, "s")
        try:
            yield from _events(client, heard, Path(folder))
            yield from _pictures(client, heard, Path(folder))
        finally:
            client.close()


def _events(client: EngineClient, heard: Heard, folder: Path) -> Iterator[Row]:
    graph = chain(LENGTH)
    heard.end_of(client.run(graph, output_folder=folder))
    warm = [_run(client, heard, graph, folder) for _ in range(ROUNDS)]
    total, own = (statistics.median(times) for times in zip(*warm, strict=True))
    yield Row(f"{LENGTH:,} nodes, warm run, across the border", total, "ms")
    yield Row(f"{LENGTH:,} nodes, warm run, told by the engine itself", own, "ms")
    border = statistics.median(each - told for each, told in warm)
    yield Row("what the border adds", border, "ms")
    yield Row("events", (LENGTH + 2) / total * 1000, "a second")
    edited = [
        _run(client, heard, move(graph, {"n0": (float(i), 0.0)}).graph, folder)
        for i in range(ROUNDS)
    ]
    border = statistics.median(each - told for each, told in edited)
    yield Row("what it adds when the graph was edited", border, "ms")


def _run(client: EngineClient, heard: Heard, graph: Graph, folder: Path) -> tuple[float, float]:
    """Return what a run took, here and as the engine tells, in milliseconds."""
    start = time.perf_counter()
    end = heard.end_of(client.run(graph, output_folder=folder))
    return (time.perf_counter() - start) * 1000, end.ms


def _pictures(client: EngineClient, heard: Heard, folder: Path) -> Iterator[Row]:
    heard.end_of(client.run(build(n("d", "draw", side=SIDE)), output_folder=folder))
    digest = next(e for e in heard.all[::-1] if isinstance(e, NodeFinished)).digests[0]
    assert isinstance(digest, str)
    process = psutil.Process()
    cpu, start = process.cpu_times(), time.perf_counter()
    for _ in range(FRAMES):
        client.picture(digest)
    for _ in range(FRAMES):
        heard.until(PictureReady)
    seconds = time.perf_counter() - start
    after = process.cpu_times()
    spent = (after.user + after.system) - (cpu.user + cpu.system)
    yield Row(f"pictures of {SIDE} x {SIDE}", FRAMES / seconds, "a second", least=60.0)
    share = 60 * spent / FRAMES * 100
    yield Row("this process, at 60 of them a second", share, "% of a core", 15.0)
