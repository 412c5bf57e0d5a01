"""Selecting by a rectangle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter, QPen

from app.canvas.gestures.base import Gesture, Pointer

if TYPE_CHECKING:
    from app.canvas.scene import CanvasScene
    from app.canvas.selection import Selection


class Rubber(Gesture):
    """Selects the nodes that the rectangle touches, and the frames and notes that lie in it.

    With Shift or Ctrl, besides what was selected.
    """

    def __init__(self, start: Pointer, scene: CanvasScene, selection: Selection) -> None:
        self._scene = scene
        self._selection = selection
        self._start = start.scene
        self._rect = QRectF()
        self._before = selection.ids
        self._base = selection.ids if start.shift or start.ctrl else frozenset[str]()
        selection.set(self._base)

    def move(self, pointer: Pointer) -> None:
        """Select what lies in the rectangle now."""
        self._rect = QRectF(self._start, pointer.scene).normalized()
        found = self._scene.inside(self._rect) | self._scene.within(self._rect)
        self._selection.set(self._base | found)

    def cancel(self) -> None:
        """Select what was selected before."""
        self._selection.set(self._before)

    def bounds(self) -> QRectF:
        """Return the rectangle."""
        return self._rect

    def paint(self, painter: QPainter, zoom: float) -> None:
        """Draw the rectangle."""
        colour = QColor(self._scene.look.colours.accent)
        painter.setPen(QPen(colour, 1 / zoom))
        colour.setAlphaF(0.08)
        painter.setBrush(colour)
        painter.drawRect(self._rect)
