"""The panels at the edges of a window that are shown when asked for, and made then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QDockWidget

from app.words import translate

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from app.logbook import Entry
    from app.panels.undo_panel import UndoPanel
    from app.window import MainWindow
    from app.workspace import Workspace

_WIDTH, _HEIGHT = 260, 200


class Docks(QObject):
    """Makes, shows and hides the docked panels of a window."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._docks: dict[str, QDockWidget] = {}
        self._steps: UndoPanel | None = None

    def switch(self, name: str) -> None:
        """Show the panel `name`, or hide it when it is shown."""
        dock = self._docks.get(name)
        if dock is None:
            dock = self._docks[name] = self._make(name)
        else:
            dock.setVisible(not dock.isVisible())

    def get(self, name: str) -> QWidget | None:
        """Return the panel `name`, if it was ever shown."""
        dock = self._docks.get(name)
        return None if dock is None else dock.widget()

    def show_workspace(self, workspace: Workspace) -> None:
        """Let the panels speak of `workspace`."""
        if self._steps is not None:
            self._steps.show_document(workspace.document)

    def _make(self, name: str) -> QDockWidget:
        if name == "log":
            return self._dock(
                name, translate("Docks", "Log"), self._log(), Qt.DockWidgetArea.BottomDockWidgetArea
            )
        return self._dock(
            name,
            translate("Docks", "Undo history"),
            self._undo_history(),
            Qt.DockWidgetArea.LeftDockWidgetArea,
        )

    def _dock(self, name: str, title: str, panel: QWidget, area: Qt.DockWidgetArea) -> QDockWidget:
        window = self._window
        dock = QDockWidget(title, window)
        dock.setObjectName(f"dock-{name}")
        dock.setWidget(panel)
        window.addDockWidget(area, dock)
        across = area is Qt.DockWidgetArea.LeftDockWidgetArea
        window.resizeDocks(
            [dock], [_WIDTH if across else _HEIGHT],
            Qt.Orientation.Horizontal if across else Qt.Orientation.Vertical,
        )  # fmt: skip
        action = window.furniture.actions[name]
        dock.visibilityChanged.connect(lambda _: action.setChecked(not dock.isHidden()))
        dock.show()
        action.setChecked(True)
        return dock

    def _undo_history(self) -> QWidget:
        from app.panels.undo_panel import UndoPanel

        self._steps = UndoPanel(self._window.look)
        self._steps.show_document(self._window.workspace.document)
        return self._steps

    def _log(self) -> QWidget:
        from app.panels.log_panel import LogPanel

        panel = LogPanel(self._window.program.log, self._window.look)
        panel.chosen.connect(self._show_node)
        return panel

    def _show_node(self, entry: Entry) -> None:
        """Select the node that said a line, and bring it into view."""
        for window, workspace in self._window.program.workspaces():
            document = workspace.document
            if document is entry.document and entry.node in document.graph.nodes:
                window.show_workspace(workspace)
                workspace.canvas.selection.set({entry.node}, entry.node)
                workspace.canvas.fit_selected()
