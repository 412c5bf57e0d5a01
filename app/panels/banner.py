"""A quiet banner over the canvas, for news that should not be missed and stops nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton

from app.words import translate

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget


class Banner(QFrame):
    """Shows one sentence until it is dismissed or another run is asked for."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("banner")
        self.text = QLabel(self)
        self.text.setWordWrap(True)
        self.dismiss = QToolButton(self)
        self.dismiss.setText(translate("Banner", "Dismiss"))
        self.dismiss.clicked.connect(self.hide)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 8, 8)
        row.addWidget(self.text, 1)
        row.addWidget(self.dismiss)
        self.hide()

    def tell(self, text: str) -> None:
        """Show `text`."""
        self.text.setText(text)
        self.show()
