"""Curves: which tuples are one, and that the line through the points is smooth and never swings."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.curves import LEAST_GAP, MOST_POINTS, STRAIGHT, points, refusal, sampled


@st.composite
def curves(draw: st.DrawFn) -> tuple[float, ...]:
    cells = st.integers(0, 1024)
    xs = sorted(draw(st.sets(cells, min_size=2, max_size=MOST_POINTS)))
    ys = draw(st.lists(st.floats(0, 1), min_size=len(xs), max_size=len(xs)))
    return tuple(part for x, y in zip(xs, ys, strict=True) for part in (x * LEAST_GAP, y))


@given(curves())
def test_the_line_stays_between_the_points_beside_it(curve: tuple[float, ...]) -> None:
    assert refusal(curve) is None
    count = 1025
    line = sampled(curve, count)
    places = points(curve)
    assert line[0] == places[0][1]
    assert line[-1] == places[-1][1]
    for (x0, y0), (x1, y1) in pairwise(places):
        inside = [y for n, y in enumerate(line) if x0 <= n / (count - 1) <= x1]
        low, high = sorted((y0, y1))
        assert all(low - 1e-9 <= y <= high + 1e-9 for y in inside)
        # Monotone: it goes one way between two points.
        steps = [after - before for before, after in pairwise(inside)]
        assert all(step >= -1e-9 for step in steps) or all(step <= 1e-9 for step in steps)


@given(curves())
def test_the_line_goes_through_every_point(curve: tuple[float, ...]) -> None:
    line = sampled(curve, 1025)
    for x, y in points(curve):
        assert line[round(x * 1024)] == pytest.approx(y, abs=1e-9)


def test_the_straight_curve_changes_nothing() -> None:
    assert sampled(STRAIGHT, 5) == pytest.approx([0, 0.25, 0.5, 0.75, 1])


def test_it_is_smooth_at_a_point_and_level_outside() -> None:
    line = sampled((0.25, 0.0, 0.5, 0.5, 0.75, 1.0), 401)
    assert line[:101] == [0.0] * 101
    assert line[-100:] == [1.0] * 100
    before, after = line[200] - line[199], line[201] - line[200]
    assert before == pytest.approx(after, rel=0.05)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("0,0", "expected the points of a curve, got str"),
        (None, "expected the points of a curve, got NoneType"),
        ((0.0, 0.0, 1.0), "pairs of numbers"),
        ((0.0, "a", 1.0, 1.0), "pairs of numbers"),
        ((0.0, True, 1.0, 1.0), "pairs of numbers"),
        ((0.0, 0.0), "2 to 32 points, not 1"),
        (tuple(n / 100 for n in range(66)), "2 to 32 points, not 33"),
        ((0.0, 0.0, 1.0, 1.5), "outside 0 to 1"),
        ((0.0, 0.0, 1.0, float("nan")), "outside 0 to 1"),
        ((0.5, 0.0, 0.5, 1.0), "no two at one place"),
        ((0.0, 0.0, 1e-320, 1.0), "no two at one place"),
        ((0.9, 0.0, 0.1, 1.0), "left to right"),
    ],
)
def test_what_is_no_curve_is_refused(value: Any, why: str) -> None:
    assert why in (refusal(value) or "")
