"""Icons from one family (Phosphor), loaded after the first paint.

qtawesome takes some 300 ms to import and to make its first icon, which a window that is to be
there at once does not wait for: actions get their icons a moment later.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtGui import QAction, QColor, QIcon

    from app.theme.colours import Colours

RUN: Final = "ph.play-fill"
STOP: Final = "ph.stop-fill"
FIT: Final = "ph.corners-out"
ADD: Final = "ph.plus"
VIEWER: Final = "ph.image"
INSPECTOR: Final = "ph.sliders-horizontal"


def icon(name: str, colour: QColor, faint: QColor) -> QIcon:
    """Return the icon `name` in `colour`, and `faint` where it is disabled."""
    import qtawesome

    made: QIcon = qtawesome.icon(name, color=colour, color_disabled=faint)
    return made


def dress_actions(actions: Mapping[str, QAction], colours: Colours) -> None:
    """Give each action the icon that stands under its name in `actions`."""
    for name, action in actions.items():
        front = colours.on_accent if name == RUN else colours.text
        action.setIcon(icon(name, front, colours.faint))
