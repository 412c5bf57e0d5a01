"""The graph from afar: blocks, titles, states and thumbnails, drawn in batches.

One call a colour instead of one an item is what keeps thousands of nodes cheap (the items
themselves draw nothing below `metrics.DETAIL_ZOOM`). The batches are kept while nothing moves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QPainter, QPen

from app.canvas.paint.badges import badge_colour, draw_badge
from app.canvas.paint.node import draw_picture, title_colour
from app.canvas.paint.text import draw_text
from app.canvas.paint.wire import wire_pen
from app.runstate import TROUBLED, Badge
from app.theme import metrics

if TYPE_CHECKING:
    from PySide6.QtGui import QColor, QPainterPath

    from app.canvas.node_item import NodeItem
    from app.canvas.scene import CanvasScene
    from app.theme.look import Look

T = TypeVar("T")
Batches: TypeAlias = "dict[int, tuple[QColor, list[T]]]"
"""Shapes by the colour in which they are drawn."""
Row: TypeAlias = "tuple[QRectF, NodeItem]"
"""A node and where it lies."""

_FEW = 150
"""Up to so many nodes in view, each gets its title in words and its badge."""
_TITLE_SCREEN = 15.0
"""Height of a title on the screen, in pixels."""
_TEXT_SCREEN = 10.5
_SMOOTH = 1000
"""Up to so many wires in the graph, they are drawn smoothly even where nodes are many."""
_CALM = frozenset({Badge.UNKNOWN, Badge.CLEAN, Badge.RAN, Badge.CACHED})
_ALL_BADGES = 0.4
"""Below this zoom a title has no room for a badge that tells of nothing to do."""


@dataclass(frozen=True, slots=True)
class Glimpse:
    """What is looked at."""

    exposed: QRectF
    """The part of the scene that is to be painted."""
    view: QRectF
    """All of the scene that is in view: what is few or many must not depend on the part."""
    zoom: float


class MapPainter:
    """Draws all nodes and wires below the detail zoom."""

    def __init__(self) -> None:
        self._rows: list[Row] = []
        self._bodies: list[QRectF] = []
        self._titles: Batches[QRectF] = {}
        self._lines: Batches[QLineF] = {}
        self._paths: Batches[QPainterPath] = {}
        self._revision = -1

    def draw(self, painter: QPainter, glimpse: Glimpse, scene: CanvasScene) -> None:
        """Draw what there is to be seen of `scene`."""
        if scene.revision != self._revision:
            self._gather(scene)
            self._revision = scene.revision
        look, zoom = scene.look, glimpse.zoom
        few = sum(rect.intersects(glimpse.view) for rect in self._bodies) <= _FEW
        seen = [row for row in self._rows if row[0].intersects(glimpse.exposed)]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, few)
        self._draw_wires(painter, zoom, few=few)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.colours.node)
        painter.drawRects(self._bodies)
        if few:
            _draw_wells(painter, seen, look)
        _draw_thumbnails(painter, seen, look, empty=few)
        if few and zoom >= metrics.TITLE_ZOOM:
            for row in seen:
                _draw_title(painter, row, zoom, look)
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            _draw_batches(painter, self._titles)
            _draw_marks(painter, seen, zoom, look)
        _draw_outlines(painter, seen, zoom, look)

    def _gather(self, scene: CanvasScene) -> None:
        items = scene.nodes.values()
        self._rows = [(item.state.face.rect.translated(item.pos()), item) for item in items]
        self._bodies = [rect for rect, _ in self._rows]
        self._titles, self._lines, self._paths = {}, {}, {}
        colours = scene.look.colours
        for rect, item in self._rows:
            title = QRectF(rect.left(), rect.top(), rect.width(), metrics.TITLE_HEIGHT)
            # From afar the ground of a plain title would not stand out from its node.
            plain = not item.state.node.colour
            colour = colours.fill if plain else title_colour(item.state, scene.look)
            _add(self._titles, colour, title)
        for wire in scene.wires.values():
            _add(self._lines, wire.colour, QLineF(wire.start, wire.end))
            _add(self._paths, wire.colour, wire.path)

    def _draw_wires(self, painter: QPainter, zoom: float, *, few: bool) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if few:
            for colour, paths in self._paths.values():
                painter.setPen(wire_pen(colour, zoom))
                for path in paths:
                    painter.drawPath(path)
            return
        # One pixel wide, Qt draws smooth lines five times as fast as wider ones.
        count = sum(len(lines) for _, lines in self._lines.values())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, count <= _SMOOTH)
        for colour, lines in self._lines.values():
            painter.setPen(QPen(colour, 0))
            painter.drawLines(lines)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)


def _add(batches: Batches[T], colour: QColor, shape: T) -> None:
    batches.setdefault(colour.rgb(), (colour, []))[1].append(shape)


def _draw_batches(painter: QPainter, batches: Batches[QRectF]) -> None:
    for colour, rects in batches.values():
        painter.setBrush(colour)
        painter.drawRects(rects)


def _draw_wells(painter: QPainter, seen: list[Row], look: Look) -> None:
    """Draw where the values of nodes lie: enough to know a form from a picture."""
    painter.setBrush(look.colours.well)
    for rect, item in seen:
        painter.drawRects([c.rect.translated(rect.topLeft()) for c in item.state.face.controls])


def _draw_thumbnails(painter: QPainter, seen: list[Row], look: Look, *, empty: bool) -> None:
    """Draw the pictures of nodes; with `empty` also the places of those that are yet to come."""
    for rect, item in seen:
        state = item.state
        if state.face.picture is None or not (empty or state.picture is not None):
            continue
        place = state.face.picture.translated(rect.topLeft())
        if state.picture is None:
            painter.fillRect(place, look.colours.void)
        else:
            draw_picture(painter, place, state, look)


def _draw_title(painter: QPainter, row: Row, zoom: float, look: Look) -> None:
    """Write a title as large on the screen as can be read, on a plate of its own."""
    rect, state = row[0], row[1].state
    height = max(metrics.TITLE_HEIGHT, _TITLE_SCREEN / zoom)
    plate = QRectF(rect.left(), rect.top(), rect.width(), min(height, rect.height()))
    painter.fillRect(plate, title_colour(state, look))
    font = QFont(look.fonts.strong)
    font.setPixelSize(max(1, round(_TEXT_SCREEN / zoom)))
    # From here in pixels of the screen, so that badge and margins keep their size.
    margin, badge = 4 / zoom, 14 / zoom
    told = zoom >= _ALL_BADGES or state.run.badge not in _CALM
    words = plate.adjusted(margin, 0, -margin - (badge if told else 0), 0)
    draw_text(painter, words, state.title, font, look.colours.text)
    if not told:
        return
    painter.save()
    painter.translate(plate.right() - 8 / zoom, plate.center().y())
    painter.scale(0.8 / zoom, 0.8 / zoom)
    draw_badge(painter, QPointF(0, 0), state.run, look.colours)
    painter.restore()


def _draw_marks(painter: QPainter, seen: list[Row], zoom: float, look: Look) -> None:
    """Mark the states of nodes at the ends of their titles."""
    marks: Batches[QRectF] = {}
    side = min(metrics.TITLE_HEIGHT, 6 / zoom)
    for rect, item in seen:
        badge = item.state.run.badge
        if badge not in _CALM:
            mark = QRectF(rect.right() - side, rect.top(), side, metrics.TITLE_HEIGHT)
            _add(marks, badge_colour(badge, look.colours), mark)
    _draw_batches(painter, marks)


def _draw_outlines(painter: QPainter, seen: list[Row], zoom: float, look: Look) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    running = [rect for rect, item in seen if item.state.run.badge is Badge.RUNNING]
    troubled = [rect for rect, item in seen if item.state.run.badge in TROUBLED]
    selected = [rect for rect, item in seen if item.state.selected]
    for rects, colour, width in (
        (troubled, look.colours.error, 1.5),
        (running, look.colours.accent, 1.0),
        (selected, look.colours.accent, 2.0),
    ):
        if rects:
            painter.setPen(QPen(colour, width / zoom))
            painter.drawRects(rects)
