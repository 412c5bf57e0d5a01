"""Finished means durable: a node is announced as finished once its result is on disk.

An engine that dies later has then lost nothing that anybody was told of. The run itself goes on
meanwhile. Where there is no disk, or it cannot take a value, nothing is held up.
"""

from __future__ import annotations

import logging
from collections import Counter
from functools import partial
from threading import Condition
from typing import TYPE_CHECKING

from graph.events import NodeFinished, RunFinished, RunStarted, Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from graph.cache import Cache
    from graph.events import RunEvent

_LOG = logging.getLogger(__name__)
_PATIENCE = 30.0
"""Seconds that the end of a run waits for a disk that hangs."""


class Announcer:
    """Hands on the events of a run, each node's in order, the end of the run after all."""

    def __init__(self, cache: Cache, put: Callable[[RunEvent], None]) -> None:
        """Hand on to `put`, which is called from several threads."""
        self._cache = cache
        self._put = put
        self._changed = Condition()
        self._held: dict[int, RunEvent] = {}
        """What waits for the disk, in order."""
        self._nodes: Counter[str] = Counter()
        self._next = 0

    def tell(self, event: RunEvent) -> None:
        """Hand on `event`, now or when what was finished before it is on disk."""
        if isinstance(event, RunFinished):
            self._settle()
        elif self._waits(event):
            self._hold(event)
            return
        self._put(event)

    def _waits(self, event: RunEvent) -> bool:
        if isinstance(event, NodeFinished):
            # What was known need not be on disk yet: an equal node may have given it just now.
            return event.status is Status.RAN or bool(self._held)
        return bool(self._held) and _node(event) in self._nodes

    def _hold(self, event: RunEvent) -> None:
        with self._changed:
            number = self._next = self._next + 1
            self._held[number] = event
            self._nodes[_node(event)] += 1
        self._cache.after(partial(self._release, number))

    def _release(self, number: int) -> None:
        with self._changed:
            event = self._held.pop(number, None)
            if event is None:
                return  # told already, for the disk was not waited for any longer
            self._nodes[_node(event)] -= 1
            if not self._nodes[_node(event)]:
                del self._nodes[_node(event)]
            self._put(event)
            self._changed.notify_all()

    def _settle(self) -> None:
        """Wait until nothing is held."""
        with self._changed:
            if self._changed.wait_for(lambda: not self._held, _PATIENCE):
                return
            late = list(self._held)
        _LOG.info("the cache hangs: %d results are told before they are on disk", len(late))
        for number in late:
            self._release(number)


def _node(event: RunEvent) -> str:
    return "" if isinstance(event, RunStarted | RunFinished) else event.node
