"""What all gestures share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt

if TYPE_CHECKING:
    from PySide6.QtGui import QPainter


@dataclass(frozen=True, slots=True)
class Pointer:
    """Where the pointer is, and which keys are held."""

    scene: QPointF
    view: QPoint
    modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier

    @property
    def shift(self) -> bool:
        """Whether Shift is held."""
        return bool(self.modifiers & Qt.KeyboardModifier.ShiftModifier)

    @property
    def ctrl(self) -> bool:
        """Whether Ctrl is held (Command on a Mac)."""
        return bool(self.modifiers & Qt.KeyboardModifier.ControlModifier)

    @property
    def alt(self) -> bool:
        """Whether Alt is held."""
        return bool(self.modifiers & Qt.KeyboardModifier.AltModifier)


class Gesture:
    """From press to release; it changes what is seen, and the document at most once, at the end."""

    def move(self, pointer: Pointer) -> None:
        """The pointer is at another place."""

    def release(self, pointer: Pointer) -> None:
        """The button was let go: do what was meant."""

    def cancel(self) -> None:
        """Escape, or the window lost the pointer: leave everything as it was."""

    def bounds(self) -> QRectF:
        """Return what `paint` covers of the scene now."""
        return QRectF()

    def paint(self, painter: QPainter, zoom: float) -> None:
        """Draw over the scene, in scene coordinates."""
