"""The search box: type a few letters, see what a node does, press Return."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QVBoxLayout,
    QWidget,
)

from app.canvas.search_list import ROW_HEIGHT, FoundDelegate, FoundModel, star_rect
from app.fuzzy import Entry, make_entry, ranked
from app.habits import Habits
from app.words import translate

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from PySide6.QtCore import QModelIndex

    from app.theme.look import Look
    from graph.spec import NodeSpec

_WIDTH, _HEIGHT, _LEAST_HEIGHT = 560, 360, 200


class SearchBox(QFrame):
    """A frame over the canvas; it closes by Escape, a choice, or a click elsewhere.

    Ctrl+D, or a click on the star, makes a type a favourite, which comes before its equals.

    Signals:
        chosen(str): id of the node type.
        closed(): it is gone, chosen or not.
    """

    chosen = Signal(str)
    closed = Signal()

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._over = parent
        self.setObjectName("search")
        self.setAccessibleName(translate("Search", "Add a node"))
        self.habits = Habits(parent=self)
        """What comes first among equals; the window has one for all its canvases."""
        self._known: dict[str, Entry] = {}
        self._entries: list[Entry] = []
        self._found: list[Entry] = []
        self._asked = ""
        self._better: Collection[str] = ()
        self.field = QLineEdit(self)
        self.list = QListView(self)
        self._model = FoundModel(self)
        self._name = QLabel(self)
        self._doc = QLabel(self)
        self._prepare(look)
        self._arrange()
        self.hide()

    def _prepare(self, look: Look) -> None:
        self.field.setFixedHeight(36)
        self.field.installEventFilter(self)
        self.field.textChanged.connect(self._find)
        self.list.setModel(self._model)
        delegate = FoundDelegate(self._model, look, self.list)
        self.list.setItemDelegate(delegate)
        self.list.setUniformItemSizes(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.clicked.connect(lambda index: self._choose(index.row()))
        self.list.viewport().installEventFilter(self)
        self.list.selectionModel().currentChanged.connect(self._describe)
        self._name.setObjectName("name")
        for label in (self._name, self._doc):
            label.setWordWrap(True)
            label.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
            label.setTextFormat(Qt.TextFormat.PlainText)

    def _arrange(self) -> None:
        self.resize(_WIDTH, _HEIGHT)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(8, 8, 8, 8)
        whole.setSpacing(8)
        whole.addWidget(self.field)
        halves = QHBoxLayout()
        halves.setSpacing(8)
        halves.addWidget(self.list, 3)
        side = QVBoxLayout()
        side.setContentsMargins(8, 8, 8, 8)
        side.setSpacing(8)
        side.addWidget(self._name)
        side.addWidget(self._doc, 1)
        halves.addLayout(side, 2)
        whole.addLayout(halves, 1)

    def open(
        self, specs: Iterable[NodeSpec], at: QPoint, hint: str, better: Collection[str] = ()
    ) -> None:
        """Show `specs` to choose from, near `at` of the parent, with `hint` in the empty field.

        Those whose ids are in `better` come before their equals.
        """
        self._entries = [self._entry(spec) for spec in specs]
        self._better = better
        self._asked, self._found = "", self._entries
        self.field.setPlaceholderText(hint)
        self.field.clear()
        self._find("")
        rows = len(self._entries) * ROW_HEIGHT + self.field.height() + 24
        self.resize(_WIDTH, max(_LEAST_HEIGHT, min(rows, _HEIGHT)))
        area = self._over.rect()
        x = max(8, min(at.x(), area.width() - self.width() - 8))
        y = max(8, min(at.y(), area.height() - self.height() - 8))
        self.move(x, y)
        self.show()
        self.raise_()
        self.field.setFocus()

    def _entry(self, spec: NodeSpec) -> Entry:
        entry = self._known.get(spec.id)
        if entry is None or entry.spec is not spec:
            entry = self._known[spec.id] = make_entry(spec)
        return entry

    @property
    def doc_text(self) -> str:
        """What stands beside the list."""
        return self._doc.text()

    def close_box(self) -> None:
        """Go away, if it is there."""
        if self.isVisible():
            self.hide()
            self.closed.emit()

    def _find(self, query: str) -> None:
        further = bool(self._found) and query.startswith(self._asked)
        asked = self._found if further else self._entries
        habits = self.habits
        found = ranked(asked, query, habits.recent, habits.favourites, self._better)
        if further and not found:  # a slip is looked for among all
            found = ranked(self._entries, query, habits.recent, habits.favourites, self._better)
        self._asked, self._found = query, found
        self._model.show_specs([entry.spec for entry in found], habits.favourites)
        self.list.setCurrentIndex(self._model.index(0))
        if not self._model.rowCount():
            self._name.setText(translate("Search", "Nothing found"))
            self._doc.setText(translate("Search", "Try another word, or fewer letters."))

    def _describe(self, index: QModelIndex) -> None:
        spec = self._model.spec(index.row())
        self._name.setText(spec.title if spec else "")
        self._doc.setText(_flowing(spec.doc or spec.summary) if spec else "")

    def _mark(self, row: int) -> None:
        """Make a type a favourite, or no longer; it stays where it is in the list."""
        spec = self._model.spec(row)
        if spec is not None:
            self.habits.switch(spec.id)
            self._model.show_stars(self.habits.favourites)

    def _choose(self, row: int) -> None:
        spec = self._model.spec(row)
        if spec is None:
            return
        self.habits.used(spec.id)
        self.chosen.emit(spec.id)
        self.close_box()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt: the field keeps the focus; arrows, Return and Escape are for the list, stars not."""
        if watched is self.field and isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.KeyPress:
                return self._key(event)
        elif watched is self.field and event.type() == QEvent.Type.FocusOut:
            self.close_box()
        elif watched is self.list.viewport() and isinstance(event, QMouseEvent):
            return self._on_star(event)
        return super().eventFilter(watched, event)

    def _on_star(self, event: QMouseEvent) -> bool:
        """Mark the type whose star is pressed; say whether it was a star."""
        at = event.position().toPoint()
        index = self.list.indexAt(at)
        if not index.isValid() or not star_rect(self.list.visualRect(index)).contains(at):
            return False
        if event.type() == QEvent.Type.MouseButtonPress:
            self._mark(index.row())
        return event.type() != QEvent.Type.MouseMove

    def _key(self, event: QKeyEvent) -> bool:
        row = self.list.currentIndex().row()
        match event.key():
            case Qt.Key.Key_Escape:
                self.close_box()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self._choose(row)
            case Qt.Key.Key_Down | Qt.Key.Key_Tab:
                self._go(row + 1)
            case Qt.Key.Key_Up | Qt.Key.Key_Backtab:
                self._go(row - 1)
            case Qt.Key.Key_D if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                self._mark(row)
            case _:
                return False
        return True

    def _go(self, row: int) -> None:
        rows = self._model.rowCount()
        if rows:
            self.list.setCurrentIndex(self._model.index(row % rows))


def _flowing(doc: str) -> str:
    """Return `doc` with the line breaks of its source gone and those between paragraphs kept."""
    return "\n\n".join(" ".join(part.split()) for part in doc.split("\n\n"))
