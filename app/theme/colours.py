"""The colours of a theme: neutral greys without tint, one warm accent, muted socket colours."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path

import msgspec
from PySide6.QtGui import QColor

THEMES = Path(__file__).parents[2] / "resources" / "themes"


@dataclass(frozen=True, slots=True)
class Colours:
    """One theme, read from `resources/themes/NAME.json`."""

    name: str
    canvas: QColor
    grid: QColor
    chrome: QColor
    edge: QColor
    node: QColor
    title: QColor
    outline: QColor
    well: QColor
    """Where a value lies."""
    fill: QColor
    """How far a slider reaches."""
    hover: QColor
    text: QColor
    muted: QColor
    faint: QColor
    accent: QColor
    on_accent: QColor
    error: QColor
    void: QColor
    """A picture that is not there yet."""
    stage: QColor
    """Behind the picture in the viewer."""
    wire_value: float
    """Factor on the brightness of socket colours, which are chosen for a dark ground."""

    def wire(self, colour: str) -> QColor:
        """Return the socket colour `colour` (`#rrggbb`) as it is drawn on this theme's ground."""
        return QColor(_scaled(colour, self.wire_value))

    @property
    def dark(self) -> bool:
        """Say whether the ground is dark."""
        return self.canvas.lightnessF() < 0.5  # noqa: PLR2004 - the middle


@lru_cache(maxsize=256)
def _scaled(colour: str, factor: float) -> QColor:
    made = QColor(colour)
    hue = max(0.0, made.hsvHueF())  # a grey has none, told as -1
    return QColor.fromHsvF(hue, made.hsvSaturationF(), made.valueF() * factor)


def load_colours(name: str) -> Colours:
    """Read the theme `name`."""
    values = msgspec.json.decode(
        (THEMES / f"{name}.json").read_bytes(), type=dict[str, str | float]
    )
    made: dict[str, QColor | str | float] = {}
    for field in fields(Colours):
        value = values[field.name]
        is_colour = isinstance(value, str) and field.name != "name"
        made[field.name] = QColor(value) if is_colour and isinstance(value, str) else value
    return Colours(**made)  # type: ignore[arg-type] # the JSON has the fields' types; a test reads both
