"""The graph from afar: blocks, titles as bars, states and thumbnails, drawn in batches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from app.canvas.paint.note import note_ground

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from PySide6.QtGui import QColor

    from app.canvas.chart import Chart
    from app.canvas.frame_item import NoteItem
    from app.canvas.node_item import NodeItem
    from app.canvas.wire_item import WireItem
    from app.theme.look import Look

_SMOOTH = 1500
"""Up to so many wires in a graph, they are drawn smoothly from afar."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What is to be drawn: all, where `nodes` is None, or only what is exposed."""

    nodes: Collection[NodeItem] | None
    wires: Collection[WireItem]
    notes: Iterable[NoteItem]
    selected: Iterable[NodeItem]


def draw_far(painter: QPainter, chart: Chart, seen: Seen, zoom: float, look: Look) -> None:
    """Draw nodes and wires; `painter` draws on the scene."""
    _draw_wires(painter, chart, seen)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
    painter.setPen(Qt.PenStyle.NoPen)
    for note in seen.notes:
        painter.setBrush(note_ground(note.note.colour, look))
        painter.drawRect(note.sceneBoundingRect())
    some = seen.nodes
    _fill(painter, chart.bodies.all() if some is None else chart.bodies.of(some))
    pictured = chart.pictured
    pictures = (
        pictured.values() if some is None else [pictured[item] for item in some if item in pictured]
    )
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    for place, pixmap, source in pictures:
        painter.drawPixmap(place, pixmap, source)
    painter.setPen(Qt.PenStyle.NoPen)
    _fill(painter, chart.titles.all() if some is None else chart.titles.of(some))
    _fill(painter, chart.marks.all() if some is None else chart.marks.of(some))
    for items, colour, width in (
        (chart.troubled, look.colours.error, 1.0),
        (chart.running, look.colours.accent, 1.0),
        (seen.selected, look.colours.accent, 2.0),
    ):
        _outline(painter, items, QPen(colour, width / zoom))


def _fill(painter: QPainter, batches: Iterable[tuple[QColor, list[QRectF]]]) -> None:
    for colour, rects in batches:
        painter.setBrush(colour)
        painter.drawRects(rects)


def _draw_wires(painter: QPainter, chart: Chart, seen: Seen) -> None:
    """Draw wires one pixel wide: Qt draws such lines many times as fast as wider ones."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, chart.wire_count <= _SMOOTH)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if seen.nodes is None:
        for colour, path in chart.strands():
            painter.setPen(QPen(colour, 0))
            painter.drawPath(path)
        return
    for wire in seen.wires:
        if wire.shown:
            painter.setPen(QPen(wire.colour, 0))
            painter.drawPath(wire.path)


def _outline(painter: QPainter, items: Iterable[NodeItem], pen: QPen) -> None:
    rects = [item.sceneBoundingRect() for item in items]
    if rects:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(pen)
        painter.drawRects(rects)
