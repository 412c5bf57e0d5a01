"""The commands of the window: names, keys and menus, in one table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence

from app.words import translate

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.window import MainWindow

Standard = QKeySequence.StandardKey


@dataclass(frozen=True, slots=True)
class Command:
    """One thing that can be asked for by menu and key."""

    name: str
    text: str
    keys: tuple[str | QKeySequence.StandardKey, ...]
    act: Callable[[MainWindow], object]
    on_canvas: bool = False
    """Whether its keys count only while the canvas has the focus, and not in a text field."""
    checkable: bool = False


def all_commands() -> list[Command]:
    """Return every command of the window."""
    return [*_file_commands(), *_edit_commands(), *_view_commands(), *_run_commands()]


def _file_commands() -> list[Command]:
    return [
        Command("new", translate("Commands", "New"), (Standard.New,), lambda w: w.new()),
        Command("open", translate("Commands", "Open…"), (Standard.Open,), lambda w: w.open()),
        Command("save", translate("Commands", "Save"), (Standard.Save,), lambda w: w.save()),
        Command("save_as", translate("Commands", "Save as…"), ("Ctrl+Shift+S",),
                lambda w: w.save_as()),
        Command("quit", translate("Commands", "Quit"), ("Ctrl+Q",), lambda w: w.close()),
    ]  # fmt: skip


def _edit_commands() -> list[Command]:
    return [
        Command("undo", translate("Commands", "Undo"), ("Ctrl+Z",),
                lambda w: w.workspace.document.undo()),
        Command("redo", translate("Commands", "Redo"), ("Ctrl+Shift+Z", "Ctrl+Y"),
                lambda w: w.workspace.document.redo()),
        Command("cut", translate("Commands", "Cut"), (Standard.Cut,),
                lambda w: w.workspace.canvas.cut(), on_canvas=True),
        Command("copy", translate("Commands", "Copy"), (Standard.Copy,),
                lambda w: w.workspace.canvas.copy(), on_canvas=True),
        Command("paste", translate("Commands", "Paste"), (Standard.Paste,),
                lambda w: w.workspace.canvas.paste(), on_canvas=True),
        Command("duplicate", translate("Commands", "Duplicate"), ("Ctrl+D",),
                lambda w: w.workspace.canvas.duplicate_selected(), on_canvas=True),
        Command("delete", translate("Commands", "Delete"), ("Del", "Backspace"),
                lambda w: w.workspace.canvas.delete_selected(), on_canvas=True),
        Command("rename", translate("Commands", "Rename"), ("F2",),
                lambda w: w.workspace.canvas.rename_selected(), on_canvas=True),
        Command("select_all", translate("Commands", "Select all"), (Standard.SelectAll,),
                lambda w: w.workspace.canvas.select_all(), on_canvas=True),
        Command("add", translate("Commands", "Add node…"), ("Shift+A",),
                lambda w: w.workspace.canvas.search_in_middle(), on_canvas=True),
    ]  # fmt: skip


def _view_commands() -> list[Command]:
    return [
        Command("fit_all", translate("Commands", "Fit all"), ("Home", "."),
                lambda w: w.workspace.canvas.fit_all(), on_canvas=True),
        Command("fit_selected", translate("Commands", "Fit selection"), ("F",),
                lambda w: w.workspace.canvas.fit_selected(), on_canvas=True),
        Command("zoom_1", translate("Commands", "Zoom 100 %"), ("Ctrl+0",),
                lambda w: w.workspace.canvas.view.zoom_to(1.0)),
        Command("viewer", translate("Commands", "Viewer"), ("F9",),
                lambda w: w.show_viewer(shown=w.furniture.viewer.isChecked()),
                checkable=True),
    ]  # fmt: skip


def _run_commands() -> list[Command]:
    return [
        Command("run", translate("Commands", "Run"), ("Ctrl+Return", "Ctrl+Enter"),
                lambda w: w.run()),
        Command("run_selected", translate("Commands", "Run to here"), ("Ctrl+Shift+Return",),
                lambda w: w.run_selected()),
        Command("stop", translate("Commands", "Stop"), ("Ctrl+.",),
                lambda w: w.workspace.session.stop()),
    ]  # fmt: skip


def make_actions(commands: list[Command], window: MainWindow) -> dict[str, QAction]:
    """Return an action a command, by name; those for the canvas are yet to be added to one."""
    return {command.name: _action(command, window) for command in commands}


def _action(command: Command, window: MainWindow) -> QAction:
    action = QAction(command.text, window)
    action.setShortcuts([QKeySequence(key) for key in command.keys])
    action.setCheckable(command.checkable)
    if command.on_canvas:
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
    else:
        window.addAction(action)
    action.triggered.connect(lambda *_: command.act(window))
    return action


def undo_text(name: str) -> str:
    """Return the menu text of undo for a step called `name`."""
    return translate("Commands", "Undo {0}").format(name).strip()


def redo_text(name: str) -> str:
    """Return the menu text of redo for a step called `name`."""
    return translate("Commands", "Redo {0}").format(name).strip()
