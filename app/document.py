"""A document: the graph that is being edited, and the one door through which every edit passes."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.history import History, Step
from app.words import translate
from graph.assets import save_document
from graph.edits import Change, difference
from graph.graph import Graph
from graph.subgraphs import PREFIX, localized, type_of

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence
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
        edited(Step, bool): an edit was recorded; whether it was merged with the step before.
        travelled(int): undo, redo or a jump led to where so many steps are done.
        written(): it was saved, or what its file holds is not what is here any more.
    """

    changed = Signal(object)
    stateChanged = Signal()
    catalogChanged = Signal()
    edited = Signal(object, bool)
    travelled = Signal(int)
    written = Signal()

    def __init__(
        self,
        catalog: Catalog,
        graph: Graph | None = None,
        path: Path | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._base = catalog
        self._graph = graph or Graph()
        self._catalog = localized(catalog, self._graph)
        self._saved: Graph | None = self._graph
        self._history = History()
        self.path = path
        self.digest = ""
        """sha256 of what its file held when it was last read or written here; empty: not known."""
        self.template = ""
        """Name of the template it began as; a first save asks where to."""
        self.number = 1
        """Tells it from others without a file that would be called the same."""

    @property
    def graph(self) -> Graph:
        """The graph as it stands: a value, to be read and handed on without copying."""
        return self._graph

    @property
    def saved(self) -> Graph | None:
        """The graph that is in its file, or that it began with; None when the file has another."""
        return self._saved

    @property
    def base(self) -> Catalog:
        """The node types that any document has: `catalog` without those of its subgraphs."""
        return self._base

    @property
    def catalog(self) -> Catalog:
        """The node types that can be used, those of its subgraphs among them; to be set is `base`.

        As long as nothing about them differs it is the same object, and so is each type in it.
        """
        return self._catalog

    @catalog.setter
    def catalog(self, catalog: Catalog) -> None:
        self._base = catalog
        self._catalog = localized(catalog, self._graph)
        self.catalogChanged.emit()

    def _localize(self) -> None:
        """Bring the types that subgraphs make in step with them."""
        before, fresh = self._catalog, localized(self._base, self._graph)
        kept = []
        for name in sorted(self._graph.subgraphs):
            spec, old = fresh.require(type_of(name)), before.get(type_of(name))
            kept.append(old if old is not None and old == spec else spec)
        known = sum(spec.id.startswith(PREFIX) for spec in before)
        if len(kept) != known or any(before.get(spec.id) is not spec for spec in kept):
            self._catalog = self._base.extended(kept)

    @property
    def name(self) -> str:
        """What to call it on the screen."""
        if self.path is not None:
            return self.path.stem
        plain = self.template or translate("Document", "Untitled")
        return plain if self.number == 1 else f"{plain} {self.number}"

    @property
    def modified(self) -> bool:
        """Whether it differs from what is on disk."""
        return self._graph is not self._saved

    @property
    def untouched(self) -> bool:
        """Whether it has no file and nothing was ever done in it: there is nothing to lose."""
        return self.path is None and not self._history.steps and not self.modified

    @property
    def undo_name(self) -> str:
        """Name of the step that `undo` takes back, or empty."""
        return self._history.undo_name

    @property
    def redo_name(self) -> str:
        """Name of the step that `redo` does again, or empty."""
        return self._history.redo_name

    @property
    def steps(self) -> Sequence[Step]:
        """The undo history: what was done, then what was undone, the oldest first."""
        return self._history.steps

    @property
    def position(self) -> int:
        """How many of `steps` are done."""
        return self._history.position

    def edit(self, name: str, edit: Edit, merge: Hashable | None = None) -> Graph:
        """Make `edit`, which began at `graph`, the state of the document; record it as `name`.

        Edits in a row with the same `merge` key are one undo step, until `seal`.
        """
        if edit.graph is self._graph:
            return self._graph
        step = Step(name, self._graph, edit.graph, merge)
        merged = self._history.record(step)
        self.edited.emit(step, merged)
        self._show(edit.graph, edit.change)
        return self._graph

    def seal(self) -> None:
        """End a row of merging edits, such as one drag or one visit to a text field."""
        self._history.seal()

    def undo(self) -> None:
        """Go back one step; without a step, stay."""
        self.travel(self._history.position - 1)

    def redo(self) -> None:
        """Go forward one step; without a step, stay."""
        self.travel(self._history.position + 1)

    def travel(self, position: int) -> None:
        """Go to where `position` steps of the undo history are done; stay when there is no such."""
        graph = self._history.travel(position)
        if graph is not None:
            self.travelled.emit(position)
            self._show(graph, difference(self._graph, graph))

    def _show(self, graph: Graph, change: Change) -> None:
        self._graph = graph
        if change.subgraphs:
            self._localize()
        self.changed.emit(change)
        self.stateChanged.emit()

    def remember(self, history: History, saved: Graph | None) -> None:
        """Have an undo history from before, which led to the graph as it stands."""
        self._history, self._saved = history, saved
        self.stateChanged.emit()

    def save(self, path: Path, files: FileIndex) -> bytes:
        """Write it to `path`, its pictures beside it; return what is in the file now.

        Raises:
            OSError: The file cannot be written; the old one is whole.
        """
        data = save_document(self._graph, path, self._catalog, files)
        self.settle(path, sha256(data).hexdigest())
        return data

    def settle(self, path: Path, digest: str) -> None:
        """Take note that the graph as it stands is in `path`, whose content has that sha256."""
        self.path, self.digest, self._saved = path, digest, self._graph
        self.written.emit()
        self.stateChanged.emit()

    def detach(self, digest: str) -> None:
        """Take note that its file holds something else, of that sha256; nothing when empty.

        What is here is not saved any more; a save may write over what is there.
        """
        self.digest, self._saved = digest, None
        self.written.emit()
        self.stateChanged.emit()
