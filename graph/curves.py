"""Curves that a widget holds: points from 0 to 1, and the smooth line through them.

A curve is a flat tuple, x and y of each point one after another. Between its points it is a cubic
that never swings beyond them (the monotone Hermite interpolation of Fritsch and Carlson, SIAM J.
Numer. Anal. 17, 1980); before the first point and after the last one it is level.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graph.params import Param

STRAIGHT = (0.0, 0.0, 1.0, 1.0)
"""The curve that changes nothing."""
MOST_POINTS = 32
LEAST_GAP = 1 / 1024
"""How far apart two points are, at least, from left to right."""
_LEAST_POINTS = 2
_STEEPEST = 3.0
"""Radius of the circle of slopes, as multiples of the straight one, that keep a piece monotone."""


def refusal(value: Param) -> str | None:
    """Say why `value` is no curve, or None when it is one."""
    if not isinstance(value, tuple):
        return f"expected the points of a curve, got {type(value).__name__}"
    numbers = [part for part in value if isinstance(part, int | float) and type(part) is not bool]
    if len(numbers) < len(value) or len(value) % 2:
        return "a curve is pairs of numbers: x and y of each point"
    if not _LEAST_POINTS <= len(value) // 2 <= MOST_POINTS:
        return f"a curve has {_LEAST_POINTS} to {MOST_POINTS} points, not {len(value) // 2}"
    if not all(0 <= number <= 1 for number in numbers):
        return "a point of a curve is outside 0 to 1"
    xs = numbers[::2]
    if any(after - before < LEAST_GAP for before, after in pairwise(xs)):
        return "the points of a curve go from left to right, no two at one place"
    return None


def is_curve(value: Param) -> bool:
    """Say whether `value` is a curve."""
    return refusal(value) is None


def points(curve: Sequence[float]) -> list[tuple[float, float]]:
    """Return the points of `curve`, from left to right."""
    return list(zip(curve[::2], curve[1::2], strict=True))


def sampled(curve: Sequence[float], count: int = 256) -> list[float]:
    """Return `count` values of `curve`, at equal steps of x from 0 to 1.

    As a table for `numpy.interp` a few hundred are finer than 8 bits can show.
    """
    xs, ys = list(curve[::2]), list(curve[1::2])
    slopes = _slopes(xs, ys)
    return [_at(xs, ys, slopes, place / (count - 1)) for place in range(count)]


def _at(xs: list[float], ys: list[float], slopes: list[float], x: float) -> float:
    if x <= xs[0]:
        return ys[0]
    if x >= xs[-1]:
        return ys[-1]
    left = bisect_right(xs, x) - 1
    width = xs[left + 1] - xs[left]
    t = (x - xs[left]) / width
    inverse = 1 - t
    return (
        ys[left] * (1 + 2 * t) * inverse**2
        + slopes[left] * width * t * inverse**2
        + ys[left + 1] * (3 - 2 * t) * t**2
        - slopes[left + 1] * width * inverse * t**2
    )


def _slopes(xs: list[float], ys: list[float]) -> list[float]:
    """Return the slope at each point, small enough that the curve rises and falls with them."""
    rises = [(y1 - y0) / (x1 - x0) for (x0, y0), (x1, y1) in pairwise(zip(xs, ys, strict=True))]
    inner = [
        0.0 if before * after <= 0 else (before + after) / 2 for before, after in pairwise(rises)
    ]
    slopes = [rises[0], *inner, rises[-1]]
    for place, rise in enumerate(rises):
        if rise == 0:
            slopes[place] = slopes[place + 1] = 0.0
            continue
        size = math.hypot(slopes[place] / rise, slopes[place + 1] / rise)
        if size > _STEEPEST:
            slopes[place] *= _STEEPEST / size
            slopes[place + 1] *= _STEEPEST / size
    return slopes
