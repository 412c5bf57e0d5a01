"""Quiet bars over what they concern: news with a way to answer, which stop nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.words import translate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Notice(QFrame):
    """One bar: a sentence, buttons that answer it, and a way to put it away."""

    def __init__(
        self,
        text: str,
        answers: Mapping[str, Callable[[], object]],
        parent: QWidget | None = None,
        *,
        urged: bool = False,
    ) -> None:
        """Show `text`, with a button for each of `answers`, the first of which may be urged."""
        super().__init__(parent)
        self.setObjectName("notice")
        self.setAccessibleName(text)
        self.text = QLabel(text, self)
        self.text.setWordWrap(True)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 12, 8)
        row.setSpacing(8)
        row.addWidget(self.text, 1)
        self.buttons: list[QPushButton] = []
        for words, act in answers.items():
            button = QPushButton(words, self)
            button.setProperty("usual", urged and not self.buttons)
            button.clicked.connect(lambda *_, act=act: act())
            row.addWidget(button)
            self.buttons.append(button)


class Notices(QWidget):
    """The bars of one place, the newest last; a new one takes the place of one with its key."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: dict[str, Notice] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self.hide()

    def tell(
        self,
        key: str,
        text: str,
        answers: Mapping[str, Callable[[], object]] | None = None,
        *,
        stays: bool = False,
        urged: bool = False,
    ) -> Notice:
        """Show `text` under `key`, with `answers`; one that `stays` has to be answered.

        The first answer is `urged` where nearly everybody will want it.
        """
        self.drop(key)
        offered = dict(answers or {})
        if not stays:
            offered[translate("Notice", "Dismiss")] = lambda: self.drop(key)
        notice = Notice(text, offered, self, urged=urged)
        self._shown[key] = notice
        self._column.addWidget(notice)
        notice.show()
        self.show()
        return notice

    def drop(self, key: str) -> None:
        """Take the bar of `key` away, if it is shown."""
        notice = self._shown.pop(key, None)
        if notice is not None:
            self._column.removeWidget(notice)
            notice.hide()
            notice.deleteLater()
        if not self._shown:
            self.hide()

    def get(self, key: str) -> Notice | None:
        """Return the bar of `key`, if it is shown."""
        return self._shown.get(key)
