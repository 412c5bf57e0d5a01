"""What the commands of the canvas do, by name; names and keys stand in `app.keys`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from graph.bookmarks import DIGITS
from graph.layout import Edge

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.canvas.deeds import Deeds
    from app.window import MainWindow

    Act = Callable[[MainWindow], object]

ON_SELECTION = (
    "cut", "copy", "duplicate", "delete", "rename", "run_selected", "colour", "wire", "take_out",
    "unwire", "paint_mask", "mute", "bypass", "collapse", "pin", "group", "ungroup", "enter",
    "make_own", "align_left", "align_right", "align_top", "align_bottom", "distribute_across",
    "distribute_down", "nudge_left", "nudge_right", "nudge_up", "nudge_down",
)  # fmt: skip
"""The commands that there is no use for while nothing is selected."""


def editing_acts() -> dict[str, Act]:
    """Return what each command does to the canvas that is shown."""
    deeds = _parts() | _structure() | _subgraphs() | _arranging() | _bookmarks()
    return {name: _on_canvas(deed) for name, deed in deeds.items()} | _places()


def _on_canvas(deed: Callable[[Deeds], object]) -> Act:
    return lambda window: deed(window.workspace.canvas.deeds)


def _parts() -> dict[str, Callable[[Deeds], object]]:
    return {
        "cut": lambda deeds: deeds.cut(),
        "copy": lambda deeds: deeds.copy(),
        "paste": lambda deeds: deeds.paste(),
        "duplicate": lambda deeds: deeds.duplicate(),
        "delete": lambda deeds: deeds.delete(),
        "rename": lambda deeds: deeds.rename(),
        "select_all": lambda deeds: deeds.select_all(),
        "add_note": lambda deeds: deeds.add_note(),
        "add_frame": lambda deeds: deeds.add_frame(),
    }


def _structure() -> dict[str, Callable[[Deeds], object]]:
    return {
        "wire": lambda deeds: deeds.wire(),
        "take_out": lambda deeds: deeds.take_out(),
        "unwire": lambda deeds: deeds.unwire(),
        "mute": lambda deeds: deeds.mute(),
        "bypass": lambda deeds: deeds.bypass(),
        "collapse": lambda deeds: deeds.collapse(),
        "pin": lambda deeds: deeds.pin(),
    }


def _subgraphs() -> dict[str, Callable[[Deeds], object]]:
    return {
        "group": lambda deeds: deeds.group(),
        "ungroup": lambda deeds: deeds.ungroup(),
        "enter": lambda deeds: deeds.enter(),
        "leave": lambda deeds: deeds.leave(),
        "make_own": lambda deeds: deeds.make_own(),
    }


def _arranging() -> dict[str, Callable[[Deeds], object]]:
    return {
        "tidy": lambda deeds: deeds.tidy(),
        "align_left": lambda deeds: deeds.align(Edge.LEFT),
        "align_right": lambda deeds: deeds.align(Edge.RIGHT),
        "align_top": lambda deeds: deeds.align(Edge.TOP),
        "align_bottom": lambda deeds: deeds.align(Edge.BOTTOM),
        "distribute_across": lambda deeds: deeds.distribute(across=True),
        "distribute_down": lambda deeds: deeds.distribute(across=False),
        "nudge_left": lambda deeds: deeds.nudge(-1, 0),
        "nudge_right": lambda deeds: deeds.nudge(1, 0),
        "nudge_up": lambda deeds: deeds.nudge(0, -1),
        "nudge_down": lambda deeds: deeds.nudge(0, 1),
    }


def _bookmarks() -> dict[str, Callable[[Deeds], object]]:
    acts: dict[str, Callable[[Deeds], object]] = {}
    for digit in DIGITS:
        acts[f"set_bookmark_{digit}"] = partial(_set_bookmark, digit)
        acts[f"bookmark_{digit}"] = partial(_go_to_bookmark, digit)
    return acts


def _set_bookmark(digit: str, deeds: Deeds) -> None:
    deeds.set_bookmark(digit)


def _go_to_bookmark(digit: str, deeds: Deeds) -> None:
    deeds.go_to_bookmark(digit)


def _places() -> dict[str, Act]:
    return {
        "add": lambda window: window.workspace.canvas.search_in_middle(),
        "colour": lambda window: window.part_menus.choose_colour(),
        "find": lambda window: window.workspace.canvas.find_bar.open(),
        "paint_mask": _paint_mask,
        "minimap": lambda window: window.part_menus.switch_minimap(),
        "library": lambda window: window.docks.switch("library"),
        "snap": lambda window: window.part_menus.switch_snap(),
    }


def _paint_mask(window: MainWindow) -> None:
    current = window.workspace.canvas.selection.current
    if current:
        window.workspace.painter.paint_on(current)
