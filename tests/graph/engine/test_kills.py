"""Killed at random moments of a running graph: nothing that was announced is computed again."""

from __future__ import annotations

import os
import random
import time
from multiprocessing import resource_tracker
from pathlib import Path
from threading import Condition
from typing import TYPE_CHECKING, TypeVar

import psutil
import pytest

from graph.engine.client import EngineClient
from graph.engine.settings import EngineSettings
from graph.events import EngineDied, EngineReady, NodeFinished, Outcome, RunFinished, Status
from graph.format import dump
from tests.graph.engine.listener import wait_until
from tests.graph.engine.tallied import PACKS, mark_of, tally, thirty
from tests.graph.engine.tally_pack import TALLY

if TYPE_CHECKING:
    from collections.abc import Callable

    from graph.events import Event
    from tests.conftest import Amount

E = TypeVar("E")
SHARED = Path("/dev/shm")  # noqa: S108 - where the system keeps shared memory


class Diary:
    """What a client told, and when."""

    def __init__(self) -> None:
        self.told: list[tuple[float, Event]] = []
        self._came = Condition()

    def __call__(self, event: Event) -> None:
        with self._came:
            self.told.append((time.monotonic(), event))
            self._came.notify_all()

    def all(self, kind: type[E]) -> list[E]:
        return [event for _when, event in self.told if isinstance(event, kind)]

    def wait(self, holds: Callable[[Event], bool], patience: float = 60.0) -> float:
        """Wait for an event and return when it came."""

        def found() -> float | None:
            return next((when for when, event in self.told if holds(event)), None)

        with self._came:
            assert self._came.wait_for(lambda: found() is not None, patience), self.told[-3:]
            when = found()
        assert when is not None
        return when

    def clear(self) -> None:
        self.told.clear()


class Victim:
    """A client over a cache folder, and how its engine fares under kills."""

    def __init__(self, folder: Path) -> None:
        self.diary = Diary()
        self.marks = folder / "marks"
        self.again: list[str] = []
        self.announced = 0
        self.cut = 0
        self.late: list[str] = []
        settings = EngineSettings(packs=PACKS, cache_folder=str(folder / "cache"))
        self.client = EngineClient(settings, self.diary, spare_after=0.0)
        start = time.monotonic()
        self.client.start()
        self.diary.wait(lambda e: isinstance(e, EngineReady))
        self.loading = time.monotonic() - start

    def kill(self, *, warm: bool) -> None:
        """Kill the engine; death and return are to be told in time."""
        dead = len(self.diary.all(EngineDied))
        ready = len(self.diary.all(EngineReady))
        start = time.monotonic()
        self.client.kill()
        self._in_time("death", start, lambda: len(self.diary.all(EngineDied)) > dead, 1.0)
        most = 1.0 if warm else 3 * self.loading + 1.0
        self._in_time("return", start, lambda: len(self.diary.all(EngineReady)) > ready, most)

    def _in_time(self, what: str, start: float, holds: Callable[[], bool], most: float) -> None:
        wait_until(what, holds, 60.0)
        took = time.monotonic() - start
        if took > most:
            self.late.append(f"{what} after {took:.2f} s, promised {most:.2f} s")

    def trial(self, number: int, moment: float) -> None:
        """Kill a run after `moment` seconds, then run it to the end."""
        graph = thirty(number, ms=12.0)
        before = dump(graph)
        wait_until("a spare is warm", lambda: self.client.has_spare, 60.0)
        self.diary.clear()
        run = self.client.run(graph)
        time.sleep(moment)
        self.kill(warm=True)
        self.diary.wait(lambda e: isinstance(e, RunFinished) and e.run == run)
        announced = [
            mark_of(number, e.node) for e in self.diary.all(NodeFinished)
            if e.run == run and e.status in (Status.RAN, Status.CACHED)
        ]  # fmt: skip
        self.announced += len(announced)
        self.cut += next(e for e in self.diary.all(RunFinished)).outcome is Outcome.DIED
        counted = tally(self.marks)
        run = self.client.run(graph)
        self.diary.wait(lambda e: isinstance(e, RunFinished) and e.run == run)
        end = next(e for e in self.diary.all(RunFinished) if e.run == run)
        assert end.outcome is Outcome.DONE, end
        after = tally(self.marks)
        self.again += [mark for mark in announced if after[mark] != counted[mark]]
        assert dump(graph) == before


def shared_memory() -> set[str]:
    return {path.name for path in SHARED.glob(f"sfumato-{os.getpid()}-*")}


@pytest.mark.timeout(3600)
def test_no_finished_output_is_computed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, amount: Amount
) -> None:
    monkeypatch.setenv(TALLY, str(tmp_path / "marks"))
    chance = random.Random(11)
    before = {p.pid for p in psutil.Process().children()}
    victim = Victim(tmp_path)
    try:
        kills = amount(sample=6, full=200)
        for number in range(kills):
            victim.trial(number, chance.uniform(0.0, 0.4))
            assert len(shared_memory()) <= 2
            if number % 10 == 5:  # a burst: nobody had the time to warm a spare
                victim.kill(warm=False)
                victim.kill(warm=False)
        pid = victim.client.pid
    finally:
        victim.client.close()
    print(
        f"{kills} kills, {victim.cut} of a run; {victim.announced} finished were announced, "
        f"{len(victim.again)} computed again; too late: {victim.late}"
    )
    assert victim.again == []
    assert victim.late == []
    assert victim.cut > kills / 2  # the kills came while something was running
    assert victim.announced > kills  # and something was finished
    assert shared_memory() == set()
    assert pid is not None
    assert not psutil.pid_exists(pid)
    tracker = resource_tracker._resource_tracker._pid  # type: ignore[attr-defined]
    left = [p for p in psutil.Process().children() if p.pid not in {tracker, *before}]
    assert left == []
