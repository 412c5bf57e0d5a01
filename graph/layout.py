"""Where things lie: sizes and places as plain numbers, for aligning, snapping, and frames.

Lengths are in scene units (pixels at zoom 1), y grows downwards. `graph.tidy` lays whole graphs
out. Nothing here knows how large a node is drawn: callers say.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from graph.graph import Graph, Point

GRID = 8.0


class Box(NamedTuple):
    """A rectangle: its left upper corner and its size."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """The right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """The lower edge."""
        return self.y + self.height

    @property
    def centre(self) -> tuple[float, float]:
        """The point in the middle."""
        return self.x + self.width / 2, self.y + self.height / 2

    def moved(self, x: float, y: float) -> Box:
        """Return it somewhere else, by so much."""
        return Box(self.x + x, self.y + y, self.width, self.height)

    def grown(self, by: float) -> Box:
        """Return it with a margin on all sides."""
        return Box(self.x - by, self.y - by, self.width + 2 * by, self.height + 2 * by)

    def holds(self, point: tuple[float, float]) -> bool:
        """Say whether a point lies inside."""
        return self.x <= point[0] <= self.right and self.y <= point[1] <= self.bottom


def around(boxes: Iterable[Box]) -> Box | None:
    """Return the smallest box around all of `boxes`; None without any."""
    found = list(boxes)
    if not found:
        return None
    x, y = min(box.x for box in found), min(box.y for box in found)
    return Box(x, y, max(b.right for b in found) - x, max(b.bottom for b in found) - y)


class Edge(StrEnum):
    """Where boxes are brought in line."""

    LEFT = "left"
    RIGHT = "right"
    TOP = "top"
    BOTTOM = "bottom"


def aligned(boxes: Mapping[str, Box], edge: Edge) -> dict[str, Point]:
    """Return the places of `boxes` with one edge in line: that of the one that is farthest out."""
    whole = around(boxes.values())
    if whole is None:
        return {}
    match edge:
        case Edge.LEFT:
            return {key: (whole.x, box.y) for key, box in boxes.items()}
        case Edge.RIGHT:
            return {key: (whole.right - box.width, box.y) for key, box in boxes.items()}
        case Edge.TOP:
            return {key: (box.x, whole.y) for key, box in boxes.items()}
        case Edge.BOTTOM:
            return {key: (box.x, whole.bottom - box.height) for key, box in boxes.items()}


def distributed(boxes: Mapping[str, Box], *, across: bool) -> dict[str, Point]:
    """Return the places of `boxes` with equal gaps between them; the outer two stay.

    Where they do not fit in between, the gaps are one grid unit and the last one moves on.
    """
    if across:
        return _spread(boxes)
    turned = {key: Box(b.y, b.x, b.height, b.width) for key, b in boxes.items()}
    return {key: (y, x) for key, (x, y) in _spread(turned).items()}


def _spread(boxes: Mapping[str, Box]) -> dict[str, Point]:
    order = sorted(boxes, key=lambda key: (boxes[key].centre[0], key))
    if not order:
        return {}
    first, last = boxes[order[0]], boxes[order[-1]]
    room = last.right - first.x - sum(box.width for box in boxes.values())
    gap = max(room / max(len(order) - 1, 1), GRID)
    places: dict[str, Point] = {}
    x = first.x
    for key in order:
        places[key] = (x, boxes[key].y)
        x += boxes[key].width + gap
    return places


def snapped(length: float, grid: float = GRID) -> float:
    """Return the nearest line of the grid."""
    return round(length / grid) * grid


class Guide(NamedTuple):
    """A line that shows what something is in line with."""

    upright: bool
    at: float
    """Its x where it is upright, else its y."""
    start: float
    end: float


class Snap(NamedTuple):
    """How far to move to be in line, and the lines that say with what."""

    x: float
    y: float
    guides: tuple[Guide, ...]


def snap_to(moving: Box, others: Iterable[Box], reach: float) -> Snap:
    """Return the least move, of at most `reach` each way, that brings edges or centres in line."""
    beside = list(others)
    across = _nearest(_lines(moving), [_lines(box) for box in beside], reach)
    turned = [_lines(_turned(box)) for box in beside]
    down = _nearest(_lines(_turned(moving)), turned, reach)
    landed = moving.moved(across or 0.0, down or 0.0)
    guides: list[Guide] = []
    if across is not None:
        guides += _guides(landed, beside)
    if down is not None:
        flat = _guides(_turned(landed), [_turned(box) for box in beside])
        guides += [guide._replace(upright=False) for guide in flat]
    return Snap(across or 0.0, down or 0.0, tuple(guides))


def _turned(box: Box) -> Box:
    return Box(box.y, box.x, box.height, box.width)


def _lines(box: Box) -> tuple[float, float, float]:
    return box.x, box.centre[0], box.right


def _nearest(
    mine: tuple[float, float, float], others: list[tuple[float, float, float]], reach: float
) -> float | None:
    """Return the least move that puts a line on the like line of another box."""
    best: float | None = None
    for lines in others:
        for one, other in zip(mine, lines, strict=True):
            away = other - one
            if abs(away) <= reach and (best is None or abs(away) < abs(best)):
                best = away
    return best


_SAME = 0.01


def _guides(box: Box, others: list[Box]) -> list[Guide]:
    """Return the upright lines on which `box` and some of `others` are."""
    found: dict[float, Guide] = {}
    for other in others:
        for one, line in zip(_lines(box), _lines(other), strict=True):
            if abs(one - line) < _SAME:
                top, bottom = min(box.y, other.y), max(box.bottom, other.bottom)
                known = found.get(line)
                if known is not None:
                    top, bottom = min(top, known.start), max(bottom, known.end)
                found[line] = Guide(upright=True, at=line, start=top, end=bottom)
    return list(found.values())


def boxes_of(graph: Graph, sizes: Mapping[str, tuple[float, float]]) -> dict[str, Box]:
    """Return the boxes of all parts: nodes as large as `sizes` says, frames and notes as they are.

    A node without a size is a point.
    """
    boxes = {key: Box(*node.position, *sizes.get(key, (0, 0))) for key, node in graph.nodes.items()}
    boxes |= {key: Box(*frame.position, *frame.size) for key, frame in graph.frames.items()}
    return boxes | {key: Box(*note.position, *note.size) for key, note in graph.notes.items()}


def carried_by(graph: Graph, boxes: Mapping[str, Box], frame_id: str) -> set[str]:
    """Return the parts that a frame carries: those whose middle lies in it.

    Of frames, only smaller ones that lie in it whole: two frames never carry each other.
    """
    frame = boxes[frame_id]
    found = set()
    for key, box in boxes.items():
        if key == frame_id:
            continue
        if key in graph.frames:
            corners = (box.x, box.y), (box.right, box.bottom)
            smaller = box.width * box.height < frame.width * frame.height
            if smaller and all(frame.holds(corner) for corner in corners):
                found.add(key)
        elif frame.holds(box.centre):
            found.add(key)
    return found


FRAME_MARGIN = 24.0
FRAME_TITLE = 40.0


def frame_around(boxes: Iterable[Box]) -> Box | None:
    """Return where a frame around `boxes` lies, with room for its title; None without any."""
    whole = around(boxes)
    if whole is None:
        return None
    grown = whole.grown(FRAME_MARGIN)
    left, top = snapped(grown.x), snapped(grown.y - FRAME_TITLE)
    return Box(left, top, snapped(grown.right - left + 4), snapped(grown.bottom - top + 4))
