"""The panels at the edges of a window that are shown when asked for, and made then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QLabel, QToolButton, QWidget

from app.keys import bindings
from app.words import translate

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.logbook import Entry
    from app.panels.inspector import Inspector
    from app.panels.library import Library
    from app.panels.undo_panel import UndoPanel
    from app.window import MainWindow
    from app.workspace import Workspace

_WIDTH, _HEIGHT = 300, 200
_SHARES = {"library": 480, "queue": 320, "run_history": 480, "undo_history": 240}
"""Heights of the panels at the left, where there are several; they stand to each other so."""
_FEATURES = (
    QDockWidget.DockWidgetFeature.DockWidgetClosable
    | QDockWidget.DockWidgetFeature.DockWidgetMovable
)


class _DockTitle(QWidget):
    """The name of a panel, and a button that puts it away."""

    def __init__(self, title: str, dock: QDockWidget) -> None:
        super().__init__(dock)
        self.setObjectName("dock-title")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        close = QToolButton(self)
        close.setObjectName("small")
        close.setText("×")
        close.setToolTip(translate("Docks", "Close"))
        close.clicked.connect(dock.close)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 8, 6)
        row.addWidget(QLabel(title, self), 1)
        row.addWidget(close)


class Docks(QObject):
    """Makes, shows and hides the docked panels of a window."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._docks: dict[str, QDockWidget] = {}
        self._steps: UndoPanel | None = None
        self._inspector: Inspector | None = None
        self._library: Library | None = None

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
        if self._inspector is not None:
            self._inspector.show_workspace(workspace)
        if self._library is not None:
            self._library.show_workspace(workspace)

    def _make(self, name: str) -> QDockWidget:
        left, bottom = Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.BottomDockWidgetArea
        makers: dict[str, tuple[Callable[[], QWidget], Qt.DockWidgetArea]] = {
            "inspector": (self._inspect, Qt.DockWidgetArea.RightDockWidgetArea),
            "library": (self._list_nodes, left),
            "log": (self._log, bottom),
            "queue": (self._queue, left),
            "run_history": (self._run_history, left),
            "undo_history": (self._undo_history, left),
        }
        make, area = makers[name]
        return self._dock(name, bindings()[name].title, make(), area)

    def _dock(self, name: str, title: str, panel: QWidget, area: Qt.DockWidgetArea) -> QDockWidget:
        window = self._window
        dock = QDockWidget(title, window)
        dock.setObjectName(f"dock-{name}")
        dock.setFeatures(_FEATURES)
        dock.setTitleBarWidget(_DockTitle(title, dock))
        dock.setWidget(panel)
        window.addDockWidget(area, dock)
        across = area is not Qt.DockWidgetArea.BottomDockWidgetArea
        window.resizeDocks(
            [dock], [_WIDTH if across else _HEIGHT],
            Qt.Orientation.Horizontal if across else Qt.Orientation.Vertical,
        )  # fmt: skip
        action = window.furniture.actions[name]
        dock.visibilityChanged.connect(lambda _: action.setChecked(not dock.isHidden()))
        dock.show()
        # The new panel has a place only when the window was laid out anew.
        QTimer.singleShot(0, self, self._share)
        action.setChecked(True)
        return dock

    def _inspect(self) -> QWidget:
        from app.panels.inspector import Inspector

        self._inspector = Inspector(self._window.look)
        self._inspector.show_workspace(self._window.workspace)
        return self._inspector

    def _list_nodes(self) -> QWidget:
        from app.panels.library import Library

        self._library = Library(self._window.program.habits, self._window.look)
        self._library.show_workspace(self._window.workspace)
        self._library.chosen.connect(self._add_node)
        return self._library

    def _add_node(self, type_id: str) -> None:
        canvas = self._window.workspace.canvas
        canvas.add_node(type_id, canvas.view.mapToScene(canvas.view.viewport().rect().center()))

    def _undo_history(self) -> QWidget:
        from app.panels.undo_panel import UndoPanel

        self._steps = UndoPanel(self._window.look)
        self._steps.show_document(self._window.workspace.document)
        return self._steps

    def _share(self) -> None:
        """Give each panel at the left its share of the height."""
        shown = [name for name in _SHARES if name in self._docks]
        if len(shown) > 1:
            self._window.resizeDocks(
                [self._docks[name] for name in shown],
                [_SHARES[name] for name in shown],
                Qt.Orientation.Vertical,
            )

    def _queue(self) -> QWidget:
        from app.panels.queue_panel import QueuePanel

        return QueuePanel(self._window.host.runs, self._window.look)

    def _run_history(self) -> QWidget:
        from app.panels.history_panel import HistoryPanel

        panel = HistoryPanel(self._window.host.runs, self._window.look)
        panel.opened.connect(self._window.filer.open_run)
        panel.refused.connect(self._window.furniture.message.warn)
        return panel

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
