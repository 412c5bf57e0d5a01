"""The log as a list: what nodes, the engine and the program said."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QListView, QPushButton, QVBoxLayout, QWidget

from app.logbook import Entry, Level
from app.words import translate

if TYPE_CHECKING:
    from app.logbook import LogBook
    from app.theme.look import Look

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
ENTRY = Qt.ItemDataRole.UserRole


class LogModel(QAbstractListModel):
    """The lines of a log book."""

    def __init__(self, book: LogBook, look: Look, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._entries = list(book.entries)
        self._book = book
        book.added.connect(self._add)
        book.dropped.connect(self._drop)

    def _add(self, count: int) -> None:
        new = [self._book.entries[at] for at in range(-count, 0)]
        first = len(self._entries)
        self.beginInsertRows(QModelIndex(), first, first + count - 1)
        self._entries += new
        self.endInsertRows()

    def _drop(self, count: int) -> None:
        self.beginRemoveRows(QModelIndex(), 0, count - 1)
        del self._entries[:count]
        self.endRemoveRows()

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """Qt: the number of rows."""
        return 0 if parent.isValid() else len(self._entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Qt: what a row shows."""
        entry = self._entries[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return words_of(entry)
        if role == ENTRY:
            return entry
        if role == Qt.ItemDataRole.ForegroundRole:
            colours = self._look.colours
            return {Level.ERROR: colours.error, Level.NOTE: colours.muted}.get(entry.level)
        if role == Qt.ItemDataRole.ToolTipRole:
            return entry.text
        return None


class _Filter(QSortFilterProxyModel):
    """Lets through what matters enough."""

    least = Level.OUTPUT

    def filterAcceptsRow(self, row: int, parent: Index) -> bool:
        """Qt: whether a row is shown."""
        entry = self.sourceModel().index(row, 0, parent).data(ENTRY)
        return isinstance(entry, Entry) and entry.level >= self.least

    def set_least(self, level: Level) -> None:
        """Show what matters at least as much as `level`."""
        self.beginResetModel()
        self.least = level
        self.endResetModel()


class LogPanel(QWidget):
    """Shows a log book.

    Signals:
        chosen(Entry): a line was clicked.
    """

    chosen = Signal(object)

    def __init__(self, book: LogBook, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines = _Filter(self)
        self._lines.setSourceModel(LogModel(book, look, self))
        self.list = QListView(self)
        self.list.setObjectName("list")
        self.list.setAccessibleName(translate("Log", "Log"))
        self.list.setModel(self._lines)
        self.list.setUniformItemSizes(True)
        self.list.setSelectionMode(QListView.SelectionMode.ExtendedSelection)
        self.list.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.list.clicked.connect(lambda index: self.chosen.emit(index.data(ENTRY)))
        self.level = QComboBox(self)
        self.level.addItem(translate("Log", "Everything"), Level.OUTPUT)
        self.level.addItem(translate("Log", "Notes and errors"), Level.NOTE)
        self.level.addItem(translate("Log", "Errors"), Level.ERROR)
        self.level.currentIndexChanged.connect(
            lambda _: self._lines.set_least(Level(self.level.currentData()))
        )
        self.copy = QPushButton(translate("Log", "Copy"), self)
        self.copy.clicked.connect(self.copy_lines)
        self.clear = QPushButton(translate("Log", "Clear"), self)
        self.clear.clicked.connect(book.clear)
        key = QAction(self.list)
        key.setShortcut(QKeySequence.StandardKey.Copy)
        key.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        key.triggered.connect(self.copy_lines)
        self.list.addAction(key)
        self._follow = True
        self._lines.rowsAboutToBeInserted.connect(self._note_end)
        self._lines.rowsInserted.connect(self._keep_end)
        self._arrange()

    def _arrange(self) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(8, 8, 8, 8)
        row.setSpacing(8)
        row.addWidget(self.level)
        row.addStretch(1)
        row.addWidget(self.copy)
        row.addWidget(self.clear)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self.list, 1)

    def _note_end(self) -> None:
        bar = self.list.verticalScrollBar()
        self._follow = bar.value() >= bar.maximum()

    def _keep_end(self) -> None:
        if self._follow:
            self.list.scrollToBottom()

    def copy_lines(self) -> None:
        """Put the selected lines on the clipboard; all that are shown, without a selection."""
        indexes = sorted(self.list.selectedIndexes(), key=lambda index: index.row())
        indexes = indexes or [self._lines.index(row, 0) for row in range(self._lines.rowCount())]
        text = "\n".join(words_of(index.data(ENTRY)) for index in indexes)
        QGuiApplication.clipboard().setText(text)


def words_of(entry: Entry) -> str:
    """Return a line as it is shown and copied."""
    clock = time.strftime("%H:%M:%S", time.localtime(entry.when))
    who = f"{entry.title or entry.node}: " if entry.node else ""
    return f"{clock}  {who}{entry.text}"
