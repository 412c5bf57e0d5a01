"""The keys of the mask editor, which has a window of its own, and what they are called."""

from __future__ import annotations

from typing import NamedTuple

from app.mask.hand import Tool
from app.words import translate


class Key(NamedTuple):
    """What is done, by name, and the keys for it, written as `QKeySequence` reads them."""

    name: str
    title: str
    keys: tuple[str, ...]


def tool_keys() -> list[Key]:
    """Return the tools in the order in which they are shown, with their keys."""
    return [
        Key(Tool.BRUSH, translate("Mask", "Brush"), ("B",)),
        Key(Tool.ERASER, translate("Mask", "Eraser"), ("E",)),
        Key(Tool.FILL, translate("Mask", "Fill"), ("G",)),
        Key(Tool.RECTANGLE, translate("Mask", "Rectangle"), ("R",)),
        Key(Tool.ELLIPSE, translate("Mask", "Ellipse"), ("O",)),
        Key(Tool.LASSO, translate("Mask", "Lasso"), ("L",)),
    ]


def action_keys() -> list[Key]:
    """Return all else that has a key."""
    return [
        Key("undo", translate("Mask", "Undo"), ("Ctrl+Z",)),
        Key("redo", translate("Mask", "Redo"), ("Ctrl+Shift+Z", "Ctrl+Y")),
        Key("smaller", translate("Mask", "Smaller brush"), ("[",)),
        Key("larger", translate("Mask", "Larger brush"), ("]",)),
        Key("softer", translate("Mask", "Softer brush"), ("Shift+[", "{", "Shift+{")),
        Key("harder", translate("Mask", "Harder brush"), ("Shift+]", "}", "Shift+}")),
        Key("invert", translate("Mask", "Invert"), ("Ctrl+I",)),
        Key("all", translate("Mask", "Select all"), ("Ctrl+A",)),
        Key("clear", translate("Mask", "Clear"), ("Del", "Backspace")),
        Key("bare", translate("Mask", "Mask alone"), ("V",)),
        Key("fit", translate("Mask", "Fit"), ("F", "Home")),
        Key("actual", translate("Mask", "100 %"), ("1", "Ctrl+0")),
        Key("nearer", translate("Mask", "Zoom in"), ("+", "=")),
        Key("farther", translate("Mask", "Zoom out"), ("-",)),
        Key("done", translate("Mask", "Done"), ("Ctrl+Return", "Ctrl+W")),
    ]
