"""What nodes print: kept in files, told node by node, and still there after a crash.

What Python writes is routed by the thread that writes it (`graph.speaker`). What native code writes
goes past Python: it is taken for the words of the node at work, if that is only one. Both also lie
in files that the client made, so that the last words of a process that died can be read.
"""

from __future__ import annotations

import contextlib
import faulthandler
import io
import logging
import os
import sys
import tempfile
from pathlib import Path
from threading import RLock, current_thread
from typing import TYPE_CHECKING

from graph.events import NodeOutput
from graph.speaker import speaker

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Buffer

_MOST = 64 << 10
"""Characters of one node told at once; of more only the end is."""
_FILE_LIMIT = 8 << 20
"""A file is emptied beyond this size."""
_TAIL = 4 << 10
OWN_THREADS = "engine-"
"""How the names of the engine's own threads begin: what they log is no node's."""


class OutputFiles:
    """The client's side: makes the files, reads their ends, removes them."""

    def __init__(self) -> None:
        """Make empty files in the system's folder for temporary files."""
        self._files = [
            tempfile.mkstemp(prefix="sfumato-engine-", suffix=f"-{kind}.log")
            for kind in ("python", "native")
        ]

    @property
    def paths(self) -> tuple[str, str]:
        """Where the words of Python and those of native code lie."""
        python, native = (name for _handle, name in self._files)
        return python, native

    def tail(self) -> str:
        """Return the last lines that were written, those of whoever wrote last at the end."""
        handles = sorted((h for h, _name in self._files), key=lambda h: os.fstat(h).st_mtime_ns)
        return "\n".join(text for handle in handles if (text := _end_of(handle)))

    def close(self) -> None:
        """Remove the files."""
        for handle, name in self._files:
            os.close(handle)
            with contextlib.suppress(OSError):
                Path(name).unlink(missing_ok=True)


def _end_of(handle: int) -> str:
    size = os.fstat(handle).st_size
    os.lseek(handle, max(0, size - _TAIL), os.SEEK_SET)
    return os.read(handle, _TAIL).decode(errors="replace").strip()


class OutputTap:
    """The worker's side: collects what is written, by run and node, until it is told."""

    def __init__(self, paths: tuple[str, str]) -> None:
        """Point this process's standard output, error and log to the files at `paths`."""
        self._python, self._native = (os.open(path, os.O_RDWR | os.O_APPEND) for path in paths)
        if os.name == "posix":
            # Both sides hold them open by now, so their names can go: nobody leaves them behind.
            # Windows keeps the names of open files; there the client removes them at the end.
            for path in paths:
                Path(path).unlink(missing_ok=True)
        self.run = 0
        """The run that what is written belongs to."""
        self.woken: Callable[[], None] = lambda: None
        """Called when there is something to tell, from any thread."""
        self._at_work: set[str] = set()
        # Entered again when the garbage that is collected in here has something to say.
        self._lock = RLock()
        self._said: dict[tuple[int, str], str] = {}
        self._heard = 0
        self._streams = (NodeStream(self, 1), NodeStream(self, 2))
        for stream in (sys.__stdout__, sys.__stderr__):
            if stream is not None:
                stream.flush()
        for number in (1, 2):
            os.dup2(self._native, number)
        sys.stdout, sys.stderr = self._streams
        faulthandler.enable(file=2)
        logging.basicConfig(
            level=logging.INFO, format="%(name)s: %(message)s", stream=self._streams[1]
        )

    @property
    def busy(self) -> bool:
        """Say whether a node is at work, so that native code may write something."""
        return bool(self._at_work)

    def begin(self, node: str) -> None:
        """Take in that `node` is at work from now on."""
        self.collect()
        self._at_work.add(node)

    def end(self, node: str) -> None:
        """Take in that `node` is not at work any more."""
        self.collect()
        self._at_work.discard(node)
        if not self._at_work:
            self._mend()

    def rest(self) -> None:
        """Take in that no node is at work any more."""
        for node in tuple(self._at_work):
            self.end(node)

    def say(self, text: str) -> None:
        """Take in what this thread writes."""
        text = text[-_MOST:]
        with self._lock:
            _append(self._python, text.encode(errors="replace"))
            self._add(speaker() or self._by_thread(), text)

    def _by_thread(self) -> str:
        return "" if current_thread().name.startswith(OWN_THREADS) else self._only()

    def _only(self) -> str:
        at_work = tuple(self._at_work)
        return at_work[0] if len(at_work) == 1 else ""

    def _add(self, node: str, text: str) -> None:
        first = not self._said
        key = (self.run, node)
        self._said[key] = (self._said.get(key, "") + text)[-_MOST:]
        if first:
            self.woken()

    def collect(self) -> None:
        """Take in what native code wrote since the last call."""
        with self._lock:
            size = os.fstat(self._native).st_size
            if size == self._heard:
                return
            begin = max(self._heard if size > self._heard else 0, size - _MOST)
            # The file is opened to append, so moving its position changes no writer's place.
            os.lseek(self._native, begin, os.SEEK_SET)
            text = os.read(self._native, size - begin).decode(errors="replace")
            self._heard = size
            if size > _FILE_LIMIT:
                os.ftruncate(self._native, 0)
                self._heard = 0
            if text:
                self._add(self._only(), text)

    def take(self) -> list[NodeOutput]:
        """Return what is to be told."""
        with self._lock:
            said, self._said = self._said, {}
        return [NodeOutput(run, node, text) for (run, node), text in said.items()]

    def _mend(self) -> None:
        """Put right what a body did to the streams, for what comes after it."""
        for stream in (sys.__stdout__, sys.__stderr__):
            if stream is not None:
                with contextlib.suppress(OSError, ValueError):
                    stream.flush()
        if (sys.stdout, sys.stderr) != self._streams:
            sys.stdout, sys.stderr = self._streams
        for number in (1, 2):
            try:
                os.fstat(number)
            except OSError:  # closed; one that leads elsewhere is left to whoever did that
                os.dup2(self._native, number)


class NodeStream(io.TextIOBase):
    """What stands for `sys.stdout` and `sys.stderr`; closing it does nothing."""

    encoding = "utf-8"
    errors = "replace"

    def __init__(self, tap: OutputTap, number: int) -> None:
        """Write to `tap`; `number` is the descriptor that native code writes to."""
        super().__init__()
        self._tap = tap
        self._number = number
        self.buffer = _NodeBytes(tap, number)
        """For whoever writes bytes."""

    def write(self, text: str, /) -> int:
        """Take in `text`."""
        if text:
            self._tap.say(text)
        return len(text)

    def writable(self) -> bool:
        """Return True."""
        return True

    def fileno(self) -> int:
        """Return the descriptor that native code and other processes write to."""
        return self._number

    def close(self) -> None:
        """Do nothing: others write here too."""


class _NodeBytes(io.RawIOBase):
    """The bytes under a `NodeStream`."""

    def __init__(self, tap: OutputTap, number: int) -> None:
        super().__init__()
        self._tap = tap
        self._number = number

    def write(self, data: Buffer, /) -> int:
        """Take in text as bytes."""
        raw = bytes(data)
        if raw:
            self._tap.say(raw.decode(errors="replace"))
        return len(raw)

    def writable(self) -> bool:
        """Return True."""
        return True

    def fileno(self) -> int:
        """Return the descriptor."""
        return self._number

    def close(self) -> None:
        """Do nothing: others write here too."""


def _append(handle: int, data: bytes) -> None:
    """Write to a file, which is emptied when it grew too large; a full disk costs the words."""
    with contextlib.suppress(OSError):
        os.write(handle, data)
        if os.fstat(handle).st_size > _FILE_LIMIT:
            os.ftruncate(handle, 0)
