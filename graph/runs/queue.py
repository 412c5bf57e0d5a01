"""The run queue: orders that wait, one at a time under way.

What is queued is a snapshot: an edit made afterwards does not reach it. The queue knows no engine:
whoever drives it takes the next order (`take`) and says how it ended (`end`).
"""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field
from threading import RLock
from typing import TYPE_CHECKING, Protocol

from graph.events import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from graph.graph import Graph

MANY_DEATHS = 3
"""Runs of one graph in a row under which the engine died, after which the queue pauses itself."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Order:
    """One run that is asked for."""

    graph: Graph
    """The snapshot; written down as `graph.format.dump` has it."""
    folder: Path
    """Where nodes with an effect write."""
    targets: tuple[str, ...] | None = None
    document: str = ""
    """Name of the document."""
    title: str = ""
    """What tells this run from others, for people; may be empty."""
    added: float = field(default_factory=time.time)
    """Seconds since 1970."""
    session: str = ""
    """Who shows the run in this process; empty after a restart."""
    key: str = field(default_factory=lambda: uuid.uuid4().hex)


class Store(Protocol):
    """Where the queue is written down, so that it outlives a crash; every call returns at once."""

    def put(self, order: Order) -> None:
        """Keep a new order, behind all that are kept."""

    def arrange(self, keys: Sequence[str]) -> None:
        """Keep this order of the orders."""

    def drop(self, keys: Iterable[str]) -> None:
        """Forget orders."""


class NoStore:
    """Writes nothing down."""

    def put(self, order: Order) -> None:
        """Forget it at once."""

    def arrange(self, keys: Sequence[str]) -> None:
        """Forget it at once."""

    def drop(self, keys: Iterable[str]) -> None:
        """Have nothing to forget."""


class RunQueue:
    """What waits, in order, and what is under way; may be used from any thread.

    Orders of a program that ended before they were done come back *held*: they keep their place,
    and are passed over until they are released.
    """

    def __init__(self, store: Store | None = None) -> None:
        """Begin empty; `store` writes down what is asked for."""
        self._store = store or NoStore()
        self._lock = RLock()
        self._waiting: list[Order] = []
        self._held: set[str] = set()
        self._current: Order | None = None
        self._paused = False
        self._why = ""
        self._lost: tuple[Graph, int] | None = None
        """The graph under which the engine died last, and how often in a row."""
        self._listeners: list[Callable[[], None]] = []

    # What holds

    @property
    def current(self) -> Order | None:
        """Return the order that is under way."""
        return self._current

    @property
    def waiting(self) -> tuple[Order, ...]:
        """Return what waits, the next one first."""
        with self._lock:
            return tuple(self._waiting)

    @property
    def held(self) -> tuple[Order, ...]:
        """Return the orders of an earlier session that nobody has released."""
        with self._lock:
            return tuple(order for order in self._waiting if order.key in self._held)

    @property
    def paused(self) -> bool:
        """Say whether nothing new is taken."""
        return self._paused

    @property
    def why(self) -> str:
        """Say in words why the queue paused itself; empty when somebody paused it."""
        return self._why

    @property
    def busy(self) -> bool:
        """Say whether a further order would have to wait."""
        with self._lock:
            return self._paused or self._current is not None or self._next() is not None

    def listen(self, listener: Callable[[], None]) -> None:
        """Have `listener` called after every change, on the thread that made it."""
        with self._lock:
            self._listeners.append(listener)

    def _tell(self) -> None:
        for listener in tuple(self._listeners):
            listener()

    # What people do

    def add(self, order: Order, *, front: bool = False) -> None:
        """Put `order` behind all others, or before them."""
        with self._lock:
            self._store.put(order)
            self._waiting.insert(0 if front else len(self._waiting), order)
            if front:
                self._arrange()
        self._tell()

    def remove(self, keys: Iterable[str]) -> None:
        """Take waiting orders out; keys of others are passed over."""
        gone = set(keys)
        with self._lock:
            dropped = [order.key for order in self._waiting if order.key in gone]
            self._waiting = [order for order in self._waiting if order.key not in gone]
            self._held.difference_update(dropped)
            self._store.drop(dropped)
        if dropped:
            self._tell()

    def move(self, keys: Sequence[str], place: int) -> None:
        """Move waiting orders, together and as they follow each other, before place `place`.

        Places are counted as they are before the move; what lies outside is brought to the edge.
        """
        chosen = set(keys)
        with self._lock:
            place = min(max(place, 0), len(self._waiting))
            before = [order for order in self._waiting[:place] if order.key not in chosen]
            after = [order for order in self._waiting[place:] if order.key not in chosen]
            moved = [order for order in self._waiting if order.key in chosen]
            arranged = [*before, *moved, *after]
            differs = arranged != self._waiting
            self._waiting = arranged
            if differs:
                self._arrange()
        if differs:
            self._tell()

    def front(self, keys: Sequence[str]) -> None:
        """Let waiting orders be the next; held ones are released by it."""
        with self._lock:
            self._held.difference_update(keys)
        self.move(keys, 0)
        self._tell()

    def pause(self, why: str = "") -> None:
        """Take nothing new; what is under way goes on."""
        with self._lock:
            self._paused, self._why = True, why
        self._tell()

    def resume(self) -> None:
        """Go on, with held orders too."""
        with self._lock:
            self._paused, self._why, self._lost = False, "", None
            self._held.clear()
        self._tell()

    def discard_held(self) -> None:
        """Take out what an earlier session left."""
        self.remove([order.key for order in self.held])

    def restore(self, orders: Iterable[Order]) -> None:
        """Put orders of an earlier session, which are written down already, before all others."""
        with self._lock:
            known = {order.key for order in self._waiting}
            fresh = [order for order in orders if order.key not in known]
            self._held.update(order.key for order in fresh)
            self._waiting[:0] = fresh
            self._arrange()
        if fresh:
            self._tell()

    # What the driver does

    def take(self) -> Order | None:
        """Return the next order, which is under way from now on; None while there is none."""
        with self._lock:
            if self._paused or self._current is not None:
                return None
            order = self._next()
            if order is None:
                return None
            self._waiting.remove(order)
            self._current = order
            # What is under way is the first: after a crash it is the first to be taken up again.
            self._arrange()
        self._tell()
        return order

    def end(self, key: str, outcome: Outcome) -> None:
        """Note how the order under way ended."""
        with self._lock:
            order = self._current
            if order is None or order.key != key:
                return
            self._current = None
            self._store.drop([key])
            if self._dies_again(order, outcome):
                self._paused = True
                self._why = (
                    f"The engine ended {MANY_DEATHS} times in a row under the same graph, so the"
                    " queue is paused. Change or remove what waits, then go on."
                )
        self._tell()

    def _next(self) -> Order | None:
        return next((order for order in self._waiting if order.key not in self._held), None)

    def _dies_again(self, order: Order, outcome: Outcome) -> bool:
        if outcome is not Outcome.DIED:
            self._lost = None
            return False
        graph, times = self._lost or (order.graph, 0)
        times = times + 1 if graph is order.graph or graph == order.graph else 1
        self._lost = (order.graph, times)
        return times >= MANY_DEATHS

    def _arrange(self) -> None:
        first = [] if self._current is None else [self._current]
        self._store.arrange([order.key for order in (*first, *self._waiting)])
