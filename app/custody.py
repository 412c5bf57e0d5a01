"""Keeping watch over the file of one document: what others do to it, and who else has it open."""

from __future__ import annotations

import contextlib
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING, TypeAlias

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal

from app import locks

if TYPE_CHECKING:
    from pathlib import Path

    from app.document import Document
    from app.locks import Held, Owner

_CALM_MS = 250
"""How long a file is left alone after news of it: programs write in several steps."""
_Stamp: TypeAlias = "tuple[int, int, int] | None"


class Standing(StrEnum):
    """How a document's file is, compared with when it was last read or written here."""

    FINE = "fine"
    CHANGED = "changed"
    """It holds something else."""
    GONE = "gone"
    """It is not there: deleted, renamed, or its disk is away."""


class Custody(QObject):
    """Notices what becomes of the file of `document`.

    Signals:
        noticed(): `standing` is another, or `holder` is.
    """

    noticed = Signal()

    def __init__(
        self, document: Document, locks_folder: Path | None, parent: QObject | None = None
    ) -> None:
        """Watch; hold the file's lock in `locks_folder`, or none without that."""
        super().__init__(parent)
        self.standing = Standing.FINE
        self.holder: Owner | None = None
        """The other program that has the file open."""
        self._document = document
        self._folder = locks_folder
        self._path: Path | None = None
        self._held: Held | None = None
        self._stamp: _Stamp = None
        self._over = False
        self._watcher = QFileSystemWatcher(self)
        self._calm = QTimer(self)
        self._calm.setSingleShot(True)
        self._calm.setInterval(_CALM_MS)
        self._calm.timeout.connect(self.check)
        self._watcher.fileChanged.connect(lambda _: self._calm.start())
        self._watcher.directoryChanged.connect(lambda _: self._calm.start())
        document.written.connect(self._follow)
        self._follow()

    def _follow(self) -> None:
        """Watch the file that the document has now."""
        path = self._document.path
        if path != self._path:
            self._give_up()
            self._path = path
            self._take()
        self._stamp = None  # it was read or written just now
        self._watch()
        self.check()

    def _watch(self) -> None:
        watched = [*self._watcher.files(), *self._watcher.directories()]
        wanted = [] if self._path is None else [str(self._path), str(self._path.parent)]
        if gone := [name for name in watched if name not in wanted]:
            self._watcher.removePaths(gone)
        # A file that another took the place of is not watched any more.
        there = [name for name in wanted if name not in watched]
        if self._path is not None and not self._path.exists():
            there = [name for name in there if name != str(self._path)]
        if there and self._path is not None and self._path.parent.exists():
            self._watcher.addPaths(there)

    def check(self) -> Standing:
        """Look at the file now."""
        if self._over:
            return self.standing
        before = (self.standing, self.holder)
        if self.holder is not None:
            self._take()  # the other program may be gone
        self.standing = self._look()
        if (self.standing, self.holder) != before:
            self.noticed.emit()
        if self._path is not None and self.standing is not Standing.GONE:
            self._watch()
        return self.standing

    def _look(self) -> Standing:
        unknown = not self._document.digest and self._document.saved is not None
        if self._path is None or unknown:
            return Standing.FINE
        stamp = _stamp(self._path)
        if stamp is None:
            self._stamp = None
            return Standing.GONE
        if stamp == self._stamp and self.standing is not Standing.GONE:
            return self.standing
        found = digest_of(self._path)
        if found is None:
            return Standing.GONE
        self._stamp = stamp
        return Standing.FINE if found == self._document.digest else Standing.CHANGED

    def certain(self) -> Standing:
        """Look at the file now, at every byte of it: before it is written over."""
        self._stamp = None
        return self.check()

    def _take(self) -> None:
        if self._path is None or self._folder is None or self._held is not None:
            return
        place = self._folder / locks.name_of(self._path)
        # Without locks, such as on a disk that knows none, the look before each save remains.
        with contextlib.suppress(OSError):
            self._held = locks.take(place, str(self._path))
            self.holder = None if self._held is not None else locks.owner(place)

    def is_taken(self, path: Path) -> bool:
        """Say whether another program has `path` open."""
        if self._folder is None or path == self._path:
            return self.holder is not None
        with contextlib.suppress(OSError):
            held = locks.take(self._folder / locks.name_of(path))
            if held is None:
                return True
            held.release()
        return False

    def _give_up(self) -> None:
        if self._held is not None:
            self._held.release()
        self._held, self.holder = None, None

    def close(self) -> None:
        """Watch no more, and let others have the file."""
        self._calm.stop()
        if self._over:
            return
        self._over = True
        self._document.written.disconnect(self._follow)
        if watched := [*self._watcher.files(), *self._watcher.directories()]:
            self._watcher.removePaths(watched)
        self._give_up()


def _stamp(path: Path) -> _Stamp:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_size, stat.st_mtime_ns, stat.st_ino


def digest_of(path: Path) -> str | None:
    """Return the sha256 of what is in `path`; None when it cannot be read."""
    try:
        return sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None
