"""Frames: quiet areas with a title that can be read from afar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from app.canvas.paint.mix import mixed
from app.canvas.paint.plate import sized
from app.canvas.paint.text import draw_text
from app.theme import metrics

if TYPE_CHECKING:
    from app.theme.look import Look
    from graph.graph import Frame

_TEXT_LEAST, _TEXT_MOST = 11.0, 40.0
"""Height of a title's letters on the screen, in pixels."""


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
    pixels = max(metrics.TEXT_BODY * 1.15 * min(zoom, 1.0) ** 0.5, _TEXT_LEAST) / min(zoom, 1.0)
    height = max(metrics.TITLE_HEIGHT, pixels * 1.7)
    if not frame.title or height > rect.height() or rect.width() * zoom < _TEXT_MOST:
        return
    margin = max(12.0, pixels * 0.6)
    place = QRectF(margin, 0, rect.width() - 2 * margin, height)
    words = mixed(colours.text, frame.colour, 0.35) if frame.colour else colours.muted
    draw_text(painter, place, frame.title, sized(look.fonts.strong, round(pixels)), words)


def draw_ring_around(painter: QPainter, rect: QRectF, zoom: float, look: Look) -> None:
    """Draw the edge of a selected frame."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(look.colours.accent, 2 / min(zoom, 1.0)))
    painter.drawRoundedRect(rect, metrics.CORNER + 2, metrics.CORNER + 2)
