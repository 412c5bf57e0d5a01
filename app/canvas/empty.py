"""What an empty canvas says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.words import translate

if TYPE_CHECKING:
    from app.level import Level
    from app.theme.look import Look


class EmptyHint(QWidget):
    """Lies over the canvas while there is no node, and lets the mouse through."""

    def __init__(self, document: Level, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._document = document
        self.setObjectName("empty")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        head = QLabel(translate("Canvas", "An empty graph"), self)
        head.setFont(look.fonts.large)
        text = QLabel(
            translate("Canvas", "Press Tab to add a node, or open a template from the File menu."),
            self,
        )
        column = QVBoxLayout(self)
        column.setSpacing(8)
        column.addStretch(1)
        for label in (head, text):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column.addWidget(label)
        column.addStretch(1)
        document.changed.connect(lambda _: self.refresh())
        self.refresh()

    def refresh(self) -> None:
        """Be there when there is nothing else."""
        self.setVisible(not self._document.graph.nodes)
