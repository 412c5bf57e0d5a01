"""A painted mask as text: nothing is lost, and what is broken is told."""

from __future__ import annotations

import base64
import io
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from graph import painted, png
from graph.finding import find
from graph.painted import PREFIX, PaintedError
from graph.params import FileRef
from tests.graph.build import CATALOG, build, n

MASKS = arrays(np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 40)))


@given(MASKS, st.sampled_from([painted.QUICK, painted.SMALL]))
def test_comes_back_bit_for_bit(mask: np.ndarray, level: int) -> None:
    text = painted.encode(mask, level)
    assert np.array_equal(painted.decode(text), mask)
    assert painted.size(text) == (mask.shape[1], mask.shape[0])
    assert painted.refusal(text) is None


@given(MASKS)
def test_others_can_open_it(mask: np.ndarray) -> None:
    data = base64.b64decode(painted.encode(mask).removeprefix(PREFIX), validate=True)
    with Image.open(io.BytesIO(data)) as picture:
        assert picture.mode == "L"
        assert np.array_equal(np.asarray(picture), mask)


def test_a_few_strokes_are_small() -> None:
    mask = np.zeros((2048, 2048), np.uint8)
    y, x = np.mgrid[0:2048, 0:2048]
    for at in range(300, 1700, 80):
        soft = (1 - np.hypot(x - at, y - 900) / 120).clip(0, 1)
        mask = np.maximum(mask, (255 * soft).astype(np.uint8))
    assert len(painted.encode(mask)) < 64_000
    assert len(painted.encode(np.zeros((2048, 2048), np.uint8))) < 16_000


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (1, "expected a painted mask, got int"),
        (None, "expected a painted mask, got NoneType"),
        (FileRef("a.png"), "expected a painted mask, got FileRef"),
        ("a red star", "this is no painted mask"),
        (PREFIX, "this is no painted mask"),
        (PREFIX + "ÄÖ", "this is no painted mask"),
        (PREFIX + "AAAA" * 30, "this is no painted mask"),
    ],
)
def test_what_is_none_is_refused(value: object, words: str) -> None:
    assert str(painted.refusal(value)).startswith(words)  # type: ignore[arg-type] # on purpose


def test_the_empty_text_is_taken_but_holds_no_mask() -> None:
    assert painted.refusal("") is None
    assert painted.size("") is None
    with pytest.raises(PaintedError, match="nothing is painted"):
        painted.decode("")


def _file(mode: str, size: tuple[int, int] = (8, 8)) -> str:
    target = io.BytesIO()
    Image.new(mode, size).save(target, "PNG")
    return PREFIX + base64.b64encode(target.getvalue()).decode()


def test_a_picture_with_colours_is_refused() -> None:
    assert painted.refusal(_file("RGB")) is not None
    assert painted.refusal(_file("1")) is not None


def test_another_programs_png_is_told_from_a_broken_one() -> None:
    with pytest.raises(PaintedError, match="packed by another program"):
        painted.decode(_file("L"))
    text = painted.encode(np.arange(64, dtype=np.uint8).reshape(8, 8))
    with pytest.raises(PaintedError, match="paint it anew"):
        painted.decode(text[:-40])


def test_a_bomb_is_cut_off() -> None:
    """What is unpacked never exceeds what the header names."""
    mask = painted.encode(np.zeros((4, 4), np.uint8))
    data = base64.b64decode(mask.removeprefix(PREFIX))
    at = data.index(b"IDAT") - 4
    bomb = data[:at] + png.chunk(b"IDAT", zlib.compress(bytes(50 << 20))) + data[-12:]
    with pytest.raises(PaintedError, match="cut short"):
        painted.decode(PREFIX + base64.b64encode(bomb).decode())


def test_a_side_that_no_picture_has_is_refused() -> None:
    with pytest.raises(PaintedError, match="0 x 3"):
        painted.encode(np.zeros((3, 0), np.uint8))


def test_is_not_searched_for_words() -> None:
    text = painted.encode(np.random.default_rng(0).integers(0, 256, (64, 64), np.uint8))
    graph = build(n("mask", "words", text=text), n("fox", "words", text="fox"))
    assert not find(graph, CATALOG, text[200:203])
    assert [item.part for item in find(graph, CATALOG, "fox")] == ["fox"]
