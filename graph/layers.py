"""Layered layout of boxes and arrows (after Sugiyama): left to right, few crossings, straight runs.

Each box stands in the column after those it depends on; long arrows are led through their columns
by placeholders; the order in a column follows the barycentres of the neighbours, sweeping to and
fro, the order with the fewest crossings wins; heights are a least-squares fit to the neighbours
that keeps order and gaps (pool adjacent violators). All of it is linear or n log n in the arrows,
but for counting crossings, which is n log n as well (inversions by a Fenwick tree).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_SWEEPS = 12
_FITS = 8
_STRAIGHT = 4.0
"""How much more a placeholder weighs: long arrows shall run straight."""


class Arrow(NamedTuple):
    """From one box to another; `leaves` and `enters` are heights on them, from 0 (top) to 1."""

    source: str
    target: str
    leaves: float = 0.5
    enters: float = 0.5


class Gaps(NamedTuple):
    """Least distances between columns and between boxes of one column."""

    across: float = 80.0
    down: float = 32.0


def layers(
    sizes: Mapping[str, tuple[float, float]],
    arrows: Sequence[Arrow],
    order: Sequence[str],
    gaps: Gaps | None = None,
) -> dict[str, tuple[float, float]]:
    """Return where the boxes of `sizes` lie; the left upper corner of all is 0, 0.

    The arrows form no circle. `order` has all boxes, from the top, as one would like them: it
    decides where nothing else does.
    """
    if not sizes:
        return {}
    return _Layout(sizes, arrows, order, gaps or Gaps()).places()


def columns(ids: Iterable[str], arrows: Iterable[Arrow]) -> dict[str, int]:
    """Return the column of each box: after all it depends on, and what starts near its reader."""
    after: dict[str, list[str]] = {key: [] for key in ids}
    left = dict.fromkeys(after, 0)
    for arrow in arrows:
        after[arrow.source].append(arrow.target)
        left[arrow.target] += 1
    starts = {key for key, count in left.items() if count == 0}
    rank = dict.fromkeys(after, 0)
    waiting = sorted(starts)
    sequence = []
    while waiting:
        here = waiting.pop()
        sequence.append(here)
        for reader in after[here]:
            rank[reader] = max(rank[reader], rank[here] + 1)
            left[reader] -= 1
            if left[reader] == 0:
                waiting.append(reader)
    for key in reversed(sequence):
        if key in starts and after[key]:
            rank[key] = min(rank[reader] for reader in after[key]) - 1
    least = min(rank.values(), default=0)
    return {key: column - least for key, column in rank.items()}


class _Step(NamedTuple):
    """A piece of an arrow from one column to the next."""

    source: str
    target: str
    leaves: float
    enters: float


class _Layout:
    def __init__(
        self,
        sizes: Mapping[str, tuple[float, float]],
        arrows: Sequence[Arrow],
        order: Sequence[str],
        gaps: Gaps,
    ) -> None:
        self._sizes = dict(sizes)
        self._gaps = gaps
        self._real = frozenset(sizes)
        rank = columns(sizes, arrows)
        self._steps = list(self._pieces(arrows, rank))
        self._rows: list[list[str]] = [[] for _ in range(max(rank.values()) + 1)]
        liked = {key: place for place, key in enumerate(order)}
        for key in sorted(rank, key=lambda key: liked.get(self._real_of(key), len(liked))):
            self._rows[rank[key]].append(key)
        self._before: dict[str, list[_Step]] = {key: [] for key in rank}
        self._after: dict[str, list[_Step]] = {key: [] for key in rank}
        for step in self._steps:
            self._before[step.target].append(step)
            self._after[step.source].append(step)

    def _real_of(self, key: str) -> str:
        """Return the box to which the arrow of a placeholder leads."""
        return key.partition("\0")[0]

    def _pieces(self, arrows: Sequence[Arrow], rank: dict[str, int]) -> Iterable[_Step]:
        """Yield the arrows from column to column; adds placeholders to `rank`."""
        for number, arrow in enumerate(arrows):
            here, leaves = arrow.source, arrow.leaves
            for column in range(rank[arrow.source] + 1, rank[arrow.target]):
                middle = f"{arrow.target}\0{number}\0{column}"
                rank[middle] = column
                self._sizes[middle] = (0.0, 0.0)
                yield _Step(here, middle, leaves, 0.5)
                here, leaves = middle, 0.5
            yield _Step(here, arrow.target, leaves, arrow.enters)

    def places(self) -> dict[str, tuple[float, float]]:
        self._sort()
        tops = self._fit()
        lefts, x = [], 0.0
        for row in self._rows:
            lefts.append(x)
            x += max((self._sizes[key][0] for key in row), default=0.0) + self._gaps.across
        placed = {
            key: (lefts[column], tops[key])
            for column, row in enumerate(self._rows)
            for key in row
            if key in self._real
        }
        top = min(y for _x, y in placed.values())
        return {key: (x, y - top) for key, (x, y) in placed.items()}

    # Order

    def _sort(self) -> None:
        """Sort the rows so that few arrows cross."""
        best, fewest = [list(row) for row in self._rows], self._crossings()
        for sweep in range(_SWEEPS):
            if fewest == 0:
                break
            forth = sweep % 2 == 0
            rows = self._rows[1:] if forth else self._rows[-2::-1]
            steps = self._before if forth else self._after
            place = self._places_in_rows()
            for row in rows:
                weight = {key: self._barycentre(key, steps, place) for key in row}
                row.sort(key=lambda key: weight[key])
                place |= {key: float(index) for index, key in enumerate(row)}
            count = self._crossings()
            if count < fewest:
                best, fewest = [list(row) for row in self._rows], count
        self._rows = best

    def _places_in_rows(self) -> dict[str, float]:
        return {key: float(index) for row in self._rows for index, key in enumerate(row)}

    def _barycentre(
        self, key: str, steps: dict[str, list[_Step]], place: dict[str, float]
    ) -> float:
        ends = [
            place[step.source] + step.leaves - 0.5
            if step.target == key
            else place[step.target] + step.enters - 0.5
            for step in steps[key]
        ]
        return sum(ends) / len(ends) if ends else place[key]

    def _crossings(self) -> int:
        """Return how many pairs of arrows cross between neighbouring columns."""
        place = self._places_in_rows()
        between: list[list[tuple[float, float]]] = [[] for _ in self._rows]
        column = {key: index for index, row in enumerate(self._rows) for key in row}
        for step in self._steps:
            ends = (place[step.source] + step.leaves, place[step.target] + step.enters)
            between[column[step.source]].append(ends)
        return sum(_inversions([end for _start, end in sorted(pairs)]) for pairs in between)

    # Heights

    def _fit(self) -> dict[str, float]:
        """Return the upper edges: near what each is wired to, in order, with gaps."""
        tops: dict[str, float] = {}
        for row in self._rows:
            y = 0.0
            for key in row:
                tops[key] = y
                y += self._sizes[key][1] + self._gaps.down
        for turn in range(_FITS):
            forth = turn % 2 == 0
            for row in self._rows if forth else reversed(self._rows):
                self._fit_row(row, tops, forth=forth, last=turn >= _FITS - 2)
        return tops

    def _fit_row(self, row: list[str], tops: dict[str, float], *, forth: bool, last: bool) -> None:
        wanted, weights = [], []
        for key in row:
            steps = self._before[key] if forth else self._after[key]
            if last:
                steps = self._before[key] + self._after[key]
            goals = [self._goal(step, key, tops) for step in steps]
            wanted.append(sum(goals) / len(goals) if goals else tops[key])
            straight = key not in self._real
            weights.append((_STRAIGHT if straight else 1.0) * max(len(goals), 0.1))
        heights = [self._sizes[key][1] for key in row]
        fitted = _kept_apart(wanted, weights, heights, self._gaps.down)
        tops.update(zip(row, fitted, strict=True))

    def _goal(self, step: _Step, key: str, tops: dict[str, float]) -> float:
        """Return the upper edge of `key` at which `step` would run level."""
        if step.target == key:
            level = tops[step.source] + step.leaves * self._sizes[step.source][1]
            return level - step.enters * self._sizes[key][1]
        level = tops[step.target] + step.enters * self._sizes[step.target][1]
        return level - step.leaves * self._sizes[key][1]


def _inversions(values: list[float]) -> int:
    """Return how many pairs of `values` are in the wrong order."""
    rank = {value: index + 1 for index, value in enumerate(sorted(set(values)))}
    tree = [0] * (len(rank) + 1)
    count = 0
    for seen, value in enumerate(values):
        index, smaller = rank[value], 0
        while index:
            smaller += tree[index]
            index -= index & -index
        count += seen - smaller
        index = rank[value]
        while index < len(tree):
            tree[index] += 1
            index += index & -index
    return count


def _kept_apart(
    wanted: list[float], weights: list[float], heights: list[float], gap: float
) -> list[float]:
    """Return the values nearest to `wanted` (weighted least squares) that keep order and gaps."""
    offsets, offset = [], 0.0
    for height in heights:
        offsets.append(offset)
        offset += height + (gap if height else gap / 2)
    pools: list[tuple[float, float, int]] = []  # mean, weight, count
    for value, weight, start in zip(wanted, weights, offsets, strict=True):
        mean, mass, count = value - start, weight, 1
        while pools and pools[-1][0] > mean:
            other, other_mass, other_count = pools.pop()
            mean = (mean * mass + other * other_mass) / (mass + other_mass)
            mass, count = mass + other_mass, count + other_count
        pools.append((mean, mass, count))
    flat = [mean for mean, _mass, count in pools for _ in range(count)]
    return [mean + start for mean, start in zip(flat, offsets, strict=True)]
