"""What joins a workspace to the window that it is in; ended when it goes to another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

if TYPE_CHECKING:
    from PySide6.QtCore import QPoint

    from app.window import MainWindow
    from app.workspace import Workspace


class Tie(QObject):
    """Hears one workspace for a window; deleting it ends that."""

    def __init__(self, window: MainWindow, workspace: Workspace) -> None:
        super().__init__(window)
        self.workspace = workspace
        self._window = window
        self._stood: object = None
        """How the runs of the document stood when the commands were refreshed by them."""
        canvas, session = workspace.canvas, workspace.session
        workspace.document.stateChanged.connect(self._document_changed)
        workspace.custody.noticed.connect(self._judge)
        session.activeChanged.connect(self._run_changed)
        session.told.connect(self._tell)
        session.warned.connect(self._warn)
        canvas.refused.connect(self._warn)
        canvas.selection.changed.connect(self._refresh)
        canvas.menuAsked.connect(self._menu)
        canvas.socketMenuAsked.connect(self._socket_menu)
        canvas.said.connect(self._tell)
        canvas.levelChanged.connect(self._refresh)

    @property
    def _seen(self) -> bool:
        """Whether the workspace is the one that is shown."""
        return self._window.workspace is self.workspace

    def _document_changed(self) -> None:
        self._window.show_name(self.workspace)
        self._refresh()

    def _refresh(self, *_: object) -> None:
        if self._seen:
            self._window.refresh()

    def _run_changed(self) -> None:
        if not self._seen:
            return
        session = self.workspace.session
        self._window.furniture.run_label.show_run(session)
        busy = session.host.runs.queue.busy
        stands = (session.running, session.stopping, session.overdue, busy)
        if stands != self._stood:
            # Not at each step that a run takes: commands do not change by them.
            self._stood = stands
            self._window.refresh()

    def _tell(self, text: str) -> None:
        if self._seen:
            self._window.furniture.message.tell(text)

    def _warn(self, text: str) -> None:
        if self._seen:
            self._window.furniture.message.warn(text)

    def _menu(self, node_id: str, at: QPoint) -> None:
        self._window.part_menus.open(node_id, at)

    def _socket_menu(self, side: str, name: str, at: QPoint) -> None:
        self._window.part_menus.open_shown(side, name, at)

    def _judge(self) -> None:
        self._window.filer.judge(self.workspace)
