"""One set-up at a time: a lock between processes that the system lifts when its holder dies."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PAUSE = 0.2  # seconds between two tries

if sys.platform == "win32":
    import msvcrt

    def _try(file: IO[bytes]) -> bool:
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try(file: IO[bytes]) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


@contextlib.contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold the lock at `path`; waits, and says so, while another process holds it."""
    with path.open("ab") as file:
        if not _try(file):
            print("Another set-up is at work on this folder; waiting for it.", flush=True)
            while not _try(file):
                time.sleep(PAUSE)
        # A pip that outlives a killed start.py inherits the file, and so keeps others out.
        os.set_inheritable(file.fileno(), True)  # noqa: FBT003 - takes no keyword
        yield  # closing the file lifts the lock, on every system
