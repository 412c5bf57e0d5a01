"""Maps for ControlNets: known shapes give known lines."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nodes.errors import ImageError
from nodes.pixels.colour import grey_image, parsed
from nodes.pixels.control_edges import canny_edges, line_art, scribble, soft_edge_map
from nodes.pixels.control_maps import colour_map, threshold, tile_map
from nodes.pixels.lines import gradient, thinned
from nodes.pixels.mask_shapes import ellipse_mask


def disc(inside: float = 0.8, outside: float = 0.3) -> Any:
    mask = ellipse_mask(80, 80, 0.25, 0.25, 0.75, 0.75)
    return grey_image(mask * (inside - outside) + outside).astype(np.float32)


def from_edge() -> Any:
    y, x = np.indices((80, 80)) - 39.5
    return np.abs(np.hypot(y, x) - 20)


class TestLines:
    @pytest.mark.parametrize("node", [canny_edges, soft_edge_map, line_art, scribble])
    def test_a_disc_has_one_round_edge_and_plain_areas_none(self, node: Any) -> None:
        done = node(disc())
        assert np.array_equal(done[..., 0], done[..., 2])
        lit = done[0, ..., 0] > 0.3
        assert from_edge()[lit].max() < 8
        angles = np.arctan2(*(np.indices((80, 80)) - 39.5))[lit]
        around, _ = np.histogram(angles, bins=24, range=(-np.pi, np.pi))
        assert (around > 0).all()
        assert node(np.full((1, 20, 20, 3), 0.4, np.float32)).max() < 1e-5

    def test_canny_is_thin_and_its_thresholds_are_steps(self) -> None:
        edges = canny_edges(disc())[0, ..., 0]
        assert set(np.unique(edges)) == {0, 1}
        assert from_edge()[edges == 1].max() < 2
        assert edges.sum() < 2 * np.pi * 20 * 1.3
        step = np.full((1, 20, 20, 3), 0.4, np.float32)
        step[:, :, 10:] = 0.6
        for blur in (0.0, 1.0, 2.0):
            assert canny_edges(step, 0.15, 0.17, blur).any()
            assert not canny_edges(step, 0.23, 0.25, blur).any()
        with pytest.raises(ImageError, match="must not be below low"):
            canny_edges(step, 0.5, 0.2)

    def test_edges_between_colours_of_one_brightness_are_found(self) -> None:
        image = np.empty((1, 20, 20, 3), np.float32)
        image[:, :, :10], image[:, :, 10:] = parsed("#d02020"), parsed("#2068d0")
        assert soft_edge_map(image)[0, 10, 9:11].min() > 0.3

    def test_an_ideal_edge_is_as_strong_at_every_scale(self) -> None:
        step = np.zeros((60, 121, 3), np.float32)
        step[:, 60:] = 1
        step[:, 60] = 0.5
        for sigma in (2.0, 4.0, 8.0):
            assert gradient(step, sigma)[30, 60] == pytest.approx(1, abs=0.07)

    def test_shade_fills_dark_areas(self) -> None:
        dark = disc(inside=0.05, outside=0.9)
        assert line_art(dark)[0, 40, 40, 0] == 0
        assert line_art(dark, shade=0.4)[0, 40, 40, 0] > 0.9
        assert line_art(dark, shade=0.4)[0, 2, 2, 0] == 0

    def test_the_pen_has_its_width(self) -> None:
        step = np.full((1, 40, 60, 3), 0.1, np.float32)
        step[:, :, 30:] = 0.9
        for width in (1, 3, 7):
            assert scribble(step, width=width)[0, 20, :, 0].sum() == width


class TestThinning:
    def test_a_bar_becomes_a_line_that_is_not_broken(self) -> None:
        bar = np.zeros((21, 60), np.bool_)
        bar[8:13, 5:55] = True
        line = thinned(bar)
        assert (line.sum(axis=0) <= 1).all()
        assert line[:, 10:50].sum() == 40
        assert np.array_equal(thinned(line), line)

    def test_a_ring_stays_a_ring(self) -> None:
        import cv2

        ring = (from_edge() < 4).astype(np.bool_)
        line = thinned(ring)
        assert 0 < line.sum() < ring.sum() / 4
        parts, _labels = cv2.connectedComponents(line.astype(np.uint8), connectivity=8)
        holes, _labels = cv2.connectedComponents((~line).astype(np.uint8), connectivity=4)
        assert (parts, holes) == (2, 3)


class TestAreas:
    def test_tile_keeps_the_size_and_loses_detail(self) -> None:
        image = np.random.default_rng(0).random((1, 64, 48, 3), np.float32)
        done = tile_map(image, 8.0)
        assert done.shape == image.shape
        assert np.abs(np.diff(done, axis=2)).mean() < np.abs(np.diff(image, axis=2)).mean() / 8
        assert np.array_equal(tile_map(image, 1.0), image)

    def test_blocks_have_one_colour_each(self) -> None:
        image = np.random.default_rng(0).random((1, 64, 96, 3), np.float32)
        done = colour_map(image, 16)
        assert (done.reshape(4, 16, 6, 16, 3) == done.reshape(4, 16, 6, 16, 3)[:, :1, :, :1]).all()
        few = colour_map(image, 16, 3)
        assert len(np.unique(few.reshape(-1, 3), axis=0)) == 3
        assert np.array_equal(few, colour_map(image, 16, 3))

    def test_a_few_colours_are_found_as_they_are(self) -> None:
        names = ("#e63946", "#f1faee", "#1d3557", "#457b9d")
        image = np.concatenate(
            [np.broadcast_to(parsed(name), (1, 32, 32, 3)) for name in names], axis=2
        )
        assert np.allclose(colour_map(image, 8, 4), image, atol=1e-4)
        assert np.allclose(colour_map(image, 8, 40), image, atol=1e-4)

    def test_threshold(self) -> None:
        ramp = np.linspace(0, 1, 11, dtype=np.float32)[None, None, :, None].repeat(3, -1)
        assert threshold(ramp, 0.45)[0, 0, :, 0].tolist() == [0] * 5 + [1] * 6
        soft = threshold(ramp, 0.5, 0.6)[0, 0, :, 0]
        assert soft[5] == pytest.approx(0.5, abs=1e-6)
        assert (np.diff(soft) >= 0).all()
