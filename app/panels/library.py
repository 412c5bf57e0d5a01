"""The library: all node types by category, to drag onto the canvas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.fuzzy import make_entry, rank
from app.words import translate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.habits import Habits
    from app.theme.look import Look
    from app.workspace import Workspace
    from graph.spec import NodeSpec

MIME = "application/x-sfumato-node"
_TYPE = Qt.ItemDataRole.UserRole
_ROW = QSize(0, 26)
_FEW = 80
"""Node types up to which all categories are open."""


class _Tree(QTreeWidget):
    """Gives node types to whatever they are dragged to."""

    def mimeData(self, items: Sequence[QTreeWidgetItem]) -> QMimeData:
        """Qt: the id of the node type that is dragged."""
        data = QMimeData()
        kind = next((text for item in items if (text := item.data(0, _TYPE))), "")
        if kind:
            data.setData(MIME, str(kind).encode())
        return data


class Library(QWidget):
    """Lists node types; a double-click adds one in the middle of the canvas.

    Signals:
        chosen(str): a node of that type is wanted.
    """

    chosen = Signal(str)

    def __init__(self, habits: Habits, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("library")
        self._habits = habits
        self._look_of = look
        self._workspace: Workspace | None = None
        self._specs: tuple[NodeSpec, ...] = ()
        self.field = QLineEdit(self)
        self.field.setPlaceholderText(translate("Library", "Filter"))
        self.field.setClearButtonEnabled(True)
        self.tree = _Tree(self)
        self.tree.setAccessibleName(translate("Library", "Node types"))
        self.tree.setObjectName("list")
        self.tree.setHeaderHidden(True)
        self.tree.setDragEnabled(True)
        self.tree.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.tree.setIndentation(12)
        self.tree.setRootIsDecorated(False)
        self.tree.setExpandsOnDoubleClick(False)
        self.tree.itemClicked.connect(_fold)
        self.tree.setUniformRowHeights(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.addWidget(self.field)
        column.addWidget(self.tree, 1)
        self.field.textChanged.connect(lambda _: self.refresh())
        self.tree.itemActivated.connect(self._activate)
        habits.changed.connect(self.refresh)
        look.changed.connect(self.refresh)

    def show_workspace(self, workspace: Workspace) -> None:
        """List what can be added to the document of `workspace`."""
        if self._workspace is not None:
            level = self._workspace.canvas.level
            level.changed.disconnect(self._look)
            level.catalogChanged.disconnect(self._look)
        self._workspace = workspace
        workspace.destroyed.connect(self._forget)
        workspace.canvas.level.changed.connect(self._look)
        workspace.canvas.level.catalogChanged.connect(self._look)
        self._look()

    def _forget(self) -> None:
        self._workspace = None

    def _look(self, *_: object) -> None:
        """List anew, if what can be added is something else now."""
        if self._workspace is None:
            return
        specs = tuple(self._workspace.canvas.addable())
        if specs != self._specs:
            self._specs = specs
            self.refresh()

    def refresh(self) -> None:
        """List what fits the filter; favourites stand on top."""
        words = self.field.text().strip()
        entries = [make_entry(spec) for spec in self._specs]
        found = rank(entries, words, self._habits.recent, self._habits.favourites)
        self.tree.clear()
        groups: dict[str, QTreeWidgetItem] = {}
        marked = [spec for spec in found if spec.id in self._habits.favourites]
        if marked:
            self._fill(groups, translate("Library", "Favourites"), marked)
        for spec in found if words else sorted(found, key=lambda s: (s.category, s.title)):
            self._fill(groups, spec.category or translate("Library", "Other"), [spec])
        if words or len(self._specs) <= _FEW:
            self.tree.expandAll()

    def _fill(
        self, groups: dict[str, QTreeWidgetItem], category: str, specs: Sequence[NodeSpec]
    ) -> None:
        parent: QTreeWidget | QTreeWidgetItem = self.tree
        path = ""
        for part in category.split("/"):
            path = f"{path}/{part}"
            item = groups.get(path)
            if item is None:
                item = groups[path] = QTreeWidgetItem(parent, [part])
                item.setFlags(Qt.ItemFlag.ItemIsEnabled)
                item.setForeground(0, self._look_of.colours.muted)
                item.setSizeHint(0, _ROW)
            parent = item
        for spec in specs:
            row = QTreeWidgetItem(parent, [spec.title])
            row.setData(0, _TYPE, spec.id)
            row.setSizeHint(0, _ROW)
            row.setToolTip(0, spec.summary or spec.title)

    def _activate(self, item: QTreeWidgetItem) -> None:
        kind = item.data(0, _TYPE)
        if kind:
            self.chosen.emit(str(kind))


def _fold(item: QTreeWidgetItem) -> None:
    """Open or close a category."""
    if item.childCount():
        item.setExpanded(not item.isExpanded())
