"""Resize, crop, pad, rotate, flip."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.values import Region
from nodes.errors import ImageError
from nodes.pixels.colour import parsed, to_linear
from nodes.pixels.crop import Border, crop, pad
from nodes.pixels.resample import Filter
from nodes.pixels.resize import Fit, Goal, resize
from nodes.pixels.turn import Axis, flip, rotate


def noise(count: int = 2, height: int = 9, width: int = 14, seed: int = 0) -> Any:
    return np.random.default_rng(seed).random((count, height, width, 3), np.float32)


class TestResize:
    @pytest.mark.parametrize("kind", Filter)
    def test_its_own_size_is_not_touched(self, kind: Filter) -> None:
        image = noise()
        assert np.array_equal(resize(image, width=14, height=9, filter=kind), image)
        assert np.array_equal(resize(image, to=Goal.FACTOR, factor=1.0, filter=kind), image)

    def test_area_halves_by_averaging_light(self) -> None:
        stripes = np.zeros((1, 8, 8, 3), np.float32)
        stripes[:, ::2] = 1
        small = resize(stripes, width=4, height=4, filter=Filter.AREA)
        # Half of the light, which is not half of the sRGB value.
        assert np.allclose(to_linear(small), 0.5, atol=1e-5)
        assert small[0, 0, 0, 0] == pytest.approx(0.735357, abs=1e-4)

    @pytest.mark.parametrize("kind", Filter)
    @pytest.mark.parametrize("size", [(3, 5), (40, 31), (1, 1), (14, 60)])
    def test_a_plain_colour_stays(self, kind: Filter, size: tuple[int, int]) -> None:
        plain = np.broadcast_to(parsed("#3a86ff"), (1, 9, 14, 3))
        done = resize(plain, width=size[0], height=size[1], filter=kind, shape=Fit.STRETCH)
        assert done.shape == (1, size[1], size[0], 3)
        assert np.allclose(done, parsed("#3a86ff"), atol=2e-6)

    def test_nearest_doubles_pixels_exactly(self) -> None:
        image = noise()
        done = resize(image, to=Goal.FACTOR, factor=2.0, filter=Filter.NEAREST)
        assert np.array_equal(done, image.repeat(2, axis=1).repeat(2, axis=2))

    @given(w=st.integers(1, 40), h=st.integers(1, 40), nw=st.integers(1, 50), nh=st.integers(1, 50))
    def test_shapes(self, w: int, h: int, nw: int, nh: int) -> None:
        image = np.full((1, h, w, 3), 0.5, np.float32)
        fit = resize(image, width=nw, height=nh, shape=Fit.FIT)
        assert fit.shape[2] <= nw
        assert fit.shape[1] <= nh
        assert fit.shape[2] == nw or fit.shape[1] == nh
        for shape in (Fit.FILL, Fit.STRETCH, Fit.PAD):
            done = resize(image, width=nw, height=nh, shape=shape)
            assert done.shape == (1, nh, nw, 3)
            if shape is not Fit.PAD:
                assert np.allclose(done, 0.5, atol=1e-5)

    def test_fill_keeps_the_middle_and_pad_keeps_all(self) -> None:
        image = np.zeros((1, 10, 30, 3), np.float32)
        image[:, :, 10:20] = 1
        fill = resize(image, width=10, height=10, shape=Fit.FILL, filter=Filter.NEAREST)
        assert (fill == 1).all()
        padded = resize(image, width=30, height=30, shape=Fit.PAD, colour="#ff0000")
        assert np.array_equal(padded[:, 10:20], image)
        assert (padded[:, :10] == (1, 0, 0)).all()
        assert (padded[:, 20:] == (1, 0, 0)).all()

    def test_goals(self) -> None:
        image = noise(1, 100, 200)
        assert resize(image, to=Goal.LONGEST_SIDE, longest_side=50).shape == (1, 25, 50, 3)
        done = resize(image, to=Goal.MEGAPIXELS, megapixels=0.08)
        assert done.shape == (1, 200, 400, 3)
        assert resize(image, to=Goal.FACTOR, factor=0.01).shape == (1, 1, 2, 3)

    def test_what_is_too_large_is_refused_in_words(self) -> None:
        with pytest.raises(ImageError, match="each side must be from 1 to 16384"):
            resize(np.zeros((1, 1, 2000, 3), np.float32), to=Goal.FACTOR, factor=16.0)

    def test_bright_lines_do_not_go_dark(self) -> None:
        lines = np.zeros((1, 64, 64, 3), np.float32)
        lines[:, :, ::4] = 1
        for kind in (Filter.LANCZOS, Filter.BICUBIC, Filter.AREA):
            small = resize(lines, width=16, height=16, filter=kind)
            assert to_linear(small).mean() == pytest.approx(0.25, abs=0.01)


class TestCrop:
    def test_takes_the_piece_and_says_where_it_was(self) -> None:
        image = noise()
        done = crop(image, 3, 2, 5, 4)
        assert np.array_equal(done.image, image[:, 2:6, 3:8])
        assert done.region == Region(3, 2, 5, 4, 14, 9)

    def test_ends_at_the_edge(self) -> None:
        done = crop(noise(), 10, 5, 512, 512)
        assert done.image.shape == (2, 4, 4, 3)
        with pytest.raises(ImageError, match="begins at 14, 0, outside of the 14 × 9"):
            crop(noise(), 14, 0)


class TestPad:
    @pytest.mark.parametrize("border", Border)
    def test_the_picture_stays_and_the_mask_has_the_rest(self, border: Border) -> None:
        image = noise()
        done = pad(image, 3, 20, 5, 1, border, "#0000ff")
        assert done.image.shape == (2, 30, 22, 3)
        assert np.array_equal(done.image[:, 20:29, 3:17], image)
        assert done.mask.sum() == 2 * (30 * 22 - 9 * 14)
        assert not done.mask[:, 20:29, 3:17].any()
        corner = {Border.COLOUR: (0, 0, 1), Border.EDGE: image[0, 0, 0]}.get(border)
        if corner is not None:
            assert np.array_equal(done.image[0, 0, 0], np.float32(corner))
        else:
            assert np.array_equal(done.image[:, 20:29, 2], image[:, :, 0])
            assert np.array_equal(done.image[:, 20:29, 1], image[:, :, 1])


class TestRotate:
    @pytest.mark.parametrize("turns", range(-4, 5))
    def test_quarter_turns_move_pixels_only(self, turns: int) -> None:
        image = noise()
        done = rotate(image, 90.0 * turns)
        assert np.array_equal(done.image, np.rot90(image, -turns, axes=(1, 2)))
        assert (done.mask == 1).all()

    def test_clockwise(self) -> None:
        image = np.zeros((1, 2, 2, 3), np.float32)
        image[0, 0, 0] = 1
        assert rotate(image, 90.0).image[0, 0, 1, 0] == 1

    def test_any_angle_agrees_with_quarter_turns(self) -> None:
        image = resize(noise(1, 5, 5), width=40, height=40)
        near, exact = rotate(image, 89.9999, grow=False), rotate(image, 90.0, grow=False)
        assert np.abs(near.image - exact.image).max() < 0.01

    @given(st.floats(-360, 360))
    def test_grows_to_hold_all(self, angle: float) -> None:
        image = np.ones((1, 20, 31, 3), np.float32)
        done = rotate(image, angle, colour="#000000")
        # All of the area is there, and white stays white where the mask is full.
        assert done.mask.sum() == pytest.approx(20 * 31, rel=0.02)
        assert np.allclose(done.image[done.mask == 1], 1, atol=1e-5)
        assert rotate(image, angle, grow=False).image.shape == image.shape

    def test_corners_get_the_colour(self) -> None:
        done = rotate(np.ones((1, 40, 40, 3), np.float32), 45.0, colour="#ff0000")
        assert np.allclose(done.image[0, 0, 0], (1, 0, 0))
        assert done.mask[0, 0, 0] == 0


def test_flipping_twice_changes_nothing() -> None:
    image = noise()
    for axis in Axis:
        assert np.array_equal(flip(flip(image, axis), axis), image)
    assert np.array_equal(flip(image)[:, :, 0], image[:, :, -1])
    assert np.array_equal(flip(image, Axis.VERTICAL)[:, 0], image[:, -1])
    assert np.array_equal(flip(image, Axis.BOTH), rotate(image, 180.0).image)
