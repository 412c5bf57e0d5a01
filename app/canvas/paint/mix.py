"""Colours between the theme's and the artist's."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtGui import QColor


def mixed(ground: QColor, given: QColor | str, share: float) -> QColor:
    """Return `ground` leaning to `given` by `share`, 0 to 1; opaque, and cheap to fill with."""
    return _mixed(ground.rgb(), QColor(given).rgb(), share)


@lru_cache(maxsize=512)
def _mixed(ground: int, given: int, share: float) -> QColor:
    one, other = QColor.fromRgb(ground), QColor.fromRgb(given)
    return QColor.fromRgbF(
        one.redF() * (1 - share) + other.redF() * share,
        one.greenF() * (1 - share) + other.greenF() * share,
        one.blueF() * (1 - share) + other.blueF() * share,
    )
