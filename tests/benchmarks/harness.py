"""Measuring: medians of several rounds, and a table that says what is promised.

Times are of this machine and for orientation; what counts are ratios taken in one run.
"""

from __future__ import annotations

import gc
import statistics
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table."""

    what: str
    value: float | str
    unit: str = ""
    most: float | None = None
    """What is promised at most."""
    least: float | None = None
    """What is promised at least."""
    elapsed: float | None = None
    """Milliseconds by the clock on the wall, for orientation."""

    @property
    def kept(self) -> bool | None:
        """Whether the promise is kept; None when there is none or nothing was measured."""
        if isinstance(self.value, str) or (self.most is None and self.least is None):
            return None
        return (self.most is None or self.value <= self.most) and (
            self.least is None or self.value >= self.least
        )


@dataclass(frozen=True, slots=True)
class Times:
    """What something took, in milliseconds: medians."""

    wall: float
    cpu: float
    """Of the thread that measured: what other programs do does not count."""


def measure(
    work: Callable[[], object],
    *,
    rounds: int = 7,
    before: Callable[[], object] | None = None,
) -> Times:
    """Return how long `work` takes; `before` is done ahead of each round and does not count."""
    walls, cpus = [], []
    for _ in range(rounds):
        if before is not None:
            before()
        gc.collect()
        wall, cpu = time.perf_counter(), time.thread_time()
        work()
        cpus.append((time.thread_time() - cpu) * 1000)
        walls.append((time.perf_counter() - wall) * 1000)
    return Times(statistics.median(walls), statistics.median(cpus))


def row(what: str, times: Times, most: float | None = None) -> Row:
    """Return the line for one measurement; the promise is for the processor time."""
    return Row(what, times.cpu, "ms CPU", most, elapsed=times.wall)


def show(title: str, lines: Iterable[Row]) -> bool:
    """Print a table; say whether all promises in it are kept."""
    table = Table(title=title, title_justify="left", title_style="bold")
    table.add_column("what")
    table.add_column("measured", justify="right")
    table.add_column("unit")
    table.add_column("promised", justify="right")
    table.add_column("elapsed", justify="right")
    kept = True
    for line in lines:
        style = {True: "green", False: "red", None: ""}[line.kept]
        value = line.value if isinstance(line.value, str) else f"{line.value:,.3g}"
        elapsed = "" if line.elapsed is None else f"{line.elapsed:,.3g} ms"
        table.add_row(line.what, value, line.unit, _promise(line), elapsed, style=style)
        kept = kept and line.kept is not False
    Console().print(table)
    return kept


def _promise(line: Row) -> str:
    if line.most is not None:
        return f"≤ {line.most:g}"
    return "" if line.least is None else f"≥ {line.least:g}"
