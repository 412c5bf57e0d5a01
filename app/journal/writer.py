"""The thread that writes journals: what is handed to it is on disk a moment later.

Lines are appended without a buffer, so that they outlive the process; once a second they are
flushed to the disk itself, so that all but the last second outlives the machine. Flushing can take
long on a busy disk and has a thread of its own: it never holds up a line.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass, field
from functools import partial
from queue import Empty, SimpleQueue
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, TypeAlias

from app.journal.lines import written

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from app.journal.lines import Line

SYNC_SECONDS = 1.0
GROWN, TIMES = 4 << 20, 3
"""A journal is written anew, without what is forgotten, when it grew by so many bytes at least, and
to so many times its size."""
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
    handle: int = -1
    """The new file, once it is written and only has to be flushed."""


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


@dataclass(frozen=True, slots=True)
class _Flushed:
    path: Path
    renewal: _Renewal


_Order: TypeAlias = "_Whole | _Append | _Resume | _Drop | _Flushed | Event | None"


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
        self._unflushed: SimpleQueue[_Flushed | None] = SimpleQueue()
        """New files that have to be on the disk itself before they take the place of old ones."""
        self._lock = Lock()
        """Held while a handle is flushed or closed."""
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
        self._unflushed.put(None)
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
        for path in tuple(self._renewals):
            self._give_up(path)
        for path in tuple(self._files):
            self._release(path)

    def _next(self) -> _Order:
        """Return the next order; while there is none, bring renewals forward."""
        while waiting := [item for item in self._renewals.items() if item[1].handle < 0]:
            with contextlib.suppress(Empty):
                return self._orders.get_nowait()
            path, renewal = waiting[0]
            self._guarded(path, partial(self._renew, path, renewal), renewing=True)
        return self._orders.get()

    def _obey(self, order: _Whole | _Append | _Resume | _Drop | _Flushed) -> None:
        match order:
            case _Whole(path, lines):
                self._give_up(path)
                renewal = self._renewals[path] = _Renewal(iter(lines))
                if path not in self._files:  # nothing is safe until it is there: no time to lose
                    self._guarded(path, partial(self._begin, path, renewal), renewing=True)
            case _Flushed(path, renewal) if self._renewals.get(path) is renewal:
                self._guarded(path, partial(self._replace, path, renewal), renewing=True)
            case _Flushed():
                pass  # it was given up meanwhile
            case _Append(path, line):
                self._guarded(path, partial(self._add, path, line))
            case _Resume(path, size, check):
                self._guarded(path, partial(self._open, path, size, check))
            case _Drop(path):
                self._give_up(path)
                self._release(path, sync=False)
                with contextlib.suppress(OSError):
                    path.unlink(missing_ok=True)

    def _guarded(self, path: Path, act: Callable[[], None], *, renewing: bool = False) -> None:
        """Do `act`; where it fails, tell, unless it was for a renewal and the old file goes on."""
        try:
            act()
        except Exception as error:  # noqa: BLE001 - whatever it is, editing and other journals go on
            self._give_up(path)
            if renewing and path in self._files:
                return
            self._release(path, sync=False)
            words = error.strerror if isinstance(error, OSError) else None
            self._failed(path, words or str(error))

    def _begin(self, path: Path, renewal: _Renewal) -> None:
        """Write a journal that is not there yet, in one go."""
        for line in renewal.lines:
            self._make(renewal, line)
        self._write_new(path, renewal)
        self._replace(path, renewal)

    def _renew(self, path: Path, renewal: _Renewal) -> None:
        """Make the next line; after the last one, have the new file flushed to the disk."""
        for line in renewal.lines:
            self._make(renewal, line)
            return
        self._write_new(path, renewal)
        self._unflushed.put(_Flushed(path, renewal))

    @staticmethod
    def _write_new(path: Path, renewal: _Renewal) -> None:
        renewal.handle = os.open(_beside(path), _FLAGS | os.O_TRUNC, 0o600)
        _write_all(renewal.handle, b"".join(renewal.done))

    def _replace(self, path: Path, renewal: _Renewal) -> None:
        """Let the new file take the old one's place, with what was appended to that meanwhile."""
        first = len(renewal.done)
        for line in renewal.later:
            self._make(renewal, line)
        _write_all(renewal.handle, b"".join(renewal.done[first:]))
        os.close(renewal.handle)
        renewal.handle = -1
        self._release(path, sync=False)
        _beside(path).replace(path)
        del self._renewals[path]
        self._open(path, sum(map(len, renewal.done)), renewal.check)
        self._begun(path)

    def _give_up(self, path: Path) -> None:
        """End a renewal that is under way; the old file, if there is one, stays."""
        renewal = self._renewals.pop(path, None)
        if renewal is None:
            return
        with self._lock, contextlib.suppress(OSError):
            if renewal.handle >= 0:
                os.close(renewal.handle)
            renewal.handle = -1
            _beside(path).unlink(missing_ok=True)

    @staticmethod
    def _make(renewal: _Renewal, line: Line) -> None:
        data, renewal.check = written(line, renewal.check)
        renewal.done.append(data)

    def _open(self, path: Path, size: int, check: int) -> None:
        handle = os.open(path, _FLAGS | os.O_APPEND, 0o600)
        self._files[path] = _File(path, handle, size, check, max(TIMES * size, size + GROWN))
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
        while True:
            with contextlib.suppress(Empty):
                new = self._unflushed.get(timeout=SYNC_SECONDS)
                if new is None:
                    return
                with self._lock, contextlib.suppress(OSError):
                    if new.renewal.handle >= 0:
                        _sync(new.renewal.handle)
                self._orders.put(new)
            for file in tuple(self._files.values()):
                if file.unsynced:
                    file.unsynced = False
                    # Its writer finds out by itself when the disk fails.
                    with self._lock, contextlib.suppress(OSError):
                        if file.handle >= 0:
                            _sync(file.handle)


def _beside(path: Path) -> Path:
    """Return where a journal is written before it takes its name."""
    return path.with_suffix(".new")


def _write_all(handle: int, data: bytes) -> None:
    """Write all of `data`: a system may take less than it is given, as when the disk is full."""
    view = memoryview(data)
    while view:
        view = view[os.write(handle, view) :]
