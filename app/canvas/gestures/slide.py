"""Dragging a number on a node."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.canvas.gestures.base import Gesture, Pointer
from app.canvas.values import Number, dragged

if TYPE_CHECKING:
    from app.canvas.node_item import NodeItem
    from app.editing import Editing

_SLACK = 3


class Slide(Gesture):
    """Changes a number by sideways travel, finely with Shift; one edit at the release."""

    def __init__(
        self, start: Pointer, item: NodeItem, name: str, widget: Number, editing: Editing
    ) -> None:
        value = item.state.value(name)
        self._value = value if isinstance(value, int | float) else widget.minimum
        self._start = start
        self._item = item
        self._name = name
        self._widget = widget
        self._editing = editing
        self.moved = False

    def move(self, pointer: Pointer) -> None:
        """Show the value that a release would give."""
        pixels = pointer.view.x() - self._start.view.x()
        if not self.moved and abs(pixels) < _SLACK:
            return
        self.moved = True
        value = dragged(self._widget, self._value, pixels, fine=pointer.shift)
        self._item.state.live[self._name] = value
        self._item.update()

    def release(self, pointer: Pointer) -> None:
        """Make the value an edit."""
        self.move(pointer)
        value = self._item.state.live.get(self._name)
        self.cancel()
        if value is not None:
            self._editing.set_param(self._item.node_id, self._name, value)

    def cancel(self) -> None:
        """Show the value that the document has."""
        self._item.state.live.pop(self._name, None)
        self._item.update()
