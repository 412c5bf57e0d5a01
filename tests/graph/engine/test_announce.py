"""Finished means durable: what is announced when, with a disk whose every step is in our hand."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, cast

import pytest

from graph.engine.announce import Announcer
from graph.events import (
    NodeFailed,
    NodeFinished,
    NodeProgress,
    NodeStarted,
    Outcome,
    Problem,
    RunFinished,
    RunStarted,
    Status,
)
from tests.graph.engine.listener import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from graph.cache import Cache
    from graph.events import RunEvent


class Disk:
    """A cache that is on disk when the test says so."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[], None]] = []

    def after(self, done: Callable[[], None]) -> None:
        self.waiting.append(done)

    def write(self) -> None:
        self.waiting.pop(0)()


@pytest.fixture
def disk() -> Disk:
    return Disk()


@pytest.fixture
def told() -> list[RunEvent]:
    return []


@pytest.fixture
def announcer(disk: Disk, told: list[RunEvent]) -> Announcer:
    return Announcer(cast("Cache", disk), told.append)


def finished(node: str, status: Status = Status.RAN) -> NodeFinished:
    return NodeFinished(1, node, status, f"action-{node}", (f"digest-{node}",))


END = RunFinished(1, Outcome.DONE, 5.0)


def test_what_ran_is_told_when_it_is_on_disk_and_the_run_goes_on(
    announcer: Announcer, disk: Disk, told: list[RunEvent]
) -> None:
    events: list[RunEvent] = [
        RunStarted(1, ("a", "b")), NodeStarted(1, "a", ()), finished("a"), NodeStarted(1, "b", ()),
        NodeProgress(1, "b", 1, 2), finished("b"),
    ]  # fmt: skip
    for event in events:
        announcer.tell(event)
    assert told == [events[0], events[1], events[3], events[4]]
    disk.write()
    assert told[-1] is events[2]
    disk.write()
    assert told[-1] is events[5]


def test_what_was_known_waits_only_behind_what_is_not_there_yet(
    announcer: Announcer, disk: Disk, told: list[RunEvent]
) -> None:
    """Of two equal nodes the second is known at once, and yet not on disk."""
    known, twin = finished("known", Status.CACHED), finished("twin", Status.CACHED)
    announcer.tell(known)
    assert told == [known]
    ran = finished("ran")
    announcer.tell(ran)
    announcer.tell(twin)
    assert told == [known]
    disk.write()
    disk.write()
    assert told == [known, ran, twin]


def test_a_nodes_own_events_keep_their_order(
    announcer: Announcer, disk: Disk, told: list[RunEvent]
) -> None:
    """A node whose bytes were evicted may run again before its first end is on disk."""
    other = NodeStarted(1, "b", ())
    own: list[RunEvent] = [
        finished("a"), NodeStarted(1, "a", ()), NodeProgress(1, "a", 1, 2),
        NodeFailed(1, "a", Problem("x", "y")),
    ]  # fmt: skip
    for event in own[:3]:
        announcer.tell(event)
    announcer.tell(other)
    announcer.tell(own[3])
    assert told == [other]
    while disk.waiting:
        disk.write()
    assert told == [other, *own]


def test_the_end_of_the_run_comes_after_all(
    announcer: Announcer, disk: Disk, told: list[RunEvent]
) -> None:
    events: list[RunEvent] = [finished("a"), finished("b")]
    for event in events:
        announcer.tell(event)
    ending = threading.Thread(target=announcer.tell, args=(END,))
    ending.start()
    disk.write()
    assert END not in told
    disk.write()
    ending.join(5)
    assert told == [*events, END]


def test_a_disk_that_hangs_is_waited_for_once_and_everything_is_told_once(
    announcer: Announcer, disk: Disk, told: list[RunEvent], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graph.engine.announce._PATIENCE", 0.05)
    events: list[RunEvent] = [finished("a"), finished("b", Status.CACHED), END]
    for event in events:
        announcer.tell(event)
    assert told == events
    while disk.waiting:
        disk.write()
    assert told == events


def test_it_may_be_told_from_the_thread_that_writes(disk: Disk, told: list[RunEvent]) -> None:
    announcer = Announcer(cast("Cache", disk), told.append)
    many = [finished(f"n{i}") for i in range(500)]
    going = True

    def write() -> None:
        while going or disk.waiting:
            if disk.waiting:
                disk.write()

    writing = threading.Thread(target=write)
    writing.start()
    for event in many:
        announcer.tell(event)
    announcer.tell(END)
    going = False
    writing.join(10)
    wait_until("all is told", lambda: len(told) == 501)
    assert told == [*many, END]
