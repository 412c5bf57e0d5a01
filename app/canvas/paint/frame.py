"""Frames: quiet areas with a title that can be read from afar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from app.canvas.index import overlap
from app.canvas.paint.mix import mixed
from app.canvas.paint.plate import sized
from app.canvas.paint.text import draw_text
from app.theme import metrics

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.canvas.frame_item import FrameItem
    from app.canvas.index import Box
    from app.theme.look import Look
    from graph.graph import Frame

INSIDE = 0.7
"""From this zoom up a title is written inside its frame."""
OVERHANG = 18.0
"""Pixels of the screen that a title takes above its frame otherwise."""
_TEXT = 12.0
_NARROWEST = 28.0
_LETTER = 7.5
"""Pixels that a letter of a title takes, about."""


def draw_frame(painter: QPainter, rect: QRectF, frame: Frame, zoom: float, look: Look) -> None:
    """Draw a frame in its own coordinates."""
    colours = look.colours
    given = frame.colour or colours.text
    strength = 0.16 if frame.colour else 0.06
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    edge = mixed(colours.canvas, given, 2.2 * strength)
    painter.setPen(QPen(edge, 1 / min(zoom, 1.0)))
    painter.setBrush(mixed(colours.canvas, given, strength))
    corner = metrics.CORNER + 2
    painter.drawRoundedRect(rect, corner, corner)


def draw_frame_title(
    painter: QPainter, rect: QRectF, frame: Frame, zoom: float, look: Look
) -> None:
    """Write a title into its frame, or from some way off above it, where no node lies."""
    colours = look.colours
    words = mixed(colours.text, frame.colour, 0.35) if frame.colour else colours.muted
    if zoom >= INSIDE:
        place = QRectF(12, 0, rect.width() - 24, min(metrics.TITLE_HEIGHT, rect.height()))
        draw_text(painter, place, frame.title, look.fonts.strong, words)
        return
    pixels, height = round(_TEXT / zoom), OVERHANG / zoom
    place = QRectF(2 / zoom, -height, rect.width() - 2 / zoom, height)
    draw_text(painter, place, frame.title, sized(look.fonts.strong, pixels), words)


def titled(items: Iterable[FrameItem], zoom: float) -> list[FrameItem]:
    """Return the frames, given the large ones first, whose titles have room at `zoom`."""
    found: list[FrameItem] = []
    taken: list[Box] = []
    for item in items:
        left, top, right, _ = item.core
        title = item.frame.title
        if not title or (right - left) * zoom < _NARROWEST:
            continue
        if zoom < INSIDE:
            width = min((right - left), len(title) * _LETTER / zoom)
            place = (left, top - OVERHANG / zoom, left + width, top)
            if any(overlap(place, other) for other in taken):
                continue
            taken.append(place)
        found.append(item)
    return found


def draw_ring_around(painter: QPainter, rect: QRectF, zoom: float, look: Look) -> None:
    """Draw the edge of a selected frame."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(look.colours.accent, 2 / min(zoom, 1.0)))
    painter.drawRoundedRect(rect, metrics.CORNER + 2, metrics.CORNER + 2)
