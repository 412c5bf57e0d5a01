"""Colour spaces: there and back, and known values."""

from __future__ import annotations

import numpy as np
import pytest

from nodes.pixels.colour import (
    from_oklab,
    luminance,
    parsed,
    to_linear,
    to_oklab,
    to_srgb,
)

BYTES = np.arange(256, dtype=np.float32) / np.float32(255)


def test_every_byte_survives_linear_light() -> None:
    assert np.allclose(to_srgb(to_linear(BYTES)), BYTES, atol=1e-6)
    assert to_srgb(to_linear(BYTES)).dtype == np.float32


def test_known_light() -> None:
    # Half of the light is sRGB 188 (0.7354), and middle grey 0.5 is 21.4 % of the light.
    assert to_srgb(np.array([0.5], np.float32))[0] == pytest.approx(0.735357, abs=1e-5)
    assert to_linear(np.array([0.5], np.float32))[0] == pytest.approx(0.214041, abs=1e-5)
    assert to_linear(np.array([0, 1], np.float32)).tolist() == [0, 1]
    assert to_srgb(np.array([-1, 2], np.float32)).tolist() == [0, 1]


def test_oklab_has_its_published_values_and_comes_back() -> None:
    lab = to_oklab(parsed("#ff0000"))
    assert np.allclose(lab, (0.62796, 0.22486, 0.12585), atol=1e-4)
    assert np.allclose(to_oklab(parsed("#ffffff")), (1, 0, 0), atol=1e-4)
    colours = np.random.default_rng(0).random((1000, 3), np.float32)
    assert np.allclose(from_oklab(to_oklab(colours)), colours, atol=1e-4)


def test_white_is_as_bright_as_all_three_lights() -> None:
    assert luminance(np.ones((1, 3), np.float32))[0] == pytest.approx(1)
    assert luminance(np.eye(3, dtype=np.float32)).tolist() == pytest.approx(
        [0.2126, 0.7152, 0.0722]
    )
