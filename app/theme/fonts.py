"""The bundled type family in three sizes, with figures that keep their columns."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtGui import QFont, QFontDatabase

from app.theme import metrics

FONTS = Path(__file__).parents[2] / "resources" / "fonts"
FAMILY = "Inter"


@dataclass(frozen=True, slots=True)
class Fonts:
    """The fonts of the application; sizes are in pixels, so that the 8-pixel grid holds."""

    small: QFont
    body: QFont
    strong: QFont
    large: QFont


def load_fonts() -> Fonts:
    """Register the bundled fonts; where they cannot be read the system's font takes their place."""
    for path in sorted(FONTS.glob("*.ttf")):
        QFontDatabase.addApplicationFont(str(path))
    return Fonts(
        small=_font(metrics.TEXT_SMALL),
        body=_font(metrics.TEXT_BODY),
        strong=_font(metrics.TEXT_BODY, QFont.Weight.DemiBold),
        large=_font(metrics.TEXT_LARGE, QFont.Weight.DemiBold),
    )


def _font(pixels: int, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    font = QFont(FAMILY)
    font.setPixelSize(pixels)
    font.setWeight(weight)
    font.setFeature(QFont.Tag("tnum"), 1)
    # Text on the canvas is drawn at every zoom: hinted advances would make it jump.
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return font
