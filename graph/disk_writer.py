"""The thread that brings what is known to disk, and says when it is there.

What waits is written a few megabytes at a time: first the files, then one transaction with all rows
and values, then whoever asked to be told is told. Whatever the folder does (full, read-only, gone,
damaged, in use by another) is logged once and costs time later, never a run.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sqlite3
import time
from functools import partial
from queue import Empty, SimpleQueue
from threading import Condition, Thread
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from graph.cache import Row
from graph.disk_folder import (
    DROP,
    SMALL,
    is_damaged,
    keep_budget,
    opened,
    place_of,
    remove_database,
    tidy,
    value_path,
)
from graph.handlers import Packed
from graph.tensor_file import FileWriter, fold, size_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from graph.tensor_file import Parts

_LOG = logging.getLogger(__name__)
_BACKLOG = 512 << 20
"""Bytes that may wait to be written; beyond it a run waits a moment, then values are dropped."""
_PATIENCE = 2.0
"""Seconds that a run waits for a disk that does not keep up, once until it goes on."""
_BATCH_BYTES = 16 << 20
_BATCH_ITEMS = 500
"""What goes into one transaction: not much, for somebody waits for it."""
_IDLE = 5.0
"""Seconds without work after which the folder is tidied, once."""
_RECOUNT = 100
"""Batches after which the bytes in the folder are counted anew: others write there too."""
_DRAIN = 30.0
"""Seconds that closing waits for a disk."""


class Value(msgspec.Struct, frozen=True):
    """A value on its way to the disk."""

    digest: str
    kind: str
    packed: Packed
    size: int
    ms: float


class Learned(msgspec.Struct, frozen=True):
    """A row on its way to the disk."""

    action: str
    row: Row


class Asked(msgspec.Struct, frozen=True):
    """A lazy input that was asked for, on its way to the disk."""

    action: str
    name: str


class Used(msgspec.Struct, frozen=True):
    """A value that was read."""

    digest: str


class Damaged(msgspec.Struct, frozen=True):
    """A value that is not what its name says, to be dropped."""

    digest: str


class After(msgspec.Struct, frozen=True):
    """Somebody who waits for all that came before."""

    done: Any


Item: TypeAlias = Value | Learned | Asked | Used | Damaged | After | None
"""What the writer is told; None ends it."""
_Change: TypeAlias = tuple[str, tuple[Any, ...]]
"""A statement and what it is given."""


class DiskWriter:
    """Writes into one folder, on a thread of its own."""

    def __init__(self, folder: Path, budget: int, lost: Callable[[], None]) -> None:
        """Start; `lost` is called when whoever has the database open must let it go."""
        self._folder = folder
        self._budget = budget
        self._lost = lost
        self._queue: SimpleQueue[Item] = SimpleQueue()
        self._files = FileWriter()
        self._room = Condition()
        self._waiting = 0
        self._stalled = False
        self._connection: sqlite3.Connection | None = None
        self._place: tuple[int, int] | None = None
        self._total: int | None = None
        self._batches = 0
        self._complaint = ""
        self._failed = False
        self._thread = Thread(target=self._serve, name="engine-cache", daemon=True)
        self._thread.start()

    def put(self, digest: str, kind: str, packed: Packed, ms: float) -> None:
        """Keep a value; returns at once, or after a moment when the disk does not keep up."""
        size = packed.size()
        if size > self._budget:
            return
        with self._room:
            if not self._stalled:
                self._stalled = not self._room.wait_for(lambda: self._fits(size), _PATIENCE)
            if not self._fits(size):
                self._complain("it does not keep up")
                return
            self._waiting += size
        self._queue.put(Value(digest, kind, packed, size, ms))

    def _fits(self, size: int) -> bool:
        return not self._waiting or self._waiting + size <= _BACKLOG

    def tell(self, item: Item) -> None:
        """Hand over what takes no memory to speak of."""
        self._queue.put(item)

    def close(self) -> None:
        """Write what waits and end the thread; a disk that hangs is not waited for for ever."""
        self._queue.put(None)
        self._thread.join(_DRAIN)

    def _serve(self) -> None:
        tidy = False
        going = True
        while going:
            batch = self._take(None if tidy else _IDLE)
            going = None not in batch
            self._guarded(partial(self._store, batch) if batch else self._tidy)
            tidy = tidy or not batch
            for item in batch:
                if isinstance(item, After):
                    self._guarded(item.done)
        if self._connection is not None:
            self._connection.close()

    def _take(self, patience: float | None) -> list[Item]:
        """Return what is to be written next; nothing when nothing came for a while."""
        try:
            item = self._queue.get(timeout=patience)
        except Empty:
            return []
        batch, size = [item], 0
        while item is not None and len(batch) < _BATCH_ITEMS:
            size += item.size if isinstance(item, Value) else 0
            if size >= _BATCH_BYTES or self._queue.empty():
                break
            item = self._queue.get()
            batch.append(item)
        return batch

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except (OSError, sqlite3.Error, ValueError) as error:
            self._complain(getattr(error, "strerror", None) or str(error))
        except Exception:  # noqa: BLE001 - whatever it is
            # The thread must live: others wait for what it tells.
            _LOG.info("the cache is not written: %s", self._folder, exc_info=True)

    def _complain(self, why: str) -> None:
        """Log what is wrong with the folder, once for as long as it is so."""
        self._failed = True
        if why != self._complaint:
            self._complaint = why
            _LOG.info("the cache is not written: %s: %s", self._folder, why)

    def _disconnect(self) -> None:
        self._lost()
        if self._connection is not None:
            self._connection.close()
        self._connection = None
        self._total = None

    def _opened(self) -> sqlite3.Connection:
        """Return the database, opened anew when its file is not the one that was opened."""
        path = self._folder / "index.db"
        if self._connection is not None and self._place == place_of(path):
            return self._connection
        if self._place is not None:
            self._disconnect()
        self._connection = opened(self._folder)
        self._place = place_of(path)
        return self._connection

    def _store(self, batch: list[Item]) -> None:
        self._failed = False
        changes: list[_Change] = []
        for item in batch:
            self._guarded(partial(self._prepare, item, changes))
        if not changes:
            return
        try:
            self._commit(changes)
        except sqlite3.DatabaseError as error:
            if not is_damaged(error):
                raise
            self._complain(f"{error}; begun anew")
            self._disconnect()
            remove_database(self._folder)
            self._commit(changes)
        if not self._failed and any(isinstance(item, Value) for item in batch):
            self._complaint = ""

    def _commit(self, changes: list[_Change]) -> None:
        connection = self._opened()
        with connection:
            for statement, values in changes:
                connection.execute(statement, values)
            self._keep_budget(connection)

    def _prepare(self, item: Item, changes: list[_Change]) -> None:
        changes.extend(self._changes(item))

    def _changes(self, item: Item) -> Iterator[_Change]:
        """Do to files what `item` wants, and yield what is to be changed in the database."""
        now = time.time()
        match item:
            case Value():
                try:
                    yield from self._kept(item, now)
                finally:
                    with self._room:
                        self._waiting -= item.size
                        self._stalled = False
                        self._room.notify_all()
            case Learned(action, row):
                values = (action, msgspec.msgpack.encode(row), now)
                yield "insert or replace into actions values (?, ?, ?)", values
            case Asked(action, name):
                yield "insert or replace into asks values (?, ?)", (action, name)
            case Used(digest):
                yield "update vals set used = ? where digest = ?", (now, digest)
            case Damaged(digest):
                _LOG.info("a damaged value is dropped: %s", digest)
                value_path(self._folder, digest).unlink(missing_ok=True)
                yield from ((statement, (digest,)) for statement in DROP)
            case _:
                pass

    def _kept(self, item: Value, now: float) -> Iterator[_Change]:
        parts = fold(item.kind, item.packed)
        size = size_of(parts)
        if size <= SMALL:
            data = (item.digest, b"".join(parts))
            yield "insert or replace into small values (?, ?)", data
        else:
            self._write_file(item.digest, parts, size)
        if self._total is not None:
            self._total += size
        values = (item.digest, size, item.ms, now)
        yield "insert or replace into vals values (?, ?, ?, ?)", values

    def _write_file(self, digest: str, parts: Parts, size: int) -> None:
        path = value_path(self._folder, digest)
        if path.exists() and path.stat().st_size == size:
            os.utime(path)  # it is known from now on: whoever tidies must see that it is new
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_name(f"{digest}.{os.getpid()}.tmp")
        try:
            # Not flushed to the disk: after a power cut a torn file is found out by its digest.
            new.unlink(missing_ok=True)
            self._files.write(new, parts)
            new.replace(path)
        except OSError:
            with contextlib.suppress(OSError):
                new.unlink(missing_ok=True)
            raise

    def _keep_budget(self, connection: sqlite3.Connection) -> None:
        self._batches += 1
        total = self._total
        if total is None or total > self._budget or self._batches % _RECOUNT == 0:
            total = keep_budget(connection, self._folder, self._budget)
        self._total = total

    def _tidy(self) -> None:
        tidy(self._opened(), self._folder)
