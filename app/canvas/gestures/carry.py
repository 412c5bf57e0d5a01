"""Moving nodes: seen at once, one edit at the release."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF

from app.canvas.gestures.base import Gesture, Pointer
from app.theme import metrics

if TYPE_CHECKING:
    from app.canvas.scene import CanvasScene
    from app.editing import Editing

_SLACK = 3
"""Pixels of travel below which a press is a click."""


class Carry(Gesture):
    """Moves nodes with the pointer; the one that was pressed keeps to the grid, unless with Alt."""

    def __init__(
        self,
        start: Pointer,
        grabbed: str,
        ids: frozenset[str],
        scene: CanvasScene,
        editing: Editing,
    ) -> None:
        self._start = start
        self._scene = scene
        self._editing = editing
        self._from = {key: QPointF(scene.nodes[key].pos()) for key in ids if key in scene.nodes}
        self._anchor = self._from[grabbed]
        self.moved = False

    def move(self, pointer: Pointer) -> None:
        """Show the nodes at their new places."""
        if not self.moved and (pointer.view - self._start.view).manhattanLength() < _SLACK:
            return
        self.moved = True
        by = self._shift(pointer)
        self._scene.shift({key: place + by for key, place in self._from.items()})

    def _shift(self, pointer: Pointer) -> QPointF:
        by = pointer.scene - self._start.scene
        if pointer.alt:
            return by
        goal = self._anchor + by
        grid = metrics.GRID
        return QPointF(round(goal.x() / grid) * grid, round(goal.y() / grid) * grid) - self._anchor

    def release(self, pointer: Pointer) -> None:
        """Make the move an edit, unless the nodes are where they were."""
        by = self._shift(pointer)
        if not self.moved or by.isNull():
            self.cancel()
            return
        places = {key: place + by for key, place in self._from.items()}
        if not self._editing.move({key: (p.x(), p.y()) for key, p in places.items()}):
            self.cancel()

    def cancel(self) -> None:
        """Show the nodes where the document has them."""
        if self.moved:
            self._scene.shift(self._from)
