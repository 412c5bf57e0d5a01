"""The graph from afar: blocks, titles, states and thumbnails, drawn in batches.

One call a colour instead of one an item is what keeps thousands of nodes cheap (the items
themselves draw nothing below `metrics.DETAIL_ZOOM`). The batches are kept while nothing moves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QPainter, QPen

from app.canvas.paint.badges import badge_colour, draw_badge
from app.canvas.paint.node import draw_picture, title_colour
from app.canvas.paint.text import draw_text
from app.canvas.paint.wire import wire_pen
from app.runstate import TROUBLED, Badge
from app.theme import metrics

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PySide6.QtGui import QColor, QPainterPath

    from app.canvas.node_item import NodeItem
    from app.canvas.scene import CanvasScene
    from app.canvas.wire_item import WireItem
    from app.theme.look import Look

_FEW = 150
"""Up to so many nodes in view, each gets its title in words and its badge."""
_TITLE_SCREEN = 15.0
"""Height of a title on the screen, in pixels."""
_TEXT_SCREEN = 10.5
_QUIET = frozenset({Badge.UNKNOWN, Badge.CLEAN})
_CALM = _QUIET | {Badge.RAN, Badge.CACHED}
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
        self._bodies: list[tuple[QRectF, NodeItem]] = []
        self._lines: dict[str, tuple[QColor, list[QLineF]]] = {}
        self._paths: dict[str, tuple[QColor, list[QPainterPath]]] = {}
        self._revision = -1

    def draw(self, painter: QPainter, glimpse: Glimpse, scene: CanvasScene) -> None:
        """Draw what there is to be seen of `scene`."""
        if scene.revision != self._revision:
            self._gather(scene.nodes.values(), scene.wires.values())
            self._revision = scene.revision
        look, zoom = scene.look, glimpse.zoom
        few = sum(rect.intersects(glimpse.view) for rect, _ in self._bodies) <= _FEW
        seen = [row for row in self._bodies if row[0].intersects(glimpse.exposed)]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, few)
        self._draw_wires(painter, zoom, few=few)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.colours.node)
        painter.drawRects([rect for rect, _ in seen])
        items = [item for _, item in seen]
        if few:
            _draw_wells(painter, items, look)
        for item in items:
            if item.state.face.picture is not None and (item.state.picture is not None or few):
                _draw_thumbnail(painter, item, look)
        if few and zoom >= metrics.TITLE_ZOOM:
            for item in items:
                _draw_title(painter, item, zoom, look)
        else:
            _draw_blocks(painter, items, zoom, look)
        _draw_outlines(painter, items, zoom, look)

    def _gather(self, nodes: Iterable[NodeItem], wires: Iterable[WireItem]) -> None:
        self._bodies = [(_rect_of(item), item) for item in nodes]
        self._lines, self._paths = {}, {}
        for wire in wires:
            path, colour = wire.path, wire.colour
            ends = QLineF(wire.start, wire.end)
            self._lines.setdefault(colour.name(), (colour, []))[1].append(ends)
            self._paths.setdefault(colour.name(), (colour, []))[1].append(path)

    def _draw_wires(self, painter: QPainter, zoom: float, *, few: bool) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if not few:
            for colour, lines in self._lines.values():
                painter.setPen(wire_pen(colour, zoom))
                painter.drawLines(lines)
            return
        for colour, paths in self._paths.values():
            painter.setPen(wire_pen(colour, zoom))
            for path in paths:
                painter.drawPath(path)


def _rect_of(item: NodeItem) -> QRectF:
    return item.state.face.rect.translated(item.pos())


def _draw_wells(painter: QPainter, items: list[NodeItem], look: Look) -> None:
    """Draw where the values of nodes lie: enough to know a form from a picture."""
    painter.setBrush(look.colours.well)
    for item in items:
        place = item.pos()
        painter.drawRects([c.rect.translated(place) for c in item.state.face.controls])


def _draw_thumbnail(painter: QPainter, item: NodeItem, look: Look) -> None:
    place = item.state.face.picture
    if place is None:
        return
    place = place.translated(item.pos())
    if item.state.picture is None:
        painter.fillRect(place, look.colours.void)
    else:
        draw_picture(painter, place, item.state, look)


def _draw_title(painter: QPainter, item: NodeItem, zoom: float, look: Look) -> None:
    """Write a title as large on the screen as can be read, on a plate of its own."""
    rect, state = _rect_of(item), item.state
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


def _draw_blocks(painter: QPainter, seen: list[NodeItem], zoom: float, look: Look) -> None:
    """Draw titles and states as blocks, one batch a colour."""
    blocks: dict[str, tuple[QColor, list[QRectF]]] = {}
    height = metrics.TITLE_HEIGHT
    for item in seen:
        rect = _rect_of(item)
        title = QRectF(rect.left(), rect.top(), rect.width(), height)
        ground = title_colour(item.state, look)
        blocks.setdefault(ground.name(), (ground, []))[1].append(title)
        if item.state.run.badge not in _QUIET:
            colour = badge_colour(item.state.run.badge, look.colours)
            side = min(height, 6 / zoom)
            mark = QRectF(rect.right() - side, rect.top(), side, height)
            blocks.setdefault("·" + colour.name(), (colour, []))[1].append(mark)
    painter.setPen(Qt.PenStyle.NoPen)
    for key in sorted(blocks, key=lambda name: name.startswith("·")):
        colour, rects = blocks[key]
        painter.setBrush(colour)
        painter.drawRects(rects)


def _draw_outlines(painter: QPainter, seen: list[NodeItem], zoom: float, look: Look) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    running = [_rect_of(item) for item in seen if item.state.run.badge is Badge.RUNNING]
    troubled = [_rect_of(item) for item in seen if item.state.run.badge in TROUBLED]
    selected = [_rect_of(item) for item in seen if item.state.selected]
    for rects, colour, width in (
        (troubled, look.colours.error, 1.5),
        (running, look.colours.accent, 1.0),
        (selected, look.colours.accent, 2.0),
    ):
        if rects:
            painter.setPen(QPen(colour, width / zoom))
            painter.drawRects(rects)
