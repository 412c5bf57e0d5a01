"""Handlers: digests, packing and previews of the values that graph knows by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph import sockets
from graph.errors import ContractError
from graph.handlers import BUILT_IN, CONVERTERS, Handlers, Packed, shrink, to_pixels
from graph.values import Region

if TYPE_CHECKING:
    from graph.events import Pixels

pytestmark = pytest.mark.timeout(1200)  # thousands of examples with --full

HANDLERS = Handlers()


def image(*shape: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).random(shape, np.float32)


VALUES: list[tuple[str, Any]] = [
    ("Text", "Grün"),
    ("Int", 3),
    ("Float", 0.1),
    ("Bool", True),
    ("Choice", "euler"),
    ("Image", image(2, 5, 7, 3)),
    ("Mask", image(2, 5, 7)),
    ("Region", Region(1, 2, 3, 4, 4, 6)),
]
KINDS = [kind for kind, _value in VALUES]


@pytest.mark.parametrize(("kind", "value"), VALUES, ids=KINDS)
def test_a_value_survives_being_packed(kind: str, value: Any) -> None:
    handler = HANDLERS[kind]
    checked = handler.check(value)
    packed = handler.pack(checked)
    again = handler.unpack(packed)
    assert np.array_equal(again, checked)  # type: ignore[arg-type]
    assert handler.pack(again).digest(kind) == packed.digest(kind)
    assert packed.size() == (value.nbytes if kind in ("Image", "Mask") else 0)


@pytest.mark.parametrize(("kind", "value"), VALUES, ids=KINDS)
def test_equal_content_has_one_digest_and_other_kinds_another(kind: str, value: Any) -> None:
    packed = HANDLERS[kind].pack(HANDLERS[kind].check(value))
    digests = {packed.digest(other) for other in KINDS}
    assert len(digests) == len(KINDS)
    assert len(packed.digest(kind)) == 32


def test_every_bit_and_the_shape_move_the_digest() -> None:
    base = image(1, 4, 4, 3)
    other = base.copy()
    other.view(np.uint8).reshape(-1)[17] ^= 1
    arrays = [base, other, base.reshape(1, 2, 8, 3), base.reshape(2, 2, 4, 3), base.astype(">f4")]
    assert len({Packed({}, {"pixels": a}).digest("Image") for a in arrays}) == len(arrays)
    assert Packed({"a": 1, "b": 2}).digest("x") == Packed({"b": 2, "a": 1}).digest("x")
    assert Packed({"a": 1}).digest("x") != Packed({"a": 1.0}).digest("x")
    assert Packed({"a": 1}).digest("x") != Packed({"a": True}).digest("x")


def test_what_cannot_be_digested_is_an_error() -> None:
    with pytest.raises(TypeError):
        Packed({"a": {1, 2}}).digest("x")
    with pytest.raises(ValueError, match="Out of range float"):
        Packed({"a": float("nan")}).digest("x")


def test_a_checked_picture_is_contiguous_and_read_only() -> None:
    value = image(2, 6, 8, 3)[:, ::2, ::-1]
    checked: Any = HANDLERS["Image"].check(value)
    assert checked.flags.c_contiguous
    assert not checked.flags.writeable
    assert np.array_equal(checked, value)


def test_a_whole_number_passes_for_a_float_and_nothing_else_does() -> None:
    assert repr(HANDLERS["Float"].check(3)) == "3.0"
    for wrong in (True, "3", None, np.float64(3)):
        with pytest.raises(ContractError, match="expected a number"):
            HANDLERS["Float"].check(wrong)


class TestPreview:
    def test_is_the_first_picture_at_most_as_large_as_asked(self) -> None:
        value = image(3, 100, 50, 3)
        full, small = (HANDLERS["Image"].preview(value, side) for side in (0, 20))
        assert full is not None
        assert small is not None
        assert full.shape == (100, 50, 3)
        assert np.array_equal(full, to_pixels(value[0]))
        assert max(small.shape) <= 20
        assert small.dtype == np.uint8

    def test_of_a_mask_is_grey(self) -> None:
        found = HANDLERS["Mask"].preview(np.full((1, 4, 4), 0.5, np.float32), 0)
        assert found is not None
        assert np.array_equal(found, np.full((4, 4, 3), 128))

    def test_of_a_scalar_is_none(self) -> None:
        assert HANDLERS["Int"].preview(1, 10) is None
        assert HANDLERS.draw("text", 10) is None

    def test_draw_knows_pictures_by_their_rank(self) -> None:
        found = [HANDLERS.draw(image(*shape), 0) for shape in ((1, 2, 2, 3), (1, 2, 2), (2, 2))]
        shapes = [None if pixels is None else pixels.shape for pixels in found]
        assert shapes == [(2, 2, 3), (2, 2, 3), None]

    @given(st.integers(1, 70), st.integers(1, 70), st.integers(1, 40))
    def test_no_size_is_too_odd(self, height: int, width: int, side: int) -> None:
        small = shrink(np.full((height, width, 3), 0.25, np.float32), side)
        assert max(small.shape[:2]) <= max(side, 1)
        assert min(small.shape) >= 1
        assert np.all(small == 0.25)

    def test_averages_over_blocks(self) -> None:
        board = (np.indices((8, 8)).sum(0) % 2).astype(np.float32)
        assert np.all(shrink(np.repeat(board[..., None], 3, -1), 4) == 0.5)

    def test_bytes_are_rounded(self) -> None:
        levels = np.array([[[-1, 0.001, 0.002], [0.5, 0.999, 2]]], np.float32)
        expected: Pixels = np.array([[[0, 0, 1], [128, 255, 255]]], np.uint8)
        assert np.array_equal(to_pixels(levels), expected)


class TestConversions:
    def test_every_declared_one_is_there_and_no_other(self) -> None:
        assert set(CONVERTERS) == sockets.SAFE_CONVERSIONS
        assert {kind for pair in CONVERTERS for kind in pair} <= set(BUILT_IN)

    @pytest.mark.parametrize(
        ("source", "target", "value", "given"),
        [
            ("Int", "Float", 2, 2.0),
            ("Int", "Text", 2, "2"),
            ("Float", "Text", 0.5, "0.5"),
            ("Bool", "Int", True, 1),
            ("Text", "Choice", "a", "a"),
            ("Choice", "Text", "a", "a"),
            ("Text", "Text", "a", "a"),
        ],
    )
    def test_of_scalars(self, source: str, target: str, value: object, given: object) -> None:
        assert repr(HANDLERS.convert(source, target, value)) == repr(given)

    def test_an_image_becomes_its_luma_and_a_mask_grey(self) -> None:
        colours = np.array([[[[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1]]]], np.float32)
        mask: Any = HANDLERS.convert("Image", "Mask", colours)
        assert mask.shape == (1, 1, 4)
        assert np.allclose(mask[0, 0], [0.2126, 0.7152, 0.0722, 1])
        back: Any = HANDLERS.convert("Mask", "Image", mask)
        assert back.shape == (1, 1, 4, 3)
        assert np.array_equal(back[..., 0], mask)

    def test_what_is_not_declared_is_refused(self) -> None:
        with pytest.raises(ContractError, match="Image cannot become Int"):
            HANDLERS.convert("Image", "Int", image(1, 2, 2, 3))


def test_a_pack_brings_its_own() -> None:
    mine = Handlers().extended(
        {"pack/Thing": HANDLERS["Text"]}, {("Text", "pack/Thing"): str.upper}
    )
    assert mine.convert("Text", "pack/Thing", "a") == "A"
    with pytest.raises(ContractError, match="'pack/Thing' has no handler"):
        HANDLERS["pack/Thing"]


class TestCurves:
    def test_points_come_back_as_they_were(self) -> None:
        handler = BUILT_IN["Curve"]
        value = handler.check((0, 0, 0.5, 0.25, 1, 1))
        assert repr(value) == "(0.0, 0.0, 0.5, 0.25, 1.0, 1.0)"
        assert handler.unpack(handler.pack(value)) == value
        assert handler.preview(value, 64) is None

    @pytest.mark.parametrize(
        ("value", "why"),
        [("0,0", "expected the points of a curve, got str"), ((1.0, 0.0), "2 to 32 points")],
    )
    def test_what_is_no_curve_is_refused(self, value: object, why: str) -> None:
        with pytest.raises(ContractError, match=why):
            BUILT_IN["Curve"].check(value)


class TestRegions:
    @pytest.mark.parametrize(
        ("value", "why"),
        [
            ((1, 2, 3, 4, 5, 6), "expected a Region, got tuple"),
            (Region(0, 0, 2.0, 1, 2, 1), "whole numbers"),  # type: ignore[arg-type]
            (Region(0, 0, 0, 1, 2, 1), "empty or reaches out"),
            (Region(-1, 0, 1, 1, 2, 1), "empty or reaches out"),
            (Region(1, 0, 2, 1, 2, 1), "empty or reaches out"),
            (Region(0, 1, 2, 1, 2, 1), "empty or reaches out"),
        ],
    )
    def test_what_does_not_lie_in_its_picture_is_refused(self, value: object, why: str) -> None:
        with pytest.raises(ContractError, match=why):
            BUILT_IN["Region"].check(value)


def test_any_takes_every_value_as_it_is() -> None:
    value = object()
    assert HANDLERS.convert("Model", "Any", value) is value
