"""When a node that was told to stop counts as stuck."""

from __future__ import annotations

import pytest

from graph.engine.pace import PATIENCE, Pace
from graph.events import (
    NodeFailed,
    NodeFinished,
    NodeProgress,
    NodeStarted,
    Outcome,
    Problem,
    RunFinished,
    Status,
)


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pace(clock: Clock) -> Pace:
    return Pace(clock)


def started(node: str = "n") -> NodeStarted:
    return NodeStarted(1, node, ())


def finished(node: str = "n", ms: float = 0.0, status: Status = Status.RAN) -> NodeFinished:
    return NodeFinished(1, node, status, "a", ("d",), ms=ms)


def test_a_quick_node_has_five_seconds(pace: Pace, clock: Clock) -> None:
    pace.note(started(), "doc")
    for done in range(10):
        clock.now += 0.5
        pace.note(NodeProgress(1, "n", done, 10), "doc")
    assert pace.patience("doc") == PATIENCE


def test_a_slow_node_has_as_long_as_its_steps_take(pace: Pace, clock: Clock) -> None:
    pace.note(started(), "doc")
    for done, seconds in enumerate((2.0, 9.0, 3.0), start=1):
        clock.now += seconds
        pace.note(NodeProgress(1, "n", done, 10), "doc")
    assert pace.patience("doc") == 9.0


def test_what_is_told_again_is_no_sign_of_life(pace: Pace, clock: Clock) -> None:
    pace.note(started(), "doc")
    for _ in range(12):
        clock.now += 1.0
        pace.note(NodeProgress(1, "n", 1, 10), "doc")
    clock.now += 1.0
    pace.note(NodeProgress(1, "n", 2, 10), "doc")
    assert pace.patience("doc") == 12.0


def test_a_node_without_steps_has_as_long_as_it_took_last(pace: Pace, clock: Clock) -> None:
    pace.note(started(), "doc")
    clock.now += 60.0  # it waited for the disk, too
    pace.note(finished(ms=12_000.0), "doc")
    assert pace.patience("doc") == PATIENCE
    pace.note(started(), "doc")
    assert pace.patience("doc") == 12.0
    assert pace.patience("another") == PATIENCE


def test_a_node_with_steps_answers_between_them_however_long_it_takes(
    pace: Pace, clock: Clock
) -> None:
    pace.note(started(), "doc")
    for done in range(1, 31):
        clock.now += 6.0
        pace.note(NodeProgress(1, "n", done, 30), "doc")
    pace.note(finished(ms=180_000.0), "doc")
    pace.note(started(), "doc")
    assert pace.patience("doc") == 6.0


def test_of_several_at_work_the_slowest_counts(pace: Pace, clock: Clock) -> None:
    for node in "ab":
        pace.note(started(node), "doc")
    clock.now += 8.0
    pace.note(NodeProgress(1, "a", 1, 2), "doc")
    assert pace.patience("doc") == 8.0
    pace.note(NodeFailed(1, "a", Problem("x", "y")), "doc")
    assert pace.patience("doc") == PATIENCE


def test_a_run_that_ended_leaves_nothing_at_work(pace: Pace, clock: Clock) -> None:
    pace.note(started(), "doc")
    clock.now += 8.0
    pace.note(NodeProgress(1, "n", 1, 2), "doc")
    pace.note(RunFinished(1, Outcome.CANCELLED, 0.0), "doc")
    assert pace.patience("doc") == PATIENCE


def test_what_was_known_says_nothing_of_the_pace(pace: Pace) -> None:
    pace.note(finished(ms=0.0, status=Status.CACHED), "doc")
    pace.note(finished(ms=99_000.0), "doc")  # never seen to start
    pace.note(started(), "doc")
    assert pace.patience("doc") == PATIENCE


def test_a_death_ends_all_work(pace: Pace, clock: Clock) -> None:
    pace.note(started(), "doc")
    clock.now += 9.0
    pace.note(NodeProgress(1, "n", 1, 2), "doc")
    pace.forget()
    assert pace.patience("doc") == PATIENCE


def test_only_so_many_nodes_are_remembered(
    pace: Pace, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graph.engine.pace._REMEMBERED", 3)
    for i in range(9):
        pace.note(started(f"n{i}"), "doc")
        clock.now += 1.0
        pace.note(finished(f"n{i}", ms=7000.0), "doc")
    assert len(pace._usual) == 3
    pace.note(started("n8"), "doc")
    assert pace.patience("doc") == 7.0
