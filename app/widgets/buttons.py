"""Small buttons with an icon, beside a field."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QToolButton

from app.theme.icons import icon

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from app.theme.look import Look

_SIDE, _ICON = 28, 16


class IconButton(QToolButton):
    """Named for tooltip and screen reader; the icon follows the theme."""

    def __init__(self, name: str, words: str, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._name = name
        self._look = look
        self.setObjectName("icon")
        self.setFixedSize(_SIDE, _SIDE)
        self.setIconSize(QSize(_ICON, _ICON))
        self.setToolTip(words)
        self.setAccessibleName(words)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        look.changed.connect(self.dress)
        self.dress()

    def show_icon(self, name: str, words: str) -> None:
        """Show another icon, which says something else."""
        self._name = name
        self.setToolTip(words)
        self.setAccessibleName(words)
        self.dress()

    def dress(self) -> None:
        """Draw the icon in the colours of the theme."""
        colours = self._look.colours
        self.setIcon(icon(self._name, colours.text, colours.faint))
