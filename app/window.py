"""The main window: commands around the documents that it shows in tabs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import shiboken6
from PySide6.QtCore import QPoint, QSize, Qt, QTimer
from PySide6.QtWidgets import QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from app.commands import redo_text, run_text, stop_text, undo_text
from app.docks import Docks
from app.editing_commands import ON_SELECTION
from app.filer import Filer, dropped_graphs
from app.furniture import Furniture
from app.panels.notices import Notices
from app.panels.run_notices import RunNotices
from app.part_menus import PartMenus
from app.questions import Answer, ask_unsaved
from app.seeds import renew
from app.tabs import DocumentTabs
from app.tie import Tie
from app.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent

    from app.document import Document
    from app.host import EngineHost
    from app.preferences import Preferences
    from app.program import Program
    from app.theme.look import Look

_SHARE = 0.92
_LARGEST, _SMALLEST = QSize(1920, 1160), QSize(1120, 720)


class MainWindow(QMainWindow):
    """Shows one workspace of several, and asks before unsaved work goes."""

    def __init__(self, program: Program, content: Document | Workspace) -> None:
        """Show a document, or a workspace that comes from another window."""
        super().__init__()
        self.program = program
        self.setAcceptDrops(True)
        self.resize(_first_size(self.screen().availableSize()))
        self.notices = Notices(self)
        self.tabs = DocumentTabs(self)
        self._stack = QStackedWidget(self)
        self._ties: list[Tie] = []
        """One for each workspace, in the order of the tabs."""
        self._arrange()
        self.filer = Filer(self)
        self.furniture = Furniture(self)
        self.docks = Docks(self)
        self.part_menus = PartMenus(self)
        RunNotices(program.host.runs, self.notices)
        program.windows.append(self)
        if isinstance(content, Workspace):
            self.take_in(content)
        else:
            self.add_document(content)
        self.tabs.currentChanged.connect(self._tab_chosen)
        self.tabs.tabMoved.connect(lambda old, new: self._ties.insert(new, self._ties.pop(old)))
        self.tabs.closeAsked.connect(lambda at: self.close_workspace(self.workspaces[at]))
        self.tabs.tornOff.connect(self._tear_off)

    def _arrange(self) -> None:
        middle = QWidget(self)
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.notices)
        column.addWidget(self.tabs)
        column.addWidget(self._stack, 1)
        self.setCentralWidget(middle)

    @property
    def host(self) -> EngineHost:
        """The engine, which all windows share."""
        return self.program.host

    @property
    def look(self) -> Look:
        """How everything looks."""
        return self.program.look

    @property
    def preferences(self) -> Preferences:
        """What the user chose."""
        return self.program.preferences

    # Workspaces

    @property
    def workspace(self) -> Workspace:
        """The workspace that is shown."""
        return self._ties[max(0, self.tabs.currentIndex())].workspace

    @property
    def workspaces(self) -> Sequence[Workspace]:
        """All of them, in the order of their tabs."""
        return [tie.workspace for tie in self._ties]

    def add_document(self, document: Document) -> Workspace:
        """Show `document` in a tab of its own."""
        program = self.program
        program.tell_apart(document)
        workspace = Workspace(
            document, program.host, program.files, program.look, program.keymap, self,
            locks_folder=program.locks_folder,
        )  # fmt: skip
        self.filer.look_beside(document)
        workspace.session.output_folder = self.preferences.output_folder
        workspace.viewer.setVisible(self.preferences.viewer)
        self.take_in(workspace)
        program.opened(document)
        self.filer.judge(workspace)
        # The view knows its size only after it was laid out.
        QTimer.singleShot(0, workspace, workspace.canvas.fit_all)
        return workspace

    def take_in(self, workspace: Workspace) -> None:
        """Show `workspace`, which may come from another window."""
        self._ties.append(Tie(self, workspace))
        self._stack.addWidget(workspace)
        self.furniture.bind(workspace)
        at = self.tabs.addTab("")
        self.show_name(workspace)
        if self.tabs.currentIndex() == at:
            self._tab_chosen(at)
        else:
            self.tabs.setCurrentIndex(at)

    def give_away(self, workspace: Workspace) -> None:
        """Part with `workspace`, which goes elsewhere or is thrown away."""
        at = self.workspaces.index(workspace)
        self.furniture.unbind(workspace)
        self._stack.removeWidget(workspace)
        tie = self._ties.pop(at)
        shiboken6.delete(tie)
        blocked = self.tabs.blockSignals(True)  # noqa: FBT003 - Qt's signature
        self.tabs.removeTab(at)
        self.tabs.blockSignals(blocked)
        if self._ties:
            self._tab_chosen(self.tabs.currentIndex())

    def show_workspace(self, workspace: Workspace) -> None:
        """Bring the tab of `workspace` to the front."""
        self.tabs.setCurrentIndex(self.workspaces.index(workspace))

    def step(self, by: int) -> None:
        """Show the next tab, or the one before."""
        if self._ties:
            self.tabs.setCurrentIndex((self.tabs.currentIndex() + by) % len(self._ties))

    def _tab_chosen(self, at: int) -> None:
        if not 0 <= at < len(self._ties):
            return
        workspace = self._ties[at].workspace
        self._stack.setCurrentWidget(workspace)
        self.furniture.show_workspace(workspace)
        self.docks.show_workspace(workspace)
        workspace.canvas.setFocus()
        self.refresh()

    def move_out(self, workspace: Workspace | None = None, at: QPoint | None = None) -> None:
        """Move a document to a window of its own; alone in its window, it stays."""
        workspace = workspace or self.workspace
        if len(self._ties) == 1:
            return
        self.give_away(workspace)
        window = MainWindow(self.program, workspace)
        # The first window is held by who made it; nobody holds this one.
        window.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        window.resize(self.size())
        if at is not None:
            window.move(at)
        window.show()
        window.furniture.dress()

    def _tear_off(self, at: int, place: QPoint) -> None:
        self.move_out(self.workspaces[at], place)

    def close_workspace(self, workspace: Workspace | None = None) -> bool:
        """Close a document, after asking about unsaved work; say whether it is closed.

        In place of the last one comes an empty one; when that is what there is, the window goes.
        """
        workspace = workspace or self.workspace
        last = len(self._ties) == 1
        if last and workspace.document.untouched and not workspace.document.graph.nodes:
            return self.close()
        if not self.may_leave([workspace]):
            return False
        if last:
            self.filer.new()
        self._throw_away(workspace)
        return True

    def _throw_away(self, workspace: Workspace) -> None:
        self.give_away(workspace)
        workspace.close_session()
        self.program.closed(workspace.document)
        workspace.deleteLater()

    def may_leave(self, workspaces: Sequence[Workspace]) -> bool:
        """Ask about unsaved work in `workspaces`; say whether they may go."""
        for workspace in workspaces:
            workspace.canvas.desk.finish()
        unsaved = [workspace for workspace in workspaces if workspace.document.modified]
        if not unsaved:
            return True
        self.show_workspace(unsaved[0])
        answer = ask_unsaved(self, [workspace.document.name for workspace in unsaved])
        if answer is Answer.SAVE:
            return all(self.filer.save(workspace) for workspace in unsaved)
        return answer is Answer.DISCARD

    def refresh(self) -> None:
        """Bring title and commands in step with the document that is shown."""
        document, session = self.workspace.document, self.workspace.session
        self.setWindowTitle(f"{document.name}[*] – Sfumato")
        self.setWindowModified(document.modified)
        actions = self.furniture.actions
        actions["undo"].setText(undo_text(document.undo_name))
        actions["undo"].setEnabled(bool(document.undo_name))
        actions["redo"].setText(redo_text(document.redo_name))
        actions["redo"].setEnabled(bool(document.redo_name))
        actions["run"].setText(run_text(session))
        actions["stop"].setText(stop_text(session))
        actions["stop"].setIconText(stop_text(session))  # Qt would take the ellipsis off
        actions["stop"].setEnabled(session.running and (not session.stopping or session.overdue))
        chosen = bool(self.workspace.canvas.selection.ids)
        for name in ON_SELECTION:
            actions[name].setEnabled(chosen)
        actions["leave"].setEnabled(bool(self.workspace.canvas.level.path))

    def show_name(self, workspace: Workspace) -> None:
        """Write the name of a document on its tab, marked when it is not saved."""
        at = self.workspaces.index(workspace)
        document = workspace.document
        self.tabs.setTabText(at, f"{document.name} •" if document.modified else document.name)
        self.tabs.setTabToolTip(at, str(document.path or ""))

    # Commands

    def run_selected(self) -> None:
        """Run what the selected nodes need; inside a subgraph, the node that stands for it."""
        canvas = self.workspace.canvas
        chosen = frozenset(canvas.level.path[:1]) or canvas.selection.ids
        ids = chosen & frozenset(self.workspace.document.graph.nodes)
        if ids:
            self.furniture.message.tell("")
            renew(self.workspace.document, sorted(ids))
            self.workspace.session.run(sorted(ids))

    def run(self) -> None:
        """Run the graph; what is being typed counts."""
        self.workspace.canvas.desk.finish()
        self.furniture.message.tell("")  # the last one is of a run before
        renew(self.workspace.document)
        self.workspace.session.run()

    def choose_theme(self, name: str) -> None:
        """Use another theme, and remember it."""
        self.program.choose_theme(name)

    def show_viewer(self, *, shown: bool) -> None:
        """Show or hide the viewer, and remember it."""
        for workspace in self.workspaces:
            workspace.viewer.setVisible(shown)
        self.preferences.viewer = shown
        self.program.remember()

    def show_settings(self) -> None:
        """Show the settings."""
        self.program.show_settings(self)

    # Qt

    def closeEvent(self, event: QCloseEvent) -> None:
        """Qt: ask about unsaved work; end what goes on for the documents when the window goes."""
        if not self.may_leave(self.workspaces):
            event.ignore()
            return
        self.program.leaving(self)
        self.shut()
        event.accept()

    def shut(self) -> None:
        """End what goes on for the documents, without asking; the window can be thrown away."""
        for workspace in self.workspaces:
            workspace.close_session()
            self.program.closed(workspace.document)
        if self in self.program.windows:
            self.program.windows.remove(self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt: Escape that nothing else had a use for stops the run."""
        if event.key() == Qt.Key.Key_Escape and self.workspace.session.running:
            self.workspace.session.stop()
        else:
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Qt: take graphs, and pictures that may carry one."""
        if dropped_graphs([Path(url.toLocalFile()) for url in event.mimeData().urls()]):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Qt: open or offer what was dropped, beside the documents that are open."""
        paths = dropped_graphs([Path(url.toLocalFile()) for url in event.mimeData().urls()])
        if paths:
            event.acceptProposedAction()
        for path in paths:
            # Done after the drop, which the other program waits for.
            QTimer.singleShot(0, self, lambda path=path: self.filer.offer(path))


def _first_size(screen: QSize) -> QSize:
    """Return most of the screen, up to where more would only add empty ground."""
    wanted = QSize(round(screen.width() * _SHARE), round(screen.height() * _SHARE))
    return wanted.boundedTo(_LARGEST).expandedTo(_SMALLEST)
