"""What nodes print: kept in a file, told node by node, and still there after a crash.

The engine process points its standard output and error, also those of native code, to a file that
the client made. At every event it reads what is new and tells it with the node at work. When the
process dies, what it wrote last (the trace of a fault, for example) is still in the file.
"""

from __future__ import annotations

import contextlib
import faulthandler
import logging
import os
import sys
import tempfile
from pathlib import Path

_MOST = 64 << 10
"""Bytes told at once; of more only the end is."""
_FILE_LIMIT = 8 << 20
"""The file is emptied beyond this size."""
_TAIL = 4 << 10


class OutputFile:
    """The client's side: makes the file, reads its end, removes it."""

    def __init__(self) -> None:
        """Make an empty file in the system's folder for temporary files."""
        self._handle, name = tempfile.mkstemp(prefix="sfumato-engine-", suffix=".log")
        self.path = Path(name)

    def tail(self) -> str:
        """Return the last lines that were written."""
        size = os.fstat(self._handle).st_size
        os.lseek(self._handle, max(0, size - _TAIL), os.SEEK_SET)
        return os.read(self._handle, _TAIL).decode(errors="replace").strip()

    def close(self) -> None:
        """Remove the file."""
        os.close(self._handle)
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)


class OutputTap:
    """The worker's side."""

    def __init__(self, path: str) -> None:
        """Point this process's standard output, error and log to the file at `path`."""
        self._file = os.open(path, os.O_RDWR | os.O_APPEND)
        if os.name == "posix":
            # Both sides hold it open by now, so its name can go: nobody leaves it behind. Windows
            # keeps the names of open files; there the client removes it at the end.
            Path(path).unlink(missing_ok=True)
        self._told = 0
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
            os.dup2(self._file, stream.fileno())
        faulthandler.enable(file=sys.stderr)
        logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s", stream=sys.stderr)

    def read(self) -> str:
        """Return what was written since the last call."""
        sys.stdout.flush()
        sys.stderr.flush()
        size = os.fstat(self._file).st_size
        if size <= self._told:
            return ""
        begin = max(self._told, size - _MOST)
        # The file is opened to append, so moving its position changes no writer's place.
        os.lseek(self._file, begin, os.SEEK_SET)
        data = os.read(self._file, size - begin)
        self._told = size
        if size > _FILE_LIMIT:
            os.ftruncate(self._file, 0)
            self._told = 0
        return data.decode(errors="replace")
