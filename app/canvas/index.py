"""Where things lie: a grid of square cells, so that a view asks only for what it exposes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable

T = TypeVar("T")
Box: TypeAlias = "tuple[float, float, float, float]"
"""Left, top, right and bottom on the scene. Plain numbers: thousands are compared in a frame."""
Cell: TypeAlias = "tuple[int, int]"

_CELL = 512.0
_MOST_CELLS = 64
"""A box over more cells than that is looked at in every question instead."""


def overlap(one: Box, other: Box) -> bool:
    """Say whether two boxes have an inner point in common."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


class Grid(Generic[T]):
    """Items by the cells that their boxes touch; they are told apart by identity."""

    def __init__(self) -> None:
        self._cells: dict[Cell, set[T]] = {}
        self._places: dict[T, frozenset[Cell]] = {}
        self._wide: set[T] = set()

    def clear(self) -> None:
        """Forget everything."""
        self._cells.clear()
        self._places.clear()
        self._wide.clear()

    def put(self, item: T, boxes: Iterable[Box]) -> None:
        """Note that `item` lies in `boxes` now."""
        places = _cells(boxes)
        before = self._places.get(item)
        if places == before:
            return
        if before is not None:
            self.drop(item)
        self._places[item] = places
        if len(places) > _MOST_CELLS:
            self._wide.add(item)
            return
        cells = self._cells
        for place in places:
            cell = cells.get(place)
            if cell is None:
                cells[place] = {item}
            else:
                cell.add(item)

    def drop(self, item: T) -> None:
        """Forget `item`."""
        places = self._places.pop(item, frozenset[Cell]())
        if item in self._wide:
            self._wide.discard(item)
            return
        for place in places:
            cell = self._cells[place]
            cell.discard(item)
            if not cell:
                del self._cells[place]

    def near(self, box: Box) -> set[T]:
        """Return what may lie in `box`: all that does, and some that is only close by."""
        left, top = int(box[0] // _CELL), int(box[1] // _CELL)
        right, bottom = int(box[2] // _CELL), int(box[3] // _CELL)
        if (right - left + 1) * (bottom - top + 1) > len(self._cells):
            return set(self._places)
        found = set(self._wide)
        get = self._cells.get
        for across in range(left, right + 1):
            for down in range(top, bottom + 1):
                cell = get((across, down))
                if cell is not None:
                    found |= cell
        return found


def _cells(boxes: Iterable[Box]) -> frozenset[Cell]:
    found: set[Cell] = set()
    for left, top, right, bottom in boxes:
        first, last = int(left // _CELL), int(right // _CELL)
        upper, lower = int(top // _CELL), int(bottom // _CELL)
        if (last - first) * (lower - upper) > _MOST_CELLS:
            # Enough to know that it is wide: a frame around the plane has a million cells.
            last, lower = first + _MOST_CELLS, upper + 1
        if first == last and upper == lower:
            found.add((first, upper))
            continue
        for across in range(first, last + 1):
            for down in range(upper, lower + 1):
                found.add((across, down))
    return frozenset(found)
