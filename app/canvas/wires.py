"""Which wires lie near a point, under a node, or across a stroke."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from app.canvas.paint.wire import bend

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PySide6.QtCore import QPointF

    from app.canvas.index import Box
    from app.canvas.scene import CanvasScene
    from app.canvas.wire_item import WireItem
    from graph.graph import Link

_PIECES = 24

Dot = tuple[float, float]


def points_along(wire: WireItem) -> list[Dot]:
    """Return points along the curve of a wire, both ends among them."""
    start, end = wire.start.toTuple(), wire.end.toTuple()
    reach = bend(end[0] - start[0], end[1] - start[1])
    found = []
    for number in range(_PIECES + 1):
        t = number / _PIECES
        u = 1 - t
        a, b, c, d = u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t
        x = a * start[0] + b * (start[0] + reach) + c * (end[0] - reach) + d * end[0]
        found.append((x, (a + b) * start[1] + (c + d) * end[1]))
    return found


def wire_near(scene: CanvasScene, point: QPointF, reach: float) -> WireItem | None:
    """Return the wire nearest to `point` of the scene, within `reach`."""
    x, y = point.x(), point.y()
    box = (x - reach, y - reach, x + reach, y + reach)
    best: WireItem | None = None
    for wire in scene.wire_grid.near(box):
        if wire.shown and wire.touches(box):
            away = _distance((x, y), points_along(wire))
            if away <= reach:
                best, reach = wire, away
    return best


def wires_under(scene: CanvasScene, box: Box) -> list[WireItem]:
    """Return the wires that lead through `box` of the scene, the most central one first."""
    middle = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
    found: list[tuple[float, Link, WireItem]] = []
    for wire in scene.wire_grid.near(box):
        if not wire.shown or not wire.touches(box):
            continue
        points = points_along(wire)
        if any(box[0] <= x <= box[2] and box[1] <= y <= box[3] for x, y in points):
            found.append((_distance(middle, points), wire.link, wire))
    return [wire for _away, _link, wire in sorted(found, key=lambda row: row[:2])]


def wires_across(scene: CanvasScene, start: QPointF, end: QPointF) -> set[Link]:
    """Return the wires that the stroke from `start` to `end` of the scene crosses."""
    one, other = (start.x(), start.y()), (end.x(), end.y())
    box = (
        min(one[0], other[0]), min(one[1], other[1]),
        max(one[0], other[0]) + 1e-6, max(one[1], other[1]) + 1e-6,
    )  # fmt: skip
    found = set()
    for wire in scene.wire_grid.near(box):
        if wire.shown and wire.touches(box) and _cross(one, other, points_along(wire)):
            found.add(wire.link)
    return found


def _cross(one: Dot, other: Dot, points: Iterable[Dot]) -> bool:
    line = list(points)
    return any(_meet(one, other, a, b) for a, b in pairwise(line))


def _meet(a: Dot, b: Dot, c: Dot, d: Dot) -> bool:
    """Say whether the stretch from a to b meets that from c to d."""
    return _turn(a, b, c) * _turn(a, b, d) <= 0 and _turn(c, d, a) * _turn(c, d, b) <= 0


def _turn(a: Dot, b: Dot, c: Dot) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _distance(point: Dot, points: list[Dot]) -> float:
    """Return how far `point` is from the line through `points`."""
    least = float("inf")
    for (ax, ay), (bx, by) in pairwise(points):
        across, down = bx - ax, by - ay
        length = across * across + down * down
        along = ((point[0] - ax) * across + (point[1] - ay) * down) / length if length else 0.0
        along = max(0.0, min(1.0, along))
        away_x, away_y = point[0] - ax - along * across, point[1] - ay - along * down
        least = min(least, (away_x * away_x + away_y * away_y) ** 0.5)
    return least
