"""A label that cuts its text in the middle when there is no room for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QLabel

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent
    from PySide6.QtWidgets import QWidget


class ElidedLabel(QLabel):
    """Never asks for more width than it has."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._whole = ""
        self.setTextFormat(Qt.TextFormat.PlainText)

    @property
    def whole(self) -> str:
        """The text before it was cut."""
        return self._whole

    def set_text(self, text: str) -> None:
        """Show `text`, as much of it as there is room for."""
        self._whole = text
        self._cut()

    def minimumSizeHint(self) -> QSize:
        """Qt: it may become as narrow as its neighbours need."""
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt: cut the text anew."""
        super().resizeEvent(event)
        self._cut()

    def _cut(self) -> None:
        room = self.contentsRect().width() - 16
        line = " ".join(self._whole.split())
        cut = self.fontMetrics().elidedText(line, Qt.TextElideMode.ElideMiddle, max(room, 0))
        if cut != self.text():
            self.setText(cut)
