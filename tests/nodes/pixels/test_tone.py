"""Blend, levels, curves, colour, blur, sharpen, compare."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nodes.errors import ImageError
from nodes.pixels.blend import BlendMode, blend, mixed
from nodes.pixels.colour import luminance, parsed, to_linear, to_oklab
from nodes.pixels.filters import BlurKind, blur, sharpen
from nodes.pixels.make import View, compare, solid_colour
from nodes.pixels.tone import adjust_colour, curves, grayscale, invert, levels


def noise(count: int = 2, height: int = 9, width: int = 14, seed: int = 0) -> Any:
    return np.random.default_rng(seed).random((count, height, width, 3), np.float32)


def plain(value: float, size: int = 3) -> Any:
    return np.full((1, size, size, 3), value, np.float32)


class TestBlend:
    @pytest.mark.parametrize(
        ("mode", "expected"),
        [
            (BlendMode.NORMAL, 0.25),
            (BlendMode.MULTIPLY, 0.15),
            (BlendMode.SCREEN, 0.7),
            (BlendMode.OVERLAY, 0.4),
            (BlendMode.SOFT_LIGHT, 0.48),
            (BlendMode.DIFFERENCE, 0.35),
            (BlendMode.SUBTRACT, 0.35),
            (BlendMode.DARKEN, 0.25),
            (BlendMode.LIGHTEN, 0.6),
        ],
    )
    def test_known_values(self, mode: BlendMode, expected: float) -> None:
        assert np.allclose(blend(plain(0.6), plain(0.25), None, mode), expected, atol=1e-6)

    def test_light_adds_up(self) -> None:
        done = blend(plain(0.5), plain(0.4), None, BlendMode.ADD)
        assert np.allclose(
            to_linear(done), to_linear(plain(0.5)) + to_linear(plain(0.4)), atol=1e-6
        )
        assert (blend(plain(0.9), plain(0.9), None, BlendMode.ADD) == 1).all()

    def test_half_of_white_over_black_is_half_of_the_light(self) -> None:
        done = blend(plain(0), plain(1), None, BlendMode.NORMAL, 0.5)
        assert np.allclose(done, 0.735357, atol=1e-5)

    @pytest.mark.parametrize("mode", BlendMode)
    def test_nothing_and_everything_are_exact(self, mode: BlendMode) -> None:
        base, top = noise(), noise(seed=1)
        assert np.array_equal(blend(base, top, None, mode, 0.0), base)
        mask = np.zeros((1, 9, 14), np.float32)
        mask[:, :, 7:] = 1
        done, whole = blend(base, top, mask, mode), blend(base, top, None, mode)
        assert np.array_equal(done[:, :, :7], base[:, :, :7])
        assert np.array_equal(done[:, :, 7:], whole[:, :, 7:])

    def test_sizes_and_counts_that_do_not_go_together(self) -> None:
        with pytest.raises(ImageError, match="base is 14 × 9 pixels, top 3 × 3"):
            blend(noise(), plain(1))
        with pytest.raises(ImageError, match="top has 2 pictures where others have 3"):
            blend(noise(3), noise(2))

    def test_mixing_is_the_same_both_ways(self) -> None:
        a, b = noise(), noise(seed=1)
        weight = np.random.default_rng(2).random(a.shape[:3], np.float32)
        assert np.allclose(mixed(a, b, weight), mixed(b, a, 1 - weight), atol=1e-6)


class TestTone:
    def test_levels(self) -> None:
        image = np.array([0, 0.2, 0.5, 0.8, 1], np.float32).reshape(1, 1, 5, 1).repeat(3, -1)
        assert np.allclose(levels(image, 0.2, 0.8)[0, 0, :, 0], (0, 0, 0.5, 1, 1), atol=1e-6)
        assert np.allclose(levels(image, gamma=2.0)[0, 0, :, 0] ** 2, image[0, 0, :, 0], atol=1e-6)
        done = levels(image, darkest=1.0, lightest=0.0)
        assert np.allclose(done, 1 - image, atol=1e-6)
        assert np.allclose(levels(noise()), noise(), atol=1e-6)
        with pytest.raises(ImageError, match=r"white \(0.2\) must be above black \(0.5\)"):
            levels(image, 0.5, 0.2)

    def test_straight_curves_change_nothing_and_each_has_its_colour(self) -> None:
        image = noise()
        assert np.array_equal(curves(image), image)
        done = curves(image, red=(0, 1, 1, 0))
        assert np.allclose(done[..., 0], 1 - image[..., 0], atol=1e-3)
        assert np.array_equal(done[..., 1:], image[..., 1:])
        assert np.allclose(curves(image, (0, 1, 1, 0)), 1 - image, atol=1e-3)

    def test_at_zero_colours_are_left_alone(self) -> None:
        image = noise()
        assert np.array_equal(adjust_colour(image), image)

    def test_a_stop_doubles_the_light(self) -> None:
        image = noise() * np.float32(0.5)
        done = adjust_colour(image, exposure=1.0)
        assert np.allclose(to_linear(done), 2 * to_linear(image), atol=1e-5)

    def test_temperature_warms_and_keeps_grey_as_bright(self) -> None:
        warm = adjust_colour(plain(0.5), temperature=0.8)
        assert warm[..., 0].mean() > 0.5 > warm[..., 2].mean()
        assert np.allclose(luminance(to_linear(warm)), luminance(to_linear(plain(0.5))), atol=1e-5)
        cool = adjust_colour(plain(0.5), temperature=-0.8)
        assert cool[..., 2].mean() > 0.5 > cool[..., 0].mean()

    def test_contrast_turns_around_the_middle(self) -> None:
        assert np.allclose(adjust_colour(plain(0.5), contrast=0.7), 0.5)
        assert np.allclose(adjust_colour(noise(), contrast=-1.0), 0.5)
        assert np.allclose(adjust_colour(plain(0.6), contrast=1.0), 0.9, atol=1e-6)

    def test_saturation_and_hue_keep_the_lightness(self) -> None:
        image = noise() * np.float32(0.2) + np.float32(0.4)  # far from the edge of sRGB
        before = to_oklab(image)
        for done in (adjust_colour(image, hue=70.0), adjust_colour(image, saturation=0.5)):
            assert np.allclose(to_oklab(done)[..., 0], before[..., 0], atol=1e-4)
        grey = adjust_colour(image, saturation=-1.0)
        assert np.abs(grey[..., 0] - grey[..., 2]).max() < 1e-3
        round_trip = adjust_colour(adjust_colour(image, hue=120.0), hue=-120.0)
        assert np.allclose(round_trip, image, atol=1e-4)

    def test_grayscale_keeps_the_light(self) -> None:
        image = noise()
        grey = grayscale(image)
        assert np.array_equal(grey[..., 0], grey[..., 2])
        assert np.allclose(to_linear(grey[..., 1]), luminance(to_linear(image)), atol=1e-5)

    def test_inverting_twice(self) -> None:
        assert np.allclose(invert(invert(noise())), noise(), atol=1e-7)
        assert invert(plain(0.25))[0, 0, 0, 0] == 0.75


class TestFilters:
    @pytest.mark.parametrize("kind", BlurKind)
    @pytest.mark.parametrize("radius", [0.0, 1.0, 2.0, 3.0, 40.0])
    def test_a_plain_colour_stays(self, kind: BlurKind, radius: float) -> None:
        image = np.broadcast_to(parsed("#c86432"), (2, 8, 11, 3))
        assert np.allclose(blur(image, radius, kind), image, atol=1e-5)

    @pytest.mark.parametrize("kind", [BlurKind.GAUSSIAN, BlurKind.BOX])
    def test_light_spreads_and_none_is_lost(self, kind: BlurKind) -> None:
        dot = np.zeros((1, 41, 41, 3), np.float32)
        dot[0, 20, 20] = 1
        light = to_linear(blur(dot, 3.0, kind))[0, ..., 0]
        assert light.sum() == pytest.approx(1, abs=1e-3)
        assert np.allclose(light, light[::-1], atol=1e-6)
        assert np.allclose(light, light.T, atol=1e-6)
        if kind is BlurKind.GAUSSIAN:
            across = (light.sum(0) * (np.arange(41) - 20) ** 2).sum()
            assert np.sqrt(across) == pytest.approx(3, abs=0.05)
        else:
            assert np.allclose(light[17:24, 17:24], 1 / 49, atol=1e-5)

    @pytest.mark.parametrize("radius", [1, 2, 3])
    def test_the_median_is_the_median(self, radius: int) -> None:
        image = noise()
        done = blur(image, float(radius), BlurKind.MEDIAN)
        around = np.pad(image[1], ((radius, radius), (radius, radius), (0, 0)), mode="edge")
        side = 2 * radius + 1
        for y, x in ((0, 0), (4, 6), (8, 13)):
            window = around[y : y + side, x : x + side].reshape(-1, 3)
            assert np.array_equal(done[1, y, x], np.median(window, axis=0))

    def test_sharpening(self) -> None:
        edge = np.full((1, 9, 20, 3), 0.3, np.float32)
        edge[:, :, 10:] = 0.6
        done = sharpen(edge, 1.0, 1.5)
        assert done[0, 4, 10, 0] > 0.6
        assert done[0, 4, 9, 0] < 0.3
        # As strong on either side of the edge, and nothing happens far from it.
        assert done[0, 4, 10, 0] - 0.6 == pytest.approx(0.3 - done[0, 4, 9, 0], abs=1e-5)
        assert np.allclose(done[:, :, 0], 0.3, atol=1e-4)
        assert np.array_equal(sharpen(edge, 0.0), edge)
        assert np.array_equal(sharpen(edge, 3.0, 1.5, threshold=0.5), edge)


class TestLooking:
    def test_solid_colour(self) -> None:
        done = solid_colour(5, 3, "#336699", 2)
        assert done.shape == (2, 3, 5, 3)
        assert np.array_equal(done[1, 2, 4], parsed("#336699"))

    def test_compare(self) -> None:
        a, b = noise(1), noise(2, seed=1)
        side = compare(a, b)
        assert side.shape == (2, 9, 28, 3)
        assert np.array_equal(side[1, :, :14], a[0])
        assert np.array_equal(side[1, :, 14:], b[1])
        assert compare(a, b, vertical=True).shape == (2, 18, 14, 3)
        wipe = compare(a, b, View.WIPE, 0.5)
        assert np.array_equal(wipe[0], np.concatenate([a[0, :, :7], b[0, :, 7:]], axis=1))
        assert np.array_equal(compare(a, b, View.WIPE, 0.0), b)
        assert np.array_equal(compare(a, b, View.WIPE, 1.0, vertical=True)[0], a[0])
        assert not compare(a, a, View.DIFFERENCE, gain=100.0).any()
        assert np.allclose(
            compare(plain(0.5), plain(0.52), View.DIFFERENCE, gain=10.0), 0.2, atol=1e-5
        )
