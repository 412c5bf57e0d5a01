"""The undo history as a list: what was done, where the document stands, what was undone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QListView

from app.words import translate

if TYPE_CHECKING:
    from PySide6.QtGui import QHideEvent, QShowEvent
    from PySide6.QtWidgets import QWidget

    from app.document import Document
    from app.theme.look import Look

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


class StepsModel(QAbstractListModel):
    """The steps of one document; the first row is how it began."""

    def __init__(self, look: Look, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._document: Document | None = None

    def show_document(self, document: Document | None) -> None:
        """Show the steps of `document`, or none."""
        if self._document is not None:
            self._document.edited.disconnect(self._renew)
            self._document.travelled.disconnect(self._renew)
        self._document = document
        if document is not None:
            # Told before the graph changes, but after the step is recorded.
            document.edited.connect(self._renew)
            document.travelled.connect(self._renew)
        self._renew()

    def _renew(self, *_: object) -> None:
        self.beginResetModel()
        self.endResetModel()

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """Qt: the number of rows."""
        if parent.isValid() or self._document is None:
            return 0
        return len(self._document.steps) + 1

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Qt: what a row shows."""
        document = self._document
        if document is None or not index.isValid():
            return None
        row = index.row()
        if role == Qt.ItemDataRole.DisplayRole:
            return document.steps[row - 1].name if row else translate("Undo", "As it began")
        if role == Qt.ItemDataRole.ForegroundRole and row > document.position:
            return self._look.colours.faint
        if role == Qt.ItemDataRole.FontRole and row == document.position:
            return self._look.fonts.strong
        return None


class UndoPanel(QListView):
    """Click a step to go to where it was done."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("list")
        self.setAccessibleName(translate("Undo", "Undo history"))
        self.setUniformItemSizes(True)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self._document: Document | None = None
        self._steps = StepsModel(look, self)
        self.setModel(self._steps)
        self._steps.modelReset.connect(self._mark)
        self.clicked.connect(lambda index: self._go(index.row()))
        self.activated.connect(lambda index: self._go(index.row()))

    def show_document(self, document: Document) -> None:
        """Show the steps of `document`."""
        self._document = document
        if self.isVisible():
            self._steps.show_document(document)

    def _mark(self) -> None:
        if self._document is not None:
            here = self._steps.index(self._document.position)
            self.setCurrentIndex(here)
            self.scrollTo(here)

    def _go(self, row: int) -> None:
        if self._document is not None:
            self._document.travel(row)

    def showEvent(self, event: QShowEvent) -> None:
        """Qt: follow the document only while it is seen."""
        super().showEvent(event)
        self._steps.show_document(self._document)

    def hideEvent(self, event: QHideEvent) -> None:
        """Qt: see above."""
        super().hideEvent(event)
        self._steps.show_document(None)
