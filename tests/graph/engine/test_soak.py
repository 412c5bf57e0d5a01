"""A thousand runs through the process: nothing grows, no thread and no file is left over."""

from __future__ import annotations

import gc
import os
from queue import SimpleQueue
from typing import TYPE_CHECKING, NamedTuple

import psutil
import pytest

from graph.engine.client import EngineClient
from graph.engine.settings import EngineSettings
from graph.events import EngineReady, NodeFinished, Outcome, RunFinished, Status
from tests.graph.engine.tallied import PACKS, thirty

if TYPE_CHECKING:
    from pathlib import Path

    from graph.events import Event
    from tests.conftest import Amount

_FIRST = 50
"""Runs until the tables of libraries, arenas of memory and the like have their size."""


class Footprint(NamedTuple):
    """What a process holds."""

    memory: int
    files: int
    threads: int


def footprint(pid: int) -> Footprint:
    process = psutil.Process(pid)
    return Footprint(process.memory_info().rss, process.num_fds(), process.num_threads())


@pytest.mark.timeout(3600)
@pytest.mark.skipif(os.name != "posix", reason="counts descriptors")
def test_nothing_grows(tmp_path: Path, amount: Amount) -> None:
    told: SimpleQueue[Event] = SimpleQueue()
    settings = EngineSettings(
        packs=PACKS, cache_folder=str(tmp_path / "cache"), cache_bytes=8 << 20, disk_bytes=64 << 20
    )
    client = EngineClient(settings, told.put, spare_after=None)
    client.start()
    ran = 0
    try:
        while not isinstance(told.get(timeout=60), EngineReady):
            pass
        engine = client.pid
        assert engine is not None
        before = (footprint(engine), footprint(os.getpid()))
        for number in range(amount(sample=_FIRST + 30, full=1000)):
            if number == _FIRST:
                gc.collect()
                before = (footprint(engine), footprint(os.getpid()))
            client.run(thirty(number, ms=0.0, side=48))
            while not isinstance(event := told.get(timeout=60), RunFinished):
                ran += isinstance(event, NodeFinished) and event.status is Status.RAN
            assert event.outcome is Outcome.DONE, event
        gc.collect()
        after = (footprint(engine), footprint(os.getpid()))
        assert ran == 30 * (number + 1)
    finally:
        client.close()
    grown = [new.memory - old.memory for old, new in zip(before, after, strict=True)]
    print(
        f"{number + 1} runs; grown since run {_FIRST}: engine {grown[0] / 2**20:.1f} MiB of "
        f"{after[0].memory / 2**20:.0f}, client {grown[1] / 2**20:.1f} MiB; {before} {after}"
    )
    assert max(grown) <= 20 << 20
    assert [at[1:] for at in after] == [at[1:] for at in before]
