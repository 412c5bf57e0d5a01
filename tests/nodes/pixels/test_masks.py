"""Masks: made, selected, changed, written and read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as Pil

from nodes.errors import ImageError
from nodes.pixels.colour import parsed
from nodes.pixels.mask_edit import (
    Combination,
    Side,
    blur_mask,
    combine_masks,
    feather_mask,
    fill_holes,
    grow_mask,
    invert_mask,
    mask_outline,
)
from nodes.pixels.mask_files import (
    Channel,
    FileChannel,
    apply_mask,
    image_to_mask,
    load_mask,
    mask_to_image,
    save_mask,
)
from nodes.pixels.mask_select import mask_from_colour, mask_from_threshold
from nodes.pixels.mask_shapes import ellipse_mask, rectangle_mask, solid_mask
from tests.nodes.driver import make_run

if TYPE_CHECKING:
    from pathlib import Path


def soft(count: int = 2, height: int = 9, width: int = 14, seed: int = 0) -> Any:
    return np.random.default_rng(seed).random((count, height, width), np.float32)


def dot(side: int = 41) -> Any:
    made = np.zeros((1, side, side), np.float32)
    made[0, side // 2, side // 2] = 1
    return made


def distance(side: int = 41) -> Any:
    y, x = np.indices((side, side)) - side // 2
    return np.hypot(y, x)


class TestFiles:
    def test_saved_and_loaded(self, tmp_path: Path) -> None:
        mask = np.round(soft(2) * 255).astype(np.float32) / np.float32(255)
        run = make_run(tmp_path)
        assert save_mask(run, mask) is mask
        assert [path.name for path in run.files] == ["mask_00001.png", "mask_00002.png"]
        for path, plane in zip(run.files, mask, strict=True):
            for channel in (FileChannel.LUMINANCE, FileChannel.RED, FileChannel.BLUE):
                assert np.allclose(load_mask(path, channel)[0], plane, atol=1e-6)
            assert (load_mask(path) == 1).all()

    def test_alpha_and_colours(self, tmp_path: Path) -> None:
        pixels = np.array([[[255, 0, 51, 102]]], np.uint8)
        Pil.fromarray(pixels, "RGBA").save(tmp_path / "a.png")
        found = {c: float(load_mask(tmp_path / "a.png", c)[0, 0, 0]) for c in FileChannel}
        assert found == pytest.approx(
            {"alpha": 0.4, "luminance": 0.2126 + 0.0722 * 0.2, "red": 1, "green": 0, "blue": 0.2}
        )

    def test_nothing_chosen(self) -> None:
        with pytest.raises(ImageError, match="no picture is chosen"):
            load_mask()

    def test_there_and_back(self) -> None:
        mask = soft()
        for channel in Channel:
            assert np.allclose(image_to_mask(mask_to_image(mask), channel), mask, atol=1e-6)


class TestApply:
    def test_what_is_selected_stays_and_the_rest_goes(self) -> None:
        image = np.random.default_rng(0).random((1, 4, 4, 3), np.float32)
        mask = np.zeros((1, 4, 4), np.float32)
        mask[0, :2] = 1
        done = apply_mask(image, mask, None, "#ff0000")
        assert np.array_equal(done[0, :2], image[0, :2])
        assert (done[0, 2:] == (1, 0, 0)).all()
        other = np.random.default_rng(1).random((3, 4, 4, 3), np.float32)
        assert np.array_equal(apply_mask(image, mask, other)[2, 2:], other[2, 2:])


class TestSelecting:
    def test_by_colour(self) -> None:
        image = np.stack([parsed(c) for c in ("#ff0000", "#fa0505", "#00ff00", "#0000ff")])
        mask = mask_from_colour(image[None, None], "#ff0000", 0.05, 0.0)
        assert mask.tolist() == [[[1, 1, 0, 0]]]
        assert mask_from_colour(image[None, None], "#ff0000", 0.0, 0.0).tolist() == [[[1, 0, 0, 0]]]

    def test_softness_falls_between_tolerance_and_beyond(self) -> None:
        greys = np.linspace(0, 1, 50, dtype=np.float32)[None, None, :, None].repeat(3, -1)
        mask = mask_from_colour(greys, "#000000", 0.2, 0.4)[0, 0]
        assert mask[0] == 1
        assert mask[-1] == 0
        assert (np.diff(mask) <= 0).all()
        assert ((mask > 0.05) & (mask < 0.95)).sum() > 5

    def test_by_threshold(self) -> None:
        values = np.array([0, 0.3, 0.5, 0.7, 1], np.float32).reshape(1, 1, 5, 1).repeat(3, -1)
        values[..., 2] = 0
        mask = mask_from_threshold(values, 0.3, 0.7, 0.0, Channel.RED)
        assert mask.tolist() == [[[0, 1, 1, 1, 0]]]
        assert mask_from_threshold(values, 0.3, 0.7, 0.0, Channel.BLUE).sum() == 0
        ramp = mask_from_threshold(values, 0.5, 0.5, 0.4, Channel.GREEN)
        assert np.allclose(ramp, [[[0, 0.5, 1, 0.5, 0]]], atol=1e-6)
        with pytest.raises(ImageError, match="must not be below low"):
            mask_from_threshold(values, 0.6, 0.5)


class TestShapes:
    def test_a_rectangle_covers_its_area_exactly(self) -> None:
        mask = rectangle_mask(10, 8, 0.25, 0.0, 0.5, 1.0)
        assert mask.shape == (1, 8, 10)
        assert mask[0, 0].tolist() == [0, 0, 0.5, 1, 1, 0, 0, 0, 0, 0]
        assert mask.sum() == pytest.approx(0.25 * 80)
        assert rectangle_mask(10, 8, 0.7, 0, 0.2, 1).sum() == 0

    @given(w=st.integers(20, 90), h=st.integers(20, 90), a=st.floats(0, 0.4), b=st.floats(0.6, 1))
    def test_an_ellipse_covers_its_area(self, w: int, h: int, a: float, b: float) -> None:
        mask = ellipse_mask(w, h, a, a, b, b)
        area = np.pi / 4 * (b - a) ** 2 * w * h
        assert mask.sum() == pytest.approx(area, rel=0.05)
        assert mask[0, int((a + b) / 2 * h), int((a + b) / 2 * w)] == 1
        assert mask[0, 0, 0] == 0

    def test_solid(self) -> None:
        assert (solid_mask(3, 2, 0.5) == 0.5).all()
        assert ellipse_mask(3, 2, 0.5, 0.5, 0.5, 0.5).sum() == 0


class TestCombining:
    def test_all_four_on_all_corners(self) -> None:
        a, b = np.array([[[0, 0, 1, 1]]], np.float32), np.array([[[0, 1, 0, 1]]], np.float32)
        found = {how: combine_masks(a, b, how)[0, 0].tolist() for how in Combination}
        assert found == {
            "union": [0, 1, 1, 1],
            "intersect": [0, 0, 0, 1],
            "subtract": [0, 0, 1, 0],
            "exclusive or": [0, 1, 1, 0],
        }

    def test_soft_masks_keep_the_laws_of_sets(self) -> None:
        a, b = soft(), soft(seed=1)
        union = combine_masks(a, b)
        other = combine_masks(invert_mask(a), invert_mask(b), Combination.INTERSECT)
        assert np.allclose(union, invert_mask(other), atol=1e-6)
        assert np.array_equal(combine_masks(b, a), union)
        with pytest.raises(ImageError, match="a is 14 × 9 pixels, b 3 × 2"):
            combine_masks(a, solid_mask(3, 2))


class TestGrowing:
    @pytest.mark.parametrize("radius", [0, 1, 2, 5, 17, 60])
    def test_a_dot_becomes_a_disc(self, radius: int) -> None:
        assert np.array_equal(grow_mask(dot(), radius)[0] == 1, distance() <= radius)
        assert np.array_equal(invert_mask(grow_mask(dot(), radius)), grow_mask(1 - dot(), -radius))

    @settings(max_examples=30)
    @given(st.integers(0, 12), st.integers(1, 12), st.integers(1, 12), st.integers(0, 99))
    def test_soft_masks_as_by_hand(self, radius: int, h: int, w: int, seed: int) -> None:
        mask = soft(1, h, w, seed)
        ys, xs = np.indices((h, w))
        expected = [
            mask[0][np.hypot(ys - y, xs - x) <= radius].max() for y in range(h) for x in range(w)
        ]
        assert np.array_equal(grow_mask(mask, radius)[0].ravel(), expected)

    def test_shrinking_what_was_grown_keeps_all_that_was_selected(self) -> None:
        mask = (soft(1, 40, 40) > 0.97).astype(np.float32)
        assert (grow_mask(grow_mask(mask, 4), -4) >= mask).all()


class TestEdges:
    @pytest.mark.parametrize("pixels", [0, 1, 2, 8, 15])
    def test_outside_keeps_the_inside_and_ends(self, pixels: int) -> None:
        mask = grow_mask(dot(81), 10)
        done = feather_mask(mask, pixels, Side.OUTSIDE)
        assert (done[mask == 1] == 1).all()
        assert (done[0][grow_mask(mask, pixels)[0] == 0] == 0).all()
        assert np.array_equal(feather_mask(mask, 0, Side.INSIDE), mask)
        inside = feather_mask(mask, pixels, Side.INSIDE)
        assert (inside[mask == 0] == 0).all()
        assert inside[0, 40, 40] == 1 if pixels < 10 else True

    def test_both_lies_on_the_edge(self) -> None:
        mask = np.zeros((1, 5, 60), np.float32)
        mask[:, :, 30:] = 1
        done = feather_mask(mask, 20, Side.BOTH)[0, 2]
        assert done[:20].max() == 0
        assert done[40:].min() == 1
        assert done[29] + done[30] == pytest.approx(1, abs=1e-5)
        assert (np.diff(done) >= 0).all()

    def test_outlines(self) -> None:
        mask = grow_mask(dot(), 8)
        outside = mask_outline(mask, 3, Side.OUTSIDE)
        inside = mask_outline(mask, 3, Side.INSIDE)
        assert not (outside * mask).any()
        assert (inside <= mask).all()
        both = mask_outline(mask, 3, Side.BOTH)
        assert np.array_equal(both, np.maximum(outside, inside))

    def test_blurring_keeps_the_area(self) -> None:
        assert blur_mask(dot(), 3.0).sum() == pytest.approx(1, abs=1e-4)
        assert np.array_equal(blur_mask(dot(), 0.0), dot())


class TestHoles:
    def test_a_ring_is_filled_and_a_bay_is_not(self) -> None:
        ring = mask_outline(grow_mask(dot(), 12), 2, Side.INSIDE)
        assert np.array_equal(fill_holes(ring), grow_mask(dot(), 12))
        open_ring = ring.copy()
        open_ring[0, 20, 20:] = 0
        assert np.array_equal(fill_holes(open_ring), open_ring)

    def test_a_hole_at_the_edge_is_none(self) -> None:
        mask = np.ones((1, 5, 5), np.float32)
        mask[0, 2, 0] = 0
        assert np.array_equal(fill_holes(mask), mask)
        mask[0, 2, 2] = 0
        assert fill_holes(mask)[0, 2, 2] == 1

    def test_soft_walls_fill_as_high_as_their_lowest_place(self) -> None:
        mask = np.full((1, 5, 5), 0.75, np.float32)
        mask[0, 2, 2] = 0.25
        assert fill_holes(mask)[0, 2, 2] == 0.75
        mask[0, 1, 2] = 0.5
        mask[0, 0, 2] = 0
        assert fill_holes(mask)[0, 2, 2] == 0.5
        rough = soft(1, 30, 30)
        done = fill_holes(rough)
        assert (done >= rough).all()
        assert np.allclose(fill_holes(done), done, atol=1 / 64)
