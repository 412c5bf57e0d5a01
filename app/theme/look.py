"""The look of the running application: its colours and fonts, and when they change."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from app.theme.colours import Colours, load_colours
from app.theme.fonts import Fonts, load_fonts

SYSTEM, DARK, LIGHT = "system", "dark", "light"
_EFFECTS = (
    Qt.UIEffect.UI_AnimateMenu,
    Qt.UIEffect.UI_FadeMenu,
    Qt.UIEffect.UI_AnimateCombo,
    Qt.UIEffect.UI_AnimateTooltip,
    Qt.UIEffect.UI_FadeTooltip,
    Qt.UIEffect.UI_AnimateToolBox,
)
"""What Qt moves by itself."""


class Look(QObject):
    """Holds the colours and fonts that all views paint with; `changed` tells them to repaint."""

    changed = Signal()

    def __init__(self, choice: str = DARK, parent: QObject | None = None) -> None:
        """Begin with `choice`: "dark", "light", or "system" for what the desktop prefers."""
        super().__init__(parent)
        self.choice = choice
        self._still = False
        self._flash_ms = QApplication.cursorFlashTime()
        self.fonts: Fonts = load_fonts()
        self.colours: Colours = load_colours(_resolve(choice))
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._follow_system)

    @property
    def still(self) -> bool:
        """Whether nothing is to move by itself: menus appear at once, the text cursor stays."""
        return self._still

    @still.setter
    def still(self, still: bool) -> None:
        self._still = still
        for effect in _EFFECTS:
            QApplication.setEffectEnabled(effect, not still)
        QApplication.setCursorFlashTime(0 if still else self._flash_ms)

    def choose(self, choice: str) -> None:
        """Use another theme from now on."""
        self.choice = choice
        name = _resolve(choice)
        if name != self.colours.name:
            self.colours = load_colours(name)
            self.changed.emit()

    def _follow_system(self) -> None:
        if self.choice == SYSTEM:
            self.choose(SYSTEM)


def _resolve(choice: str) -> str:
    if choice != SYSTEM:
        return choice
    scheme = QGuiApplication.styleHints().colorScheme()
    return LIGHT if scheme == Qt.ColorScheme.Light else DARK
