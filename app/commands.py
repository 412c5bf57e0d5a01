"""The commands of the window: what each does; names and keys stand in `app.keys`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction

from app.editing_commands import editing_acts
from app.keys import Where, bindings
from app.words import translate

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.session import Session
    from app.window import MainWindow


@dataclass(frozen=True, slots=True)
class Command:
    """One thing that can be asked for by menu and key."""

    name: str
    text: str
    keys: tuple[str, ...]
    act: Callable[[MainWindow], object]
    on_canvas: bool = False
    """Whether its keys count only while the canvas has the focus, and not in a text field."""
    checkable: bool = False


def all_commands() -> list[Command]:
    """Return every command of the window."""
    acts = _file_acts() | _edit_acts() | editing_acts() | _view_acts()
    acts |= _window_acts() | _run_acts()
    return [_command(name, act) for name, act in acts.items()]


def _command(name: str, act: Callable[[MainWindow], object]) -> Command:
    binding = bindings()[name]
    return Command(
        name,
        binding.title,
        binding.keys,
        act,
        on_canvas=binding.where is Where.CANVAS,
        checkable=name in _SWITCHES,
    )


_SWITCHES = frozenset(
    {
        "queue",
        "run_history",
        "viewer",
        "inspector",
        "undo_history",
        "log",
        "snap",
        "minimap",
        "library",
    }
)
"""Commands that show and change whether something is on."""


def _file_acts() -> dict[str, Callable[[MainWindow], object]]:
    return {
        "new": lambda w: w.filer.new(),
        "open": lambda w: w.filer.open(),
        "save": lambda w: w.filer.save(),
        "save_as": lambda w: w.filer.save_as(),
        "versions": lambda w: w.filer.show_versions(),
        "close": lambda w: w.close_workspace(),
        "settings": lambda w: w.show_settings(),
        "quit": lambda w: w.program.quit(),
    }


def _window_acts() -> dict[str, Callable[[MainWindow], object]]:
    return {
        "next_tab": lambda w: w.step(1),
        "previous_tab": lambda w: w.step(-1),
        "move_out": lambda w: w.move_out(),
        "undo_history": lambda w: w.docks.switch("undo_history"),
        "log": lambda w: w.docks.switch("log"),
    }


def _edit_acts() -> dict[str, Callable[[MainWindow], object]]:
    return {
        "undo": lambda w: w.workspace.document.undo(),
        "redo": lambda w: w.workspace.document.redo(),
    }


def _view_acts() -> dict[str, Callable[[MainWindow], object]]:
    return {
        "fit_all": lambda w: w.workspace.canvas.fit_all(),
        "fit_selected": lambda w: w.workspace.canvas.fit_selected(),
        "zoom_1": lambda w: w.workspace.canvas.view.zoom_to(1.0),
        "viewer": lambda w: w.show_viewer(shown=w.furniture.viewer.isChecked()),
        "inspector": lambda w: w.docks.switch("inspector"),
    }


def _run_acts() -> dict[str, Callable[[MainWindow], object]]:
    return {
        "run": lambda w: w.run(),
        "run_selected": lambda w: w.run_selected(),
        "stop": lambda w: w.workspace.session.stop(),
        "queue": lambda w: w.docks.switch("queue"),
        "run_history": lambda w: w.docks.switch("run_history"),
    }


def make_actions(commands: list[Command], window: MainWindow) -> dict[str, QAction]:
    """Return an action a command, by name; those for the canvas are yet to be added to one."""
    return {command.name: _action(command, window) for command in commands}


def _action(command: Command, window: MainWindow) -> QAction:
    action = QAction(command.text, window)
    action.setShortcuts(window.program.keymap.keys(command.name))
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


def run_text(session: Session) -> str:
    """Return what the Run button does now: while something runs, it queues."""
    if session.host.runs.queue.busy:
        return translate("Commands", "Queue run")
    return translate("Commands", "Run")


def stop_text(session: Session) -> str:
    """Return what the Stop button does now, or what goes on."""
    if session.overdue:
        return translate("Commands", "End engine")
    if session.stopping:
        return translate("Commands", "Stopping…")
    return translate("Commands", "Stop")


def redo_text(name: str) -> str:
    """Return the menu text of redo for a step called `name`."""
    return translate("Commands", "Redo {0}").format(name).strip()
