"""Where one is among subgraphs: a row of names, each of which leads back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLayout, QPushButton, QWidget

from app.words import translate

if TYPE_CHECKING:
    from app.level import Level

_LONGEST = 24
"""Characters of a name that are shown."""


class Crumbs(QFrame):
    """Lies over the upper left corner of the canvas while the inside of a subgraph is shown."""

    def __init__(self, level: Level, parent: QWidget) -> None:
        super().__init__(parent)
        self._level = level
        self.setObjectName("crumbs")
        self.setAccessibleName(translate("Canvas", "Way into subgraphs"))
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(8, 4, 8, 4)
        self._row.setSpacing(0)
        self._row.setSizeConstraint(QLayout.SizeConstraint.SetFixedSize)
        self._names: list[str] = []
        level.entered.connect(self.refresh)
        level.changed.connect(lambda _: self.refresh())
        level.document.stateChanged.connect(self.refresh)
        self.refresh()

    @property
    def names(self) -> list[str]:
        """What is shown, from the document inwards."""
        return list(self._names) if self._level.path else []

    def refresh(self) -> None:
        """Show the way to where one is."""
        names = list(self._level.titles)
        self.setVisible(bool(self._level.path))
        if names == self._names and self._row.count():
            return
        self._names = names
        while (item := self._row.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for depth, name in enumerate(names):
            if depth:
                self._row.addWidget(QLabel("/", self))
            self._row.addWidget(self._crumb(depth, name, last=depth == len(names) - 1))

    def _crumb(self, depth: int, name: str, *, last: bool) -> QWidget:
        short = name if len(name) <= _LONGEST else name[: _LONGEST - 1] + "…"
        if last:
            label = QLabel(short, self)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setObjectName("here")
            return label
        button = QPushButton(short.replace("&", "&&"), self)
        button.setFlat(True)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.setToolTip(translate("Canvas", "Go back to {0}").format(name))
        button.clicked.connect(lambda: self._level.go(self._level.path[:depth]))
        return button
