"""The thread that writes journals: what is handed to it is on disk a moment later.

Lines are appended without a buffer, so that they outlive the process; once a second they are
flushed to the disk itself, so that all but the last second outlives the machine. Flushing can take
long on a busy disk and has a thread of its own: it never holds up a line.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, TypeAlias

from app.journal.lines import written

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from app.journal.lines import Line

SYNC_SECONDS = 1.0
GROWN = 4 << 20
"""Bytes that a journal may grow, at least, before it is written anew without what is forgotten."""
_sync = getattr(os, "fdatasync", os.fsync)  # only Linux has the cheaper one
_FLAGS = os.O_WRONLY | os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


@dataclass(slots=True)
class _File:
    """A journal that is being written."""

    path: Path
    handle: int
    size: int
    check: int
    limit: int
    """Size at which it is to be written anew."""
    unsynced: bool = True


@dataclass(slots=True)
class _Renewal:
    """A journal that is being written anew, a few lines at a time."""

    lines: Iterator[Line]
    done: list[bytes] = field(default_factory=list)
    check: int = 0
    later: list[Line] = field(default_factory=list)
    """What was appended to the old file meanwhile."""


@dataclass(frozen=True, slots=True)
class _Whole:
    path: Path
    lines: Iterable[Line]


@dataclass(frozen=True, slots=True)
class _Append:
    path: Path
    line: Callable[[], Line]


@dataclass(frozen=True, slots=True)
class _Resume:
    path: Path
    size: int
    check: int


@dataclass(frozen=True, slots=True)
class _Drop:
    path: Path


_Order: TypeAlias = "_Whole | _Append | _Resume | _Drop | Event | None"


class Writer:
    """Writes any number of journals. All methods may be called from any thread and return at once.

    `failed(path, words)` is called when a journal cannot be written; it is not written any more
    until `write` begins it anew, which `begun(path)` tells of. `grown(path)` is called when that
    would make it much shorter. All come on the writer's thread.
    """

    def __init__(
        self,
        failed: Callable[[Path, str], None] = lambda *_: None,
        begun: Callable[[Path], None] = lambda _: None,
        grown: Callable[[Path], None] = lambda _: None,
    ) -> None:
        self._failed = failed
        self._begun = begun
        self._grown = grown
        self._orders: SimpleQueue[_Order] = SimpleQueue()
        self._files: dict[Path, _File] = {}
        self._renewals: dict[Path, _Renewal] = {}
        self._lock = Lock()
        """Held while a handle is flushed or closed."""
        self._end = Event()
        self._writing = Thread(target=self._write, name="journal-writer", daemon=True)
        self._syncing = Thread(target=self._sync_all, name="journal-sync", daemon=True)
        self._writing.start()
        self._syncing.start()

    def write(self, path: Path, lines: Iterable[Line]) -> None:
        """Begin the journal `path` anew with `lines`, which are made on the writer's thread."""
        self._orders.put(_Whole(path, lines))

    def append(self, path: Path, line: Callable[[], Line]) -> None:
        """Add what `line` returns, called on the writer's thread, to the journal `path`."""
        self._orders.put(_Append(path, line))

    def resume(self, path: Path, size: int, check: int) -> None:
        """Go on with the journal `path`, of which `size` bytes are sound, the last line `check`."""
        self._orders.put(_Resume(path, size, check))

    def drop(self, path: Path) -> None:
        """Delete the journal `path`."""
        self._orders.put(_Drop(path))

    def flush(self, seconds: float = 5.0) -> bool:
        """Wait until all that was ordered is done; say whether it is."""
        done = Event()
        self._orders.put(done)
        return done.wait(seconds)

    def close(self) -> None:
        """Write what waits, flush it to the disk, and end."""
        self._orders.put(None)
        self._writing.join()
        self._end.set()
        self._syncing.join()

    # The writer's thread

    def _write(self) -> None:
        while True:
            order = self._next()
            if order is None:
                break
            if isinstance(order, Event):
                order.set()
            else:
                self._obey(order)
        for path in tuple(self._files):
            self._release(path)

    def _next(self) -> _Order:
        """Return the next order; while there is none, bring renewals forward."""
        while self._renewals:
            with contextlib.suppress(Empty):
                return self._orders.get_nowait()
            path, renewal = next(iter(self._renewals.items()))
            self._guarded(path, lambda path=path, renewal=renewal: self._renew(path, renewal))  # type: ignore[misc] # defaults bind the loop's values
        return self._orders.get()

    def _obey(self, order: _Whole | _Append | _Resume | _Drop) -> None:
        match order:
            case _Whole(path, lines):
                renewal = _Renewal(iter(lines))
                self._renewals[path] = renewal
                if path not in self._files:  # nothing is safe until it is there: no time to lose
                    self._guarded(path, lambda: self._renew(path, renewal, whole=True))
            case _Append(path, line):
                self._guarded(path, lambda: self._add(path, line))
            case _Resume(path, size, check):
                self._guarded(path, lambda: self._open(path, size, check))
            case _Drop(path):
                self._renewals.pop(path, None)
                self._release(path, sync=False)
                with contextlib.suppress(OSError):
                    path.unlink(missing_ok=True)

    def _guarded(self, path: Path, act: Callable[[], None]) -> None:
        try:
            act()
        except Exception as error:  # noqa: BLE001 - whatever it is, editing and other journals go on
            self._renewals.pop(path, None)
            self._release(path)
            words = error.strerror if isinstance(error, OSError) else None
            self._failed(path, words or str(error))

    def _renew(self, path: Path, renewal: _Renewal, *, whole: bool = False) -> None:
        """Make the next line; after the last one, let the new file take the old one's place."""
        for line in renewal.lines:
            self._make(renewal, line)
            if not whole:
                return
        for line in renewal.later:
            self._make(renewal, line)
        data = b"".join(renewal.done)
        partial = path.with_suffix(".new")
        try:
            handle = os.open(partial, _FLAGS | os.O_TRUNC, 0o600)
            try:
                _write_all(handle, data)
                _sync(handle)
            finally:
                os.close(handle)
            self._release(path, sync=False)
            os.replace(partial, path)  # noqa: PTH105 - as the rest here
        except OSError:
            with contextlib.suppress(OSError):
                partial.unlink()
            raise
        self._renewals.pop(path, None)
        self._open(path, len(data), renewal.check)
        self._begun(path)

    @staticmethod
    def _make(renewal: _Renewal, line: Line) -> None:
        data, renewal.check = written(line, renewal.check)
        renewal.done.append(data)

    def _open(self, path: Path, size: int, check: int) -> None:
        handle = os.open(path, _FLAGS | os.O_APPEND, 0o600)
        self._files[path] = _File(path, handle, size, check, max(3 * size, size + GROWN))
        os.ftruncate(handle, size)

    def _add(self, path: Path, make: Callable[[], Line]) -> None:
        file, renewal = self._files.get(path), self._renewals.get(path)
        if file is None:
            return  # it could not be written; that was told
        line = make()
        if renewal is not None:
            renewal.later.append(line)
        data, check = written(line, file.check)
        try:
            _write_all(file.handle, data)
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(file.handle, file.size)
            raise
        file.size += len(data)
        file.check, file.unsynced = check, True
        if file.size > file.limit and renewal is None:
            file.limit = 2 * file.size
            self._grown(path)

    def _release(self, path: Path, *, sync: bool = True) -> None:
        file = self._files.pop(path, None)
        if file is not None:
            with self._lock, contextlib.suppress(OSError):
                if sync and file.unsynced:
                    _sync(file.handle)
                os.close(file.handle)
                file.handle = -1

    # The thread that flushes

    def _sync_all(self) -> None:
        while not self._end.wait(SYNC_SECONDS):
            for file in tuple(self._files.values()):
                if file.unsynced:
                    file.unsynced = False
                    # Its writer finds out by itself when the disk fails.
                    with self._lock, contextlib.suppress(OSError):
                        if file.handle >= 0:
                            _sync(file.handle)


def _write_all(handle: int, data: bytes) -> None:
    """Write all of `data`: a system may take less than it is given, as when the disk is full."""
    view = memoryview(data)
    while view:
        view = view[os.write(handle, view) :]
