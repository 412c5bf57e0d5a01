"""How long the nodes at work usually take to answer: what decides when one counts as stuck."""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from graph.events import NodeFailed, NodeFinished, NodeProgress, NodeStarted, RunFinished, Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from graph.events import Event

PATIENCE = 5.0
"""Seconds that every body has to answer."""
_REMEMBERED = 10_000
"""Nodes whose pace is remembered."""


@dataclass(slots=True)
class _Body:
    """A node at work."""

    since: float
    """When it last gave a sign."""
    step: float = 0.0
    """The longest time between two signs, in seconds."""
    steps: int = 0
    done: int = -1
    """How many steps it told last."""


@dataclass(slots=True)
class Pace:
    """Learns from events how long each node goes without a sign."""

    clock: Callable[[], float] = time.monotonic
    _at_work: dict[str, _Body] = field(default_factory=dict)
    _usual: OrderedDict[tuple[str, str], float] = field(default_factory=OrderedDict)
    """(document, node) -> the longest it went without a sign when it last ran, in seconds."""

    def note(self, event: Event, document: str) -> None:
        """Take in an event of a run of `document`."""
        match event:
            case NodeProgress():
                body = self._at_work.setdefault(event.node, _Body(self.clock()))
                if event.done != body.done:  # else it is told again, while nothing happens
                    self._sign(body)
                    body.steps += 1
                    body.done = event.done
            case NodeStarted():
                self._at_work[event.node] = _Body(self.clock())
            case NodeFinished(status=Status.CACHED):
                pass
            case NodeFinished():
                self._finish(event, document)
            case NodeFailed():
                self._at_work.pop(event.node, None)
            case RunFinished():
                self._at_work.clear()
            case _:
                pass

    def _sign(self, body: _Body) -> None:
        now = self.clock()
        body.step = max(body.step, now - body.since)
        body.since = now

    def _finish(self, event: NodeFinished, document: str) -> None:
        body = self._at_work.pop(event.node, None)
        if body is None:
            return
        # It may have been announced late, for it waited for the disk; what it took is known.
        usual = body.step if body.steps else event.ms / 1000
        self._usual[document, event.node] = usual
        self._usual.move_to_end((document, event.node))
        if len(self._usual) > _REMEMBERED:
            self._usual.popitem(last=False)

    def patience(self, document: str) -> float:
        """Return the seconds that the nodes at work may take to answer: 5, or what is usual."""
        usual = [
            max(body.step, self._usual.get((document, node), 0.0))
            for node, body in self._at_work.items()
        ]
        return max([PATIENCE, *usual])

    def forget(self) -> None:
        """Take in that the process died: nothing is at work."""
        self._at_work.clear()
