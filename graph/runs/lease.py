"""Which instances of the program are alive: each holds a lock on a file as long as it lives.

The system lifts the lock however the process ends, so that no clock and no process number, which
may be given again, has to be trusted.
"""

from __future__ import annotations

import contextlib
import uuid
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from filelock import FileLock


class Lease:
    """The life of this instance, told to the others by a locked file in `folder`."""

    def __init__(self, folder: Path) -> None:
        """Prepare under a name that no instance had before."""
        self.owner = uuid.uuid4().hex
        self._folder = folder
        self._lock: FileLock | None = None

    def hold(self) -> None:
        """Begin; raise `OSError` when the folder cannot be written."""
        from filelock import FileLock

        lock = FileLock(self._path(self.owner), thread_local=False)
        lock.acquire(timeout=0)
        self._lock = lock

    def _path(self, owner: str) -> Path:
        return self._folder / f"instance-{owner}.lock"

    def is_over(self, owner: str) -> bool:
        """Say whether the instance `owner` has ended; its file is cleared away then."""
        from filelock import FileLock, Timeout

        path = self._path(owner)
        if owner == self.owner:
            return False
        if not path.exists():
            return True
        lock = FileLock(path, thread_local=False)
        try:
            lock.acquire(timeout=0)
        except (Timeout, OSError):
            return False
        lock.release()
        path.unlink(missing_ok=True)
        return True

    def end(self) -> None:
        """Let go: what this instance owned is free to be taken over."""
        if self._lock is not None:
            self._lock.release()
            with contextlib.suppress(OSError):
                self._path(self.owner).unlink(missing_ok=True)
        self._lock = None
