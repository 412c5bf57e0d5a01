"""The same scene in bare Qt: a plain QGraphicsView, painted by hand as fast as Qt lets one.

No model, no undo, no hover: every node is a list of strokes and words made beforehand. It uses what
Qt offers for each case: cached items where pixels can be copied (`cached`), no cache where each
frame is of another scale, and from afar batches of rectangles and lines that the view draws while
the items draw nothing. Geometry, colours and fonts are those of the app, so that frames compare.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPixmap,
    QRegion,
    QTransform,
)
from PySide6.QtWidgets import (
    QFrame,
    QGraphicsItem,
    QGraphicsPathItem,
    QGraphicsScene,
    QGraphicsView,
)

from app.canvas.chart import SHORT
from app.canvas.face import Side
from app.canvas.paint.badges import badge_colour
from app.canvas.paint.far import SHORTEST, SMOOTH, TINY_UNTIL
from app.canvas.paint.ground import draw_dots
from app.canvas.paint.mix import mixed
from app.canvas.paint.node import title_colour
from app.canvas.paint.shapes import chevron, dice, outline, tick
from app.canvas.values import fraction, show_value
from app.runstate import TROUBLED, Badge
from app.theme import metrics
from graph.spec import ChoiceWidget, FloatWidget, IntWidget, SeedWidget

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

    from app.canvas.canvas import Canvas
    from app.canvas.index import Box
    from app.canvas.state import NodeState
    from app.theme.look import Look

MARGIN = 13.0
Words = tuple[QPointF, str]


@dataclass
class Strokes:
    """What one node is painted with, made beforehand."""

    rounded: list[tuple[QColor, list[QRectF]]] = field(default_factory=list)
    plain: list[tuple[QColor, QRectF]] = field(default_factory=list)
    words: list[tuple[QFont, QColor, list[Words]]] = field(default_factory=list)
    sockets: list[tuple[QPainterPath, QColor, QColor]] = field(default_factory=list)
    glyphs: list[tuple[QPainterPath, QPen]] = field(default_factory=list)
    discs: list[tuple[QPointF, float, QColor]] = field(default_factory=list)
    rings: list[tuple[QPointF, float, QPen]] = field(default_factory=list)


class _Writer:
    """Places words as the app aligns them, cut to fit, gathered by font and colour."""

    def __init__(self) -> None:
        self.words: dict[tuple[str, int], tuple[QFont, QColor, list[Words]]] = {}

    def write(self, text: str, rect: QRectF, font: QFont, colour: QColor, side: str) -> float:
        """Note `text` in `rect`, and return how wide it is."""
        metric = QFontMetricsF(font)
        text = metric.elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
        width = metric.horizontalAdvance(text)
        left = {
            "left": rect.left(),
            "right": rect.right() - width,
            "centre": rect.center().x() - width / 2,
        }[side]
        base = rect.center().y() + (metric.ascent() - metric.descent()) / 2
        key = (font.key(), colour.rgb())
        self.words.setdefault(key, (font, colour, []))[2].append((QPointF(left, base), text))
        return width


def strokes_of(state: NodeState, look: Look, canvas: Canvas) -> Strokes:
    """Return all that is drawn on a node, body and picture aside."""
    made, writer = Strokes(), _Writer()
    _title(made, writer, state, look)
    face = state.face
    if face.picture is not None:
        made.plain.append((look.colours.void, face.picture))
        if state.picture is None:
            hint = "Run to see the picture"
            writer.write(hint, face.picture, look.fonts.small, look.colours.faint, "centre")
    _sockets(made, writer, state, canvas)
    _controls(made, writer, state, look)
    made.words = list(writer.words.values())
    return made


def _title(made: Strokes, writer: _Writer, state: NodeState, look: Look) -> None:
    title, right = state.face.title, state.face.title.right() - 16 - 8
    _badge(made, state.run.badge, QPointF(title.right() - 16, title.center().y()), look)
    if state.run.badge is Badge.RAN:
        room = QRectF(right - 85, title.top(), 80, title.height())
        took = f"{state.run.ms / 1000:.1f} s"
        right -= writer.write(took, room, look.fonts.small, look.colours.faint, "right") + 7
    name = QRectF(12, 0, right - 12 - 8, title.height())
    writer.write(state.title, name, look.fonts.strong, look.colours.text, "left")


def _sockets(made: Strokes, writer: _Writer, state: NodeState, canvas: Canvas) -> None:
    look = canvas.scene.look
    for socket in state.face.sockets:
        if socket.value:
            continue
        left = socket.side is Side.INPUT
        row = socket.row.adjusted(14, 0, -4, 0) if left else socket.row.adjusted(4, 0, -14, 0)
        side = "left" if left else "right"
        writer.write(socket.label, row, look.fonts.small, look.colours.muted, side)
        kind = canvas.scene.types[socket.type]
        colour = look.colours.wire(kind.colour)
        path = outline(kind.shape, metrics.SOCKET).translated(socket.at)
        wired = state.is_wired(socket.side, socket.name)
        made.sockets.append((path, colour, colour if wired else look.colours.node))


def _controls(made: Strokes, writer: _Writer, state: NodeState, look: Look) -> None:
    wells, fills, font, colours = [], [], look.fonts.small, look.colours
    for control in state.face.controls:
        wells.append(control.rect)
        widget, value = control.input.widget, state.value(control.name)
        if isinstance(widget, IntWidget | FloatWidget) and (part := fraction(widget, value)):
            fill = QRectF(control.rect)
            fill.setWidth(fill.width() * part)
            fills.append(fill)
        row = control.rect.adjusted(8, 0, -8, 0)
        writer.write(control.input.label, row, font, colours.muted, "left")
        if isinstance(widget, SeedWidget | ChoiceWidget):
            row.adjust(0, 0, -18, 0)
            place = QPointF(control.rect.right() - 14, control.rect.center().y())
            _glyph(made, place, widget, look)
        if widget is not None:
            writer.write(show_value(widget, value), row, font, colours.text, "right")
    made.rounded = [(colours.well, wells), (colours.fill, fills)]


def _badge(made: Strokes, badge: Badge, centre: QPointF, look: Look) -> None:
    colour = badge_colour(badge, look.colours)
    pen = QPen(colour, 1.75, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
    if badge in TROUBLED:
        made.discs.append((centre, 7, colour))
        inner = QPen(look.colours.node, 1.75, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
        mark = QPainterPath(centre + QPointF(0, -3.2))
        mark.lineTo(centre + QPointF(0, 0.6))
        mark.moveTo(centre + QPointF(0, 3.4))
        mark.lineTo(centre + QPointF(0, 3.41))
        made.glyphs.append((mark, inner))
    elif badge is Badge.CACHED:
        made.discs.append((centre, 7, look.colours.fill))
        thin = QPen(look.colours.text, 1.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
        made.glyphs.append((tick(7.5).translated(centre), thin))
    elif badge is Badge.DIRTY:
        made.rings.append((centre, 5, pen))
    elif badge in (Badge.RAN, Badge.CLEAN):
        made.glyphs.append((tick(10).translated(centre), pen))


def _glyph(made: Strokes, at: QPointF, widget: object, look: Look) -> None:
    pen = QPen(look.colours.muted, 1.25, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
    path = dice(12) if isinstance(widget, SeedWidget) else chevron(7)
    made.glyphs.append((path.translated(at), pen))


class NodePicture(QGraphicsItem):
    """One node."""

    def __init__(self, state: NodeState, look: Look, canvas: Canvas) -> None:
        super().__init__()
        self.rect = state.face.rect
        self.bounds = self.rect.adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN)
        self.strokes = strokes_of(state, look, canvas)
        self.picture = state.picture
        self.place = state.face.picture
        self.title = title_colour(state, look)
        self.look = look
        self.troubled = state.run.badge in TROUBLED
        self.setPos(*state.node.position)
        self.setZValue(1)

    def boundingRect(self) -> QRectF:
        return self.bounds

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        zoom = option.levelOfDetailFromTransform(painter.worldTransform())
        if zoom < metrics.TITLE_ZOOM:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw_body(painter)
        self._draw_forms(painter)
        for font, colour, words in self.strokes.words:
            painter.setFont(font)
            painter.setPen(colour)
            for at, text in words:
                painter.drawText(at, text)
        self._draw_lines(painter)

    def _draw_forms(self, painter: QPainter) -> None:
        for colour, place in self.strokes.plain:
            painter.fillRect(place, colour)
        if self.picture is not None and self.place is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawPixmap(self.place, self.picture, QRectF(self.picture.rect()))
        painter.setPen(Qt.PenStyle.NoPen)
        for colour, rects in self.strokes.rounded:
            painter.setBrush(colour)
            for rect in rects:
                painter.drawRoundedRect(rect, 4, 4)
        for centre, radius, colour in self.strokes.discs:
            painter.setBrush(colour)
            painter.drawEllipse(centre, radius, radius)

    def _draw_lines(self, painter: QPainter) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for path, pen in self.strokes.glyphs:
            painter.setPen(pen)
            painter.drawPath(path)
        for centre, radius, pen in self.strokes.rings:
            painter.setPen(pen)
            painter.drawEllipse(centre, radius, radius)
        if self.troubled:
            painter.setPen(QPen(self.look.colours.error, 1.5))
            painter.drawRoundedRect(self.rect, 6, 6)
        ground = self.look.colours.canvas
        for path, colour, fill in self.strokes.sockets:
            painter.setPen(QPen(ground, 4))
            painter.setBrush(ground)
            painter.drawPath(path)
            painter.setPen(QPen(colour, 1.5))
            painter.setBrush(fill)
            painter.drawPath(path)

    def _draw_body(self, painter: QPainter) -> None:
        colours, rect = self.look.colours, self.rect
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, 50))
        painter.drawRoundedRect(rect.adjusted(-1, 1, 1, 4), 7, 7)
        painter.setBrush(colours.node)
        painter.drawRoundedRect(rect, 6, 6)
        bar = QPainterPath()
        bar.setFillRule(Qt.FillRule.WindingFill)
        top = QRectF(0, 0, rect.width(), metrics.TITLE_HEIGHT)
        bar.addRoundedRect(top, 6, 6)
        bar.addRect(top.adjusted(0, 6, 0, 0))
        painter.setBrush(self.title)
        painter.drawPath(bar)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colours.outline, 1))
        painter.drawRoundedRect(rect, 6, 6)


class WirePicture(QGraphicsPathItem):
    """One wire: its path is kept in C++."""

    def __init__(self, path: QPainterPath, colour: QColor) -> None:
        super().__init__(path)
        self.thick = QPen(colour, metrics.WIRE)
        self.thick.setCapStyle(Qt.PenCapStyle.RoundCap)
        self.setPen(self.thick)


class Reference(QGraphicsView):
    """The view: minimal updates, an index over items, batches from afar."""

    def __init__(self, canvas: Canvas, *, cached: bool) -> None:
        scene = QGraphicsScene()
        super().__init__(scene)
        self._kept = scene
        look = canvas.scene.look
        self.look = look
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.MinimalViewportUpdate)
        self.setOptimizationFlag(QGraphicsView.OptimizationFlag.DontAdjustForAntialiasing)
        self.setOptimizationFlag(QGraphicsView.OptimizationFlag.DontSavePainterState)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.setSceneRect(-1e6, -1e6, 2e6, 2e6)
        self.nodes: dict[str, NodePicture] = {}
        self.wires: list[tuple[str, str, WirePicture]] = []
        self.far = False
        self._batch = Batch(canvas)
        for node_id, item in canvas.scene.nodes.items():
            node = NodePicture(item.state, look, canvas)
            if cached:
                node.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
            scene.addItem(node)
            self.nodes[node_id] = node
        for link, wire in canvas.scene.wires.items():
            line = WirePicture(QPainterPath(wire.path), wire.colour)
            scene.addItem(line)
            self.wires.append((link.source.node, link.target.node, line))

    def look_at(self, zoom: float, x: float, y: float) -> None:
        """Show the scene as `app.canvas.camera.Camera` says it."""
        self.far = zoom < metrics.TITLE_ZOOM
        for _, _, wire in self.wires:
            wire.setVisible(not self.far)
        for node in self.nodes.values():
            node.setVisible(not self.far)
        self.setTransform(QTransform.fromScale(zoom, zoom))
        corner = self.mapFromScene(QPointF(0, 0))
        across, down = self.horizontalScrollBar(), self.verticalScrollBar()
        across.setValue(across.value() + corner.x() - round(x))
        down.setValue(down.value() + corner.y() - round(y))

    def pan(self, x: int, y: int) -> None:
        """Scroll."""
        across, down = self.horizontalScrollBar(), self.verticalScrollBar()
        across.setValue(across.value() - x)
        down.setValue(down.value() - y)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint two strips one by one: together they would be all of the view."""
        region = event.region()
        if region.rectCount() > 3:
            super().paintEvent(event)
            return
        for rect in cast("Iterable[QRect]", region):
            super().paintEvent(QPaintEvent(QRegion(rect)))

    def drawBackground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        area = QRectF(rect)
        zoom = self.transform().m11()
        painter.fillRect(area, self.look.colours.canvas)
        self._batch.dots(painter, area, zoom)
        if self.far:
            self._batch.draw(painter, area, zoom)


class Batch:
    """All nodes and wires from afar, as lists made beforehand: whole, and by squares."""

    SIDE = 4096.0

    def __init__(self, canvas: Canvas) -> None:
        self._colours = canvas.scene.look.colours
        chart = canvas.scene.chart
        self._node = mixed(self._colours.node, self._colours.text, 0.08)
        self._squares: dict[tuple[int, int], Slab] = {}
        self._all = Slab()
        for item in canvas.scene.nodes.values():
            rect = chart.bodies.get(item)
            if rect is None:
                continue
            for slab in (self._all, *self._under(item.core)):
                slab.bodies.append(rect)
                _put(slab.titles, chart.titles.colour(item), chart.titles.get(item))
                if (mark := chart.marks.get(item)) is not None:
                    _put(slab.marks, chart.marks.colour(item), mark)
                if item in chart.pictured:
                    slab.pictures.append(chart.pictured[item].from_afar)
                    slab.tiny.append(chart.pictured[item].from_very_far)
        self._count = len(canvas.scene.wires)
        for wire in canvas.scene.wires.values():
            left, top, right, bottom = wire.box
            short = right - left <= SHORT and bottom - top <= SHORT
            for slab in (self._all, *self._under(wire.box)):
                wires = slab.short if short else slab.wires
                wires.setdefault(wire.colour.rgb(), (wire.colour, QPainterPath()))[1].addPath(
                    wire.path
                )

    def _under(self, box: Box, *, new: bool = True) -> list[Slab]:
        """Return the squares that `box` touches; with `new`, make those that are not there."""
        left, top, right, bottom = (int(side // self.SIDE) for side in box)
        keys = [(x, y) for x in range(left, right + 1) for y in range(top, bottom + 1)]
        if new:
            return [self._squares.setdefault(key, Slab()) for key in keys]
        return [self._squares[key] for key in keys if key in self._squares]

    def dots(self, painter: QPainter, area: QRectF, zoom: float) -> None:
        box = (area.left(), area.top(), area.right(), area.bottom())
        draw_dots(painter, box, zoom, self._colours)

    def draw(self, painter: QPainter, area: QRectF, zoom: float) -> None:
        """Draw what is exposed: all of it in few calls, or the squares that it touches."""
        box = (area.left(), area.top(), area.right(), area.bottom())
        slabs = self._under(box, new=False)
        if len(slabs) > len(self._squares) / 2:
            slabs = [self._all]
        for layer in (Slab.draw_wires, Slab.draw_nodes):
            for slab in slabs:
                layer(slab, painter, self._node, zoom, smooth=self._count <= SMOOTH)


@dataclass
class Slab:
    """A part of the scene from afar."""

    bodies: list[QRect] = field(default_factory=list)
    titles: dict[int, tuple[QColor, list[QRect]]] = field(default_factory=dict)
    pictures: list[tuple[QRectF, QPixmap, QRectF]] = field(default_factory=list)
    tiny: list[tuple[QRectF, QPixmap, QRectF]] = field(default_factory=list)
    marks: dict[int, tuple[QColor, list[QRect]]] = field(default_factory=dict)
    wires: dict[int, tuple[QColor, QPainterPath]] = field(default_factory=dict)
    short: dict[int, tuple[QColor, QPainterPath]] = field(default_factory=dict)

    def draw_wires(self, painter: QPainter, _node: QColor, zoom: float, *, smooth: bool) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, smooth)
        seen = [*self.wires.values(), *(self.short.values() if zoom * SHORT >= SHORTEST else ())]
        for colour, path in seen:
            painter.setPen(QPen(colour, 0))
            painter.drawPath(path)

    def draw_nodes(self, painter: QPainter, node: QColor, zoom: float, *, smooth: bool) -> None:
        del smooth
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(node)
        painter.drawRects(self.bodies)
        tiny = zoom * metrics.NODE_WIDTH < TINY_UNTIL
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not tiny)
        for place, pixmap, source in self.tiny if tiny else self.pictures:
            painter.drawPixmap(place, pixmap, source)
        for colour, rects in (*self.titles.values(), *self.marks.values()):
            painter.setBrush(colour)
            painter.drawRects(rects)


def _put(
    batches: dict[int, tuple[QColor, list[QRect]]], colour: QColor, rect: QRect | None
) -> None:
    if rect is not None:
        batches.setdefault(colour.rgb(), (colour, []))[1].append(rect)
