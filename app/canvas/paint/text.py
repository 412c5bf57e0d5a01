"""Text on the canvas: one line, cut to fit, in one of the theme's fonts."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetricsF

if TYPE_CHECKING:
    from PySide6.QtCore import QRectF
    from PySide6.QtGui import QColor, QPainter

LEFT: Final = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT: Final = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
CENTRE: Final = Qt.AlignmentFlag.AlignCenter
_LONGEST = 400
"""Characters that are looked at: no line on a node is wider."""


def draw_text(
    painter: QPainter,
    rect: QRectF,
    text: str,
    font: QFont,
    colour: QColor,
    align: Qt.AlignmentFlag = LEFT,
) -> None:
    """Write `text` on one line into `rect`, with an ellipsis where it does not fit."""
    painter.setFont(font)
    painter.setPen(colour)
    painter.drawText(rect, align, fitted(text[:_LONGEST], font.key(), int(rect.width())))


def draw_paragraph(painter: QPainter, rect: QRectF, text: str, font: QFont, colour: QColor) -> None:
    """Write `text` into `rect` on as many lines as there is room for."""
    painter.save()
    painter.setClipRect(rect, Qt.ClipOperation.IntersectClip)
    painter.setFont(font)
    painter.setPen(colour)
    flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
    painter.drawText(rect, int(flags), text[: _LONGEST * 2])
    painter.restore()


@lru_cache(maxsize=8192)
def fitted(text: str, font_key: str, width: int) -> str:
    """Return `text` cut to `width` pixels in the font with that key."""
    line = " ".join(text.split())
    return _metrics(font_key).elidedText(line, Qt.TextElideMode.ElideRight, width)


@lru_cache(maxsize=4096)
def text_width(text: str, font_key: str) -> float:
    """Return how wide `text` is in the font with that key."""
    return _metrics(font_key).horizontalAdvance(text)


@lru_cache(maxsize=16)
def _metrics(font_key: str) -> QFontMetricsF:
    font = QFont()
    font.fromString(font_key)
    return QFontMetricsF(font)
