"""The runs file: one SQLite database (write-ahead log) for all instances of one user.

All writing happens on one thread of each process; asking it costs the caller nothing, and whatever
becomes of the disk a run goes on. Reading happens on the caller's thread, from a connection of its
own, which writers do not hold up.

A damaged file is moved aside, told in words, and begun anew. Without a folder that can be written,
or with the file of a newer version, nothing is kept, and that is told too.
"""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import time
from queue import SimpleQueue
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Any, TypeAlias

from graph.runs.schema import NewerError, bring_up

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

Job: TypeAlias = "Callable[[sqlite3.Connection], object]"
"""Work for the writer, done in one transaction."""

_LOG = logging.getLogger(__name__)
_BUSY_SECONDS = 10.0
_PAUSE = 0.02
_DAMAGED = ("malformed", "not a database", "disk image", "file is encrypted")


class RunDatabase:
    """The runs file at `path`, open from `start` to `close`."""

    def __init__(self, path: Path, trouble: Callable[[str], None] | None = None) -> None:
        """Prepare; `trouble` is told on the writer's thread what people should know."""
        self.path = path
        self._trouble = trouble or (lambda _words: None)
        self._jobs: SimpleQueue[Job | Event | None] = SimpleQueue()
        self._thread = Thread(target=self._work, name="runs-writer", daemon=True)
        self._reading = Lock()
        self._reader: sqlite3.Connection | None = None
        self._usable = False
        self._opened = Event()
        self._told = False

    def start(self) -> None:
        """Open the file, on the writer's thread."""
        self._thread.start()

    def close(self) -> None:
        """Write what waits, end the thread and close the file."""
        if self._thread.is_alive():
            self._jobs.put(None)
            self._thread.join()
        with self._reading:
            self._close_reader()
            self._usable = False

    @property
    def usable(self) -> bool:
        """Say whether the file is open."""
        return self._usable

    def submit(self, job: Job) -> None:
        """Have `job` done on the writer's thread, in order; returns at once."""
        self._jobs.put(job)

    def flush(self, seconds: float = 60.0) -> bool:
        """Wait until all that was submitted before is done; say whether it was in time."""
        done = Event()
        self._jobs.put(done)
        return done.wait(seconds)

    def wait_open(self, seconds: float = 60.0) -> bool:
        """Wait until the file is open; say whether it is."""
        self._opened.wait(seconds)
        return self._usable

    def rows(self, query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Return what `query` finds; nothing while the file is not open or cannot be read."""
        with self._reading:
            if not self._usable:
                return []
            try:
                if self._reader is None:
                    self._reader = connect(self.path)
                return self._reader.execute(query, values).fetchall()
            except sqlite3.Error as error:
                _LOG.info("%s cannot be read: %s", self.path, error)
                if _is_damage(error):
                    # The writer looks at the whole file, and begins anew where it must.
                    self.submit(_examine)
                return []

    def _close_reader(self) -> None:
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    # On the writer's thread

    def _work(self) -> None:
        connection = self._open()
        while (job := self._jobs.get()) is not None:
            if isinstance(job, Event):
                job.set()
            elif connection is not None:
                connection = self._do(connection, job)
        if connection is not None:
            connection.close()

    def _open(self) -> sqlite3.Connection | None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            try:
                connection = _sound(self.path)
            except sqlite3.DatabaseError as error:
                if not _is_damage(error):
                    raise
                self._move_aside(error)
                connection = _sound(self.path)
        except NewerError:
            self._tell(
                f"{self.path} was written by a newer version of Sfumato: runs are not kept."
                " Update Sfumato, or move that file away."
            )
            connection = None
        except (OSError, sqlite3.Error) as error:
            self._tell(f"Runs are not kept: {self.path}: {error}")
            connection = None
        self._usable = connection is not None
        self._opened.set()
        return connection

    def _do(self, connection: sqlite3.Connection, job: Job) -> sqlite3.Connection | None:
        """Do `job` whole or not at all; return the connection to go on with."""
        try:
            _transact(connection, job)
        except sqlite3.Error as error:
            if _is_damage(error):
                return self._begin_anew(connection, error)
            self._tell(f"Runs are not kept: {self.path}: {error}")
        except Exception:  # noqa: BLE001 - see below
            # One job that is wrong must not take the others with it.
            _LOG.exception("a job on %s failed", self.path)
        return connection

    def _begin_anew(
        self, connection: sqlite3.Connection, error: sqlite3.Error
    ) -> sqlite3.Connection | None:
        with self._reading:
            self._close_reader()
            self._usable = False
            connection.close()
            try:
                self._move_aside(error)
            except OSError as refusal:
                self._tell(f"Runs are not kept: {self.path} is damaged: {refusal}")
                return None
            return self._open()

    def _move_aside(self, error: sqlite3.Error) -> None:
        """Move the damaged file away, its log with it."""
        aside = self.path.with_name(f"{self.path.stem}-damaged-{time.time_ns()}.db")
        self.path.replace(aside)
        for suffix in ("-wal", "-shm"):
            log = self.path.with_name(self.path.name + suffix)
            with contextlib.suppress(FileNotFoundError):
                log.replace(aside.with_name(aside.name + suffix))
        _LOG.info("%s is damaged: %s", self.path, error)
        self._trouble(
            f"The history of runs was damaged and begins anew; the old file is kept as {aside}."
        )

    def _tell(self, words: str) -> None:
        _LOG.info(words)
        if not self._told:
            self._told = True
            self._trouble(words)


def connect(path: Path) -> sqlite3.Connection:
    """Return a connection to the runs file that may be closed on another thread."""
    connection = sqlite3.connect(
        path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    try:
        if connection.execute("pragma page_count").fetchone() == (0,):
            # So that the file can shrink when old runs go; it cannot be asked for later.
            connection.execute("pragma auto_vacuum = incremental")
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = normal")
        connection.execute("pragma foreign_keys = on")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _sound(path: Path) -> sqlite3.Connection:
    """Return a connection to a file that was found whole and has today's tables."""
    connection = _first_connect(path)
    try:
        _examine(connection)
        bring_up(connection)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _first_connect(path: Path) -> sqlite3.Connection:
    """Connect, with patience: SQLite does not wait for another that makes the file's log."""
    end = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            return connect(path)
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > end:
                raise
            time.sleep(_PAUSE)


def _examine(connection: sqlite3.Connection) -> None:
    (found,) = connection.execute("pragma quick_check(1)").fetchone()
    if found != "ok":
        raise sqlite3.DatabaseError(f"malformed: {found}")


def _transact(connection: sqlite3.Connection, job: Job) -> None:
    connection.execute("begin immediate")
    try:
        job(connection)
        connection.execute("commit")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            connection.execute("rollback")
        raise


def _is_damage(error: sqlite3.Error) -> bool:
    return any(words in str(error) for words in _DAMAGED)
