"""What the editors share: they cover one control, and end by being done or given up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QFont

from app.theme import metrics

if TYPE_CHECKING:
    from PySide6.QtCore import QRect
    from PySide6.QtWidgets import QWidget

    from app.theme.look import Look

_LEAST_HEIGHT = 26
_LEAST_FONT = 12


class EditorSignals(QObject):
    """What an editor tells.

    Signals:
        typed(str): the text so far.
        done(str): the text is meant.
        given_up(): it is not.
    """

    typed = Signal(str)
    done = Signal(str)
    given_up = Signal()


def lay_over(editor: QWidget, place: QRect, zoom: float, look: Look) -> None:
    """Put `editor` over `place` of its parent, in letters that can be read at any zoom."""
    font = QFont(look.fonts.small)
    font.setPixelSize(max(_LEAST_FONT, round(metrics.TEXT_SMALL * zoom)))
    editor.setFont(font)
    height = max(place.height(), _LEAST_HEIGHT)
    width = max(place.width(), 6 * _LEAST_HEIGHT)
    top = place.center().y() - height // 2
    editor.setGeometry(place.left(), top, width, height)
