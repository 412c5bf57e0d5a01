"""How the program looks, and what it begins with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QCheckBox, QComboBox

from app.settings.page import Page
from app.theme.look import DARK, LIGHT, SYSTEM
from app.words import translate

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from app.program import Program

SCALES = (100, 125, 150, 175, 200)


class GeneralPage(Page):
    """Theme, size, animation, start."""

    def __init__(self, program: Program, parent: QWidget | None = None) -> None:
        super().__init__(program.look, parent)
        self._program = program
        preferences = program.preferences
        self.heading(translate("Settings", "Appearance"))
        self.theme = QComboBox(self)
        self.theme.addItem(translate("Menus", "Dark"), DARK)
        self.theme.addItem(translate("Menus", "Light"), LIGHT)
        self.theme.addItem(translate("Menus", "As the system"), SYSTEM)
        self.theme.setCurrentIndex(self.theme.findData(preferences.theme))
        self.theme.currentIndexChanged.connect(self._choose_theme)
        program.look.changed.connect(self._show_theme)
        self.row(translate("Settings", "Theme"), self.theme)
        self.scale = QComboBox(self)
        for percent in SCALES:
            self.scale.addItem(f"{percent} %", percent)
        self.scale.setCurrentIndex(self.scale.findData(preferences.scale))
        self.scale.currentIndexChanged.connect(self._choose_scale)
        self.row(translate("Settings", "Size"), self.scale)
        self.later = self.hint(translate("Settings", "The new size holds from the next start."))
        self.later.hide()
        self.still = QCheckBox(translate("Settings", "No animation"), self)
        self.still.setChecked(preferences.still)
        self.still.toggled.connect(self._choose_still)
        self.column.addWidget(self.still)
        self.heading(translate("Settings", "At the start"))
        self.reopen = QCheckBox(translate("Settings", "Open the files of last time"), self)
        self.reopen.setChecked(preferences.reopen)
        self.reopen.toggled.connect(self._choose_reopen)
        self.column.addWidget(self.reopen)
        self.hint(translate("Settings", "After a crash, unsaved work is offered back in any case."))
        self.column.addStretch(1)

    def _choose_theme(self) -> None:
        self._program.choose_theme(self.theme.currentData())

    def _show_theme(self) -> None:
        self.theme.setCurrentIndex(self.theme.findData(self._program.look.choice))

    def _choose_scale(self) -> None:
        self._program.preferences.scale = self.scale.currentData()
        self._program.remember()
        self.later.show()

    def _choose_still(self, still: bool) -> None:  # noqa: FBT001 - a signal's argument
        self._program.preferences.still = self._program.look.still = still
        self._program.remember()

    def _choose_reopen(self, reopen: bool) -> None:  # noqa: FBT001 - a signal's argument
        self._program.preferences.reopen = reopen
        self._program.remember()
