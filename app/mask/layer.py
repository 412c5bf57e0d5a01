"""The mask that is painted, and the undo of the editor: what changed, tile by tile."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from app.mask.area import Area

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

TILE: Final = 128
"""Pixels along a side of what is kept for undo at once."""
MOST_BYTES: Final = 128 << 20
"""What undo may keep; the oldest steps go first."""


@dataclass
class _Step:
    """One thing that was done: its tiles as they are on the other side of it."""

    name: str
    tiles: dict[tuple[int, int], NDArray[np.uint8]] = field(default_factory=dict)

    @property
    def bytes(self) -> int:
        return sum(tile.nbytes for tile in self.tiles.values())


class Layer:
    """A mask (H, W; uint8, 255 = selected) that is changed in steps which can be undone.

    Whoever writes into `pixels` says so before, by `touch`, and ends the step by `commit`.
    """

    def __init__(self, pixels: NDArray[np.uint8], most_bytes: int = MOST_BYTES) -> None:
        self.pixels = np.ascontiguousarray(pixels)
        self._most = most_bytes
        self._before: dict[tuple[int, int], NDArray[np.uint8]] = {}
        self._done: list[_Step] = []
        self._undone: list[_Step] = []
        self._forgotten = False

    @property
    def area(self) -> Area:
        """All of it."""
        height, width = self.pixels.shape
        return Area(0, 0, width, height)

    @property
    def undo_name(self) -> str:
        """What `undo` takes back; empty when there is nothing."""
        return self._done[-1].name if self._done else ""

    @property
    def redo_name(self) -> str:
        """What `redo` does again; empty when there is nothing."""
        return self._undone[-1].name if self._undone else ""

    @property
    def pristine(self) -> bool:
        """Whether it is as it was at first."""
        return not (self._done or self._before or self._forgotten)

    @property
    def bytes(self) -> int:
        """How much is kept for undo and redo."""
        return sum(step.bytes for step in (*self._done, *self._undone))

    def touch(self, area: Area) -> None:
        """Keep what is in `area`, which is about to change."""
        inside = area.within(self.area)
        if inside.empty:
            return
        for place in _places(inside):
            if place not in self._before:
                self._before[place] = self._tile(place).copy()

    def commit(self, name: str) -> Area | None:
        """End the step called `name`; return what it changed, or None when it changed nothing."""
        changed = {
            place: tile
            for place, tile in self._before.items()
            if not np.array_equal(tile, self._tile(place))
        }
        self._before = {}
        if not changed:
            return None
        self._done.append(_Step(name, changed))
        self._undone.clear()
        while len(self._done) > 1 and self.bytes > self._most:
            del self._done[0]
            self._forgotten = True
        return self._reach(changed)

    def give_up(self) -> Area | None:
        """Take back what was done since the last step; return where."""
        for place, tile in self._before.items():
            self._tile(place)[:] = tile
        area = self._reach(self._before)
        self._before = {}
        return area

    def undo(self) -> Area | None:
        """Take the last step back; return where, or None without one."""
        return self._travel(self._done, self._undone)

    def redo(self) -> Area | None:
        """Do the next step again; return where, or None without one."""
        return self._travel(self._undone, self._done)

    def _travel(self, start: list[_Step], end: list[_Step]) -> Area | None:
        self.give_up()
        if not start:
            return None
        step = start.pop()
        for place, tile in step.tiles.items():
            now = self._tile(place)
            step.tiles[place] = now.copy()
            now[:] = tile
        end.append(step)
        return self._reach(step.tiles)

    def _tile(self, place: tuple[int, int]) -> NDArray[np.uint8]:
        """Return a view of the tile at that line and column of tiles."""
        row, column = place[0] * TILE, place[1] * TILE
        return self.pixels[row : row + TILE, column : column + TILE]

    def _reach(self, tiles: dict[tuple[int, int], NDArray[np.uint8]]) -> Area | None:
        area: Area | None = None
        for row, column in tiles:
            tile = Area(column * TILE, row * TILE, (column + 1) * TILE, (row + 1) * TILE)
            area = tile.within(self.area).joined(area)
        return area


def _places(area: Area) -> Iterator[tuple[int, int]]:
    """Yield line and column of each tile that `area` touches."""
    for row in range(area.top // TILE, (area.bottom - 1) // TILE + 1):
        for column in range(area.left // TILE, (area.right - 1) // TILE + 1):
            yield row, column
