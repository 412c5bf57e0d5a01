"""The editor for many lines: what is typed is in the document at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QFrame, QPlainTextEdit

from app.canvas.editors.overlay import EditorSignals

if TYPE_CHECKING:
    from PySide6.QtGui import QFocusEvent, QKeyEvent
    from PySide6.QtWidgets import QWidget


class ParagraphEditor(QPlainTextEdit):
    """Escape or leaving it ends the visit and keeps the text: undo brings the old one back."""

    def __init__(self, text: str, parent: QWidget) -> None:
        super().__init__(text, parent)
        self.signals = EditorSignals(self)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabChangesFocus(True)
        self.moveCursor(QTextCursor.MoveOperation.End)
        self.textChanged.connect(self._tell)

    def _tell(self) -> None:
        self.signals.typed.emit(self.toPlainText())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt: end by Escape; Ctrl+Return is left to the window, where it runs the graph."""
        if event.key() == Qt.Key.Key_Escape:
            self.signals.done.emit(self.toPlainText())
        elif _is_run(event):
            event.ignore()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Qt: a click elsewhere ends the visit."""
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.signals.done.emit(self.toPlainText())


def _is_run(event: QKeyEvent) -> bool:
    is_return = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
    return is_return and bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
