"""Moving the ground under the view."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.canvas.gestures.base import Gesture, Pointer

if TYPE_CHECKING:
    from collections.abc import Callable


class Pan(Gesture):
    """Keeps the point that was pressed under the pointer."""

    def __init__(self, start: Pointer, scroll: Callable[[int, int], None]) -> None:
        self._last = start.view
        self._scroll = scroll
        self.moved = False

    def move(self, pointer: Pointer) -> None:
        """Scroll by as much as the pointer moved."""
        away = pointer.view - self._last
        self._last = pointer.view
        self.moved = self.moved or not away.isNull()
        self._scroll(away.x(), away.y())
