"""A line of help under a field that is written into: its limits, its result, or what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel

from app.theme.marks import set_mark

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

_GAP = 4
_WIDEST = 320


class Bubble(QLabel):
    """Lies in the window under one field, and takes no click."""

    def __init__(self, owner: QWidget) -> None:
        super().__init__(owner.window())
        self._owner = owner
        self.setObjectName("bubble")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setMaximumWidth(_WIDEST)
        owner.destroyed.connect(self.deleteLater)
        self.hide()

    def tell(self, text: str, *, wrong: bool = False) -> None:
        """Show `text` under the field; go away without one."""
        if not text or not self._owner.isVisible():
            self.hide()
            return
        set_mark(self, "tone", "error" if wrong else "")
        self.setText(text)
        if self.parentWidget() is not self._owner.window():
            self.setParent(self._owner.window())
        one_line = self.fontMetrics().horizontalAdvance(text) + 24
        self.setFixedWidth(min(one_line, _WIDEST))
        self.adjustSize()
        self.move(self._place())
        self.show()
        self.raise_()

    def _place(self) -> QPoint:
        """Return where to lie: under the field, or above it where there is no room."""
        window = self._owner.window()
        below = self._owner.mapTo(window, QPoint(0, self._owner.height() + _GAP))
        if below.y() + self.height() > window.height():
            below = self._owner.mapTo(window, QPoint(0, -self.height() - _GAP))
        return QPoint(max(0, min(below.x(), window.width() - self.width())), below.y())
