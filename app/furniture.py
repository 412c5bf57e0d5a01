"""What stands around the workspace: menus, tool bar and status bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSize, Qt
from PySide6.QtGui import QAction, QActionGroup, QIcon, QPixmap
from PySide6.QtWidgets import QSizePolicy, QToolBar, QToolButton, QWidget

from app.commands import all_commands, make_actions
from app.panels.engine_label import EngineLabel
from app.panels.message import MessageLabel
from app.panels.run_label import RunLabel
from app.theme import icons
from app.theme.look import DARK, LIGHT, SYSTEM
from app.words import translate
from graph.bookmarks import DIGITS
from resources import templates

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMenu

    from app.window import MainWindow
    from app.workspace import Workspace

_ICON = 18
_RUN_WIDTH = 128


class Furniture(QObject):
    """Makes and holds the actions, bars and labels of a window."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.message = MessageLabel(window)
        self.run_label = RunLabel(window)
        self.engine_label = EngineLabel(window.host, window)
        # Keys that belong to the canvas are bound to each workspace's canvas as it comes.
        self.actions = make_actions(all_commands(), window)
        self.viewer = self.actions["viewer"]
        self._make_menus()
        self._make_tool_bar()
        self._make_status_bar()
        window.program.keymap.changed.connect(self._put_keys)

    def _make_menus(self) -> None:
        bar = self._window.menuBar()
        file = bar.addMenu(translate("Menus", "&File"))
        self._fill(file, "new", "open")
        self._template_menu(file)
        self._fill(file, "-", "save", "save_as", "versions", "-", "settings", "-", "close", "quit")
        edit = bar.addMenu(translate("Menus", "&Edit"))
        self._fill(edit, "undo", "redo", "-", "cut", "copy", "paste", "duplicate", "delete", "-",
                   "select_all", "-", "find")  # fmt: skip
        self._fill(bar.addMenu(translate("Menus", "&Add")), "add", "add_note", "add_frame")
        node = bar.addMenu(translate("Menus", "&Node"))
        self._fill(node, "rename", "colour", "-", "mute", "bypass", "collapse", "pin", "-",
                   "paint_mask", "-", "wire", "take_out", "unwire", "-", "group", "ungroup",
                   "make_own", "-", "enter", "leave")  # fmt: skip
        arrange = bar.addMenu(translate("Menus", "A&rrange"))
        self._fill(arrange, "tidy", "-", "align_left", "align_right", "align_top", "align_bottom",
                   "-", "distribute_across", "distribute_down", "-", "snap")  # fmt: skip
        self.actions["snap"].setChecked(self._window.preferences.snap)
        view = bar.addMenu(translate("Menus", "&View"))
        self._fill(view, "fit_all", "fit_selected", "zoom_1")
        self._bookmark_menu(view)
        self._fill(view, "-", "viewer", "inspector", "library", "minimap", "undo_history", "log")
        self.actions["minimap"].setChecked(self._window.preferences.minimap)
        self._theme_menu(view)
        run = bar.addMenu(translate("Menus", "&Run"))
        self._fill(run, "run", "run_selected", "stop", "-", "queue", "run_history")
        window = bar.addMenu(translate("Menus", "&Window"))
        self._fill(window, "next_tab", "previous_tab", "-", "move_out")

    def _fill(self, menu: QMenu, *names: str) -> None:
        for name in names:
            if name == "-":
                menu.addSeparator()
            else:
                menu.addAction(self.actions[name])

    def _bookmark_menu(self, view: QMenu) -> None:
        menu = view.addMenu(translate("Menus", "Bookmarks"))
        self._fill(menu, *(f"bookmark_{digit}" for digit in DIGITS), "-")
        self._fill(menu, *(f"set_bookmark_{digit}" for digit in DIGITS))

    def _template_menu(self, file: QMenu) -> None:
        menu = file.addMenu(translate("Menus", "Open template"))
        for name in templates.names():
            action = menu.addAction(name.replace("-", " ").capitalize())
            action.triggered.connect(
                lambda *_, chosen=name: self._window.filer.open_template(chosen)
            )

    def _theme_menu(self, view: QMenu) -> None:
        menu = view.addMenu(translate("Menus", "Theme"))
        group = QActionGroup(self)
        names = {
            DARK: translate("Menus", "Dark"),
            LIGHT: translate("Menus", "Light"),
            SYSTEM: translate("Menus", "As the system"),
        }
        for name, text in names.items():
            action = menu.addAction(text)
            action.setCheckable(True)
            action.setChecked(self._window.look.choice == name)
            action.triggered.connect(lambda *_, chosen=name: self._window.choose_theme(chosen))
            group.addAction(action)

    def _make_tool_bar(self) -> None:
        bar = QToolBar(translate("Window", "Tools"), self._window)
        bar.setMovable(False)
        bar.setIconSize(QSize(_ICON, _ICON))
        bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self._window.addToolBar(bar)
        run, stop = self._button(bar, "run", words=True), self._button(bar, "stop", words=True)
        run.setObjectName("run")
        for button in (run, stop):
            # Their words change, and what stands beside them stays where it is.
            button.setMinimumWidth(_RUN_WIDTH)
        bar.addSeparator()
        self._button(bar, "add", words=True)
        self._button(bar, "fit_all", words=True)
        spring = QWidget(bar)
        spring.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        bar.addWidget(spring)
        self._button(bar, "inspector", words=True)
        self._button(bar, "viewer", words=True)

    def _button(self, bar: QToolBar, name: str, *, words: bool) -> QToolButton:
        action = self.actions[name]
        action.setIcon(_blank_icon())
        button = QToolButton(bar)
        button.setDefaultAction(action)
        style = Qt.ToolButtonStyle
        button.setToolButtonStyle(
            style.ToolButtonTextBesideIcon if words else style.ToolButtonIconOnly
        )
        button.setIconSize(QSize(_ICON, _ICON))
        button.setToolTip(_tip(action))
        bar.addWidget(button)
        return button

    def _make_status_bar(self) -> None:
        bar = self._window.statusBar()
        bar.setSizeGripEnabled(False)
        bar.addWidget(self.message, 1)
        bar.addPermanentWidget(self.run_label)
        bar.addPermanentWidget(self.engine_label)

    def bind(self, workspace: Workspace) -> None:
        """Have the keys that belong to the canvas heard on that of `workspace`."""
        for command in all_commands():
            if command.on_canvas:
                workspace.canvas.addAction(self.actions[command.name])
        workspace.canvas.hands.snaps = self.actions["snap"].isChecked()
        workspace.canvas.show_minimap(shown=self.actions["minimap"].isChecked())
        workspace.canvas.search.habits = self._window.program.habits
        self._put_held_keys()

    def _put_held_keys(self) -> None:
        """Tell the canvases which keys cut wires while they are held."""
        for workspace in self._window.workspaces:
            workspace.canvas.hands.cut_keys = self._window.program.keymap.keys("cut_wires")

    def unbind(self, workspace: Workspace) -> None:
        """Have them heard there no more."""
        for action in self.actions.values():
            workspace.canvas.removeAction(action)

    def show_workspace(self, workspace: Workspace) -> None:
        """Let bars and labels speak of `workspace`."""
        self.viewer.setChecked(self._window.preferences.viewer)
        self.run_label.show_run(workspace.session)

    def _put_keys(self) -> None:
        """Give each action the keys that its command has now."""
        for name, action in self.actions.items():
            action.setShortcuts(self._window.program.keymap.keys(name))
        self._put_held_keys()
        for button in self._window.findChildren(QToolButton):
            if (action := button.defaultAction()) is not None:
                button.setToolTip(_tip(action))

    def dress(self) -> None:
        """Give the actions their icons; done after the first paint, for it takes a while."""
        self._put_icons()
        self._window.look.changed.connect(self._put_icons)

    def _put_icons(self) -> None:
        named = {
            icons.RUN: self.actions["run"],
            icons.STOP: self.actions["stop"],
            icons.ADD: self.actions["add"],
            icons.FIT: self.actions["fit_all"],
            icons.VIEWER: self.actions["viewer"],
            icons.INSPECTOR: self.actions["inspector"],
        }
        icons.dress_actions(named, self._window.look.colours)


def _tip(action: QAction) -> str:
    """Return what a button says of `action`: its name, and its key if it has one."""
    key = action.shortcut().toString()
    return f"{action.text()} ({key})" if key else action.text()


def _blank_icon() -> QIcon:
    """Return an icon that keeps the place of one that is yet to be loaded."""
    blank = QPixmap(_ICON, _ICON)
    blank.fill(Qt.GlobalColor.transparent)
    return QIcon(blank)
