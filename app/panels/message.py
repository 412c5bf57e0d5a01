"""The message in the status bar: the last word, and whether it is about trouble."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.panels.elided import ElidedLabel

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget


class MessageLabel(ElidedLabel):
    """Shows one message until the next."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("message")

    def tell(self, text: str) -> None:
        """Show `text`."""
        self._show(text, "")

    def warn(self, text: str) -> None:
        """Show `text`, which is about trouble."""
        self._show(text, "error")

    def _show(self, text: str, tone: str) -> None:
        self.setProperty("tone", tone)
        # A style sheet looks at properties only when it is applied.
        self.style().unpolish(self)
        self.style().polish(self)
        self.set_text(text)
        self.setToolTip(text)
