"""Every key of the program in one table: what it does, what it is called, where it counts.

The menus take names and keys from here, the guide lists them, and settings may rebind them: a
binding is known by `command`, whatever its keys are.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from app.words import translate


class Where(StrEnum):
    """Where the keys of a command count."""

    WINDOW = "window"
    """Anywhere in the window."""
    CANVAS = "canvas"
    """While the canvas has the focus, and not in a text field."""
    HELD = "held"
    """On the canvas, held down while the mouse does something."""
    MASK = "mask"
    """In the mask editor, which has a window of its own."""


@dataclass(frozen=True, slots=True)
class Binding:
    """A command and its default keys, written as `QKeySequence` reads them."""

    command: str
    title: str
    keys: tuple[str, ...]
    where: Where
    section: str
    """The heading under which it is listed."""


@cache
def bindings() -> dict[str, Binding]:
    """Return all bindings by command, in the order in which they are listed."""
    listed = (*_files(), *_edits(), *_adding(), *_wires(), *_structure(), *_subgraphs(),
              *_arranging(), *_views(), *_windows(), *_runs(), *_masks())  # fmt: skip
    return {binding.command: binding for binding in listed}


def _listed(
    section: str, where: Where, rows: tuple[tuple[str, str, tuple[str, ...]], ...]
) -> list[Binding]:
    return [Binding(command, title, keys, where, section) for command, title, keys in rows]


def _files() -> list[Binding]:
    return _listed(translate("Keys", "File"), Where.WINDOW, (
        ("new", translate("Commands", "New"), ("Ctrl+N", "Ctrl+T")),
        ("open", translate("Commands", "Open…"), ("Ctrl+O",)),
        ("save", translate("Commands", "Save"), ("Ctrl+S",)),
        ("save_as", translate("Commands", "Save as…"), ("Ctrl+Shift+S",)),
        ("versions", translate("Commands", "Versions…"), ()),
        ("close", translate("Commands", "Close"), ("Ctrl+W",)),
        ("settings", translate("Commands", "Settings…"), ("Ctrl+,",)),
        ("quit", translate("Commands", "Quit"), ("Ctrl+Q",)),
    ))  # fmt: skip


def _windows() -> list[Binding]:
    return _listed(translate("Keys", "Window"), Where.WINDOW, (
        ("next_tab", translate("Commands", "Next tab"), ("Ctrl+Tab", "Ctrl+PgDown")),
        ("previous_tab", translate("Commands", "Previous tab"), ("Ctrl+Shift+Tab", "Ctrl+PgUp")),
        ("move_out", translate("Commands", "Move to new window"), ("Ctrl+Shift+N",)),
        ("undo_history", translate("Commands", "Undo history"), ("Ctrl+Shift+H",)),
        ("log", translate("Commands", "Log"), ("Ctrl+Shift+L",)),
    ))  # fmt: skip


def _edits() -> list[Binding]:
    section = translate("Keys", "Edit")
    undo = _listed(section, Where.WINDOW, (
        ("undo", translate("Commands", "Undo"), ("Ctrl+Z",)),
        ("redo", translate("Commands", "Redo"), ("Ctrl+Shift+Z", "Ctrl+Y")),
    ))  # fmt: skip
    return undo + _listed(section, Where.CANVAS, (
        ("cut", translate("Commands", "Cut"), ("Ctrl+X",)),
        ("copy", translate("Commands", "Copy"), ("Ctrl+C",)),
        ("paste", translate("Commands", "Paste"), ("Ctrl+V",)),
        ("duplicate", translate("Commands", "Duplicate"), ("Ctrl+D",)),
        ("delete", translate("Commands", "Delete"), ("Del", "Backspace")),
        ("select_all", translate("Commands", "Select all"), ("Ctrl+A",)),
        ("find", translate("Commands", "Find…"), ("Ctrl+F",)),
    ))  # fmt: skip


def _adding() -> list[Binding]:
    return _listed(translate("Keys", "Add"), Where.CANVAS, (
        ("add", translate("Commands", "Add node…"), ("Shift+A",)),
        ("add_note", translate("Commands", "Add note"), ("N",)),
        ("add_frame", translate("Commands", "Frame the selection"), ("Ctrl+G",)),
    ))  # fmt: skip


def _wires() -> list[Binding]:
    section = translate("Keys", "Wires")
    return _listed(section, Where.CANVAS, (
        ("wire", translate("Commands", "Wire by keyboard"), ("W",)),
        ("take_out", translate("Commands", "Take out, heal the wires"), ("Ctrl+Del",)),
        ("unwire", translate("Commands", "Remove its wires"), ("Shift+Del",)),
    )) + _listed(section, Where.HELD, (
        ("cut_wires", translate("Commands", "Cut wires: hold and drag"), ("Y",)),
    ))  # fmt: skip


def _structure() -> list[Binding]:
    return _listed(translate("Keys", "Nodes"), Where.CANVAS, (
        ("rename", translate("Commands", "Rename"), ("F2",)),
        ("mute", translate("Commands", "Mute"), ("M",)),
        ("bypass", translate("Commands", "Bypass"), ("B",)),
        ("collapse", translate("Commands", "Collapse"), ("C",)),
        ("pin", translate("Commands", "Pin"), ("P",)),
        ("colour", translate("Commands", "Colour…"), ("K",)),
        ("paint_mask", translate("Commands", "Paint mask…"), ("Shift+P",)),
    ))  # fmt: skip


def _subgraphs() -> list[Binding]:
    return _listed(translate("Keys", "Subgraphs"), Where.CANVAS, (
        ("group", translate("Commands", "Make a subgraph"), ("Ctrl+Shift+G",)),
        ("ungroup", translate("Commands", "Expand the subgraph"), ("Ctrl+Alt+G",)),
        ("enter", translate("Commands", "Enter the subgraph"), ("I", "Alt+Down")),
        ("leave", translate("Commands", "Leave the subgraph"), ("U", "Alt+Up")),
        ("make_own", translate("Commands", "Make an independent copy"), ("Ctrl+Shift+D",)),
    ))  # fmt: skip


def _arranging() -> list[Binding]:
    return _listed(translate("Keys", "Arrange"), Where.CANVAS, (
        ("tidy", translate("Commands", "Tidy up"), ("L",)),
        ("align_left", translate("Commands", "Align left"), ("Ctrl+Alt+Left",)),
        ("align_right", translate("Commands", "Align right"), ("Ctrl+Alt+Right",)),
        ("align_top", translate("Commands", "Align top"), ("Ctrl+Alt+Up",)),
        ("align_bottom", translate("Commands", "Align bottom"), ("Ctrl+Alt+Down",)),
        ("distribute_across", translate("Commands", "Distribute across"), ("Ctrl+Alt+A",)),
        ("distribute_down", translate("Commands", "Distribute down"), ("Ctrl+Alt+D",)),
        ("snap", translate("Commands", "Snap to grid and neighbours"), ("Shift+S",)),
        ("nudge_left", translate("Commands", "Nudge left"), ("Left",)),
        ("nudge_right", translate("Commands", "Nudge right"), ("Right",)),
        ("nudge_up", translate("Commands", "Nudge up"), ("Up",)),
        ("nudge_down", translate("Commands", "Nudge down"), ("Down",)),
    ))  # fmt: skip


def _views() -> list[Binding]:
    section = translate("Keys", "View")
    canvas = _listed(section, Where.CANVAS, (
        ("fit_all", translate("Commands", "Fit all"), ("Home", ".")),
        ("fit_selected", translate("Commands", "Fit selection"), ("F",)),
    ))  # fmt: skip
    window = _listed(section, Where.WINDOW, (
        ("zoom_1", translate("Commands", "Zoom 100 %"), ("Ctrl+0",)),
        ("minimap", translate("Commands", "Minimap"), ("Shift+M",)),
        ("library", translate("Commands", "Library"), ("F8",)),
        ("viewer", translate("Commands", "Viewer"), ("F9",)),
        ("inspector", translate("Commands", "Inspector"), ("F4",)),
    ))  # fmt: skip
    marks = translate("Commands", "Set bookmark {0}"), translate("Commands", "Go to bookmark {0}")
    for digit in "123456789":
        canvas.append(Binding(f"set_bookmark_{digit}", marks[0].format(digit), (f"Ctrl+{digit}",),
                              Where.CANVAS, section))  # fmt: skip
        canvas.append(Binding(f"bookmark_{digit}", marks[1].format(digit), (digit,),
                              Where.CANVAS, section))  # fmt: skip
    return window + canvas


def _runs() -> list[Binding]:
    return _listed(translate("Keys", "Run"), Where.WINDOW, (
        ("run", translate("Commands", "Run"), ("Ctrl+Return", "Ctrl+Enter")),
        ("run_selected", translate("Commands", "Run to here"), ("Ctrl+Shift+Return",)),
        ("stop", translate("Commands", "Stop"), ("Ctrl+.",)),
        ("queue", translate("Commands", "Queue"), ("F6",)),
        ("run_history", translate("Commands", "Run history"), ("F7",)),
    ))  # fmt: skip


def _masks() -> list[Binding]:
    """Return what the mask editor does; it knows each without what stands before the `.`."""
    return _listed(translate("Keys", "Mask editor"), Where.MASK, (
        ("mask.brush", translate("Mask", "Brush"), ("B",)),
        ("mask.eraser", translate("Mask", "Eraser"), ("E",)),
        ("mask.fill", translate("Mask", "Fill"), ("G",)),
        ("mask.rectangle", translate("Mask", "Rectangle"), ("R",)),
        ("mask.ellipse", translate("Mask", "Ellipse"), ("O",)),
        ("mask.lasso", translate("Mask", "Lasso"), ("L",)),
        ("mask.undo", translate("Mask", "Undo"), ("Ctrl+Z",)),
        ("mask.redo", translate("Mask", "Redo"), ("Ctrl+Shift+Z", "Ctrl+Y")),
        ("mask.smaller", translate("Mask", "Smaller brush"), ("[",)),
        ("mask.larger", translate("Mask", "Larger brush"), ("]",)),
        # A shifted bracket arrives as either, or as both, as the keyboard has it.
        ("mask.softer", translate("Mask", "Softer brush"), ("{", "Shift+[", "Shift+{")),
        ("mask.harder", translate("Mask", "Harder brush"), ("}", "Shift+]", "Shift+}")),
        ("mask.invert", translate("Mask", "Invert"), ("Ctrl+I",)),
        ("mask.all", translate("Mask", "Select all"), ("Ctrl+A",)),
        ("mask.clear", translate("Mask", "Clear"), ("Del", "Backspace")),
        ("mask.bare", translate("Mask", "Mask alone"), ("V",)),
        ("mask.fit", translate("Mask", "Fit"), ("F", "Home")),
        ("mask.actual", translate("Mask", "100 %"), ("1", "Ctrl+0")),
        ("mask.nearer", translate("Mask", "Zoom in"), ("+", "=")),
        ("mask.farther", translate("Mask", "Zoom out"), ("-",)),
        ("mask.done", translate("Mask", "Done"), ("Ctrl+Return", "Ctrl+W")),
    ))  # fmt: skip
