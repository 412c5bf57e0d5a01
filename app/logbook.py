"""What the engine and the program say, line by line, for the log panel."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from graph.events import NodeFailed, NodeOutput, RunFinished

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from app.document import Document
    from app.host import EngineHost
    from graph.events import RunEvent

MOST = 5000
_LONGEST = 10_000
"""Characters of one line."""


class Level(IntEnum):
    """How much a line matters."""

    OUTPUT = 0
    NOTE = 1
    ERROR = 2


@dataclass(frozen=True, slots=True)
class Entry:
    """One line."""

    text: str
    level: Level = Level.OUTPUT
    node: str = ""
    """Id of the node that said it, or empty."""
    title: str = ""
    """What the node was called then."""
    document: Document | None = field(default=None, repr=False, compare=False)
    when: float = field(default_factory=time.time)


class LogBook(QObject):
    """The last lines, the oldest first.

    Signals:
        added(int): so many lines came, at the end.
        dropped(int): so many lines went, at the beginning.
    """

    added = Signal(int)
    dropped = Signal(int)

    def __init__(
        self,
        host: EngineHost,
        whose: Callable[[int], tuple[Document, Callable[[str], str]] | None],
        parent: QObject | None = None,
    ) -> None:
        """Hear `host`; `whose` gives a run's document, and what its nodes are called."""
        super().__init__(parent)
        self.entries: deque[Entry] = deque()
        self._whose = whose
        host.runEvent.connect(self._hear)
        host.ended.connect(self._died)

    def add(self, entries: Iterable[Entry]) -> None:
        """Add `entries`; the oldest give way to them."""
        new = list(entries)[-MOST:]
        if not new:
            return
        surplus = len(self.entries) + len(new) - MOST
        if surplus > 0:
            for _ in range(surplus):
                self.entries.popleft()
            self.dropped.emit(surplus)
        self.entries.extend(new)
        self.added.emit(len(new))

    def note(self, text: str, level: Level = Level.NOTE) -> None:
        """Add what the program says, line by line."""
        self.add(Entry(line, level) for line in _lines(text))

    def clear(self) -> None:
        """Drop all lines."""
        count = len(self.entries)
        self.entries.clear()
        if count:
            self.dropped.emit(count)

    def _hear(self, event: RunEvent) -> None:
        match event:
            case NodeOutput(run, node, text):
                self._from_node(run, node, text, Level.OUTPUT)
            case NodeFailed(run, node, problem):
                self._from_node(run, node, f"{problem.message}\n{problem.detail}", Level.ERROR)
            case RunFinished(message=message) if message:
                self.note(message, Level.ERROR)
            case _:
                pass

    def _from_node(self, run: int, node: str, text: str, level: Level) -> None:
        found = self._whose(run)
        document, title = (found[0], found[1](node)) if found and node else (None, "")
        self.add(Entry(line, level, node, title, document) for line in _lines(text))

    def _died(self, message: str, output: str) -> None:
        self.add(Entry(line, Level.OUTPUT) for line in _lines(output))
        self.note(message, Level.ERROR)


def _lines(text: str) -> list[str]:
    return [line[:_LONGEST] for line in text.rstrip().splitlines() if line.strip()]
