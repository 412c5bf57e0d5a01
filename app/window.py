"""The main window: commands around one workspace."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QSize, Qt, QTimer
from PySide6.QtWidgets import QFileDialog, QMainWindow, QMenu

from app.commands import redo_text, undo_text
from app.document import Document
from app.filing import GRAPH, can_open, read_document, template_document
from app.furniture import Furniture
from app.preferences import Preferences, keep_preferences
from app.questions import Answer, ask_open, ask_unsaved
from app.words import translate
from app.workspace import Workspace
from graph.assets import document_folders
from graph.errors import SfumatoError

if TYPE_CHECKING:
    from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent

    from app.host import EngineHost
    from app.theme.look import Look
    from graph.catalog import Catalog
    from graph.files import FileIndex

_SHARE = 0.92
_LARGEST, _SMALLEST = QSize(1920, 1160), QSize(1120, 720)


class MainWindow(QMainWindow):
    """Shows one workspace at a time, and asks before unsaved work goes."""

    def __init__(
        self,
        document: Document,
        host: EngineHost,
        files: FileIndex,
        look: Look,
        preferences: Preferences,
    ) -> None:
        super().__init__()
        self.host = host
        self.look = look
        self.preferences = preferences
        self._files = files
        self.setAcceptDrops(True)
        self.resize(_first_size(self.screen().availableSize()))
        self.furniture = Furniture(self)
        self.workspace = self._furnish(document)

    # Workspaces

    def _furnish(self, document: Document) -> Workspace:
        """Make the workspace of `document` and bind the window to it."""
        workspace = Workspace(document, self.host, self._files, self.look, self)
        if document.path is not None:
            for folder in document_folders(document.path):
                self._files.with_folder("", folder)
                self.host.look_in("", folder)
        workspace.session.output_folder = self.preferences.output_folder
        self.workspace = workspace
        self.setCentralWidget(workspace)
        workspace.viewer.setVisible(self.preferences.viewer)
        self.furniture.bind(workspace)
        document.stateChanged.connect(self.refresh)
        workspace.session.activeChanged.connect(self.refresh)
        workspace.canvas.selection.changed.connect(lambda _: self.refresh())
        workspace.canvas.menuAsked.connect(self._node_menu)
        workspace.canvas.setFocus()
        self.refresh()
        # The view knows its size only after it was laid out.
        QTimer.singleShot(0, workspace, workspace.canvas.fit_all)
        return workspace

    def show_document(self, document: Document) -> None:
        """Show `document` instead of the one that is shown, whose changes are lost."""
        old = self.workspace
        old.close_session()
        self._furnish(document)
        old.deleteLater()

    def refresh(self) -> None:
        """Bring title and commands in step with the document."""
        document, session = self.workspace.document, self.workspace.session
        self.setWindowTitle(f"{document.name}[*] – Sfumato")
        self.setWindowModified(document.modified)
        actions = self.furniture.actions
        actions["undo"].setText(undo_text(document.undo_name))
        actions["undo"].setEnabled(bool(document.undo_name))
        actions["redo"].setText(redo_text(document.redo_name))
        actions["redo"].setEnabled(bool(document.redo_name))
        actions["run"].setEnabled(not session.running)
        actions["stop"].setEnabled(session.running)
        chosen = bool(self.workspace.canvas.selection.ids)
        for name in ("delete", "duplicate", "copy", "cut", "rename", "run_selected"):
            actions[name].setEnabled(chosen)

    # Commands

    def run_selected(self) -> None:
        """Run what the selected nodes need."""
        ids = self.workspace.canvas.selection.ids & frozenset(self.workspace.document.graph.nodes)
        if ids:
            self.workspace.session.run(sorted(ids))

    def run(self) -> None:
        """Run the graph; what is being typed counts."""
        self.workspace.canvas.desk.finish()
        self.workspace.session.run()

    def choose_theme(self, name: str) -> None:
        """Use another theme, and remember it."""
        self.look.choose(name)
        self.preferences.theme = name
        keep_preferences(self.preferences)

    def show_viewer(self, *, shown: bool) -> None:
        """Show or hide the viewer, and remember it."""
        self.workspace.viewer.setVisible(shown)
        self.preferences.viewer = shown
        keep_preferences(self.preferences)

    def _node_menu(self, _node_id: str, at: QPoint) -> None:
        menu = QMenu(self)
        for name in ("run_selected", "rename", "duplicate", "copy", "delete"):
            menu.addAction(self.furniture.actions[name])
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(at)

    # Files

    def new(self) -> None:
        """Begin an empty document."""
        if self.may_leave():
            self.show_document(Document(self._catalog))

    def open(self) -> None:
        """Ask for a file and open it."""
        chosen, _ = QFileDialog.getOpenFileName(
            self, translate("Window", "Open a graph"), self._folder(),
            translate("Window", "Graphs and pictures (*.json *.png)"),
        )  # fmt: skip
        if chosen:
            self.open_path(Path(chosen))

    def open_path(self, path: Path) -> bool:
        """Open the graph in `path`, after asking about unsaved work; say whether it is shown."""
        try:
            document = read_document(path, self._catalog)
        except (OSError, SfumatoError) as error:
            self.furniture.message.warn(_words(error))
            return False
        if not self.may_leave():
            return False
        self._remember(path)
        self.show_document(document)
        return True

    def open_template(self, name: str) -> None:
        """Begin a document as a template."""
        try:
            document = template_document(name, self._catalog)
        except SfumatoError as error:
            self.furniture.message.warn(str(error))
            return
        if self.may_leave():
            self.show_document(document)

    def save(self) -> bool:
        """Save the document, asking where to when that is not known; say whether it is saved."""
        self.workspace.canvas.desk.finish()
        path = self.workspace.document.path
        return self._save_to(path) if path is not None else self.save_as()

    def save_as(self) -> bool:
        """Ask where to save, and save there; say whether it is saved."""
        self.workspace.canvas.desk.finish()
        name = str(Path(self._folder()) / (self.workspace.document.name + GRAPH))
        chosen, _ = QFileDialog.getSaveFileName(
            self, translate("Window", "Save the graph"), name,
            translate("Window", "Graphs (*.json)"),
        )  # fmt: skip
        return bool(chosen) and self._save_to(_with_suffix(Path(chosen)))

    def _save_to(self, path: Path) -> bool:
        try:
            self.workspace.document.save(path, self._files)
        except (OSError, SfumatoError) as error:
            self.furniture.message.warn(translate("Window", "Not saved: {0}").format(_words(error)))
            return False
        self._remember(path)
        self.furniture.message.tell(translate("Window", "Saved {0}").format(path))
        return True

    def may_leave(self) -> bool:
        """Ask about unsaved work; say whether the document may go."""
        self.workspace.canvas.desk.finish()
        document = self.workspace.document
        if not document.modified:
            return True
        answer = ask_unsaved(self, document.name)
        return answer is Answer.DISCARD or (answer is Answer.SAVE and self.save())

    @property
    def _catalog(self) -> Catalog:
        return self.workspace.document.catalog

    def _folder(self) -> str:
        return self.preferences.folder or str(Path.home())

    def _remember(self, path: Path) -> None:
        self.preferences.folder = str(path.absolute().parent)
        keep_preferences(self.preferences)

    # Qt

    def closeEvent(self, event: QCloseEvent) -> None:
        """Qt: ask about unsaved work; end session and engine when the window goes."""
        if not self.may_leave():
            event.ignore()
            return
        self.workspace.close_session()
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt: Escape that nothing else had a use for stops the run."""
        if event.key() == Qt.Key.Key_Escape and self.workspace.session.running:
            self.workspace.session.stop()
        else:
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Qt: take a graph, or a picture that may carry one."""
        if any(can_open(Path(url.toLocalFile())) for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Qt: offer to open what was dropped; the document that is open is not lost by it."""
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls()]
        found = next((path for path in paths if can_open(path)), None)
        if found is not None:
            event.acceptProposedAction()
            # Asking is done after the drop, which the other program waits for.
            QTimer.singleShot(0, self, lambda: self.offer(found))

    def offer(self, path: Path) -> None:
        """Offer to open the graph in `path`."""
        if ask_open(self, path.name):
            self.open_path(path)


def _first_size(screen: QSize) -> QSize:
    """Return most of the screen, up to where more would only add empty ground."""
    wanted = QSize(round(screen.width() * _SHARE), round(screen.height() * _SHARE))
    return wanted.boundedTo(_LARGEST).expandedTo(_SMALLEST)


def _with_suffix(path: Path) -> Path:
    return path if path.suffix else path.with_suffix(GRAPH)


def _words(error: Exception) -> str:
    if isinstance(error, OSError):
        return f"{error.filename}: {error.strerror}" if error.filename else str(error)
    return str(error)
