"""The look of the running application: its colours and fonts, and when they change."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication

from app.theme.colours import Colours, load_colours
from app.theme.fonts import Fonts, load_fonts

SYSTEM, DARK, LIGHT = "system", "dark", "light"


class Look(QObject):
    """Holds the colours and fonts that all views paint with; `changed` tells them to repaint."""

    changed = Signal()

    def __init__(self, choice: str = DARK, parent: QObject | None = None) -> None:
        """Begin with `choice`: "dark", "light", or "system" for what the desktop prefers."""
        super().__init__(parent)
        self.choice = choice
        self.still = False
        """Whether nothing is to be animated."""
        self.fonts: Fonts = load_fonts()
        self.colours: Colours = load_colours(_resolve(choice))
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._follow_system)

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
