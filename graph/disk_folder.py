"""A cache folder: its database, where values lie, and what goes when there is too much."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SMALL = 16 << 10
"""Bytes up to which a value lies in the database and not in a file of its own."""
_BUSY_SECONDS = 5.0
_STALE = 3600.0
"""Seconds after which a file that nobody knows is one that a killed process left behind."""
_MOST_ROWS = 500_000
_KEPT = 0.95
"""Share of the budget that is left when it was exceeded, so that not every value evicts one."""
TABLES = ("actions", "asks", "vals", "small")
_SCHEMA = """
create table if not exists actions (action text primary key, row blob not null, used real not null);
create table if not exists asks (action text primary key, input text not null);
create table if not exists vals (
    digest text primary key, size integer not null, ms real not null, used real not null
);
create table if not exists small (digest text primary key, data blob not null);
"""
DROP = ("delete from vals where digest = ?", "delete from small where digest = ?")
"""What forgets a value."""
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def value_path(folder: Path, digest: str) -> Path:
    """Return where a value that is not small lies."""
    return folder / "values" / digest[:2] / f"{digest}.safetensors"


def opened(folder: Path, *, mend: bool = False) -> sqlite3.Connection:
    """Open or make the database in `folder`; with `mend` one that is damaged is begun anew.

    Whoever shares the connection between threads must lock it. Raise `OSError` or `sqlite3.Error`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        return _connected(folder)
    except sqlite3.DatabaseError as error:
        if not (mend and is_damaged(error)):
            raise
        remove_database(folder)
        return _connected(folder)


def _connected(folder: Path) -> sqlite3.Connection:
    path = folder / "index.db"
    connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, check_same_thread=False)
    try:
        _log_ahead(connection)
        connection.execute("pragma synchronous = normal")
        connection.execute("pragma cache_size = -512")  # KiB: the system has the pages anyway
        connection.executescript(_SCHEMA)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _log_ahead(connection: sqlite3.Connection) -> None:
    """Have the database write ahead; of two that open a new one at once, SQLite refuses one."""
    last = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            connection.execute("pragma journal_mode = wal")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > last:
                raise
            time.sleep(0.02)
        else:
            return


def remove_database(folder: Path) -> None:
    """Remove the database in `folder`, which must not be open here; raise `OSError`."""
    for name in ("index.db", "index.db-wal", "index.db-shm"):
        (folder / name).unlink(missing_ok=True)


def is_damaged(error: Exception) -> bool:
    """Say whether `error` means that the database is not one."""
    return getattr(error, "sqlite_errorcode", None) in _DAMAGED


def place_of(path: Path) -> tuple[int, int] | None:
    """Return what tells a file from another of its name; None where there is none."""
    with contextlib.suppress(OSError):
        found = path.stat()
        return found.st_dev, found.st_ino
    return None


def keep_budget(connection: sqlite3.Connection, folder: Path, budget: int) -> int:
    """Drop values until at most `budget` bytes are left; return how many are.

    First those quickest to compute for their size.
    """
    query = "select coalesce(sum(size), 0) from vals"
    total = int(connection.execute(query).fetchone()[0])
    if total <= budget:
        return total
    for digest, size in list(_worst_first(connection)):
        if total <= budget * _KEPT:
            break
        value_path(folder, digest).unlink(missing_ok=True)
        for statement in DROP:
            connection.execute(statement, (digest,))
        total -= size
    return total


def _worst_first(connection: sqlite3.Connection) -> Iterator[tuple[str, int]]:
    """Yield values in the order in which they are worth least.

    Worth is milliseconds to compute for each byte, halved after a day without use, to a third after
    two, and so on. A use that lies ahead, because the clock was set back, is as old as it is far.
    """
    query = """
        select digest, size from vals
        order by ms / (size + 1) / (1 + abs(? - used) / 86400.0), used
    """
    yield from connection.execute(query, (time.time(),))


def tidy(connection: sqlite3.Connection, folder: Path) -> None:
    """Remove files that killed processes left behind, and rows beyond their number."""
    known = {digest for (digest,) in connection.execute("select digest from vals")}
    for path in (folder / "values").glob("*/*"):
        # By how far it lies from now, for the clock may have been set back.
        if path.stem not in known and abs(time.time() - path.stat().st_mtime) > _STALE:
            path.unlink(missing_ok=True)
    with connection:
        for table in ("actions", "asks"):
            connection.execute(
                f"delete from {table} where rowid <= "  # noqa: S608 - our own names
                f"(select max(rowid) from {table}) - ?",
                (_MOST_ROWS,),
            )
