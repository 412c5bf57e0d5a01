"""The brush: dabs along a smooth line, laid into one stroke.

A stroke has a coverage of its own, from 0 to 1: each dab takes it a part of the way (flow) to the
opacity, so that a stroke that crosses itself is nowhere more opaque than that. What is painted is
the mask before the stroke, mixed by the coverage with white, or with black by the eraser.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from app.mask.area import Area, around

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from app.mask.layer import Layer

SMALLEST, LARGEST = 1.0, 1000.0
_SPACING: Final = 0.08
"""From one dab to the next, as a part of the diameter: hard edges stay smooth."""
_LEAST_SPACING: Final = 0.5
_LEAST_PART: Final = 0.05
"""Of the diameter, at no pressure."""
_PULL: Final = 0.92
"""How much of the way to the hand is left out at most, by full smoothing."""


@dataclass(frozen=True, slots=True)
class Brush:
    """How a stroke looks; all but the size are parts from 0 to 1."""

    size: float = 64.0
    """Diameter in pixels of the mask."""
    hardness: float = 0.8
    opacity: float = 1.0
    flow: float = 1.0
    smoothing: float = 0.3
    pressure_sizes: bool = True
    """Whether a pen that is pressed lightly paints thinner."""
    pressure_fades: bool = False
    """Whether a pen that is pressed lightly paints fainter."""

    def with_value(self, name: str, value: object) -> Brush:
        """Return this brush with another value of that name."""
        changes: dict[str, Any] = {name: value}
        return replace(self, **changes)


class Touch(NamedTuple):
    """Where a hand is, in pixels of the mask, and how hard it presses, from 0 to 1."""

    x: float
    y: float
    pressure: float = 1.0


def dab(size: float, hardness: float, x: float, y: float, area: Area) -> NDArray[np.float32]:
    """Return how much of each pixel of `area` a round dab around (x, y) covers, 0 to 1.

    Inside `hardness` of the radius it covers all; from there it falls off smoothly, over one pixel
    at least, so that no edge has steps.
    """
    radius = size / 2
    soft = max(1.0, radius * (1 - hardness))
    across = np.arange(area.left, area.right, dtype=np.float32) + np.float32(0.5 - x)
    down = np.arange(area.top, area.bottom, dtype=np.float32) + np.float32(0.5 - y)
    cover: NDArray[np.float32] = np.sqrt((down * down)[:, None] + across * across)
    cover *= np.float32(-1 / soft)
    cover += np.float32((radius + 0.5) / soft)
    np.clip(cover, 0, 1, out=cover)
    cover *= cover * (3 - 2 * cover)
    return cover


class Stroke:
    """One stroke of `brush` over `layer`, from the first touch to `end`."""

    def __init__(self, layer: Layer, brush: Brush, *, erases: bool, first: Touch) -> None:
        self._layer = layer
        self._brush = brush
        self._value = np.float32(0 if erases else 255)
        self._cover = np.zeros(layer.pixels.shape, np.float32)
        self._base = layer.pixels.copy()
        self._hand = self._last = self._middle = first
        self._ahead = self._gap(first)
        """How far along the line the next dab is."""
        self._dirty: Area | None = None
        self._lay(first)

    def move(self, touch: Touch) -> Area | None:
        """Go on to `touch`; return what changed."""
        keep = self._brush.smoothing * _PULL
        hand = self._hand
        self._hand = Touch(
            touch.x + (hand.x - touch.x) * keep,
            touch.y + (hand.y - touch.y) * keep,
            touch.pressure + (hand.pressure - touch.pressure) * keep,
        )
        self._go(self._hand)
        return self._flush()

    def end(self, touch: Touch | None = None) -> Area | None:
        """Go to where the hand was lifted; return what changed. The step is not committed."""
        if touch is not None and touch[:2] != self._last[:2]:
            self._go(touch)
        self._line(self._middle, self._last, self._last)
        return self._flush()

    def first_area(self) -> Area | None:
        """Return what the first dab changed."""
        return self._flush()

    def _go(self, touch: Touch) -> None:
        """Curve through the middles between the points: quadratic, with the points as handles."""
        middle = _between(self._last, touch, 0.5)
        self._line(self._middle, self._last, middle)
        self._last, self._middle = touch, middle

    def _line(self, start: Touch, handle: Touch, end: Touch) -> None:
        """Lay dabs along a quadratic curve, as far apart as the brush wants."""
        for one, other in _chords(start, handle, end):
            length = math.hypot(other.x - one.x, other.y - one.y)
            at = self._ahead
            while at <= length and length > 0:
                touch = _between(one, other, at / length)
                self._lay(touch)
                at += self._gap(touch)
            self._ahead = at - length

    def _size(self, touch: Touch) -> float:
        brush = self._brush
        part = max(_LEAST_PART, touch.pressure) if brush.pressure_sizes else 1.0
        return max(SMALLEST, brush.size * part)

    def _gap(self, touch: Touch) -> float:
        return max(_LEAST_SPACING, self._size(touch) * _SPACING)

    def _lay(self, touch: Touch) -> None:
        """Lay one dab into the coverage."""
        brush, size = self._brush, self._size(touch)
        area = around(touch.x, touch.y, size / 2 + 1).within(self._layer.area)
        if area.empty:
            return
        limit = brush.opacity * (touch.pressure if brush.pressure_fades else 1.0)
        cover = self._cover[area.rows, area.columns]
        laid = dab(size, brush.hardness, touch.x, touch.y, area)
        if brush.flow >= 1:
            laid *= np.float32(limit)
            np.maximum(cover, laid, out=cover)
        else:
            laid *= np.float32(brush.flow)
            laid *= np.maximum(np.float32(limit) - cover, 0)
            cover += laid
        self._dirty = area.joined(self._dirty)

    def _flush(self) -> Area | None:
        """Bring the mask in step with the coverage, where that changed."""
        area, self._dirty = self._dirty, None
        if area is None:
            return None
        self._layer.touch(area)
        base = self._base[area.rows, area.columns].astype(np.float32)
        base += (self._value - base) * self._cover[area.rows, area.columns]
        np.rint(base, out=base)
        self._layer.pixels[area.rows, area.columns] = base
        return area


def _between(one: Touch, other: Touch, part: float) -> Touch:
    return Touch(*(a + (b - a) * part for a, b in zip(one, other, strict=True)))


def _chords(start: Touch, handle: Touch, end: Touch) -> Iterator[tuple[Touch, Touch]]:
    """Yield the pieces of a quadratic curve, each a few pixels long."""
    length = math.hypot(handle.x - start.x, handle.y - start.y)
    length += math.hypot(end.x - handle.x, end.y - handle.y)
    count = max(1, math.ceil(length / 4))
    before = start
    for number in range(1, count + 1):
        part = number / count
        after = _between(_between(start, handle, part), _between(handle, end, part), part)
        yield before, after
        before = after
