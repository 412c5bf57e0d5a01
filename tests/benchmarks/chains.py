"""Engine on chains of nodes that do nothing: planning, cold and warm runs."""

from __future__ import annotations

import tracemalloc
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from graph.edits import set_param
from graph.events import NodeFinished
from graph.execute import Engine
from graph.files import FileIndex
from graph.plan import plan
from tests.benchmarks.harness import Row, Times, measure, row
from tests.benchmarks.nodes import CATALOG, LOADED, chain, lattice

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graph.actions import Digests
    from graph.graph import Graph

WARM = {30: 0.6, 1000: 10.0, 10_000: 150.0}
COLD = {30: 6.0, 1000: 120.0, 10_000: None}
FLAT = 1.5
"""How much more a node may cost in a chain of 10,000 than in one of 1,000."""


@dataclass
class _Bench:
    """An engine, and a graph that it has run."""

    graph: Graph
    engine: Engine = field(default_factory=lambda: Engine(LOADED, FileIndex()))

    def fresh(self) -> None:
        self.engine = Engine(LOADED, FileIndex())

    def run(self) -> None:
        for _event in self.engine.run(self.graph):
            pass

    def known(self) -> dict[str, Digests]:
        events = self.engine.run(self.graph)
        return {e.action: e.digests for e in events if isinstance(e, NodeFinished)}


def run() -> Iterator[Row]:
    """Measure."""
    warm: dict[int, Times] = {}
    for length in (30, 1000, 10_000):
        bench = _Bench(chain(length))
        rounds = 3 if length > 1000 else 9
        cold = measure(bench.run, rounds=min(rounds, 5), before=bench.fresh)
        yield row(f"{length:,} nodes, cold run", cold, COLD[length])
        warm[length] = measure(bench.run, rounds=rounds)
        yield row(f"{length:,} nodes, warm run", warm[length], WARM[length])
        yield from _planning(bench, length, rounds)
    grown = (warm[10_000].cpu / 10_000) / (warm[1000].cpu / 1000)
    yield Row("a node in 10,000 against one in 1,000, warm", grown, "times", FLAT)
    yield from _lattice()
    yield _memory()


def _planning(bench: _Bench, length: int, rounds: int) -> Iterator[Row]:
    known, files = bench.known(), FileIndex()
    times = measure(lambda: plan(bench.graph, CATALOG, files, "", known), rounds=rounds)
    yield row(f"{length:,} nodes, planning", times)
    edited = set_param(bench.graph, CATALOG, "n0", "value", 1).graph
    times = measure(lambda: plan(edited, CATALOG, files, "", known), rounds=rounds)
    yield Row(f"{length:,} nodes, planning after an edit at the start", times.cpu, "ms CPU")


def _lattice() -> Iterator[Row]:
    costs = {}
    for depth in (25, 50):
        bench = _Bench(lattice(depth))
        cold = measure(bench.run, before=bench.fresh)
        costs[depth] = cold.cpu
        yield Row(f"lattice of two inputs, {depth} deep, cold run", cold.cpu, "ms CPU")
    yield Row("twice as deep costs", costs[50] / costs[25], "times", 2 * FLAT)


def _memory() -> Row:
    bench = _Bench(chain(1000))
    tracemalloc.start()
    bench.run()
    grown, _peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return Row("1,000 nodes, memory after a cold run", grown / 2**20, "MiB", 10.0)
