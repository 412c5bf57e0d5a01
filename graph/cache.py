"""What is known: two tables, action -> what it gave, and digest -> bytes.

The first outlives the second: a result whose bytes were evicted is still known, so that nodes
behind it need not run. Both lie in RAM and, where a `graph.disk.DiskCache` is given, on disk.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

import msgspec

from graph.actions import Digests

if TYPE_CHECKING:
    from graph.disk import DiskCache
    from graph.handlers import Packed


class Row(msgspec.Struct, frozen=True, gc=False):
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
    """All that one engine knows."""

    def __init__(self, store: MemoryStore | None = None, disk: DiskCache | None = None) -> None:
        """Start with what `disk` knows, values held in `store`."""
        self.store = store or MemoryStore()
        self._disk = disk
        self._rows: dict[str, Row] = {}
        self._asks: dict[str, str] = {}

    def row(self, action: str) -> Row | None:
        """Return what `action` gave, or None when it is not known."""
        found = self._rows.get(action)
        if found is None and self._disk is not None:
            found = self._disk.row(action)
            if found is not None:
                self._rows[action] = found
        return found

    def digests(self, action: str) -> Digests | None:
        """Return the content digests of what `action` gave, or None when it is not known."""
        found = self.row(action)
        return None if found is None else found.digests

    def asked(self, action: str) -> str | None:
        """Return the lazy input that was asked for after `action` (see `graph.plan.resolve`)."""
        found = self._asks.get(action)
        if found is None and self._disk is not None:
            found = self._disk.ask(action)
            if found is not None:
                self._asks[action] = found
        return found

    def learn(self, action: str, row: Row) -> None:
        """Remember what `action` gave."""
        self._rows[action] = row
        if self._disk is not None:
            self._disk.learn(action, row)

    def learn_ask(self, action: str, name: str) -> None:
        """Remember which lazy input was asked for after `action`."""
        self._asks[action] = name
        if self._disk is not None:
            self._disk.learn_ask(action, name)

    def value(self, digest: str) -> object:
        """Return a value, reading it from disk if need be; raise `KeyError` when nobody has it."""
        try:
            return self.store.get(digest)
        except KeyError:
            if self._disk is None:
                raise
        value, size = self._disk.get(digest)
        self.store.put(digest, value, size)
        return value

    def keep(self, digest: str, value: object, packed: Packed, kind: str, ms: float) -> None:
        """Hold a checked value of socket type `kind` that took `ms` to compute."""
        self.store.put(digest, value, packed.size())
        if self._disk is not None:
            self._disk.put(digest, kind, packed, ms)

    def close(self) -> None:
        """Let the disk catch up."""
        if self._disk is not None:
            self._disk.close()
