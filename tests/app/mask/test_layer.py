"""Undo of the editor: tiles, bounded, bit for bit."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QObject, Qt

from app.mask import operations
from app.mask.area import Area
from app.mask.brush import Brush, Touch
from app.mask.hand import Hand, Kit, Tool
from app.mask.layer import Layer
from app.mask.shapes import Join

HIGH, WIDE = 200, 300


def noise(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (HIGH, WIDE), np.uint8)


def test_undo_and_redo_bring_back_every_bit() -> None:
    layer = Layer(noise(0).copy())
    layer.touch(Area(120, 10, 140, 20))
    layer.pixels[10:20, 120:140] = 7
    after = layer.pixels.copy()
    assert layer.commit("Square") == Area(0, 0, 256, 128)
    assert (layer.undo_name, layer.redo_name) == ("Square", "")
    layer.undo()
    assert np.array_equal(layer.pixels, noise(0))
    assert layer.pristine
    layer.redo()
    assert np.array_equal(layer.pixels, after)
    assert layer.undo() is not None
    assert layer.undo() is None


def test_a_step_that_changes_nothing_is_none() -> None:
    layer = Layer(noise(1))
    layer.touch(layer.area)
    assert layer.commit("Nothing") is None
    assert not layer.undo_name


def test_only_touched_tiles_are_kept() -> None:
    layer = Layer(np.zeros((2048, 2048), np.uint8))
    layer.touch(Area(1000, 1000, 1010, 1010))
    layer.pixels[1000:1010, 1000:1010] = 1
    layer.commit("Dot")
    assert layer.bytes == 128 * 128


def test_memory_is_bounded_and_the_oldest_steps_go() -> None:
    layer = Layer(noise(2), most_bytes=3 * HIGH * WIDE)
    for step in range(10):
        operations.invert(layer)
        layer.commit(f"Step {step}")
        assert layer.bytes <= 3 * HIGH * WIDE
    count = 0
    while layer.undo() is not None:
        count += 1
    assert count == 3
    assert not layer.pristine, "what it was at first is gone"


POINTS = st.tuples(st.floats(-20, WIDE + 20), st.floats(-20, HIGH + 20), st.floats(0, 1))
STEPS = st.lists(
    st.tuples(
        st.sampled_from([*Tool, "invert", "clear", "all", "grow", "shrink", "feather", "undo",
                         "redo", "give up"]),
        st.lists(POINTS, min_size=1, max_size=5),
        st.sampled_from([Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier,
                         Qt.KeyboardModifier.AltModifier]),
        st.builds(
            Brush, size=st.floats(1, 120), hardness=st.floats(0, 1), opacity=st.floats(0, 1),
            flow=st.floats(0.01, 1), smoothing=st.floats(0, 1), pressure_fades=st.booleans(),
        ),
    ),
    max_size=8,
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(steps=STEPS, seed=st.integers(0, 3), join=st.sampled_from(Join))
def test_undo_all_the_way_gives_the_first_mask(
    steps: list[tuple[str, list[tuple[float, float, float]], Qt.KeyboardModifier, Brush]],
    seed: int,
    join: Join,
) -> None:
    parent = QObject()
    layer = Layer(noise(seed))
    hand = Hand(Kit(join=join), layer, parent)
    for what, points, held, brush in steps:
        do(hand, what, points, held, brush)
    last = layer.pixels.copy()
    count = 0
    while layer.undo() is not None:
        count += 1
    assert np.array_equal(layer.pixels, noise(seed))
    assert layer.pristine
    for _ in range(count):
        layer.redo()
    assert np.array_equal(layer.pixels, last)


def do(
    hand: Hand, what: str, points: list[tuple[float, float, float]], held: Qt.KeyboardModifier,
    brush: Brush,
) -> None:  # fmt: skip
    layer = hand.layer
    deeds = {
        "invert": lambda: operations.invert(layer),
        "clear": lambda: operations.clear(layer),
        "all": lambda: operations.select_all(layer),
        "grow": lambda: operations.grow(layer, 5),
        "shrink": lambda: operations.grow(layer, -3),
        "feather": lambda: operations.feather(layer, 7),
        "undo": layer.undo,
    }
    if what in deeds:
        deeds[what]()
        layer.commit(what)
    elif what == "redo":
        # Only what was undone last can be done again: it is the same mask either way.
        if layer.redo() is not None:
            layer.undo()
    else:
        hand.kit.brush = brush
        hand.kit.tool = Tool(what) if what != "give up" else Tool.BRUSH
        hand.press(Touch(*points[0]), held, pen=True)
        for point in points[1:]:
            hand.move(Touch(*point))
        if what == "give up":
            hand.give_up()
        else:
            hand.release(Touch(*points[-1]))
