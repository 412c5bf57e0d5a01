"""The window of the settings: a list of pages, and the page that is chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QListWidget, QStackedWidget

from app.settings.folders import FoldersPage
from app.settings.general import GeneralPage
from app.settings.keys_page import KeysPage
from app.settings.storage import StoragePage
from app.words import translate

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from app.program import Program

_SIZE = (780, 560)
_LIST_WIDTH = 176


class SettingsWindow(QDialog):
    """Stays open beside the work: there is nothing to confirm."""

    def __init__(self, program: Program, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(translate("Settings", "Settings"))
        self.resize(*_SIZE)
        self.list = QListWidget(self)
        self.list.setObjectName("pages")
        self.list.setFixedWidth(_LIST_WIDTH)
        self.pages = QStackedWidget(self)
        for title, page in (
            (translate("Settings", "General"), GeneralPage(program, self)),
            (translate("Settings", "Folders"), FoldersPage(program, self)),
            (translate("Settings", "Memory and disk"), StoragePage(program, self)),
            (translate("Settings", "Keys"), KeysPage(program, self)),
        ):
            self.list.addItem(title)
            self.pages.addWidget(page)
        self.list.currentRowChanged.connect(self.pages.setCurrentIndex)
        self.list.setCurrentRow(0)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.list)
        row.addWidget(self.pages, 1)
