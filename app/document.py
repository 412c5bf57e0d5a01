"""A document: the graph that is being edited, and the one door through which every edit passes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.history import History, Step
from app.words import translate
from graph.assets import save_document
from graph.edits import Change, difference
from graph.graph import Graph

if TYPE_CHECKING:
    from collections.abc import Hashable
    from pathlib import Path

    from graph.catalog import Catalog
    from graph.edits import Edit
    from graph.files import FileIndex


class Document(QObject):
    """Holds the truth of what is on the canvas; widgets hold none and draw what `changed` names.

    Signals:
        changed(Change): the graph is another one; the change says where it differs.
        stateChanged(): path, name, modified mark, or names of undo and redo may differ.
        catalogChanged(): node types came, went, or changed; draw everything anew.
    """

    changed = Signal(object)
    stateChanged = Signal()
    catalogChanged = Signal()

    def __init__(
        self,
        catalog: Catalog,
        graph: Graph | None = None,
        path: Path | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._catalog = catalog
        self._graph = graph or Graph()
        self._saved = self._graph
        self._history = History()
        self.path = path
        self.template = ""
        """Name of the template it began as; a first save asks where to."""

    @property
    def graph(self) -> Graph:
        """The graph as it stands: a value, to be read and handed on without copying."""
        return self._graph

    @property
    def catalog(self) -> Catalog:
        """The node types that can be used."""
        return self._catalog

    @catalog.setter
    def catalog(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self.catalogChanged.emit()

    @property
    def name(self) -> str:
        """What to call it on the screen."""
        if self.path is not None:
            return self.path.stem
        return self.template or translate("Document", "Untitled")

    @property
    def modified(self) -> bool:
        """Whether it differs from what is on disk."""
        return self._graph is not self._saved

    @property
    def undo_name(self) -> str:
        """Name of the step that `undo` takes back, or empty."""
        return self._history.undo_name

    @property
    def redo_name(self) -> str:
        """Name of the step that `redo` does again, or empty."""
        return self._history.redo_name

    def edit(self, name: str, edit: Edit, merge: Hashable | None = None) -> Graph:
        """Make `edit`, which began at `graph`, the state of the document; record it as `name`.

        Edits in a row with the same `merge` key are one undo step, until `seal`.
        """
        if edit.graph is self._graph:
            return self._graph
        self._history.record(Step(name, self._graph, edit.graph, merge))
        self._show(edit.graph, edit.change)
        return self._graph

    def seal(self) -> None:
        """End a row of merging edits, such as one drag or one visit to a text field."""
        self._history.seal()

    def undo(self) -> None:
        """Go back one step; without a step, stay."""
        self._travel(self._history.undo())

    def redo(self) -> None:
        """Go forward one step; without a step, stay."""
        self._travel(self._history.redo())

    def _travel(self, graph: Graph | None) -> None:
        if graph is not None:
            self._show(graph, difference(self._graph, graph))

    def _show(self, graph: Graph, change: Change) -> None:
        self._graph = graph
        self.changed.emit(change)
        self.stateChanged.emit()

    def save(self, path: Path, files: FileIndex) -> None:
        """Write it to `path`, its pictures beside it; the old file stays whole on an error.

        Raises:
            OSError: The file cannot be written.
        """
        save_document(self._graph, path, self._catalog, files)
        self.path = path
        self._saved = self._graph
        self.stateChanged.emit()
