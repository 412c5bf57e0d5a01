"""Border of the engine process: what events and pictures cost on their way."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from graph.engine.client import EngineClient
from graph.engine.settings import EngineSettings
from graph.events import EngineReady, NodeFinished, PictureReady
from tests.benchmarks.harness import Row
from tests.graph.build import build, chain, n
from tests.graph.engine.listener import Heard

if TYPE_CHECKING:
    from collections.abc import Iterator

SIDE, FRAMES = 512, 120
LENGTH = 1000


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
    before = len(heard.all)
    start = time.perf_counter()
    end = heard.end_of(client.run(graph, output_folder=folder))
    seconds = time.perf_counter() - start
    yield Row(f"{LENGTH:,} nodes, warm run, across the border", seconds * 1000, "ms")
    yield Row(f"{LENGTH:,} nodes, warm run, told by the engine itself", end.ms, "ms")
    yield Row("events", (len(heard.all) - before) / seconds, "a second")


def _pictures(client: EngineClient, heard: Heard, folder: Path) -> Iterator[Row]:
    heard.end_of(client.run(build(n("d", "draw", side=SIDE)), output_folder=folder))
    digest = next(e for e in heard.all[::-1] if isinstance(e, NodeFinished)).digests[0]
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
