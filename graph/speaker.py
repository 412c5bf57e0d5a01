"""Who speaks: the node that a thread works for, so that what its body prints is told as its own.

A thread that a body starts speaks for nobody known here; what it prints goes to the node at work,
if that is only one (see `graph.engine.output`).
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contextvars import Token

_SPEAKER: ContextVar[str] = ContextVar("speaker", default="")


class speaking_for:  # noqa: N801 - used like a function; a class, for it is entered at every step
    """Let what this thread prints until the end of the block be the words of a node.

    Must not be held open across a `yield` of a generator that others drive.
    """

    __slots__ = ("_node", "_token")

    def __init__(self, node: str) -> None:
        """Speak for `node`."""
        self._node = node
        self._token: Token[str] | None = None

    def __enter__(self) -> None:
        """Begin."""
        self._token = _SPEAKER.set(self._node)

    def __exit__(self, *_error: object) -> None:
        """Speak for whom it was before."""
        if self._token is not None:
            _SPEAKER.reset(self._token)


def speaker() -> str:
    """Return the node that this thread works for; empty when it works for none."""
    return _SPEAKER.get()
