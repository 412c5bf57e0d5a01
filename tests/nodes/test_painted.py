"""The node that gives what was painted."""

from __future__ import annotations

import numpy as np
import pytest

from graph import painted
from graph.spec import PaintedWidget
from nodes.errors import ImageError
from nodes.painted import painted_mask

MASK = np.array([[0, 51, 255], [255, 0, 102]], np.uint8)


def test_one_is_selected() -> None:
    made = painted_mask(painted.encode(MASK))
    assert made.dtype == np.float32
    assert np.array_equal(made, MASK[None] / np.float32(255))


def test_inverts() -> None:
    made = painted_mask(painted.encode(MASK), invert=True)
    assert made.dtype == np.float32
    assert np.array_equal(made, 1 - MASK[None] / np.float32(255))


def test_takes_the_size_of_the_picture() -> None:
    text = painted.encode(np.repeat(np.repeat(MASK, 20, 0), 20, 1))
    made = painted_mask(text, np.zeros((2, 80, 90, 3), np.float32))
    assert made.shape == (1, 80, 90)
    assert made.min() >= 0
    assert made.max() <= 1
    assert made[0, 10, 80] == pytest.approx(1, abs=0.01)
    assert made[0, 70, 45] == pytest.approx(0, abs=0.01)


def test_nothing_painted_selects_nothing() -> None:
    assert np.array_equal(
        painted_mask(image=np.ones((1, 4, 6, 3), np.float32)), np.zeros((1, 4, 6), np.float32)
    )
    with pytest.raises(ImageError, match="open the mask editor"):
        painted_mask()


def test_is_declared_with_a_mask_to_paint() -> None:
    spec = painted_mask.__node__.spec  # type: ignore[attr-defined] # set by the decorator
    item = spec.input("mask")
    assert isinstance(item.widget, PaintedWidget)
    assert item.default == ""
