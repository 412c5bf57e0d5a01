"""Finding in the graph: words at the top of the canvas, Return walks through what holds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QWidget

from app.words import translate
from graph.finding import MOST, find

if TYPE_CHECKING:
    from app.canvas.canvas import Canvas
    from graph.finding import Found

_WIDTH = 320


class FindBar(QFrame):
    """Lies over the upper right corner of the canvas while something is looked for."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self.setObjectName("find")
        self.field = QLineEdit(self)
        self.field.setPlaceholderText(translate("Find", "Find titles, values, types"))
        self.field.setAccessibleName(translate("Find", "Find in the graph"))
        self.field.setFixedHeight(30)
        self.count = QLabel(self)
        self.count.setMinimumWidth(72)
        self.count.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 8, 12, 8)
        row.addWidget(self.field, 1)
        row.addWidget(self.count)
        self._found: list[Found] = []
        self._at = -1
        self.field.textChanged.connect(self._look)
        self.field.installEventFilter(self)
        self.setFixedWidth(_WIDTH)
        self.adjustSize()
        self.hide()

    def open(self) -> None:
        """Ask for words; those asked for last are still there."""
        self.show()
        self.raise_()
        self.field.setFocus()
        self.field.selectAll()
        self._look(self.field.text())

    def close_bar(self) -> None:
        """Go away; what was found stays selected."""
        if self.isVisible():
            self.hide()
            self._canvas.view.setFocus()

    def _look(self, words: str) -> None:
        level = self._canvas.level
        self._found = find(level.document.graph, level.document.catalog, words)
        self._at = -1
        self._tell()

    def step(self, by: int) -> None:
        """Go to the next thing that was found, or the one before."""
        if not self._found:
            return
        first = 0 if by > 0 else len(self._found) - 1
        self._at = first if self._at < 0 else (self._at + by) % len(self._found)
        self._canvas.show_part(self._found[self._at].path, self._found[self._at].part)
        self._tell()

    def _tell(self) -> None:
        count = len(self._found)
        if not self.field.text().strip():
            self.count.setText("")
        elif not count:
            self.count.setText(translate("Find", "Nothing"))
        else:
            more = "+" if count >= MOST else ""
            place = f"{self._at + 1} / " if self._at >= 0 else ""
            self.count.setText(f"{place}{count}{more}")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt: Return and the arrows walk, Escape ends."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            back = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            match event.key():
                case Qt.Key.Key_Return | Qt.Key.Key_Enter | Qt.Key.Key_F3:
                    self.step(-1 if back else 1)
                case Qt.Key.Key_Down:
                    self.step(1)
                case Qt.Key.Key_Up:
                    self.step(-1)
                case Qt.Key.Key_Escape:
                    self.close_bar()
                case _:
                    return super().eventFilter(watched, event)
            return True
        return super().eventFilter(watched, event)


def place_bar(bar: QWidget, over: QWidget) -> None:
    """Put `bar` into the upper right corner of `over`."""
    bar.move(over.width() - bar.width() - 8, 8)
