"""A crash report on the screen, to be read, copied, or found in its folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
)

from app.words import translate

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtWidgets import QWidget

    from app.theme.look import Look

_SIZE = (760, 460)


class ReportWindow(QDialog):
    """Shows the report in a file."""

    def __init__(self, path: Path, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(translate("Report", "Crash report"))
        self.resize(*_SIZE)
        self._path = path
        told = QLabel(
            translate("Report", "This stays on your machine. To report it, copy the text."), self
        )
        self.text = QPlainTextEdit(self)
        self.text.setReadOnly(True)
        self.text.setFont(look.fonts.small)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setPlainText(_read(path))
        self.copy = QPushButton(translate("Report", "Copy"), self)
        self.copy.setProperty("usual", True)  # noqa: FBT003 - Qt's signature
        self.copy.clicked.connect(self._copy)
        self.folder = QPushButton(translate("Report", "Open folder"), self)
        self.folder.clicked.connect(self._open_folder)
        close = QPushButton(translate("Report", "Close"), self)
        close.clicked.connect(self.close)
        self.copy.setFocus()
        row = QHBoxLayout()
        row.addWidget(self.copy)
        row.addWidget(self.folder)
        row.addStretch(1)
        row.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addWidget(told)
        column.addWidget(self.text, 1)
        column.addLayout(row)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())

    def _open_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._path.parent)))


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        return str(error)
