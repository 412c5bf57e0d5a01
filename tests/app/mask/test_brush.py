"""Strokes: as wide, as hard and as opaque as the brush says, smooth, and fast."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest

from app.mask.area import Area
from app.mask.brush import Brush, Stroke, Touch, dab
from app.mask.layer import Layer

PLAIN = Brush(size=40, hardness=1, smoothing=0, pressure_sizes=False)


def stroke(layer: Layer, brush: Brush, *points: tuple[float, ...], erases: bool = False) -> None:
    touches = [Touch(*point) for point in points]
    made = Stroke(layer, brush, erases=erases, first=touches[0])
    made.first_area()
    for touch in touches[1:]:
        made.move(touch)
    made.end(touches[-1])
    layer.commit("Stroke")


def blank(side: int = 200) -> Layer:
    return Layer(np.zeros((side, side), np.uint8))


@pytest.mark.parametrize("size", [1.0, 2.5, 7.0, 40.0, 133.3])
@pytest.mark.parametrize("place", [(80.0, 80.0), (80.5, 80.25)])
def test_a_hard_dab_covers_its_circle(size: float, place: tuple[float, float]) -> None:
    cover = dab(size, 1.0, *place, Area(0, 0, 160, 160))
    assert cover.sum() == pytest.approx(math.pi * (size / 2) ** 2, rel=0.02, abs=0.7)
    assert 0 <= cover.min() <= cover.max() <= 1


def test_a_soft_dab_falls_off_from_its_hard_part() -> None:
    line = dab(100, 0.5, 100.5, 100.5, Area(0, 100, 201, 101))[0]
    assert (line[76:125] > 0.999).all()
    assert (np.diff(line[100:151]) <= 0).all()
    assert line[151:].max() == 0


def test_a_line_is_as_wide_as_the_brush() -> None:
    layer = blank()
    stroke(layer, PLAIN, (40, 100), (160, 100))
    assert layer.pixels[:, 100].astype(int).sum() / 255 == pytest.approx(40, abs=1)
    assert layer.pixels[100, 60:140].min() == 255
    assert layer.pixels[70, 100] == 0


def test_edges_of_a_hard_line_are_straight() -> None:
    """The dabs lie so close that no scallops are seen."""
    layer = blank()
    stroke(layer, PLAIN, (40, 100), (160, 100))
    widths = layer.pixels[:, 70:130].astype(float).sum(axis=0) / 255
    assert np.ptp(widths) < 0.5


def test_opacity_is_nowhere_exceeded_within_a_stroke() -> None:
    layer = blank()
    brush = Brush(size=40, hardness=1, opacity=0.5, flow=0.4, smoothing=0, pressure_sizes=False)
    stroke(layer, brush, (40, 100), (160, 100), (40, 100), (160, 100))
    assert 126 <= layer.pixels.max() <= 128
    stroke(layer, brush, (40, 100), (160, 100), (40, 100), (160, 100))
    assert layer.pixels.max() > 185


def test_flow_builds_up() -> None:
    faint, full = blank(), blank()
    for layer, flow in ((faint, 0.05), (full, 1.0)):
        brush = Brush(size=40, hardness=1, flow=flow, smoothing=0, pressure_sizes=False)
        stroke(layer, brush, (40, 100), (160, 100))
    assert 40 < faint.pixels[100, 100] < 200
    assert full.pixels[100, 100] == 255


def test_the_eraser_takes_away() -> None:
    layer = Layer(np.full((200, 200), 255, np.uint8))
    stroke(layer, PLAIN, (40, 100), (160, 100), erases=True)
    assert layer.pixels[100, 100] == 0
    assert layer.pixels[50, 100] == 255


def test_pressure_sets_size_and_opacity() -> None:
    layer = blank()
    stroke(layer, Brush(size=40, hardness=1, smoothing=0), (40, 100, 0.25), (160, 100, 0.25))
    assert layer.pixels[:, 100].astype(int).sum() / 255 == pytest.approx(10, abs=1)
    layer = blank()
    brush = Brush(size=40, hardness=1, smoothing=0, pressure_sizes=False, pressure_fades=True)
    stroke(layer, brush, (40, 100, 0.25), (160, 100, 0.25))
    assert layer.pixels.max() == 64


def test_corners_of_a_fast_hand_are_rounded_and_the_end_is_reached() -> None:
    layer = blank()
    stroke(layer, Brush(size=8, smoothing=0.9), (20, 20), (180, 20), (180, 180))
    assert layer.pixels[20, 180] == 0, "the corner"
    assert layer.pixels[178, 180] == 255, "the end"


def test_smoothing_calms_a_trembling_hand() -> None:
    def tremble(smoothing: float) -> float:
        layer = blank(400)
        points = [(20 + 4 * n, 200 + 6 * (-1) ** n) for n in range(90)]
        stroke(layer, Brush(size=6, smoothing=smoothing, pressure_sizes=False), *points)
        rows = np.nonzero(layer.pixels[:, 100:300].any(axis=1))[0]
        return float(np.ptp(rows))

    assert tremble(0.8) < tremble(0.0)


def test_a_stroke_beside_the_picture_paints_nothing() -> None:
    layer = blank()
    stroke(layer, PLAIN, (-100, -100), (-60, 300), (900, 900))
    assert layer.pixels[0, 0] == 0


def test_keeps_up_with_a_hand_on_a_large_mask() -> None:
    """Sixty events a second leave 16 ms for each; half of that is for the screen."""
    layer = Layer(np.zeros((2048, 2048), np.uint8))
    made = Stroke(layer, Brush(size=200, hardness=0.5), erases=False, first=Touch(300, 300))
    times = []
    for n in range(90):
        touch = Touch(300 + n * 15, 1000 + 500 * math.sin(n / 9))
        began = time.perf_counter()
        made.move(touch)
        times.append(time.perf_counter() - began)
    assert np.median(times) < 0.008
