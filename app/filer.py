"""Opening and saving for a window: files, templates, versions, and what others did to a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication, QFileDialog

from app.custody import Standing, digest_of
from app.document import Document
from app.filing import (
    GRAPH,
    PICTURE,
    can_open,
    carries_graph,
    document_from,
    read_document,
    template_document,
)
from app.questions import ask_replace
from app.words import translate
from graph.assets import document_folders
from graph.edits import Edit, difference
from graph.errors import SfumatoError

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.versions import Version
    from app.window import MainWindow
    from app.workspace import Workspace
    from graph.catalog import Catalog

DISK, SHARED, OFFER = "disk", "shared", "offer"
"""Keys of the bars."""
_SLOW = 2 << 20
"""Bytes of a file that takes a noticeable while to read."""


class Filer(QObject):
    """Opens into a window and saves from it; never takes the place of a document that is open."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._program = window.program

    # Opening

    def new(self) -> None:
        """Begin an empty document."""
        self._window.add_document(Document(self._catalog))

    def open(self) -> None:
        """Ask for files and open them."""
        chosen, _ = QFileDialog.getOpenFileNames(
            self._window, translate("Window", "Open graphs"), self._folder(),
            translate("Window", "Graphs and pictures (*.json *.png)"),
        )  # fmt: skip
        for name in chosen:
            self.open_path(Path(name))

    def open_path(self, path: Path) -> bool:
        """Open the graph in `path`, or show it where it is open; say whether it is shown."""
        found = self._program.find(path)
        if found is not None:
            window, workspace = found
            window.show_workspace(workspace)
            window.activateWindow()
            return True
        document = self._attempt(lambda: _patiently(path, self._catalog))
        if document is None:
            return False
        self._remember(path)
        self._window.add_document(document)
        return True

    def open_template(self, name: str) -> None:
        """Begin a document as a template."""
        document = self._attempt(lambda: template_document(name, self._catalog))
        if document is not None:
            self._window.add_document(document)

    def open_version(self, path: Path, version: Version, when: str) -> None:
        """Open a version of the file `path`, which is from `when`, as a new document."""
        name = translate("Window", "{0} of {1}").format(path.stem, when)
        document = self._attempt(lambda: document_from(version.read(), name, self._catalog))
        if document is not None:
            self._window.add_document(document)

    def open_run(self, data: bytes, name: str) -> None:
        """Open the graph of an earlier run as a new document."""
        document = self._attempt(lambda: document_from(data, name, self._catalog))
        if document is not None:
            self._window.add_document(document)

    def show_versions(self) -> None:
        """List the versions of the document's file, to open one beside it."""
        from app.panels.versions_window import VersionsWindow

        path = self._window.workspace.document.path
        if path is None:
            words = translate("Window", "Save the graph first: each save keeps a version")
            self._window.furniture.message.tell(words)
            return
        listed = VersionsWindow(path.stem, self._program.versions.of(path), self._window)
        listed.chosen.connect(lambda version, when: self.open_version(path, version, when))
        listed.show()

    def offer(self, path: Path) -> None:
        """Open the graph file `path`; for a picture that carries a graph, offer it."""
        if path.suffix.lower() != PICTURE:
            self.open_path(path)
            return
        if not carries_graph(path):
            words = translate("Window", "{0} carries no graph: it was not made by Sfumato")
            self._window.furniture.message.warn(words.format(path.name))
            return
        notices = self._window.workspace.notices

        def accept() -> None:
            notices.drop(OFFER)
            self.open_path(path)

        notices.tell(
            OFFER,
            translate("Window", "“{0}” carries the graph that made it.").format(path.name),
            {translate("Window", "Open graph"): accept},
        )

    def _attempt(self, make: Callable[[], Document]) -> Document | None:
        try:
            return make()
        except (OSError, SfumatoError) as error:
            self._window.furniture.message.warn(words_of(error))
            return None

    # Saving

    def save(self, workspace: Workspace | None = None) -> bool:
        """Save a document, asking where to when that is not known; say whether it is saved."""
        workspace = workspace or self._window.workspace
        workspace.canvas.desk.finish()
        path = workspace.document.path
        if path is None:
            return self.save_as(workspace)
        if workspace.custody.certain() is Standing.CHANGED or workspace.custody.holder is not None:
            self.judge(workspace, asked=True)
            return False
        return self.save_to(path, workspace)

    def save_as(self, workspace: Workspace | None = None) -> bool:
        """Ask where to save, and save there; say whether it is saved."""
        workspace = workspace or self._window.workspace
        workspace.canvas.desk.finish()
        name = str(Path(self._folder()) / (workspace.document.name + GRAPH))
        chosen, _ = QFileDialog.getSaveFileName(
            self._window, translate("Window", "Save the graph"), name,
            translate("Window", "Graphs (*.json)"),
        )  # fmt: skip
        if not chosen:
            return False
        path = _with_suffix(Path(chosen))
        if str(path) != chosen and path.exists() and not ask_replace(self._window, path.name):
            return False
        found = self._program.find(path)
        if found is not None and found[1] is not workspace:
            words = translate("Window", "Not saved: {0} is open in another tab")
            self._window.furniture.message.warn(words.format(path.name))
            return False
        if workspace.custody.is_taken(path):
            words = translate("Window", "Not saved: {0} is open in another Sfumato")
            self._window.furniture.message.warn(words.format(path.name))
            return False
        return self.save_to(path, workspace)

    def save_to(self, path: Path, workspace: Workspace | None = None) -> bool:
        """Save a document as `path`, whatever is there; say whether it is saved."""
        workspace = workspace or self._window.workspace
        try:
            self._keep_version(path, None)
            data = workspace.document.save(path, self._program.files)
        except (OSError, SfumatoError) as error:
            words = translate("Window", "Not saved: {0}").format(words_of(error))
            self._window.furniture.message.warn(words)
            return False
        self._keep_version(path, data)
        self._remember(path)
        workspace.notices.drop(DISK)
        self._window.furniture.message.tell(translate("Window", "Saved {0}").format(path))
        return True

    def _keep_version(self, path: Path, data: bytes | None) -> None:
        """Keep what is in `path` (None: what is there now) as a version of it."""
        try:
            if data is None:
                data = path.read_bytes()
            self._program.versions.keep(path, data)
        except FileNotFoundError:
            pass
        except OSError as error:
            self._program.log.note(
                translate("Window", "No version was kept: {0}").format(words_of(error))
            )

    # What others did

    def judge(self, workspace: Workspace, *, asked: bool = False) -> None:
        """Show what became of the file of a document, and what can be done; `asked` by a save."""
        self._judge_standing(workspace)
        self._judge_holder(workspace, asked=asked)

    def _judge_standing(self, workspace: Workspace) -> None:
        document, notices = workspace.document, workspace.notices
        standing = workspace.custody.standing
        if standing is Standing.FINE or document.path is None:
            notices.drop(DISK)
            return
        name = document.path.name
        save_as = {translate("Window", "Save as…"): lambda: self.save_as(workspace)}
        if standing is Standing.GONE:
            if document.digest:
                document.detach("")
            notices.tell(
                DISK,
                translate("Window", "“{0}” was deleted or moved. Your graph is safe here.")
                .format(name),
                {translate("Window", "Save again"): lambda: self.save(workspace), **save_as},
            )  # fmt: skip
            return
        notices.tell(
            DISK,
            translate("Window", "“{0}” was changed by another program.").format(name),
            {
                translate("Window", "Reload"): lambda: self.reload(workspace),
                translate("Window", "Keep mine"): lambda: self.keep_mine(workspace),
                **save_as,
            },
            stays=True,
        )

    def _judge_holder(self, workspace: Workspace, *, asked: bool) -> None:
        notices, holder = workspace.notices, workspace.custody.holder
        path = workspace.document.path
        if holder is None or path is None:
            notices.drop(SHARED)
            return
        words = translate("Window", "“{0}” is open in another Sfumato (process {1}).")
        if asked:
            words = translate("Window", "Not saved: {0}").format(words)
        answers: dict[str, Callable[[], object]] = {
            translate("Window", "Save as…"): lambda: self.save_as(workspace)
        }
        if asked and workspace.custody.standing is not Standing.CHANGED:
            answers[translate("Window", "Save anyway")] = lambda: self._save_anyway(workspace)
        notices.tell(SHARED, words.format(path.name, holder.pid), answers)

    def _save_anyway(self, workspace: Workspace) -> None:
        workspace.notices.drop(SHARED)
        path = workspace.document.path
        if path is not None and workspace.custody.certain() is not Standing.CHANGED:
            self.save_to(path, workspace)

    def reload(self, workspace: Workspace) -> None:
        """Take what is in the file, as one step that can be undone."""
        document, path = workspace.document, workspace.document.path
        if path is None:
            return
        found = self._attempt(lambda: _patiently(path, document.base))
        if found is None:
            return
        change = difference(document.graph, found.graph)
        document.edit(translate("Window", "Reload"), Edit(found.graph, change))
        document.settle(path, found.digest)
        workspace.notices.drop(DISK)

    def keep_mine(self, workspace: Workspace) -> None:
        """Keep what is here; a save may write over what is in the file, which becomes a version."""
        path = workspace.document.path
        if path is not None:
            workspace.document.detach(digest_of(path) or "")
        workspace.notices.drop(DISK)

    @property
    def _catalog(self) -> Catalog:
        return self._window.workspace.document.base

    def _folder(self) -> str:
        return self._program.preferences.folder or str(Path.home())

    def _remember(self, path: Path) -> None:
        self._program.preferences.folder = str(path.absolute().parent)
        self._program.remember()

    def look_beside(self, document: Document) -> None:
        """Have files found that lie beside `document`."""
        if document.path is not None:
            for folder in document_folders(document.path):
                self._program.files.with_folder("", folder)
                self._program.host.look_in("", folder)


def dropped_graphs(paths: list[Path]) -> list[Path]:
    """Return those of `paths` that may be opened."""
    return [path for path in paths if can_open(path)]


def words_of(error: Exception) -> str:
    """Return what to tell of `error`."""
    if isinstance(error, OSError):
        text = error.strerror or str(error)
        return f"{error.filename}: {text}" if error.filename else text
    return str(error)


def _patiently(path: Path, catalog: Catalog) -> Document:
    """Read the document in `path`, with a sign that it takes a while where it does."""
    slow = path.stat().st_size > _SLOW
    if slow:
        QApplication.setOverrideCursor(Qt.CursorShape.WaitCursor)
    try:
        return read_document(path, catalog)
    finally:
        if slow:
            QApplication.restoreOverrideCursor()


def _with_suffix(path: Path) -> Path:
    return path if path.suffix.lower() == GRAPH else path.with_name(path.name + GRAPH)
