"""How much a run will do, before it starts; how long it still takes, while it goes on.

Before: the plan says which nodes run for certain and which may, the costs say how long each takes.
While it runs: what is expected of nodes that are not settled, less what the ones at work have done.
Branches that overlap are counted one after the other, so that the truth is rather shorter.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING, TypeAlias

from graph.plan import State
from graph.runs.costs import loads_of
from graph.runs.places import top_of
from graph.subgraphs import localized
from graph.targets import eager_upstream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from graph.catalog import Catalog
    from graph.graph import Graph, Node
    from graph.plan import Plan
    from graph.runs.costs import Load

    CostsOf: TypeAlias = Callable[[Load], float | None]

_RUNS = (State.DIRTY, State.PENDING)
_RECENT = 9
"""Steps that a median is taken of."""
_EXPECTED = 2


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a run would do."""

    certain: int = 0
    """How many nodes will run."""
    most: int = 0
    """How many will run if nothing comes out equal to before; at least `certain`."""
    seconds: float = 0.0
    """How long `most` nodes take, as far as that is known."""
    unknown: int = 0
    """How many of them never ran before, and so are not in `seconds`."""
    expected: Mapping[str, float | None] = field(default_factory=dict)
    """Milliseconds of each node that may run; None where that is not known."""


def estimate(
    plan: Plan, graph: Graph, catalog: Catalog, targets: Iterable[str], cost_of: CostsOf
) -> Estimate:
    """Say what a run of `targets` would do by `plan`; nodes that cannot run do not count.

    `cost_of` returns the milliseconds that a node takes, where that is known.
    """
    chosen = _can_run(plan, graph, catalog, targets)
    loads = loads_of(graph, catalog, chosen)
    expected = {path: cost_of(loads[path]) if path in loads else None for path in chosen}
    known = [ms for ms in expected.values() if ms is not None]
    return Estimate(
        certain=sum(plan.steps[path].state is State.DIRTY for path in chosen),
        most=len(chosen),
        seconds=sum(known) / 1000,
        unknown=len(expected) - len(known),
        expected=expected,
    )


def _can_run(plan: Plan, graph: Graph, catalog: Catalog, targets: Iterable[str]) -> list[str]:
    """Return the steps that run or may run: not those behind one that cannot."""
    known = localized(catalog, graph)
    wanted = _wanted(plan, graph, known, targets)
    barred: set[str] = set()
    chosen = []
    for path, step in plan.steps.items():
        top = top_of(path)
        node = graph.nodes.get(top)
        if node is None or top not in wanted:
            continue
        if step.state not in (*_RUNS, State.CLEAN) or _waits_for(node, known, barred):
            barred.add(top)
        elif step.state in _RUNS:
            chosen.append(path)
    return chosen


def _wanted(plan: Plan, graph: Graph, catalog: Catalog, targets: Iterable[str]) -> set[str]:
    """Return what `targets` need; of lazy inputs those that are known to be asked for."""
    wanted: set[str] = set()
    fresh = eager_upstream(graph, catalog, targets)
    while fresh:
        wanted |= fresh
        steps = [step for node_id in fresh if (step := plan.steps.get(node_id)) and step.asks]
        asked = [
            source.node
            for step in steps
            for source in graph.nodes[step.node].wires.get(step.asks, ())
        ]
        fresh = eager_upstream(graph, catalog, asked) - wanted
    return wanted


def _waits_for(node: Node, catalog: Catalog, barred: set[str]) -> bool:
    if not barred:
        return False
    spec = catalog.get(node.type)
    return any(
        source.node in barred
        for name, sources in node.wires.items()
        if spec is None or name not in spec.lazy_inputs
        for source in sources
    )


@dataclass(slots=True)
class _Work:
    """A node that is not settled; times in seconds."""

    expected: float | None
    """How long it takes in all; None where that is not known."""
    started: float | None = None
    done: int = 0
    total: int = 0
    told: float = 0.0
    """When the last step was told."""
    pace: deque[float] = field(default_factory=lambda: deque(maxlen=_RECENT))
    """What the last steps took; not the first, for what came before it is loading."""

    def left(self, now: float) -> float:
        """How long it still takes."""
        if self.started is None:
            return self.expected or 0.0
        if not self.done or self.total <= 0:
            return max(0.0, (self.expected or 0.0) - max(0.0, now - self.started))
        step = self._step()
        # Between two steps the time runs, but not past the next one.
        return max(0.0, (self.total - self.done) * step - min(max(0.0, now - self.told), step))

    def _step(self) -> float:
        """How long a step takes: the median of the last, so that one that stalled does not count.

        What was expected counts like two of them, until there are more.
        """
        steps = list(self.pace)
        if self.expected is not None:
            steps += [self.expected / self.total] * _EXPECTED
        return median(steps) if steps else (self.told - (self.started or 0.0)) / self.done


class Remaining:
    """How long the run that goes on still takes; `now` is in seconds of any steady clock."""

    def __init__(self, expected: Mapping[str, float | None]) -> None:
        """Begin with the milliseconds of the nodes that are expected to run (see `Estimate`)."""
        self._work: dict[str, _Work] = {}
        self._settled: set[str] = set()
        self.expect(expected)

    def expect(self, expected: Mapping[str, float | None]) -> None:
        """Learn what nodes take that are not settled; what was expected before still holds."""
        for path, ms in expected.items():
            if path not in self._settled:
                work = self._work.setdefault(path, _Work(None))
                work.expected = _seconds(ms) if work.expected is None else work.expected

    def started(self, path: str, now: float) -> None:
        """A node began; again, where its result was lost meanwhile."""
        self._settled.discard(path)
        self._work.setdefault(path, _Work(None)).started = now

    def progressed(self, path: str, done: int, total: int, now: float) -> None:
        """A node got `done` of `total` steps done."""
        work = self._work.get(path)
        if work is None or work.started is None or done <= 0:
            return
        done = min(done, total)
        if 0 < work.done < done:
            work.pace.append((now - work.told) / (done - work.done))
        work.done, work.total, work.told = done, total, now

    def settled(self, path: str) -> None:
        """A node ended, was known, or is left out."""
        self._work.pop(path, None)
        self._settled.add(path)

    def knows_all(self) -> bool:
        """Say whether nothing is left of which it is not known how long it takes."""
        return all(work.expected is not None or work.done for work in self._work.values())

    def seconds(self, now: float) -> float:
        """Return how long it still takes, as far as that is known."""
        return sum(work.left(now) for work in self._work.values())


def _seconds(ms: float | None) -> float | None:
    return None if ms is None else max(0.0, ms) / 1000
