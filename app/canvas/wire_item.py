"""A wire on the scene: numbers when an end moves, a path only once it is painted."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainterPath

from app.canvas.index import overlap
from app.canvas.paint.wire import DIMMED, bend

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PySide6.QtGui import QColor

    from app.canvas.index import Box
    from app.canvas.scene import CanvasScene
    from graph.graph import Link

_MARGIN = 4.0
_SHORT = 400.0
"""A wire whose box is no larger is one piece."""
_PIECE = 320.0
_LEAST_PIECES, _MOST_PIECES = 8, 64


def _weights(t: float) -> tuple[float, float, float, float]:
    """Return the weights of a cubic's four points at `t`."""
    u = 1 - t
    return (u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t)


def _slope(t: float, a: float, b: float, c: float, d: float) -> float:
    """Return the derivative of a cubic at `t`."""
    u = 1 - t
    return 3 * (u * u * (b - a) + 2 * u * t * (c - b) + t * t * (d - c))


@lru_cache(maxsize=_MOST_PIECES)
def _steps(count: int) -> tuple[tuple[float, float, float, float], ...]:
    """Return the weights at the ends of `count` pieces of a cubic."""
    return tuple(_weights(n / count) for n in range(count + 1))


class WireItem:
    """Shows one wire between two points of the scene."""

    __slots__ = (
        "_bend", "_canvas", "_ends", "_path",
        "across", "box", "colour", "dimmed", "link", "pieces", "shown",
    )  # fmt: skip

    def __init__(self, link: Link, colour: QColor, canvas: CanvasScene) -> None:
        self.link = link
        self.colour = colour
        self.dimmed = False
        """Whether it recedes, while another wire is being drawn."""
        self.shown = True
        self.box: Box = (0.0, 0.0, 0.0, 0.0)
        self.pieces: tuple[Box, ...] = ()
        """Boxes along the curve: most of the rectangle around a wire is not it."""
        self.across = (0.0, 1.0)
        """The direction across its middle, of length 1."""
        self._canvas = canvas
        self._ends = (0.0, 0.0, 0.0, 0.0)
        self._bend = 0.0
        self._path: QPainterPath | None = None

    @property
    def start(self) -> QPointF:
        """Where it leaves."""
        return QPointF(self._ends[0], self._ends[1])

    @property
    def end(self) -> QPointF:
        """Where it arrives."""
        return QPointF(self._ends[2], self._ends[3])

    @property
    def path(self) -> QPainterPath:
        """The curve."""
        if self._path is None:
            self._path = QPainterPath()
            self.add_to(self._path)
        return self._path

    def add_to(self, path: QPainterPath) -> None:
        """Add the curve to `path`."""
        x, y, to_x, to_y = self._ends
        reach = self._bend
        path.moveTo(x, y)
        path.cubicTo(x + reach, y, to_x - reach, to_y, to_x, to_y)

    def set_ends(self, start: tuple[float, float], end: tuple[float, float]) -> bool:
        """Lead from `start` to `end`; say whether that is another place. The scene calls this."""
        ends = (*start, *end)
        if ends == self._ends and self.pieces:
            return False
        self._ends, self._path = ends, None
        x, y, to_x, to_y = ends
        reach = self._bend = bend(to_x - x, to_y - y)
        out, back = x + reach, to_x - reach
        left, right = min(x, to_x, out, back), max(x, to_x, out, back)
        top, bottom = (y, to_y) if y < to_y else (to_y, y)
        self.box = (left - _MARGIN, top - _MARGIN, right + _MARGIN, bottom + _MARGIN)
        # Along the middle: level at the ends, it is steepest there.
        way_x, way_y = to_x - x - reach, to_y - y
        length = (way_x * way_x + way_y * way_y) ** 0.5 or 1.0
        self.across = (-way_y / length, way_x / length)
        if right - left <= _SHORT and bottom - top <= _SHORT:
            self.pieces = (self.box,)
        else:
            pieces = int(max(right - left, bottom - top) / _PIECE)
            count = min(max(pieces, _LEAST_PIECES), _MOST_PIECES)
            self.pieces = tuple(_along((x, y, to_x, to_y), out, back, count))
        return True

    def touches(self, box: Box) -> bool:
        """Say whether it may paint inside `box`."""
        if not overlap(self.box, box):
            return False
        return len(self.pieces) == 1 or any(overlap(piece, box) for piece in self.pieces)

    def path_in(self, box: Box) -> QPainterPath | None:
        """Return what of the curve is to be drawn for `box`; None where it does not touch it.

        The effort of drawing a wire grows with its length, and a pan exposes little of it.
        """
        if not overlap(self.box, box):
            return None
        pieces = self.pieces
        if len(pieces) == 1:
            return self.path
        touched = [number for number, piece in enumerate(pieces) if overlap(piece, box)]
        if not touched:
            return None
        first, last = touched[0], touched[-1] + 1
        if last - first > len(pieces) // 2:
            return self.path
        return self._part(first / len(pieces), last / len(pieces))

    def _part(self, since: float, until: float) -> QPainterPath:
        """Return the curve between two of its parameters."""
        x, y, to_x, to_y = self._ends
        out, back = x + self._bend, to_x - self._bend
        begin = _weights(since)
        end = _weights(until)
        start_x = begin[0] * x + begin[1] * out + begin[2] * back + begin[3] * to_x
        start_y = (begin[0] + begin[1]) * y + (begin[2] + begin[3]) * to_y
        end_x = end[0] * x + end[1] * out + end[2] * back + end[3] * to_x
        end_y = (end[0] + end[1]) * y + (end[2] + end[3]) * to_y
        third = (until - since) / 3
        lead_x, lead_y = _slope(since, x, out, back, to_x), _slope(since, y, y, to_y, to_y)
        tail_x, tail_y = _slope(until, x, out, back, to_x), _slope(until, y, y, to_y, to_y)
        path = QPainterPath()
        path.moveTo(start_x, start_y)
        path.cubicTo(start_x + lead_x * third, start_y + lead_y * third,
                     end_x - tail_x * third, end_y - tail_y * third, end_x, end_y)  # fmt: skip
        return path

    def opacity(self) -> float:
        """Return how strongly it is drawn, up to 1."""
        return DIMMED if self.dimmed else 1.0

    def isVisible(self) -> bool:
        """Say whether it is drawn."""
        return self.shown

    def setVisible(self, shown: bool) -> None:  # noqa: FBT001 - as Qt has it
        """Draw it or not: a wire that was picked up is drawn by the gesture."""
        self.shown = shown
        self._canvas.mark(self.box)


def _along(
    ends: tuple[float, float, float, float], out: float, back: float, count: int
) -> Iterator[Box]:
    """Yield boxes around `count` pieces of a curve; it strays little from their chords."""
    x, y, to_x, to_y = ends
    points = [
        (a * x + b * out + c * back + d * to_x, (a + b) * y + (c + d) * to_y)
        for a, b, c, d in _steps(count)
    ]
    # At most an eighth of the second derivative by the square of the step.
    bow = max(abs(out - x) + abs(to_x - x), abs(to_y - y))
    slack = _MARGIN + 3 * bow / (count * count)
    before = points[0]
    for point in points[1:]:
        left, right = (before[0], point[0]) if before[0] < point[0] else (point[0], before[0])
        top, bottom = (before[1], point[1]) if before[1] < point[1] else (point[1], before[1])
        yield (left - slack, top - slack, right + slack, bottom + slack)
        before = point
