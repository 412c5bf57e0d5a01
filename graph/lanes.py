"""Lanes: bodies that say they may overlap with others run on threads of their own.

What keeps the GPU busy, and what says nothing, runs on the thread that drives the run.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from threading import Event, Semaphore, Thread
from typing import TYPE_CHECKING, TypeAlias

from graph.errors import ContractError
from graph.speaker import speaking_for
from graph.spec import Lane
from graph.values import Progress

if TYPE_CHECKING:
    from queue import SimpleQueue

    from graph.body import Call, Output

_IO_THREADS = 4


@dataclass(slots=True, eq=False)
class Flight:
    """One body on a thread of its own."""

    node: str
    call: Call
    run: Callable[[Call], object]
    """Calls the body."""
    finish: Callable[[Call, object], list[Output]]
    """Checks what the body returned."""
    steps: bool
    """Whether the body is a generator of `Progress`."""
    stop: Event = field(default_factory=Event)
    """Set when nobody waits for it any more: it ends at its next step."""
    told: tuple[int, int] = (0, 1)
    """How many steps of how many were told last."""
    ms: float = 0.0
    outputs: list[Output] | None = None
    """What it gave, once it has landed without an error."""
    error: BaseException | None = None


News: TypeAlias = "tuple[Flight, Progress | None]"
"""What comes from a flight: a step, or None when it has landed."""


class Stopped(BaseException):
    """A body was told to stop."""


class Lanes:
    """Room for bodies beside the thread that drives a run.

    A thread lasts as long as its body, so that an engine that rests has none.
    """

    def __init__(self) -> None:
        """Give each lane its room."""
        beside = max(1, (os.cpu_count() or 2) - 1)
        self._room = {Lane.CPU: Semaphore(beside), Lane.IO: Semaphore(_IO_THREADS)}

    def takes(self, lane: Lane) -> bool:
        """Say whether bodies of `lane` run on threads of their own."""
        return lane in self._room

    def begin(self, lane: Lane, flight: Flight, news: SimpleQueue[News]) -> None:
        """Start a body when there is room; its steps and its end come as `news`."""
        room = self._room[lane]
        Thread(target=_fly, args=(flight, news, room), name=f"lane-{lane}", daemon=True).start()


def _fly(flight: Flight, news: SimpleQueue[News], room: Semaphore) -> None:
    with room:
        start = time.perf_counter()
        try:
            with speaking_for(flight.node):
                flight.outputs = flight.finish(flight.call, _driven(flight, news))
        except BaseException as error:  # noqa: BLE001 - the run tells of it, be it SystemExit
            flight.error = error
        flight.ms = (time.perf_counter() - start) * 1000
    news.put((flight, None))


def _driven(flight: Flight, news: SimpleQueue[News]) -> object:
    """Call the body, step by step if it has steps; return what it returns."""
    if flight.stop.is_set():
        raise Stopped
    result = flight.run(flight.call)
    if not (flight.steps and isinstance(result, Generator)):
        return result
    try:
        while True:
            try:
                progress = next(result)
            except StopIteration as end:
                return end.value
            if not isinstance(progress, Progress):
                raise ContractError(f"must yield Progress, got {type(progress).__name__}")
            news.put((flight, progress))
            if flight.stop.is_set():
                raise Stopped
    finally:
        result.close()
