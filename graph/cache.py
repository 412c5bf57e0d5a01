"""What is known: two tables, action -> what it gave, and digest -> bytes.

The first outlives the second: a result whose bytes were evicted is still known, so that nodes
behind it need not run.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Protocol

import msgspec

from graph.actions import Digests


class Row(msgspec.Struct, frozen=True):
    """What an action gave."""

    digests: Digests
    ms: float = 0.0
    """What it cost to compute."""
    size: int = 0
    """Bytes of all its outputs."""
    files: tuple[str, ...] = ()
    """Absolute paths of files that it wrote."""
    remarks: tuple[str, ...] = ()
    asks: tuple[tuple[str, str], ...] = ()
    """The lazy inputs that were asked for on the way, as (action so far, input)."""


class Store(Protocol):
    """Keeps values by content digest. Another store, such as one on disk, has the same form."""

    def get(self, digest: str) -> object:
        """Return the value; raise `KeyError` when it is not held."""

    def put(self, digest: str, value: object, size: int) -> None:
        """Keep a checked value of `size` bytes, perhaps evicting others."""

    def __contains__(self, digest: object) -> bool:
        """Say whether the value is held."""


class MemoryStore:
    """Values in RAM, least recently used out first over a budget of bytes."""

    def __init__(self, budget: int = 2 << 30) -> None:
        """Hold at most `budget` bytes; a single larger value is held until the next comes."""
        self._budget = budget
        self._held: OrderedDict[str, tuple[object, int]] = OrderedDict()
        self._size = 0

    @property
    def size(self) -> int:
        """Return how many bytes are held."""
        return self._size

    def get(self, digest: str) -> object:
        """Return the value; raise `KeyError` when it is not held."""
        value, _size = self._held[digest]
        self._held.move_to_end(digest)
        return value

    def put(self, digest: str, value: object, size: int) -> None:
        """Keep `value`, evicting the least recently used beyond the budget."""
        if digest in self._held:
            self._held.move_to_end(digest)
            return
        self._held[digest] = (value, size)
        self._size += size
        while self._size > self._budget and len(self._held) > 1:
            _digest, (_value, gone) = self._held.popitem(last=False)
            self._size -= gone

    def drop(self, digest: str) -> None:
        """Forget a value, if it is held."""
        _value, size = self._held.pop(digest, (None, 0))
        self._size -= size

    def __contains__(self, digest: object) -> bool:
        """Say whether the value is held."""
        return digest in self._held


class Cache:
    """The two tables of one engine."""

    def __init__(self, store: Store | None = None) -> None:
        """Start with nothing known, values kept in `store`."""
        self.rows: dict[str, Row] = {}
        self.known: dict[str, Digests] = {}
        self.asks: dict[str, str] = {}
        """Action so far -> the lazy input asked for next (see `graph.plan.resolve`)."""
        self.store: Store = store or MemoryStore()

    def learn(self, action: str, row: Row) -> None:
        """Remember what `action` gave."""
        self.rows[action] = row
        self.known[action] = row.digests
