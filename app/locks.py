"""Locks between programs, which the system lifts when their holder dies, however it dies.

A lock is a file that is held open and locked; who holds it stands inside, for people. Nothing is
ever concluded from a process id, which the system may have given to another program since.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import socket
import sys
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from pathlib import Path

_TRIES = 5

if sys.platform == "win32":
    import msvcrt

    _FAR = 1 << 30  # a locked byte cannot be read by others: one beyond what is written

    def _seize(handle: int) -> bool:
        os.lseek(handle, _FAR, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        finally:
            os.lseek(handle, 0, os.SEEK_SET)
        return True

else:
    import fcntl

    def _seize(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


class Owner(msgspec.Struct, frozen=True):
    """Who holds a lock."""

    pid: int = 0
    host: str = ""
    what: str = ""
    """What is locked, in words or as a path."""


class Held:
    """A lock that this program holds until `release`, or until it ends."""

    def __init__(self, path: Path, handle: int) -> None:
        self.path = path
        self._handle = handle

    def release(self) -> None:
        """Give the lock up, and remove its file."""
        if self._handle < 0:
            return
        with contextlib.suppress(OSError):  # Windows removes no file that is open
            self.path.unlink(missing_ok=True)
        os.close(self._handle)
        self._handle = -1
        with contextlib.suppress(OSError):
            if os.name == "nt":
                self.path.unlink(missing_ok=True)


def take(path: Path, what: str = "") -> Held | None:
    """Take the lock at `path`, whose folder is made; None while another holder lives.

    Raises:
        OSError: The folder or the file cannot be made, or its disk knows no locks.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    for _ in range(_TRIES):
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            seized = _seize(handle)
        except OSError:
            os.close(handle)
            raise
        if not seized:
            os.close(handle)
            return None
        # Another holder may have removed the file between opening and locking it.
        if _same(handle, path):
            data = msgspec.json.encode(Owner(os.getpid(), socket.gethostname(), _text(what)))
            with contextlib.suppress(OSError):  # a full disk: the lock holds all the same
                os.ftruncate(handle, 0)
                os.write(handle, data)
            return Held(path, handle)
        os.close(handle)
    return None


def _same(handle: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except OSError:
        return False


def _text(what: str) -> str:
    return what.encode(errors="replace").decode()


def owner(path: Path) -> Owner:
    """Return who holds the lock at `path`, as far as that can be read."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Owner)
    except (OSError, msgspec.DecodeError):
        return Owner()


def name_of(path: Path) -> str:
    """Return the name of the lock for the file at `path`, whatever way leads to it."""
    whole = os.path.normcase(path.resolve())
    return hashlib.sha256(os.fsencode(whole)).hexdigest()[:32] + ".lock"
