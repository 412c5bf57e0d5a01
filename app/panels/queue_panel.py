"""The queue panel: what runs, what waits, and in which order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelectionModel, QPoint, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QListView, QMenu, QToolButton, QVBoxLayout, QWidget

from app.panels.elided import ElidedLabel
from app.panels.queue_model import QueueModel
from app.panels.run_rows import RunList
from app.words import translate

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.runs import Runs
    from app.theme.look import Look


class QueuePanel(QWidget):
    """Drag what waits to another place; pause, remove, let one be the next."""

    def __init__(self, runs: Runs, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("runs")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._runs = runs
        self.model = QueueModel(runs, self)
        self.words = ElidedLabel(self)
        self.hold = QToolButton(self)
        self.list = RunList(look, self)
        self.next = self._action(translate("Queue", "Run next"), "", self._front)
        self.remove = self._action(translate("Queue", "Remove"), "Del", self._remove)
        self.stop = self._action(translate("Queue", "Stop"), "", runs.stop)
        self._arrange()
        self.hold.clicked.connect(self._switch)
        self.list.customContextMenuRequested.connect(self._menu)
        self.list.selectionModel().selectionChanged.connect(lambda *_: self.refresh())
        self.model.modelAboutToBeReset.connect(self._note_chosen)
        self.model.modelReset.connect(self._choose_again)
        runs.changed.connect(self.refresh)
        self._chosen: list[str] = []
        self.refresh()

    def _action(self, text: str, key: str, act: Callable[[], None]) -> QAction:
        action = QAction(text, self)
        if key:
            action.setShortcut(QKeySequence(key))
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.triggered.connect(lambda *_: act())
        self.addAction(action)
        return action

    def _arrange(self) -> None:
        self.list.setModel(self.model)
        self.list.setAccessibleName(translate("Queue", "Queued runs"))
        self.list.empty_words = translate(
            "Queue", "Nothing is queued.\nRun while a run goes on puts another behind it."
        )
        self.list.setSelectionMode(QListView.SelectionMode.ExtendedSelection)
        self.list.setDragDropMode(QListView.DragDropMode.InternalMove)
        self.list.setDefaultDropAction(Qt.DropAction.MoveAction)
        top, bottom = QHBoxLayout(), QHBoxLayout()
        top.setContentsMargins(12, 4, 4, 4)
        top.addWidget(self.words, 1)
        top.addWidget(self.hold)
        bottom.setContentsMargins(4, 4, 4, 4)
        bottom.setSpacing(0)
        for action in (self.next, self.remove):
            button = QToolButton(self)
            button.setDefaultAction(action)
            bottom.addWidget(button)
        bottom.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(top)
        whole.addWidget(self.list, 1)
        whole.addLayout(bottom)

    def refresh(self) -> None:
        """Bring words and buttons in step with the queue."""
        queue = self._runs.queue
        self.words.set_text(self._state())
        self.words.setToolTip(queue.why)
        going = not (queue.paused or queue.held)
        self.hold.setText(translate("Queue", "Pause") if going else translate("Queue", "Resume"))
        chosen = bool(self._keys())
        self.next.setEnabled(chosen)
        self.remove.setEnabled(chosen)
        self.stop.setEnabled(self._runs.current is not None and not self._runs.stopping)

    def _state(self) -> str:
        queue = self._runs.queue
        count, held = len(queue.waiting), len(queue.held)
        if queue.paused:
            return translate("Queue", "Paused, {0} waiting").format(count)
        if held:
            return translate("Queue", "{0} from the last session").format(held)
        return translate("Queue", "{0} waiting").format(count) if count else ""

    def _keys(self) -> list[str]:
        return self.model.keys(self.list.selectionModel().selectedRows())

    def _switch(self) -> None:
        if self._runs.queue.paused or self._runs.queue.held:
            self._runs.resume()
        else:
            self._runs.queue.pause()

    def _front(self) -> None:
        self._runs.front(self._keys())

    def _remove(self) -> None:
        self._runs.queue.remove(self._keys())

    def _menu(self, at: QPoint) -> None:
        menu = QMenu(self)
        index = self.list.indexAt(at)
        waits = index.isValid() and bool(self.model.keys([index]))
        menu.addActions([self.next, self.remove] if waits else [self.stop])
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.list.viewport().mapToGlobal(at))

    # A queue that changed keeps what is selected

    def _note_chosen(self) -> None:
        self._chosen = self._keys()

    def _choose_again(self) -> None:
        flag = QItemSelectionModel.SelectionFlag.Select
        for key in self._chosen:
            row = self.model.row_of(key)
            if row >= 0:
                self.list.selectionModel().select(self.model.index(row), flag)
        self.refresh()
