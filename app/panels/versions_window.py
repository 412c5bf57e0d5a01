"""The earlier versions of a document's file, to be opened beside it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
)

from app.words import translate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget

    from app.versions import Version

_SIZE = (480, 420)
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class VersionsWindow(QDialog):
    """Lists versions, the newest first.

    Signals:
        chosen(Version, str): a version is to be opened; the text says when it was.
    """

    chosen = Signal(object, str)

    def __init__(
        self, name: str, versions: Sequence[Version], parent: QWidget | None = None
    ) -> None:
        """List `versions` of the file called `name`."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(translate("Versions", "Versions of {0}").format(name))
        self.resize(*_SIZE)
        self._versions = list(versions)
        self.list = QTreeWidget(self)
        self.list.setObjectName("list")
        self.list.setRootIsDecorated(False)
        self.list.setHeaderLabels([translate("Versions", "Saved"), translate("Versions", "Nodes")])
        self.list.header().setStretchLastSection(False)
        self.list.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.list.headerItem().setTextAlignment(1, _RIGHT)
        for version in self._versions:
            item = QTreeWidgetItem([when(version), str(version.nodes)])
            item.setTextAlignment(1, _RIGHT)
            self.list.addTopLevelItem(item)
        self.list.itemActivated.connect(lambda *_: self._open())
        words = translate("Versions", "A version opens as a new document; the file stays as it is.")
        if not self._versions:
            words = translate("Versions", "None yet: each save keeps one.")
        told = QLabel(words, self)
        told.setProperty("tone", "muted")
        told.setWordWrap(True)
        self.opener = QPushButton(translate("Versions", "Open"), self)
        self.opener.setProperty("usual", True)  # noqa: FBT003 - Qt's signature
        self.opener.setEnabled(bool(self._versions))
        self.opener.clicked.connect(self._open)
        close = QPushButton(translate("Versions", "Close"), self)
        close.clicked.connect(self.close)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(close)
        row.addWidget(self.opener)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addWidget(told)
        column.addWidget(self.list, 1)
        column.addLayout(row)
        if self._versions:
            self.list.setCurrentIndex(self.list.model().index(0, 0))

    def _open(self) -> None:
        at = self.list.currentIndex().row()
        if at >= 0:
            version = self._versions[at]
            self.chosen.emit(version, when(version))
            self.close()


def when(version: Version) -> str:
    """Return when a version was kept, as the user's clock has it."""
    return time.strftime("%d %b %Y, %H:%M:%S", time.localtime(version.seconds))
