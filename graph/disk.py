"""What is known, on disk: so that finished work is there after a restart, or a crash.

A folder holds one SQLite database (write-ahead log) with the table of actions, an index of the
values and the small values, and one safetensors file for each larger value, named by its content
digest. Writing happens on a thread of its own (`graph.disk_writer`). A value is checked against
its name when it is read; a damaged one is dropped, never trusted. Several processes may share the
folder.
"""

from __future__ import annotations

import contextlib
import logging
import sqlite3
from threading import Lock
from typing import TYPE_CHECKING, Any

import msgspec

from graph.cache import Row
from graph.disk_folder import TABLES, is_damaged, opened, remove_database, value_path
from graph.disk_writer import After, Asked, Damaged, DiskWriter, Learned, Used
from graph.errors import SfumatoError
from graph.tensor_file import unfold

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from graph.actions import Digests
    from graph.handlers import Handlers, Packed

_LOG = logging.getLogger(__name__)


class CacheError(SfumatoError):
    """The cache folder cannot be read or cleared."""


class DiskStats(msgspec.Struct, frozen=True):
    """What a cache folder holds."""

    folder: str
    actions: int
    values: int
    bytes: int


class DiskIndex:
    """The tables of a cache folder, for reading: also by a process that only plans.

    A folder that cannot be used (read-only, damaged) is told in the log, and knows nothing. May be
    used from any thread.
    """

    def __init__(self, folder: Path, *, mend: bool = False) -> None:
        """Open or make `folder`; with `mend` a damaged database is begun anew."""
        self._folder = folder
        self._lock = Lock()
        self._complaint = ""
        self._connection: sqlite3.Connection | None = None
        try:
            self._connection = opened(folder, mend=mend)
        except (OSError, sqlite3.Error) as error:
            _LOG.info("no cache on disk: %s: %s", folder, error)
        self._closed = self._connection is None

    @property
    def usable(self) -> bool:
        """Say whether the folder could be opened."""
        return not self._closed

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

    def small(self, digest: str) -> bytes | None:
        """Return a small value as it was folded, if it is here."""
        found = self._one("select data from small where digest = ?", digest)
        return None if found is None else bytes(found[0])

    def cost(self, digest: str) -> float:
        """Return the milliseconds that a value took to compute; 0 where that is not known."""
        found = self._one("select ms from vals where digest = ?", digest)
        return 0.0 if found is None else float(found[0])

    def _one(self, query: str, key: str) -> tuple[Any, ...] | None:
        if self._closed:
            return None
        with self._lock:
            try:
                if self._connection is None:
                    self._connection = opened(self._folder)
                found: tuple[Any, ...] | None = self._connection.execute(query, (key,)).fetchone()
            except (OSError, sqlite3.Error) as error:
                if str(error) != self._complaint:
                    self._complaint = str(error)
                    _LOG.info("the cache cannot be read: %s: %s", self._folder, error)
                return None
        return found

    def let_go(self) -> None:
        """Close the database, to open it anew when it is asked next."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection = None

    def close(self) -> None:
        """Close the database."""
        self._closed = True
        self.let_go()


class DiskCache:
    """The cache folder of one process that reads and writes it; for any thread."""

    def __init__(self, folder: Path, handlers: Handlers, budget: int) -> None:
        """Open or make `folder`, to hold at most `budget` bytes of values."""
        self._folder = folder
        self._handlers = handlers
        self._index = DiskIndex(folder, mend=True)
        self._writer: DiskWriter | None = None
        if self._index.usable:
            self._writer = DiskWriter(folder, budget, self._index.let_go)

    def row(self, action: str) -> Row | None:
        """Return what `action` gave, if it is known here."""
        return self._index.row(action)

    def ask(self, action: str) -> str | None:
        """Return the lazy input that `action` asked for, if that is known here."""
        return self._index.ask(action)

    def get(self, digest: str) -> tuple[object, int, float]:
        """Return a value, its bytes and the milliseconds it took.

        Raise `KeyError` when it is not here or is damaged.
        """
        try:
            data = self._index.small(digest)
            kind, packed = unfold(self._path(digest).read_bytes() if data is None else data)
            sound = packed.digest(kind) == digest
            value = self._handlers[kind].unpack(packed) if sound else None
        except FileNotFoundError:
            raise KeyError(digest) from None
        except (OSError, ValueError, KeyError, TypeError, AttributeError, SfumatoError):
            sound, packed, value = False, None, None
        self._tell(Used(digest) if sound else Damaged(digest))
        if packed is None or not sound:
            raise KeyError(digest)
        return value, packed.size(), self._index.cost(digest)

    def __contains__(self, digest: object) -> bool:
        """Say whether a value of that name is here."""
        name = str(digest)
        return self._index.usable and (
            self._index.small(name) is not None or self._path(name).exists()
        )

    def _path(self, digest: str) -> Path:
        return value_path(self._folder, digest)

    def _tell(self, item: After | Asked | Damaged | Learned | Used) -> None:
        if self._writer is not None:
            self._writer.tell(item)

    def put(self, digest: str, kind: str, packed: Packed, ms: float) -> None:
        """Keep a value that took `ms` to compute; returns at once unless the disk lags behind."""
        if self._writer is not None:
            self._writer.put(digest, kind, packed, ms)

    def learn(self, action: str, row: Row) -> None:
        """Keep a row; returns at once."""
        self._tell(Learned(action, row))

    def learn_ask(self, action: str, name: str) -> None:
        """Keep which lazy input an action asked for; returns at once."""
        self._tell(Asked(action, name))

    def after(self, done: Callable[[], None]) -> None:
        """Call `done` when all that was told before is on disk, or cannot get there.

        On the thread that writes; at once where nothing is written.
        """
        if self._writer is None:
            done()
        else:
            self._writer.tell(After(done))

    def close(self) -> None:
        """Write what waits and end the thread."""
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.close()
        self._index.close()


def stats(folder: Path) -> DiskStats:
    """Return what the cache folder holds; raise `CacheError` when it cannot be read."""
    if not (folder / "index.db").exists():
        return DiskStats(str(folder), 0, 0, 0)
    try:
        with contextlib.closing(opened(folder)) as connection:
            (actions,) = connection.execute("select count(*) from actions").fetchone()
            query = "select count(*), coalesce(sum(size), 0) from vals"
            values, size = connection.execute(query).fetchone()
    except sqlite3.Error as error:
        raise CacheError(f"{folder} cannot be read: {error}; clear the cache") from error
    return DiskStats(str(folder), actions, values, size)


def clear(folder: Path) -> None:
    """Forget everything in the cache folder; other processes that use it go on.

    Raise `CacheError` when that is not possible.
    """
    if not folder.exists():
        return
    try:
        _forget(folder)
        for path in (folder / "values").glob("*/*"):
            path.unlink(missing_ok=True)
    except (OSError, sqlite3.Error) as error:
        raise CacheError(f"{folder} cannot be cleared: {error}; delete it by hand") from error


def _forget(folder: Path) -> None:
    try:
        with contextlib.closing(opened(folder)) as connection:
            with connection:
                for table in TABLES:
                    connection.execute(f"delete from {table}")  # noqa: S608 - our own names
            # Gives the room back, too; while another process reads it waits for its turn.
            connection.execute("vacuum")
    except sqlite3.DatabaseError as error:
        if not is_damaged(error):
            raise
        remove_database(folder)
