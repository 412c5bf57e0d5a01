"""The history panel: every run there was, to look at, to find, and to open again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPoint, Qt, QTimer, Signal
from PySide6.QtWidgets import QLineEdit, QMenu, QVBoxLayout, QWidget

from app.panels.history_model import HistoryModel
from app.panels.run_rows import RunList
from app.words import translate

if TYPE_CHECKING:
    from PySide6.QtGui import QShowEvent

    from app.runs import Runs
    from app.theme.look import Look
    from graph.runs.history import RunRow

_TYPING_MS = 150
"""How long to wait for the next letter before looking."""


class HistoryPanel(QWidget):
    """Double-click a run to open its graph as a new document.

    Signals:
        opened(bytes, str): a graph is to be opened, as `graph.format.dump` wrote it, and its name.
        refused(str): why it cannot be.
    """

    opened = Signal(bytes, str)
    refused = Signal(str)

    def __init__(self, runs: Runs, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("runs")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._runs = runs
        self.model = HistoryModel(runs, self)
        self.field = QLineEdit(self)
        self.list = RunList(look, self)
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING_MS)
        self._arrange()
        self._typing.timeout.connect(self._filter)
        self.field.textChanged.connect(lambda _: self._typing.start())
        self.list.chosen.connect(self._open)
        self.list.customContextMenuRequested.connect(self._menu)
        self.model.modelReset.connect(self._word)
        self._filter()

    def _arrange(self) -> None:
        self.field.setPlaceholderText(translate("History", "Find by prompt or graph"))
        self.field.setAccessibleName(translate("History", "Find runs"))
        self.field.setClearButtonEnabled(True)
        self.field.setMinimumHeight(32)
        self.list.setModel(self.model)
        self.list.setAccessibleName(translate("History", "Runs"))
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 4)
        whole.setSpacing(4)
        top = QVBoxLayout()
        top.setContentsMargins(8, 8, 8, 0)
        top.addWidget(self.field)
        whole.addLayout(top)
        whole.addWidget(self.list, 1)

    def showEvent(self, event: QShowEvent) -> None:
        """Qt: what happened while nobody looked is read now."""
        super().showEvent(event)
        self.model.renew()

    def _filter(self) -> None:
        self.model.filter(self.field.text())

    def _word(self) -> None:
        none = translate("History", "No runs yet.")
        unfound = translate("History", "No run has these words.")
        self.list.empty_words = unfound if self.model.filtered else none
        if self._runs.history is None:
            self.list.empty_words = translate("History", "Runs are not kept.")

    def _open(self, index: QModelIndex) -> None:
        row = self.model.row(index)
        if row is not None:
            self._open_row(row)

    def _open_row(self, row: RunRow) -> None:
        history = self._runs.history
        data = history.graph(row.id) if history is not None else None
        if data is None:
            self.refused.emit(translate("History", "The graph of this run cannot be read"))
        else:
            self.opened.emit(data, row.document)

    def _menu(self, at: QPoint) -> None:
        row = self.model.row(self.list.indexAt(at))
        if row is None:
            return
        menu = QMenu(self)
        menu.addAction(translate("History", "Open graph"), lambda: self._open_row(row))
        kept = menu.addAction(translate("History", "Keep for good"))
        kept.setCheckable(True)
        kept.setChecked(row.kept)
        kept.toggled.connect(lambda on: self._runs.keep(row.id, kept=on))
        menu.addSeparator()
        menu.addAction(translate("History", "Forget this run"), lambda: self._runs.forget(row.id))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.list.viewport().mapToGlobal(at))
