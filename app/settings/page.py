"""What all pages of the settings look like: headings, and rows of a label and what it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

if TYPE_CHECKING:
    from app.theme.look import Look

_MARGIN = 24
_LABEL_WIDTH = 150


class Page(QWidget):
    """A column of headings, rows and other parts."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(_MARGIN, _MARGIN, _MARGIN, _MARGIN)
        self.column.setSpacing(8)
        self._grid: QGridLayout | None = None

    def heading(self, text: str) -> None:
        """Begin a part called `text`."""
        if self.column.count():
            self.column.addSpacing(16)
        label = QLabel(text, self)
        label.setFont(self._look.fonts.strong)
        self.column.addWidget(label)
        self._grid = None

    def row(self, text: str, *widgets: QWidget) -> None:
        """Add a row: a label, and `widgets` beside it."""
        if self._grid is None:
            self._grid = QGridLayout()
            self._grid.setHorizontalSpacing(16)
            self._grid.setVerticalSpacing(8)
            self._grid.setColumnMinimumWidth(0, _LABEL_WIDTH)
            self._grid.setColumnStretch(1, 1)
            self.column.addLayout(self._grid)
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(widgets[0], len(widgets) - 1)
        for widget in widgets[1:]:
            line.addWidget(widget)
        if len(widgets) == 1:
            line.addStretch(1)
        label = QLabel(text, self)
        label.setBuddy(widgets[0])
        at = self._grid.rowCount()
        self._grid.addWidget(label, at, 0)
        self._grid.addLayout(line, at, 1)

    def hint(self, text: str) -> QLabel:
        """Add a quiet sentence, and return its label."""
        label = QLabel(text, self)
        label.setProperty("tone", "muted")
        label.setWordWrap(True)
        self.column.addWidget(label)
        self._grid = None
        return label
