"""A popup to pick one thing from many: type a few letters, press Return."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QListView, QToolButton

from app.theme.marks import set_mark
from app.widgets.picks import ROW, TALL_ROW, Pick, PicksDelegate, PicksModel, found
from app.widgets.popup import Popup
from app.words import translate

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from app.theme.look import Look

_WIDTH = 320
_MOST_ROWS = 9
_SEARCHED = 8
"""From so many on there is a field to search in."""


class Picker(Popup):
    """Shows `picks`.

    Signals:
        picked(object): the value of the pick that was chosen.
    """

    picked = Signal(object)

    def __init__(self, picks: list[Pick], look: Look, parent: QWidget, *, name: str) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._picks = picks
        pictures = any(pick.path is not None for pick in picks)
        self.field = QLineEdit(self)
        self.field.setPlaceholderText(translate("Picker", "Search"))
        self.field.setAccessibleName(translate("Picker", "Search"))
        self.field.setFixedHeight(32)
        self.list = QListView(self)
        self.list.setObjectName("picks")
        self.list.setAccessibleName(name)
        self._model = PicksModel(self)
        self._delegate = PicksDelegate(self._model, look, self.list)
        self._delegate.pictures = pictures
        self.list.setModel(self._model)
        self.list.setItemDelegate(self._delegate)
        self.list.setMouseTracking(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.clicked.connect(lambda index: self._choose(index.row()))
        self.note = QLabel(self)
        self.note.setObjectName("note")
        self.note.setWordWrap(True)
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        self.note.hide()
        self.feet = QHBoxLayout()
        self.feet.setSpacing(4)
        self.column.addWidget(self.note)
        self.column.addWidget(self.field)
        self.column.addWidget(self.list, 1)
        self.column.addLayout(self.feet)
        self.field.installEventFilter(self)
        self.list.installEventFilter(self)
        self.field.textChanged.connect(self._find)
        self.field.setVisible(sum(bool(pick.label) for pick in picks) >= _SEARCHED)
        rows = min(len(picks), _MOST_ROWS)
        self.list.setFixedHeight(max(1, rows) * (TALL_ROW if pictures else ROW) + 4)
        self.list.setVisible(bool(picks))
        self.setFixedWidth(_WIDTH)
        self._find("")

    def say(self, text: str, *, wrong: bool = False) -> None:
        """Show a sentence above the list."""
        self.note.setText(text)
        set_mark(self.note, "tone", "error" if wrong else "")
        self.note.setVisible(bool(text))

    def add_button(self, words: str, act: Callable[[], object]) -> QToolButton:
        """Add a button under the list; it closes the popup and then acts."""
        button = QToolButton(self)
        button.setObjectName("word")
        button.setText(words)
        button.setAccessibleName(words)

        def clicked() -> None:
            self.close()
            act()

        button.clicked.connect(clicked)
        self.feet.addWidget(button)
        return button

    def open_at(self, anchor: QRect) -> None:
        """Show it, as wide as the field at least."""
        self.setFixedWidth(max(_WIDTH, anchor.width()))
        super().open_at(anchor)
        (self.field if not self.field.isHidden() else self.list).setFocus(
            Qt.FocusReason.PopupFocusReason
        )

    def _find(self, query: str) -> None:
        self._delegate.searching = bool(query.strip())
        self._model.show_picks(found(self._picks, query))
        self._go_to(self._model.first())

    def _go_to(self, row: int) -> None:
        if row >= 0:
            index = self._model.index(row)
            self.list.setCurrentIndex(index)
            self.list.scrollTo(index)

    def _choose(self, row: int) -> None:
        pick = self._model.pick(row)
        if pick is not None and pick.label:
            self.close()
            self.picked.emit(pick.value)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt: arrows and Return are for the list, wherever the focus is."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            row = self.list.currentIndex().row()
            match event.key():
                case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                    self._choose(row)
                case Qt.Key.Key_Down:
                    self._step(row, 1)
                case Qt.Key.Key_Up:
                    self._step(row, -1)
                case Qt.Key.Key_Escape:
                    self.close()
                case _:
                    return super().eventFilter(watched, event)
            return True
        return super().eventFilter(watched, event)

    def _step(self, row: int, by: int) -> None:
        """Go to the next row that can be picked."""
        count = self._model.rowCount()
        for _ in range(count):
            row = (row + by) % count
            pick = self._model.pick(row)
            if pick is not None and pick.label:
                self._go_to(row)
                return
