"""Undo as a list of graphs: each step keeps its name and the graphs on both sides of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

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
    """The steps, and how many of them are done; knows graphs, not documents."""

    def __init__(self, steps: Iterable[Step] = (), position: int | None = None) -> None:
        """Begin with `steps`, of which the first `position` are done: all of them, when None."""
        self._steps = list(steps)
        self.position = len(self._steps) if position is None else position
        """How many steps are done; those behind it were undone."""

    @property
    def steps(self) -> Sequence[Step]:
        """The steps that were done and then those that were undone, the oldest first."""
        return self._steps

    @property
    def undo_name(self) -> str:
        """Name of the step that `undo` would take back, or empty."""
        return self._steps[self.position - 1].name if self.position else ""

    @property
    def redo_name(self) -> str:
        """Name of the step that `redo` would do again, or empty."""
        return self._steps[self.position].name if self.position < len(self._steps) else ""

    def record(self, step: Step) -> bool:
        """Add `step`, in place of those that were undone; say whether it extends the one before.

        It does when both have the same merge key.
        """
        del self._steps[self.position :]
        last = self._steps[-1] if self._steps else None
        merged = last is not None and step.merge is not None and last.merge == step.merge
        if merged:
            self.extend(step)
        else:
            self._steps.append(step)
            del self._steps[:-LIMIT]
        self.position = len(self._steps)
        return merged

    def extend(self, step: Step) -> None:
        """Make `step` part of the last one, whose name stays."""
        self._steps[-1] = replace(self._steps[-1], after=step.after)

    def seal(self) -> None:
        """End merging: the next step stands alone."""
        if self.position:
            self._steps[self.position - 1] = replace(self._steps[self.position - 1], merge=None)

    def undo(self) -> Graph | None:
        """Take the last step back and return the graph before it, or None without a step."""
        return self.travel(self.position - 1)

    def redo(self) -> Graph | None:
        """Do the step again that was undone last and return the graph after it, or None."""
        return self.travel(self.position + 1)

    def travel(self, position: int) -> Graph | None:
        """Go to where `position` steps are done and return the graph there; None when not there."""
        if position == self.position or not 0 <= position <= len(self._steps):
            return None
        self.position = position
        self.seal()
        return self._steps[position - 1].after if position else self._steps[0].before
