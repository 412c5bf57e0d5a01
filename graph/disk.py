"""What is known, on disk: so that finished work is there after a restart, or a crash.

A folder holds one safetensors file for each value, named by its content digest, and one SQLite
database (write-ahead log) with the table of actions and an index of the values. Writing happens on
a thread of its own and never holds up a run: when it falls behind, a value is simply not kept. A
file is checked against its name when it is read; a damaged one is dropped, never trusted. Several
processes may share the folder.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import sqlite3
import time
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec
import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load as load_arrays
from safetensors.numpy import save as save_arrays

from graph.cache import Row
from graph.errors import SfumatoError
from graph.handlers import Packed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from graph.actions import Digests
    from graph.handlers import Handlers

_LOG = logging.getLogger(__name__)
_BACKLOG = 512 << 20
"""Bytes that may wait to be written; beyond it values are not kept on disk."""
_BUSY_SECONDS = 5.0
_SCHEMA = """
create table if not exists actions (action text primary key, row blob not null, used real not null);
create table if not exists asks (action text primary key, input text not null);
create table if not exists vals (
    digest text primary key, size integer not null, ms real not null, used real not null
);
"""


class DiskStats(msgspec.Struct, frozen=True):
    """What a cache folder holds."""

    folder: str
    actions: int
    values: int
    bytes: int


class _Value(msgspec.Struct, frozen=True):
    """A value on its way to the disk."""

    digest: str
    kind: str
    packed: Packed
    ms: float


class _Learned(msgspec.Struct, frozen=True):
    """A row on its way to the disk."""

    action: str
    row: Row


class _Used(msgspec.Struct, frozen=True):
    """A value that was read."""

    digest: str


class _Damaged(msgspec.Struct, frozen=True):
    """A value that is not what its name says, to be dropped."""

    digest: str


class _Asked(msgspec.Struct, frozen=True):
    """A lazy input that was asked for, on its way to the disk."""

    action: str
    name: str


_Item: TypeAlias = _Value | _Learned | _Asked | _Used | _Damaged | None
"""What the writer is told; None ends it."""


class DiskIndex:
    """The tables of a cache folder, for reading: also by a process that only plans.

    A folder that cannot be used (read-only, damaged) is told in the log, and knows nothing.
    """

    def __init__(self, folder: Path) -> None:
        """Open or make `folder`."""
        self._folder = folder
        self._connection: sqlite3.Connection | None = None
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._connection = _connect(folder)
            self._connection.executescript(_SCHEMA)
        except (OSError, sqlite3.Error) as error:
            _LOG.info("no cache on disk: %s: %s", folder, error)
            self.close()

    @property
    def usable(self) -> bool:
        """Say whether the folder could be opened."""
        return self._connection is not None

    def row(self, action: str) -> Row | None:
        """Return what `action` gave, if it is known here."""
        found = self._one("select row from actions where action = ?", action)
        try:
            return None if found is None else msgspec.msgpack.decode(found[0], type=Row)
        except msgspec.DecodeError:
            return None  # written by another version of the program

    def digests(self, action: str) -> Digests | None:
        """Return the content digests of what `action` gave, if it is known here."""
        found = self.row(action)
        return None if found is None else found.digests

    def ask(self, action: str) -> str | None:
        """Return the lazy input that `action` asked for, if that is known here."""
        found = self._one("select input from asks where action = ?", action)
        return None if found is None else str(found[0])

    def _one(self, query: str, key: str) -> tuple[Any, ...] | None:
        if self._connection is None:
            return None
        try:
            found: tuple[Any, ...] | None = self._connection.execute(query, (key,)).fetchone()
        except sqlite3.Error as error:
            _LOG.info("the cache cannot be read: %s: %s", self._folder, error)
            return None
        return found

    def close(self) -> None:
        """Close the database."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None


class DiskCache:
    """The cache folder of one process that reads and writes it."""

    def __init__(self, folder: Path, handlers: Handlers, budget: int) -> None:
        """Open or make `folder`, to hold at most `budget` bytes of values."""
        self._folder = folder
        self._handlers = handlers
        self._budget = budget
        self._queue: SimpleQueue[_Item] = SimpleQueue()
        self._waiting = 0
        self._index = DiskIndex(folder)
        self._thread: Thread | None = None
        if self._index.usable:
            self._thread = Thread(target=self._write, name="cache-writer", daemon=True)
            self._thread.start()

    def row(self, action: str) -> Row | None:
        """Return what `action` gave, if it is known here."""
        return self._index.row(action)

    def ask(self, action: str) -> str | None:
        """Return the lazy input that `action` asked for, if that is known here."""
        return self._index.ask(action)

    def get(self, digest: str) -> tuple[object, int]:
        """Return a value and its bytes; raise `KeyError` when it is not here or is damaged."""
        path = self._path(digest)
        try:
            kind, packed = _unfold(path.read_bytes())
            sound = packed.digest(kind) == digest
            value = self._handlers[kind].unpack(packed) if sound else None
        except FileNotFoundError:
            raise KeyError(digest) from None
        except (OSError, ValueError, KeyError, SafetensorError, SfumatoError):
            sound, packed, value = False, Packed(), None
        self._queue.put(_Used(digest) if sound else _Damaged(digest))
        if not sound:
            raise KeyError(digest)
        return value, packed.size()

    def __contains__(self, digest: object) -> bool:
        """Say whether a file of that name is here."""
        return self._index.usable and self._path(str(digest)).exists()

    def _path(self, digest: str) -> Path:
        return self._folder / "values" / digest[:2] / f"{digest}.safetensors"

    def put(self, digest: str, kind: str, packed: Packed, ms: float) -> None:
        """Keep a value that took `ms` to compute; returns at once."""
        size = packed.size()
        if self._thread is None or self._waiting + size > _BACKLOG or size > self._budget:
            return
        self._waiting += size
        self._queue.put(_Value(digest, kind, packed, ms))

    def learn(self, action: str, row: Row) -> None:
        """Keep a row; returns at once."""
        if self._thread is not None:
            self._queue.put(_Learned(action, row))

    def learn_ask(self, action: str, name: str) -> None:
        """Keep which lazy input an action asked for; returns at once."""
        if self._thread is not None:
            self._queue.put(_Asked(action, name))

    def close(self) -> None:
        """Write what waits and end the thread."""
        self._queue.put(None)
        if self._thread is not None:
            self._thread.join()
        self._index.close()
        self._thread = None

    def _write(self) -> None:
        """Write what comes, many at a time in one transaction."""
        with contextlib.closing(_connect(self._folder)) as connection:
            going = True
            while going:
                batch = [self._queue.get()]
                while not self._queue.empty():
                    batch.append(self._queue.get())
                going = None not in batch
                try:
                    with connection:
                        for item in batch:
                            self._write_one(connection, item)
                        self._evict(connection)
                except (OSError, sqlite3.Error) as error:
                    # A full disk or a locked database costs time later, and must cost nothing now.
                    _LOG.info("the cache is not written: %s: %s", self._folder, error)

    def _write_one(self, connection: sqlite3.Connection, item: _Item) -> None:
        now = time.time()
        match item:
            case _Value(digest, kind, packed, ms):
                self._waiting -= packed.size()
                self._write_value(digest, kind, packed)
                values = (digest, packed.size(), ms, now)
                connection.execute("insert or replace into vals values (?, ?, ?, ?)", values)
            case _Learned(action, row):
                row_values = (action, msgspec.msgpack.encode(row), now)
                connection.execute("insert or replace into actions values (?, ?, ?)", row_values)
            case _Asked(action, name):
                connection.execute("insert or replace into asks values (?, ?)", (action, name))
            case _Used(digest):
                connection.execute("update vals set used = ? where digest = ?", (now, digest))
            case _Damaged(digest):
                _LOG.info("a damaged value is dropped: %s", self._path(digest))
                self._drop(connection, digest)
            case None:
                pass

    def _write_value(self, digest: str, kind: str, packed: Packed) -> None:
        path = self._path(digest)
        if path.exists():
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f"{digest}.{os.getpid()}.tmp")
        try:
            # Not flushed to the disk: after a power cut a torn file is found out by its digest.
            partial.write_bytes(_fold(kind, packed))
            partial.replace(path)
        except OSError:
            partial.unlink(missing_ok=True)
            raise

    def _evict(self, connection: sqlite3.Connection) -> None:
        """Drop values until the budget is kept: first those quickest to compute for their size."""
        (total,) = connection.execute("select coalesce(sum(size), 0) from vals").fetchone()
        if total <= self._budget:
            return
        for digest, size in list(_worst_first(connection)):
            if total <= self._budget:
                return
            self._drop(connection, digest)
            total -= size

    def _drop(self, connection: sqlite3.Connection, digest: str) -> None:
        self._path(digest).unlink(missing_ok=True)
        connection.execute("delete from vals where digest = ?", (digest,))


def _worst_first(connection: sqlite3.Connection) -> Iterator[tuple[str, int]]:
    """Yield values in the order in which they are worth least.

    Worth is milliseconds to compute for each byte, halved for every day since it was last used.
    """
    query = """
        select digest, size from vals
        order by ms / (size + 1) / (1 + (? - used) / 86400.0), used
    """
    yield from connection.execute(query, (time.time(),))


def _connect(folder: Path) -> sqlite3.Connection:
    # Read on the engine's thread and closed on another; never used by two at once.
    connection = sqlite3.connect(
        folder / "index.db", timeout=_BUSY_SECONDS, check_same_thread=False
    )
    try:
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = normal")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _fold(kind: str, packed: Packed) -> bytes:
    meta = {"kind": kind, "meta": json.dumps(dict(packed.meta), sort_keys=True)}
    return save_arrays({name: np.asarray(a) for name, a in packed.arrays.items()}, metadata=meta)


def _unfold(data: bytes) -> tuple[str, Packed]:
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])["__metadata__"]
    return header["kind"], Packed(json.loads(header["meta"]), load_arrays(data))


def stats(folder: Path) -> DiskStats:
    """Return what the cache folder holds."""
    if not (folder / "index.db").exists():
        return DiskStats(str(folder), 0, 0, 0)
    with contextlib.closing(_connect(folder)) as connection:
        connection.executescript(_SCHEMA)
        (actions,) = connection.execute("select count(*) from actions").fetchone()
        query = "select count(*), coalesce(sum(size), 0) from vals"
        values, size = connection.execute(query).fetchone()
    return DiskStats(str(folder), actions, values, size)


def clear(folder: Path) -> None:
    """Forget everything in the cache folder; other processes that use it go on."""
    if not (folder / "index.db").exists():
        return
    with contextlib.closing(_connect(folder)) as connection, connection:
        connection.executescript(_SCHEMA)
        for table in ("actions", "asks", "vals"):
            connection.execute(f"delete from {table}")  # noqa: S608 - our own names
    for path in (folder / "values").glob("*/*"):
        path.unlink(missing_ok=True)
