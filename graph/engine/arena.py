"""Pictures between processes: a ring of shared memory that the client owns.

The worker writes a picture, the message says where, the client copies it out and acknowledges it;
pictures are freed in the order in which they were written. The client creates the memory and
removes it, so that nothing is left behind however the worker ends.
"""

from __future__ import annotations

import os
from collections import deque
from multiprocessing.shared_memory import SharedMemory
from secrets import token_hex
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from graph.engine.messages import Placed

if TYPE_CHECKING:
    from graph.events import Pixels

ARENA_BYTES = 64 << 20


class ArenaReader:
    """The client's side: owns the memory."""

    def __init__(self, size: int = ARENA_BYTES) -> None:
        """Create the shared memory; pages that are never written cost nothing."""
        # Named after its owner, for whoever looks at what lies in shared memory.
        name = f"sfumato-{os.getpid()}-{token_hex(4)}"
        self._memory = SharedMemory(name, create=True, size=size)
        self.name = self._memory.name

    def fetch(self, placed: Placed) -> Pixels:
        """Return a copy of the picture that `placed` names."""
        if placed.data is not None:
            return np.frombuffer(placed.data, np.uint8).reshape(placed.shape)
        view: Pixels = np.ndarray(placed.shape, np.uint8, self._memory.buf, placed.offset)
        return view.copy()

    def close(self) -> None:
        """Give the memory back."""
        self._memory.close()
        self._memory.unlink()


class ArenaWriter:
    """The worker's side: a ring allocator, freed in order."""

    def __init__(self, name: str) -> None:
        """Attach to the client's memory."""
        self._memory = SharedMemory(name=name)
        self._size = self._memory.size
        self._taken: deque[tuple[int, int]] = deque()
        self._lock = Lock()

    def place(self, pixels: Pixels) -> Placed:
        """Copy a picture in; when it finds no room it travels in the message instead."""
        with self._lock:
            offset = self._room(pixels.nbytes)
            if offset is None:
                return Placed(pixels.shape, data=pixels.tobytes())
            self._taken.append((offset, pixels.nbytes))
        view: Pixels = np.ndarray(pixels.shape, np.uint8, self._memory.buf, offset)
        view[...] = pixels
        return Placed(pixels.shape, offset)

    def _room(self, size: int) -> int | None:
        """Return where `size` bytes fit behind the newest picture, wrapping round, or None."""
        if not self._taken:
            return 0 if size <= self._size else None
        oldest = self._taken[0][0]
        newest, length = self._taken[-1]
        head = newest + length
        if newest >= oldest:
            if head + size <= self._size:
                return head
            return 0 if size < oldest else None
        return head if head + size < oldest else None

    def free(self) -> None:
        """Forget the oldest picture: the client has it."""
        with self._lock:
            self._taken.popleft()

    def withdraw(self, count: int) -> None:
        """Forget the newest `count` pictures: no message will say where they are."""
        with self._lock:
            for _ in range(count):
                self._taken.pop()

    def close(self) -> None:
        """Detach."""
        self._memory.close()
