"""Graph files: reading and writing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graph.format import dump, parse
from tests.benchmarks.harness import Row, measure
from tests.benchmarks.nodes import CATALOG, chain

if TYPE_CHECKING:
    from collections.abc import Iterator


def run() -> Iterator[Row]:
    """Measure."""
    for length in (1000, 10_000, 100_000):
        graph = chain(length)
        text = dump(graph)
        rounds = 7 if length < 10_000 else 3 if length < 100_000 else 1
        yield Row(f"{length:,} nodes, size", len(text) / 2**20, "MiB")
        for what, times in (
            ("written", measure(lambda: dump(graph), rounds=rounds)),  # noqa: B023 - at once
            ("read", measure(lambda: parse(text, catalog=CATALOG), rounds=rounds)),  # noqa: B023
        ):
            yield Row(f"{length:,} nodes, {what}", times.cpu, "ms CPU")
