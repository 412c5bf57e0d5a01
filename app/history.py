"""Undo as a list of graphs: each step keeps its name and the graph before it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable

    from graph.graph import Graph

LIMIT = 1000


@dataclass(frozen=True, slots=True)
class Step:
    """One undo step: what was done, and the graphs on both sides of it."""

    name: str
    before: Graph
    after: Graph
    merge: Hashable | None = None


class History:
    """The steps that were done and those that were undone; knows graphs, not documents."""

    def __init__(self) -> None:
        self._done: list[Step] = []
        self._undone: list[Step] = []

    @property
    def undo_name(self) -> str:
        """Name of the step that `undo` would take back, or empty."""
        return self._done[-1].name if self._done else ""

    @property
    def redo_name(self) -> str:
        """Name of the step that `redo` would do again, or empty."""
        return self._undone[-1].name if self._undone else ""

    def record(self, step: Step) -> None:
        """Add `step`; one with the merge key of the step before it extends that step."""
        self._undone.clear()
        last = self._done[-1] if self._done else None
        if last is not None and step.merge is not None and last.merge == step.merge:
            self._done[-1] = Step(last.name, last.before, step.after, last.merge)
            return
        self._done.append(step)
        del self._done[:-LIMIT]

    def seal(self) -> None:
        """End merging: the next step stands alone."""
        if self._done:
            last = self._done[-1]
            self._done[-1] = Step(last.name, last.before, last.after)

    def undo(self) -> Graph | None:
        """Take the last step back and return the graph before it, or None without a step."""
        if not self._done:
            return None
        step = self._done.pop()
        self._undone.append(step)
        return step.before

    def redo(self) -> Graph | None:
        """Do the step again that was undone last and return the graph after it, or None."""
        if not self._undone:
            return None
        step = self._undone.pop()
        self._done.append(Step(step.name, step.before, step.after))
        return step.after
