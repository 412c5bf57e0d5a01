"""The themes and fonts: complete, neutral, legible."""

from __future__ import annotations

from dataclasses import fields

import pytest
from PySide6.QtGui import QColor, QFontDatabase, QFontInfo

from app.theme.colours import THEMES, Colours, load_colours
from app.theme.look import DARK, LIGHT, SYSTEM, Look
from app.theme.style import style_sheet
from graph.sockets import BUILT_IN

NAMES = sorted(path.stem for path in THEMES.glob("*.json"))


def luminance(colour: QColor) -> float:
    """Relative luminance by WCAG 2."""

    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(p) for p in (colour.redF(), colour.greenF(), colour.blueF()))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: QColor, other: QColor) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_there_is_a_dark_and_a_light_theme() -> None:
    assert NAMES == ["dark", "light"]


@pytest.mark.parametrize("name", NAMES)
def test_chrome_is_grey_without_tint(name: str) -> None:
    colours = load_colours(name)
    for field in fields(Colours):
        value = getattr(colours, field.name)
        if isinstance(value, QColor) and field.name not in ("accent", "on_accent", "error"):
            assert value.isValid()
            assert value.hsvSaturation() == 0, field.name


@pytest.mark.parametrize("name", NAMES)
def test_words_can_be_read(name: str) -> None:
    colours = load_colours(name)
    for ground in (colours.node, colours.title, colours.well, colours.chrome):
        assert contrast(colours.text, ground) >= 7
        assert contrast(colours.muted, ground) >= 4.5
        assert contrast(colours.error, ground) >= 3
    assert contrast(colours.faint, colours.void) >= 3
    assert contrast(colours.on_accent, colours.accent) >= 4.5
    assert contrast(colours.accent, colours.canvas) >= 3


@pytest.mark.parametrize("name", NAMES)
def test_wires_are_seen_on_the_ground(name: str) -> None:
    colours = load_colours(name)
    for socket in BUILT_IN:
        assert contrast(colours.wire(socket.colour), colours.canvas) >= 2.2, socket.name


@pytest.mark.parametrize("name", NAMES)
def test_the_style_sheet_uses_only_colours_of_the_theme(name: str) -> None:
    assert "{" not in style_sheet(load_colours(name)).replace(" {", "").split("}")[-1]


def test_the_bundled_fonts_are_used_with_figures_of_one_width(look: Look) -> None:
    assert "Inter" in QFontDatabase.families()
    for font in (look.fonts.small, look.fonts.body, look.fonts.strong, look.fonts.large):
        assert QFontInfo(font).family() == "Inter"
    from PySide6.QtGui import QFontMetricsF

    metrics = QFontMetricsF(look.fonts.small)
    assert metrics.horizontalAdvance("111") == metrics.horizontalAdvance("888")


def test_the_look_tells_only_real_changes(look: Look) -> None:
    told: list[None] = []
    look.changed.connect(lambda: told.append(None))
    look.choose(DARK)
    assert told == []
    look.choose(LIGHT)
    look.choose(SYSTEM)
    look.choose(DARK)
    assert len(told) >= 2
