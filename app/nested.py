"""How nodes inside nodes stand: in the run that goes on, after it, and by the plan.

Known by the paths of the canvas: those of events without the numbers of iterations, so that all
iterations of a node in a loop are one. A node that others lie in stands as they do, at any depth.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from app.folding import Inside, fold_plan
from app.runstate import Badge, NodeRun

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


class Nested:
    """Takes in what is told by path; see `graph.runs.places.Places.plain`."""

    def __init__(self) -> None:
        self._running: dict[str, Inside] = {}
        self._announced: frozenset[str] = frozenset()
        """Nodes that a run told of beforehand: those that stand for loops end by themselves."""
        self._after: dict[str, NodeRun] = {}
        self._planned: dict[str, NodeRun] = {}

    def get(self, path: str) -> NodeRun | None:
        """Return how the node at `path` stands; None when nothing is known of it."""
        inside = self._running.get(path)
        return self._planned.get(path) if inside is None else inside.whole()

    def begin(self, paths: Iterable[str]) -> None:
        """A run begins that looks at the nodes `paths`."""
        self._announced = frozenset(paths)
        inside: defaultdict[str, set[str]] = defaultdict(set)
        for path in self._announced:
            for above in _above(path):
                inside[above].add(path)
        self._running = {path: Inside(awaited) for path, awaited in inside.items()}
        self._after.clear()

    def put(self, path: str, plain: str, run: NodeRun) -> NodeRun:
        """Take in what an event told of `path`, which is `plain` here; return how its top stands.

        A node of the document that nothing lies in, as far as was told, stands as it was told.
        """
        if plain == path and "/" not in path and path not in self._running:
            return run
        *above, _ = levels = [*_above(plain), plain]
        for level in levels:
            if level not in self._running:
                # What lies in it came unannounced: a loop, whose own end comes last.
                awaited = level in self._announced and level in above
                self._running[level] = Inside([level] if awaited else ())
            self._running[level].put(path, run)
        return self._running[levels[0]].whole()

    def end(self) -> None:
        """The run is over: what it did to each node is kept, until it is forgotten."""
        for path, inside in self._running.items():
            run = inside.whole()
            if "/" in path and run.badge not in (Badge.RUNNING, Badge.PENDING):
                self._after[path] = run
        self._running = {}

    def forget(self, tops: Iterable[str]) -> None:
        """What lies in the nodes `tops` of the document was changed since."""
        changed = frozenset(tops)
        self._after = {
            path: run for path, run in self._after.items() if path.partition("/")[0] not in changed
        }

    def after(self, path: str) -> NodeRun | None:
        """Return how the node at `path` came out of the last run, if that still counts."""
        return self._after.get(path)

    def plan(self, found: Mapping[str, Iterable[NodeRun]]) -> None:
        """Take in what a run would find at each path, in each iteration."""
        together: defaultdict[str, list[NodeRun]] = defaultdict(list)
        for path, runs in found.items():
            for level in (*_above(path), path):
                if "/" in level:
                    together[level] += runs
        self._planned = {
            path: runs[0] if len(runs) == 1 else fold_plan(runs) for path, runs in together.items()
        }


def _above(path: str) -> Iterator[str]:
    """Yield the paths of the nodes that `path` lies in, outermost first."""
    at = path.find("/")
    while at >= 0:
        yield path[:at]
        at = path.find("/", at + 1)
