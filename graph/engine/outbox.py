"""The worker's way out: a thread that sends all events that wait as one message.

Whoever has something to tell puts it here and goes on. Pictures are placed in the arena here only,
in the order of the messages, which is the order in which the client frees them.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections import deque
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import TYPE_CHECKING, TypeAlias

from graph.engine.messages import event_encoder

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from graph.engine.arena import ArenaWriter
    from graph.engine.messages import Placed
    from graph.engine.output import OutputTap
    from graph.events import Event, Pixels

_LOG = logging.getLogger(__name__)
_MOST = 500
"""Events in one message."""
_WORDS_EVERY = 0.05
"""Least seconds between two messages that only tell what was printed."""
_LISTEN_EVERY = 0.25
"""Seconds after which to look whether native code wrote something."""
_GOODBYE = 2.0
"""Seconds that closing waits for a client that does not read."""


class _Words:
    """Stands among the events where what was printed is to be told."""


_WORDS = _Words()
_Item: TypeAlias = "Event | _Words"


class Outbox:
    """Sends events to the client, from any thread, in order."""

    def __init__(self, channel: Connection, arena: ArenaWriter, tap: OutputTap) -> None:
        """Start to send over `channel`, with what `tap` takes in between the events."""
        self._channel = channel
        self._arena = arena
        self._encode = event_encoder(self._place)
        self._placed = 0
        self._tap = tap
        self._items: deque[_Item] = deque()
        self._signal: SimpleQueue[None] = SimpleQueue()
        self._signalled = False
        self._sending = Lock()
        self._told = 0.0
        self._gone = False
        self._closing = False
        tap.woken = lambda: self._add(_WORDS)
        self._thread = Thread(target=self._serve, name="engine-events", daemon=True)
        self._thread.start()

    def put(self, event: Event) -> None:
        """Send an event; returns at once."""
        self._add(event)

    def _add(self, item: _Item) -> None:
        self._items.append(item)
        # Looked at after the item is in its place, and reset before the items are taken: so none
        # is left lying.
        if not self._signalled:
            self._signalled = True
            self._signal.put(None)

    def flush(self) -> None:
        """Send what waits, on this thread: for what must be told before the process may die."""
        with self._sending:
            while self._items:
                self._send(self._taken())

    def close(self) -> None:
        """Send what waits and end."""
        self._closing = True
        self._signal.put(None)
        self._thread.join(_GOODBYE)

    def _serve(self) -> None:
        while not self._closing:
            self._wait(_LISTEN_EVERY if self._tap.busy else None)
            self._tap.collect()
            early = self._told + _WORDS_EVERY - time.monotonic()
            if early > 0 and all(item is _WORDS for item in tuple(self._items)):
                self._wait(early)
            self.flush()

    def _wait(self, seconds: float | None) -> None:
        with contextlib.suppress(Empty):
            self._signal.get(timeout=seconds)
        self._signalled = False

    def _taken(self) -> list[Event]:
        events: list[Event] = []
        while self._items and len(events) < _MOST:
            item = self._items.popleft()
            if isinstance(item, _Words):
                events += self._tap.take()
                self._told = time.monotonic()
            else:
                events.append(item)
        return events

    def _send(self, events: list[Event]) -> None:
        if self._gone or not events:
            return
        self._placed = 0
        try:
            data = self._encode(events)
        except Exception:  # noqa: BLE001 - a plugin's reason or parameter may be anything
            self._arena.withdraw(self._placed)
            if len(events) > 1:
                for event in events:
                    self._send([event])
            else:
                _LOG.warning("cannot be told: %s", type(events[0]).__name__, exc_info=True)
            return
        try:
            self._channel.send_bytes(data)
        except OSError:
            # The client is gone: the thread that takes its orders notices too, and ends it all.
            self._gone = True

    def _place(self, pixels: Pixels) -> Placed:
        placed = self._arena.place(pixels)
        self._placed += placed.data is None
        return placed
