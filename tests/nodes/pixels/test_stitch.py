"""Crop to a mask and paste back: nothing outside is touched, whatever happens inside."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.handlers import BUILT_IN
from graph.values import Region
from nodes.errors import ImageError
from nodes.pixels.crop import crop
from nodes.pixels.mask_shapes import ellipse_mask
from nodes.pixels.morphology import grown
from nodes.pixels.stitch import crop_to_mask, paste_back

RANDOM = np.random.default_rng(0)


def case(seed: int) -> tuple[Any, Any, dict[str, Any], int]:
    """A random picture, mask, way to cut and feather."""
    draw = np.random.default_rng(seed)
    w, h = (int(side) for side in draw.integers(8, 90, 2))
    image = draw.random((int(draw.integers(1, 3)), h, w, 3), np.float32)
    mask = np.zeros((int(draw.integers(1, 3)) if len(image) > 1 else 1, h, w), np.float32)
    for plane in mask:
        x, y = int(draw.integers(0, w)), int(draw.integers(0, h))
        plane[y : y + int(draw.integers(1, h)), x : x + int(draw.integers(1, w))] = draw.random()
    settings = {
        "padding": int(draw.integers(0, 20)),
        "scale": bool(draw.integers(0, 2)),
        "width": int(draw.integers(16, 128)),
        "height": int(draw.integers(16, 128)),
        "multiple": int(draw.choice([1, 8, 64])),
    }
    return image, mask, settings, int(draw.choice([0, 1, 5, 16]))


@pytest.mark.parametrize("seed", range(100))
def test_outside_of_the_feathered_mask_nothing_changes(seed: int) -> None:
    image, mask, settings, feather = case(seed)
    cut = crop_to_mask(image, mask, **settings)
    BUILT_IN["Region"].check(cut.region)
    assert cut.image.shape[1:3] == cut.mask.shape[1:3]
    assert not any(side % settings["multiple"] for side in cut.image.shape[1:3])
    other = np.random.default_rng(seed).random(cut.image.shape, np.float32)
    done = paste_back(image, other, cut.region, mask, feather)
    outside = np.broadcast_to(grown(mask, feather) == 0, done.shape[:3])
    assert np.array_equal(done[outside], np.broadcast_to(image, done.shape)[outside])
    assert not np.array_equal(done, np.broadcast_to(image, done.shape))


def test_twenty_rounds_leave_the_outside_as_it_was() -> None:
    image = RANDOM.random((1, 96, 120, 3), np.float32)
    mask = ellipse_mask(120, 96, 0.3, 0.3, 0.6, 0.7)
    now = image
    for _round in range(20):
        cut = crop_to_mask(now, mask, 8, width=64, height=64)
        now = paste_back(now, RANDOM.random(cut.image.shape, np.float32), cut.region, mask, 10)
    outside = grown(mask, 10) == 0
    assert outside.any()
    assert np.array_equal(now[outside], image[outside])
    assert (now[mask == 1] != image[mask == 1]).any(axis=-1).all()


def test_the_piece_shows_exactly_where_all_is_selected() -> None:
    image = RANDOM.random((1, 64, 64, 3), np.float32)
    mask = np.zeros((1, 64, 64), np.float32)
    mask[:, 20:40, 24:40] = 1
    cut = crop_to_mask(image, mask, 4, scale=False, multiple=8)
    assert (cut.region.width % 8, cut.region.height % 8) == (0, 0)
    assert np.array_equal(
        cut.image,
        image[:, cut.region.y :, cut.region.x :][:, : cut.region.height, : cut.region.width],
    )
    piece = 1 - cut.image
    done = paste_back(image, piece, cut.region, mask, 6)
    assert np.array_equal(done[mask == 1], (1 - image)[mask == 1])


def test_what_was_not_changed_comes_back() -> None:
    image = RANDOM.random((2, 40, 50, 3), np.float32)
    mask = ellipse_mask(50, 40)
    cut = crop_to_mask(image, mask, 5, scale=False)
    assert np.allclose(paste_back(image, cut.image, cut.region, mask), image, atol=1e-6)
    plain = crop(image, 10, 5, 20, 20)
    assert np.allclose(paste_back(image, plain.image, plain.region), image, atol=1e-6)


def test_without_a_mask_the_piece_fades_into_the_picture_but_not_at_its_edges() -> None:
    black, white = np.zeros((1, 40, 40, 3), np.float32), np.ones((1, 20, 20, 3), np.float32)
    done = paste_back(black, white, Region(0, 10, 20, 20, 40, 40), None, 6)
    assert (done[0, 20, :14] == 1).all()
    assert (np.diff(done[0, 20, 13:21, 0]) < 0).all()
    assert (done[0, 10, :14] < 1).all()
    assert not done[0, :10].any()
    hard = paste_back(black, white, Region(0, 10, 20, 20, 40, 40), None, 0)
    assert hard.sum() == 3 * 400


def test_no_seam_where_the_soft_edge_meets_the_border_of_the_piece() -> None:
    black = np.zeros((1, 60, 60, 3), np.float32)
    mask = np.zeros((1, 60, 60), np.float32)
    mask[:, 28:32, 28:32] = 1
    cut = crop_to_mask(black, mask, 2, scale=False, multiple=1)
    assert cut.region == Region(26, 26, 8, 8, 60, 60)
    done = paste_back(black, np.ones_like(cut.image), cut.region, mask, 20)
    assert 0 < done[0, 30, 26, 0] < 0.5


@given(
    st.integers(16, 200), st.integers(16, 200), st.integers(0, 50), st.integers(1, 150),
    st.integers(1, 150),
)  # fmt: skip
def test_regions_hold_the_mask_and_take_the_shape_of_the_working_size(
    w: int, h: int, padding: int, x: int, y: int
) -> None:
    mask = np.zeros((1, 160, 170), np.float32)
    mask[0, y : y + 9, x : x + 13] = 1
    cut = crop_to_mask(np.zeros((1, 160, 170, 3), np.float32), mask, padding, True, w, h, 1)
    region = cut.region
    inner = mask[0, region.y : region.y + region.height, region.x : region.x + region.width]
    assert inner.sum() == mask.sum()
    if region.width < 170 and region.height < 160:
        assert region.width / region.height == pytest.approx(
            w / h, rel=1.2 / min(region.width, region.height)
        )
    assert cut.image.shape[1] <= h
    assert cut.image.shape[2] <= w


class TestRefusals:
    def test_an_empty_mask(self) -> None:
        image = RANDOM.random((1, 8, 8, 3), np.float32)
        with pytest.raises(ImageError, match="the mask selects nothing"):
            crop_to_mask(image, np.zeros((1, 8, 8), np.float32))

    def test_another_picture(self) -> None:
        image = RANDOM.random((1, 8, 8, 3), np.float32)
        with pytest.raises(ImageError, match="cut out of a picture of 9 × 9 pixels"):
            paste_back(image, image, Region(0, 0, 8, 8, 9, 9))
        with pytest.raises(ImageError, match="original is 8 × 8 pixels, mask 5 × 5"):
            paste_back(image, image, Region(0, 0, 8, 8, 8, 8), np.ones((1, 5, 5), np.float32))
