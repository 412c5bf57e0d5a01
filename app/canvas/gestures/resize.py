"""Resizing frames and notes by their edges."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt

from app.canvas.gestures.base import Gesture, Pointer
from app.structure import LEAST
from app.theme import metrics

if TYPE_CHECKING:
    from app.canvas.frame_item import FrameItem, NoteItem
    from app.canvas.scene import CanvasScene
    from app.structure import Structure

_REACH = 7.0
"""Pixels of the screen from an edge within which it is taken hold of."""


class Grip(NamedTuple):
    """Which edges are held: -1 the left or upper one, 1 the right or lower one, 0 neither."""

    across: int
    down: int

    @property
    def cursor(self) -> Qt.CursorShape:
        """The cursor that says what a press does."""
        if not self.down:
            return Qt.CursorShape.SizeHorCursor
        if not self.across:
            return Qt.CursorShape.SizeVerCursor
        falling = self.across == self.down
        return Qt.CursorShape.SizeFDiagCursor if falling else Qt.CursorShape.SizeBDiagCursor


def grip_at(item: FrameItem | NoteItem, point: QPointF, zoom: float) -> Grip | None:
    """Return which edges of a frame or note a press at `point` of the scene takes hold of."""
    rect, reach = item.sceneBoundingRect(), _REACH / zoom
    if not rect.adjusted(-reach, -reach, reach, reach).contains(point):
        return None
    across = _near(point.x(), rect.left(), rect.right(), reach)
    down = _near(point.y(), rect.top(), rect.bottom(), reach)
    return Grip(across, down) if across or down else None


def _near(at: float, low: float, high: float, reach: float) -> int:
    if abs(at - high) <= reach:
        return 1
    return -1 if abs(at - low) <= reach else 0


class Resize(Gesture):
    """Moves the held edges with the pointer, on the grid unless with Alt."""

    def __init__(
        self,
        start: Pointer,
        item: FrameItem | NoteItem,
        grip: Grip,
        scene: CanvasScene,
        structure: Structure,
    ) -> None:
        self._start = start
        self._part = item.part_id
        self._grip = grip
        self._scene = scene
        self._structure = structure
        self._before = item.sceneBoundingRect()
        self._rect = QRectF(self._before)

    def move(self, pointer: Pointer) -> None:
        """Show the new size."""
        by = pointer.scene - self._start.scene
        rect = QRectF(self._before)
        grid = 1.0 if pointer.alt else float(metrics.GRID)
        if self._grip.across > 0:
            rect.setRight(max(_on(rect.right() + by.x(), grid), rect.left() + LEAST))
        elif self._grip.across < 0:
            rect.setLeft(min(_on(rect.left() + by.x(), grid), rect.right() - LEAST))
        if self._grip.down > 0:
            rect.setBottom(max(_on(rect.bottom() + by.y(), grid), rect.top() + LEAST))
        elif self._grip.down < 0:
            rect.setTop(min(_on(rect.top() + by.y(), grid), rect.bottom() - LEAST))
        self._rect = rect
        self._scene.stretch(self._part, rect)

    def release(self, pointer: Pointer) -> None:
        """Make the size an edit."""
        self.move(pointer)
        rect = self._rect
        place, size = (rect.x(), rect.y()), (rect.width(), rect.height())
        if rect == self._before or not self._structure.resize(self._part, place, size):
            self.cancel()

    def cancel(self) -> None:
        """Show the size that the document has."""
        self._scene.stretch(self._part, self._before)


def _on(length: float, grid: float) -> float:
    return round(length / grid) * grid
