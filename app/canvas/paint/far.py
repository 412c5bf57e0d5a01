"""The graph from afar: blocks, titles as bars, states and thumbnails, drawn in batches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPen

from app.canvas.chart import SHORT
from app.canvas.paint.note import note_ground
from app.theme import metrics

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from PySide6.QtCore import QRect
    from PySide6.QtGui import QColor

    from app.canvas.chart import Chart, Picture
    from app.canvas.frame_item import NoteItem
    from app.canvas.node_item import NodeItem
    from app.canvas.wire_item import WireItem
    from app.theme.look import Look

SHORTEST = 5.0
"""Pixels: what is shorter lies between nodes where it is not seen."""
TINY_UNTIL = 15.0
"""Pixels: nodes that are no wider show their picture in its tiniest form."""
SMOOTH = 1500
"""Up to so many wires in a graph, they are drawn smoothly from afar."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What is to be drawn: all, where `nodes` is None, or only what is exposed."""

    nodes: Collection[NodeItem] | None
    wires: Collection[WireItem]
    notes: Iterable[NoteItem]
    selected: Collection[NodeItem]


def draw_far(painter: QPainter, chart: Chart, seen: Seen, zoom: float, look: Look) -> None:
    """Draw nodes and wires; `painter` draws on the scene."""
    some = seen.nodes
    _draw_wires(painter, chart, seen, zoom)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
    painter.setPen(Qt.PenStyle.NoPen)
    for note in seen.notes:
        painter.setBrush(note_ground(note.note.colour, look))
        painter.drawRect(note.sceneBoundingRect())
    _draw_rings(painter, chart, seen, zoom, look)
    _fill(painter, chart.bodies.all() if some is None else chart.bodies.of(some))
    _draw_pictures(painter, chart, some, zoom)
    painter.setPen(Qt.PenStyle.NoPen)
    _fill(painter, chart.titles.all() if some is None else chart.titles.of(some))
    _fill(painter, chart.marks.all() if some is None else chart.marks.of(some))


def _fill(painter: QPainter, batches: Iterable[tuple[QColor, list[QRect]]]) -> None:
    for colour, rects in batches:
        painter.setBrush(colour)
        painter.drawRects(rects)


def _draw_wires(painter: QPainter, chart: Chart, seen: Seen, zoom: float) -> None:
    """Draw wires one pixel wide: Qt draws such lines many times as fast as wider ones."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, chart.wire_count <= SMOOTH)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    short = zoom * SHORT >= SHORTEST
    if seen.nodes is None:
        for colour, path in chart.strands(short=short):
            painter.setPen(QPen(colour, 0))
            painter.drawPath(path)
        return
    for wire in seen.wires:
        left, top, right, bottom = wire.box
        if wire.shown and (short or right - left > SHORT or bottom - top > SHORT):
            painter.setPen(QPen(wire.colour, 0))
            painter.drawPath(wire.path)


def _draw_rings(painter: QPainter, chart: Chart, seen: Seen, zoom: float, look: Look) -> None:
    """Draw the edges of selected nodes: what of them shows when they are moved out of place."""
    rects = [rect for item in seen.selected if (rect := chart.bodies.get(item)) is not None]
    if not rects:
        return
    painter.setBrush(look.colours.accent)
    by = 2 / zoom
    for across, down in ((-by, -by), (2 * by, 0.0), (0.0, 2 * by), (-2 * by, 0.0)):
        painter.translate(across, down)
        painter.drawRects(rects)
    painter.translate(by, -by)


def _draw_pictures(
    painter: QPainter, chart: Chart, some: Collection[NodeItem] | None, zoom: float
) -> None:
    pictured = chart.pictured
    pictures: Iterable[Picture] = pictured.values()
    if some is not None:
        pictures = [pictured[item] for item in some if item in pictured]
    if zoom * metrics.NODE_WIDTH < TINY_UNTIL:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, on=False)
        for picture in pictures:
            painter.drawPixmap(*picture.from_very_far)
        return
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    for picture in pictures:
        painter.drawPixmap(*picture.from_afar)
