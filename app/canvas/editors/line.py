"""The editor for one line: numbers, seeds, short texts, titles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from app.canvas.editors.overlay import EditorSignals

if TYPE_CHECKING:
    from PySide6.QtGui import QFocusEvent, QKeyEvent
    from PySide6.QtWidgets import QWidget


class LineEditor(QLineEdit):
    """Return or leaving it means the text; Escape gives it up."""

    def __init__(self, text: str, parent: QWidget) -> None:
        super().__init__(text, parent)
        self.signals = EditorSignals(self)
        self.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt: end by Return, Tab or Escape."""
        if event.key() == Qt.Key.Key_Escape:
            self.signals.given_up.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.signals.done.emit(self.text())
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Qt: a click elsewhere means the text as well."""
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.signals.done.emit(self.text())
