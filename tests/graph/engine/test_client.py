"""The engine in a process of its own: runs, pictures, cancel, and every way to die."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import psutil
import pytest

from graph.catalog import load_catalog
from graph.engine.client import explain_exit
from graph.events import (
    EngineDied,
    EngineReady,
    NodeFailed,
    NodeFinished,
    NodeOutput,
    NodeProgress,
    NodeStarted,
    Outcome,
    PictureReady,
    Status,
)
from graph.handlers import to_pixels
from tests.graph.build import CATALOG, build, chain, n
from tests.graph.engine.listener import PACKS, Running, running, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from graph.events import Event
    from tests.graph.engine.listener import Heard

SHARED = Path("/dev/shm")  # noqa: S108 - where the system keeps shared memory
DRAWN = build(n("d", "draw", side=300, level=0.25))


def shared_memory(owner: int) -> set[str]:
    """What a process has in shared memory."""
    return {path.name for path in SHARED.glob(f"sfumato-{owner}-*")}


@pytest.fixture(scope="module", autouse=True)
def nothing_in_shared_memory() -> Iterator[None]:
    yield
    assert shared_memory(os.getpid()) == set()


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One engine for the tests that leave it alive."""
    with running(tmp_path_factory.mktemp("engine")) as started:
        yield started


@pytest.fixture
def mortal(tmp_path: Path) -> Iterator[Running]:
    """An engine of the test's own, to be killed."""
    with running(tmp_path) as started:
        yield started


def ran(heard: Heard) -> list[str]:
    return [e.node for e in heard.all if isinstance(e, NodeFinished) and e.status is Status.RAN]


def only(finished: NodeFinished) -> str:
    """The digest of the only output of a node, which is no list."""
    (digest,) = finished.digests
    assert isinstance(digest, str)
    return digest


class TestRun:
    def test_publishes_its_nodes_when_it_is_ready(self, engine: Running) -> None:
        ready = next(e for e in engine.heard.all if isinstance(e, EngineReady))
        assert list(load_catalog(ready.catalog)) == list(CATALOG)
        assert ready.pid == engine.client.pid

    def test_only_what_is_due(self, engine: Running) -> None:
        engine.heard.all.clear()
        assert engine.run(chain(4, value=40)).outcome is Outcome.DONE
        assert ran(engine.heard) == ["n0", "n1", "n2", "n3"]
        engine.heard.all.clear()
        assert engine.run(chain(5, value=40)).outcome is Outcome.DONE
        assert ran(engine.heard) == ["n4"]

    def test_targets_and_files(self, engine: Running) -> None:
        graph = build(n("w", "write", text="hi"), n("x", "number", value=77))
        engine.heard.all.clear()
        engine.run(graph, "x")
        assert ran(engine.heard) == ["x"]
        engine.run(graph)
        finished = [e for e in engine.heard.all if isinstance(e, NodeFinished)][-1]
        assert Path(finished.files[0]).read_text(encoding="utf-8") == "hi"

    def test_runs_are_done_in_the_order_of_their_asking(self, engine: Running) -> None:
        numbers = [engine.client.run(chain(2, value=i)) for i in range(50, 60)]
        assert [engine.heard.end_of(number).run for number in numbers] == numbers

    def test_a_failure_crosses_as_data(self, engine: Running) -> None:
        engine.heard.all.clear()
        assert engine.run(build(n("bad", "fail"))).outcome is Outcome.FAILED
        failed = next(e for e in engine.heard.all if isinstance(e, NodeFailed))
        assert failed.problem.message == "Fail: ValueError: no luck"
        assert "Traceback" in failed.problem.detail

    def test_a_target_that_is_not_there_ends_the_run_in_words(self, engine: Running) -> None:
        end = engine.run(chain(1), "nobody")
        assert (end.outcome, end.message) == (
            Outcome.FAILED,
            "there is no node 'nobody' in this graph",
        )


class TestPictures:
    def test_previews_arrive_bit_by_bit(self, engine: Running) -> None:
        engine.heard.all.clear()
        engine.run(build(n("m", "march", steps=4, side=256, pause=0.11)))
        shown = [
            e for e in engine.heard.all if isinstance(e, NodeProgress) and e.preview is not None
        ]
        assert len(shown) >= 3
        for event in shown:
            expected = to_pixels(np.full((256, 256, 3), event.done / 4, np.float32))
            assert np.array_equal(event.preview, expected)  # type: ignore[arg-type]

    def test_an_output_at_full_size(self, engine: Running) -> None:
        engine.run(DRAWN)
        finished = [e for e in engine.heard.all if isinstance(e, NodeFinished)][-1]
        assert finished.preview is not None
        assert max(finished.preview.shape) <= 256
        engine.client.picture(only(finished))
        answer = engine.heard.until(PictureReady)
        assert answer.digest == finished.digests[0]
        assert np.array_equal(answer.pixels, np.full((300, 300, 3), 64))  # type: ignore[arg-type]

    @pytest.mark.parametrize(("side", "shape"), [(64, (60, 60, 3)), (0, (300, 300, 3))])
    def test_an_output_at_the_size_that_was_asked_for(
        self, engine: Running, side: int, shape: tuple[int, ...]
    ) -> None:
        engine.run(DRAWN)
        finished = [e for e in engine.heard.all if isinstance(e, NodeFinished)][-1]
        engine.client.picture(only(finished), side)
        answer = engine.heard.until(PictureReady)
        assert (answer.digest, answer.side) == (only(finished), side)
        assert answer.pixels is not None
        assert answer.pixels.shape == shape

    def test_drawing_holds_up_neither_cancel_nor_run(self, engine: Running) -> None:
        engine.run(build(n("d", "draw", side=4096, level=0.5)))
        large = only([e for e in engine.heard.all if isinstance(e, NodeFinished)][-1])
        run = engine.client.run(build(n("m", "march", steps=100_000, pause=0.01, side=3)))
        engine.heard.until(NodeProgress)
        before, start = len(engine.heard.all), time.monotonic()
        for _ in range(8):
            engine.client.picture(large)
        engine.client.cancel(run)
        assert engine.heard.end_of(run).outcome is Outcome.CANCELLED
        took = time.monotonic() - start
        drawn = sum(isinstance(e, PictureReady) for e in engine.heard.all[before:])
        for _ in range(8 - drawn):
            engine.heard.until(PictureReady)
        assert took < 2

    def test_one_that_is_not_held_is_answered_too(self, engine: Running) -> None:
        engine.client.picture("0" * 32)
        assert engine.heard.until(PictureReady).pixels is None

    def test_one_that_has_no_picture(self, engine: Running) -> None:
        engine.run(chain(1, value=5))
        finished = [e for e in engine.heard.all if isinstance(e, NodeFinished)][-1]
        engine.client.picture(only(finished))
        assert engine.heard.until(PictureReady).pixels is None

    def test_more_pictures_than_the_arena_holds(self, engine: Running) -> None:
        engine.run(build(n("d", "draw", side=2048, level=0.5)))
        finished = [e for e in engine.heard.all if isinstance(e, NodeFinished)][-1]
        for _ in range(12):
            engine.client.picture(only(finished))
        for _ in range(12):
            pixels = engine.heard.until(PictureReady).pixels
            assert pixels is not None
            assert pixels.shape == (2048, 2048, 3)
            assert pixels.min() == pixels.max() == 128


class TestCancel:
    def test_between_two_steps(self, engine: Running) -> None:
        graph = build(n("m", "march", steps=10_000, pause=0.01))
        run = engine.client.run(graph)
        engine.heard.until(NodeProgress)
        start = time.monotonic()
        engine.client.cancel(run)
        assert engine.heard.end_of(run).outcome is Outcome.CANCELLED
        assert time.monotonic() - start < 2
        assert engine.run(chain(2)).outcome is Outcome.DONE

    def test_before_its_turn(self, engine: Running) -> None:
        first = engine.client.run(build(n("m", "march", steps=30, pause=0.01, side=5)))
        second = engine.client.run(chain(3, value=99))
        engine.client.cancel(second)
        assert engine.heard.end_of(first).outcome is Outcome.DONE
        engine.heard.all.clear()
        assert engine.heard.end_of(second).outcome is Outcome.CANCELLED
        assert ran(engine.heard) == []

    def test_what_was_done_is_kept(self, engine: Running) -> None:
        graph = build(
            n("a", "number", value=123), n("m", "march", steps=10_000, pause=0.01, side=6)
        )
        run = engine.client.run(graph, ("a", "m"))
        engine.heard.until(NodeProgress)
        engine.client.cancel(run)
        engine.heard.end_of(run)
        engine.heard.all.clear()
        engine.run(graph, "a")
        assert ran(engine.heard) == []

    def test_of_a_run_that_is_over_does_nothing(self, engine: Running) -> None:
        end = engine.run(chain(2))
        engine.client.cancel(end.run)
        engine.client.cancel(9999)
        assert engine.run(chain(2)).outcome is Outcome.DONE


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("exit", "ended with status 7"),
        ("abort", "was aborted by native code"),
        ("segv", "crashed in native code (segmentation fault)"),
        ("kill", "was killed, by hand or because memory ran out"),
    ],
)
def test_a_death_is_told_in_words_and_the_next_run_works(
    mortal: Running, how: str, words: str
) -> None:
    before = mortal.client.pid
    run = mortal.client.run(build(n("c", "crash", how=how)))
    mortal.heard.until(NodeStarted)
    died = mortal.heard.until(EngineDied)
    assert words in died.message
    assert died.message.endswith("Your graph is untouched.")
    assert died.restarting
    end = mortal.heard.end_of(run)
    assert (end.outcome, end.message) == (Outcome.DIED, died.message)
    ready = mortal.heard.until(EngineReady)
    assert ready.pid == mortal.client.pid != before
    assert mortal.run(chain(3)).outcome is Outcome.DONE


def test_runs_asked_for_before_it_is_ready_wait(tmp_path: Path) -> None:
    starting = Running(tmp_path)
    try:
        numbers = [starting.client.run(chain(2, value=i)) for i in range(3)]
        assert [starting.heard.end_of(number).outcome for number in numbers] == [Outcome.DONE] * 3
    finally:
        starting.client.close()


def test_a_folder_is_known_also_after_a_restart(mortal: Running, tmp_path: Path) -> None:
    from graph.params import FileRef

    (tmp_path / "late.txt").write_text("late", encoding="utf-8")
    mortal.client.add_folder("text", tmp_path)
    graph = build(n("r", "read", file=FileRef("late.txt")))
    assert mortal.run(graph).outcome is Outcome.DONE
    mortal.client.kill()
    mortal.heard.until(EngineReady)
    assert mortal.run(graph).outcome is Outcome.DONE


def test_a_pack_that_cannot_be_loaded_is_said_once(tmp_path: Path) -> None:
    broken = Running(tmp_path, packs=("tests.graph.no_such_pack",))
    try:
        run = broken.client.run(chain(1))
        died = broken.heard.until(EngineDied)
        assert died.message == (
            "The engine could not load its nodes: ModuleNotFoundError: No module named "
            "'tests.graph.no_such_pack'. Your graph is untouched."
        )
        assert not died.restarting
        assert "Traceback" in died.output
        assert broken.heard.end_of(run).outcome is Outcome.DIED
        assert broken.client.pid is None
    finally:
        broken.client.close()


def test_a_picture_that_cannot_be_drawn_costs_nothing_but_the_picture(tmp_path: Path) -> None:
    faulty = Running(tmp_path, packs=("tests.graph.engine.faulty_pack",))
    try:
        graph = build(n("d", "draw"), n("m", "mean", {"image": "d.image"}))
        assert faulty.run(graph).outcome is Outcome.DONE
        drawn = next(e for e in faulty.heard.all if isinstance(e, NodeFinished))
        assert (drawn.node, drawn.preview) == ("d", None)
        assert any("cannot be drawn" in e.text for e in faulty.heard.all
                   if isinstance(e, NodeOutput))  # fmt: skip
        faulty.client.picture(only(drawn))
        assert faulty.heard.until(PictureReady).pixels is None
        run = faulty.client.run(build(n("l", "split"), n("m", "number")))
        assert faulty.heard.end_of(run).outcome is Outcome.DONE
    finally:
        faulty.client.close()


def test_a_listener_that_fails_hears_on(tmp_path: Path, expect_log: Callable[[str], None]) -> None:
    expect_log("log ERROR of graph.engine.process: failed to take in NodeStarted")
    fragile = Running(tmp_path)
    hear = fragile.heard.__call__

    def fail(event: Event) -> None:
        if isinstance(event, NodeStarted):
            raise RuntimeError("the window is gone")  # noqa: TRY004 - not about types
        hear(event)

    fragile.client._listener = fail
    try:
        assert fragile.run(chain(2)).outcome is Outcome.DONE
    finally:
        fragile.client.close()


def test_closing_at_any_moment_leaves_nothing(tmp_path: Path) -> None:
    for moment in (0.0, 0.05, 0.4):
        started = Running(tmp_path)
        started.client.run(build(n("m", "march", steps=1000, pause=0.01)))
        time.sleep(moment)
        pid, start = started.client.pid, time.monotonic()
        started.client.close()
        assert time.monotonic() - start < 3  # a run under way is not waited for
        assert pid is not None
        assert not psutil.pid_exists(pid)
        started.client.close()


def test_asking_for_its_pid_all_the_time_does_not_hide_how_it_ended(mortal: Running) -> None:
    for _ in range(3):
        mortal.client.kill()
        died = None
        while died is None:
            pid = mortal.client.pid
            assert pid is None or pid > 0
            died = None if mortal.heard.empty() else mortal.heard.next()
        assert isinstance(died, EngineDied)
        assert "was killed" in died.message
        mortal.heard.until(EngineReady)


HOST = """
import sys, time
from pathlib import Path
from graph.events import NodeProgress
from tests.graph.build import build, n
from tests.graph.engine.listener import Running
if __name__ == "__main__":
    engine = Running(Path(sys.argv[1]))
    engine.client.run(build(n("m", "march", steps=100_000, pause=0.01)))
    engine.heard.until(NodeProgress)
    print(engine.client.pid, flush=True)
    time.sleep(60)
"""


def test_no_orphan_stays_when_the_client_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "host.py"
    script.write_text(HOST, encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, str(script), str(tmp_path)],
        env={**os.environ, "PYTHONPATH": "."},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as host:
        assert host.stdout is not None
        pid = int(host.stdout.readline())
        assert psutil.pid_exists(pid)
        assert shared_memory(host.pid) or not SHARED.exists()
        host.send_signal(signal.SIGKILL)
    wait_until("the engine is gone", lambda: not psutil.pid_exists(pid))
    wait_until("its memory is gone", lambda: not shared_memory(host.pid))


def test_a_process_that_a_body_left_behind_does_not_hide_a_death(mortal: Running) -> None:
    run = mortal.client.run(build(n("l", "leave", seconds=5)))
    start = time.monotonic()
    assert mortal.heard.end_of(run).outcome is Outcome.DIED
    assert time.monotonic() - start < 3
    mortal.heard.until(EngineReady)


def test_every_signal_is_put_into_words() -> None:
    assert explain_exit(None, 1) == "After 1 s the engine ended. Your graph is untouched."
    assert "was told to end" in explain_exit(-signal.SIGTERM, 0)
    assert "signal 10" in explain_exit(-signal.SIGUSR1, 0)
    assert PACKS == ("tests.graph.pack",)
