"""What is known: two tables, action -> what it gave, and digest -> bytes.

The first outlives the second: a result whose bytes were evicted is still known, so that nodes
behind it need not run. Both lie in RAM, bounded, and where a `graph.disk.DiskCache` is given on
disk. Nodes may run on several threads; all here may be called from any of them.
"""

from __future__ import annotations

import heapq
from threading import Lock
from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar

import msgspec

from graph.actions import Digests

if TYPE_CHECKING:
    from collections.abc import Callable

    from graph.disk import DiskCache
    from graph.handlers import Packed

V = TypeVar("V")

ROWS = 200_000
"""Rows of a table that are held in RAM where there is nothing else."""
ROWS_BEFORE_DISK = 24_000
"""Rows that are held in RAM where a disk has all: more than the largest graphs have nodes."""
ENTRY = 512
"""Bytes that an entry of the store costs beside its value."""


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
    reads: tuple[tuple[str, str], ...] = ()
    """Files that it came upon by itself, as (absolute path, fingerprint; empty where none was)."""


class Recent(Generic[V]):
    """A table of at most `limit` rows; what was not used for the longest time goes, by halves.

    Two generations: a row that is used moves to the young one, and when that is full the old one
    is dropped. So the last `limit / 2` rows that were used are there, and finding one of them is
    one look into a dictionary.
    """

    __slots__ = ("_half", "_lock", "_old", "_young")

    def __init__(self, limit: int = ROWS) -> None:
        """Hold at most `limit` rows, at least 2."""
        self._half = max(1, limit // 2)
        self._young: dict[str, V] = {}
        self._old: dict[str, V] = {}
        self._lock = Lock()

    def get(self, key: str) -> V | None:
        """Return what is held under `key`, or None."""
        found = self._young.get(key)
        if found is None:
            found = self._old.get(key)
            if found is not None:
                self.put(key, found)
        return found

    def put(self, key: str, value: V) -> None:
        """Hold `value` under `key`."""
        with self._lock:
            if len(self._young) >= self._half and key not in self._young:
                # In this order: whoever looks now without the lock finds every row in one of both.
                self._old = self._young
                self._young = {}
            self._young[key] = value

    def __len__(self) -> int:
        """Return how many rows are held, one that lies in both generations twice."""
        return len(self._young) + len(self._old)


_Key: TypeAlias = tuple[float, int]
"""What a value is worth, and when it was used last: the least goes first."""


class _Held:
    """A value in the store."""

    __slots__ = ("density", "key", "queued", "size", "value")

    def __init__(self, value: object, size: int, density: float) -> None:
        self.value = value
        self.size = size
        self.density = density
        self.key: _Key = (0.0, 0)
        self.queued: _Key = (0.0, 0)
        """The key under which it stands in the heap: not more than `key`."""


class MemoryStore:
    """Values in RAM over a budget of bytes; out goes first what is quickest to have again.

    GreedyDual-Size (Cao and Irani, 1997): a value is worth the milliseconds that it costs for each
    byte, on top of the worth of the last one that had to go, so that what nobody uses grows old.
    """

    def __init__(self, budget: int = 2 << 30) -> None:
        """Hold at most `budget` bytes; a single larger value is held until the next comes."""
        self._budget = budget
        self._held: dict[str, _Held] = {}
        self._heap: list[tuple[_Key, str]] = []
        self._age = 0.0
        self._uses = 0
        self._size = 0
        self._lock = Lock()

    @property
    def size(self) -> int:
        """Return how many bytes are held."""
        return self._size

    def get(self, digest: str) -> object:
        """Return the value; raise `KeyError` when it is not held."""
        with self._lock:
            held = self._held[digest]
            # The heap learns of it when the value comes up: a key only ever grows.
            held.key = self._key(held)
            return held.value

    def put(self, digest: str, value: object, size: int, ms: float = 0.0) -> None:
        """Keep `value` of `size` bytes that took `ms` to compute; evict beyond the budget."""
        with self._lock:
            held = self._held.get(digest)
            if held is not None:
                held.key = self._key(held)
                return
            cost = size + ENTRY
            held = self._held[digest] = _Held(value, cost, ms / cost)
            self._size += cost
            while self._size > self._budget and len(self._held) > 1:
                self._evict()
            # Last, so that it cannot be the one to go, and counts from the age that is now.
            held.key = self._key(held)
            self._queue(digest, held)

    def _key(self, held: _Held) -> _Key:
        self._uses += 1
        return (self._age + held.density, self._uses)

    def _queue(self, digest: str, held: _Held) -> None:
        held.queued = held.key
        heapq.heappush(self._heap, (held.key, digest))
        if len(self._heap) > 2 * len(self._held) + 64:
            self._heap = [(each.queued, name) for name, each in self._held.items()]
            heapq.heapify(self._heap)

    def _evict(self) -> None:
        key, digest = heapq.heappop(self._heap)
        held = self._held.get(digest)
        if held is None or held.queued != key:
            return  # dropped meanwhile
        if held.key != key:
            self._queue(digest, held)  # used meanwhile
            return
        self._age = key[0]
        del self._held[digest]
        self._size -= held.size

    def drop(self, digest: str) -> None:
        """Forget a value, if it is held."""
        with self._lock:
            held = self._held.pop(digest, None)
            if held is not None:
                self._size -= held.size

    def __contains__(self, digest: object) -> bool:
        """Say whether the value is held."""
        return digest in self._held


class Cache:
    """All that one engine knows."""

    def __init__(self, store: MemoryStore | None = None, disk: DiskCache | None = None) -> None:
        """Start with what `disk` knows, values held in `store`."""
        self.store = store or MemoryStore()
        self._disk = disk
        rows = ROWS if disk is None else ROWS_BEFORE_DISK
        self._rows: Recent[Row] = Recent(rows)
        self._asks: Recent[str] = Recent(rows)

    def row(self, action: str) -> Row | None:
        """Return what `action` gave, or None when it is not known."""
        found = self._rows.get(action)
        if found is None and self._disk is not None:
            found = self._disk.row(action)
            if found is not None:
                self._rows.put(action, found)
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
                self._asks.put(action, found)
        return found

    def learn(self, action: str, row: Row) -> None:
        """Remember what `action` gave."""
        self._rows.put(action, row)
        if self._disk is not None:
            self._disk.learn(action, row)

    def learn_ask(self, action: str, name: str) -> None:
        """Remember which lazy input was asked for after `action`."""
        self._asks.put(action, name)
        if self._disk is not None:
            self._disk.learn_ask(action, name)

    def value(self, digest: str) -> object:
        """Return a value, reading it from disk if need be; raise `KeyError` when nobody has it."""
        try:
            return self.store.get(digest)
        except KeyError:
            if self._disk is None:
                raise
        value, size, ms = self._disk.get(digest)
        self.store.put(digest, value, size, ms)
        return value

    def keep(self, digest: str, value: object, packed: Packed, kind: str, ms: float) -> None:
        """Hold a checked value of socket type `kind` that took `ms` to compute."""
        self.store.put(digest, value, packed.size(), ms)
        if self._disk is not None:
            self._disk.put(digest, kind, packed, ms)

    def after(self, done: Callable[[], None]) -> None:
        """Call `done` once all that was learnt and kept before is on disk, or cannot get there.

        At once where there is no disk; else on the thread that writes, which must not be kept.
        """
        if self._disk is None:
            done()
        else:
            self._disk.after(done)

    def close(self) -> None:
        """Let the disk catch up."""
        if self._disk is not None:
            self._disk.close()
