"""Who speaks: the node that a thread works for, so that what its body prints is told as its own.

A thread that a body starts speaks for nobody known here; what it prints goes to the node at work,
if that is only one (see `graph.engine.output`).
"""

from __future__ import annotations

import contextlib
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_SPEAKER: ContextVar[str] = ContextVar("speaker", default="")


@contextlib.contextmanager
def speaking_for(node: str) -> Iterator[None]:
    """Let what this thread prints until the end of the block be the words of `node`.

    Must not be held open across a `yield` of a generator that others drive.
    """
    token = _SPEAKER.set(node)
    try:
        yield
    finally:
        _SPEAKER.reset(token)


def speaker() -> str:
    """Return the node that this thread works for; empty when it works for none."""
    return _SPEAKER.get()
