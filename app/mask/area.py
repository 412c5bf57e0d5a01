"""Rectangles of whole pixels."""

from __future__ import annotations

import math
from typing import NamedTuple


class Area(NamedTuple):
    """Left and top are inside, right and bottom are not."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def empty(self) -> bool:
        """Whether no pixel is inside."""
        return self.right <= self.left or self.bottom <= self.top

    @property
    def rows(self) -> slice:
        """The lines, to take from an array."""
        return slice(self.top, self.bottom)

    @property
    def columns(self) -> slice:
        """The columns, to take from an array."""
        return slice(self.left, self.right)

    def within(self, other: Area) -> Area:
        """Return what both have in common."""
        return Area(
            max(self.left, other.left),
            max(self.top, other.top),
            min(self.right, other.right),
            min(self.bottom, other.bottom),
        )

    def joined(self, other: Area | None) -> Area:
        """Return the smallest area around both."""
        if other is None:
            return self
        return Area(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )


def around(x: float, y: float, reach: float) -> Area:
    """Return all pixels that are at most `reach` from the point (x, y) along each side."""
    return Area(
        math.floor(x - reach), math.floor(y - reach),
        math.ceil(x + reach), math.ceil(y + reach),
    )  # fmt: skip
