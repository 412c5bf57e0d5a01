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
from nodes.pixels.seams import membrane
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


class TestWithoutARegion:
    def test_the_piece_is_the_whole_picture(self) -> None:
        image, piece = (RANDOM.random((1, 40, 56, 3), np.float32) for _ in range(2))
        mask = np.zeros((1, 40, 56), np.float32)
        mask[:, 10:20, 30:50] = 1
        whole = Region(0, 0, 56, 40, 56, 40)
        assert np.array_equal(
            paste_back(image, piece, None, mask), paste_back(image, piece, whole, mask)
        )
        assert np.array_equal(paste_back(image, piece), piece)

    def test_what_the_vae_cut_off_lacks_on_both_sides(self) -> None:
        image = RANDOM.random((1, 67, 70, 3), np.float32)
        mask = np.ones((1, 67, 70), np.float32)
        done = paste_back(image, 1 - image[:, 1:65, 3:67], None, mask, match=0)
        assert np.array_equal(done[:, 1:65, 3:67], 1 - image[:, 1:65, 3:67])
        done[:, 1:65, 3:67] = image[:, 1:65, 3:67]
        assert np.array_equal(done, image)

    def test_a_larger_one_is_brought_to_size(self) -> None:
        image = RANDOM.random((1, 20, 30, 3), np.float32)
        assert paste_back(image, np.ones((1, 200, 300, 3), np.float32)).min() == 1
        assert paste_back(image, np.ones((1, 10, 100, 3), np.float32)).min() == 1


class TestMatch:
    """Colours that are a little off meet along the edge, and nothing outside is touched."""

    def case(self, tint: float) -> tuple[Any, Any, Any]:
        y, x = np.mgrid[:90, :120].astype(np.float32) / 120
        image = np.stack([0.3 + 0.4 * x, 0.6 - 0.3 * y, 0.5 + 0.1 * x * y], axis=-1)[None]
        mask = ellipse_mask(120, 90, 0.2, 0.2, 0.8, 0.8)
        hole = mask[0, :, :, None] > 0
        mark = ((x - 0.5) ** 2 + (y - 0.4) ** 2 < 0.005)[..., None]
        piece = np.where(hole & mark, np.float32(0.9), image + np.float32(tint))
        return image, piece.astype(np.float32), mask

    @pytest.mark.parametrize("tint", [0.02, -0.05])
    def test_a_tint_goes(self, tint: float) -> None:
        image, piece, mask = self.case(tint)
        done = paste_back(image, piece, None, mask)
        assert np.array_equal(done[mask == 0], image[mask == 0])
        plain = np.abs(piece[0] - image[0] - np.float32(tint)).max(axis=-1) < 1e-6
        assert np.abs(done[0] - image[0])[plain].max() < 0.002
        assert np.abs(paste_back(image, piece, None, mask, match=0) - image)[
            :, 45, 30
        ].max() == pytest.approx(abs(tint), abs=1e-6)

    def test_what_was_made_new_keeps_its_shape(self) -> None:
        image, piece, mask = self.case(0.02)
        done = paste_back(image, piece, None, mask)
        before, after = (np.diff(each[0], axis=0)[30:60, 40:80] for each in (piece, done))
        assert np.abs(after - before).max() < 0.004

    def test_other_things_at_the_edge_do_not_run_in(self) -> None:
        """Where the mask cuts through a bright thing, its light stays outside."""
        image, piece, mask = self.case(0.0)
        piece = image.copy()
        image[:, :, :40] = 1  # a wall that reaches into the selection; the piece has none
        done = paste_back(image, piece, None, mask)
        assert np.abs(done[mask == 1] - piece[mask == 1]).max() < 1e-6
        all_of_it = paste_back(image, piece, None, mask, match=1)
        assert np.abs(all_of_it[mask == 1] - piece[mask == 1]).max() > 0.1

    def test_a_piece_whose_surroundings_are_cut_away_meets_at_its_own_border(self) -> None:
        image = np.full((1, 60, 60, 3), 0.4, np.float32)
        piece = np.full((1, 20, 20, 3), 0.44, np.float32)
        done = paste_back(image, piece, Region(20, 20, 20, 20, 60, 60))
        assert np.allclose(done, image, atol=1e-6)
        corner = paste_back(image, piece, Region(0, 0, 20, 20, 60, 60))
        assert np.allclose(corner, image, atol=1e-6)  # also where two sides are the picture's

    def test_nothing_in_common_leaves_the_piece_as_it_is(self) -> None:
        image, piece = (RANDOM.random((1, 20, 20, 3), np.float32) for _ in range(2))
        assert np.array_equal(paste_back(image, piece, None, np.ones((1, 20, 20), "f4")), piece)
        dark, light = np.zeros_like(image), np.ones_like(image)
        mask = np.zeros((1, 20, 20), np.float32)
        mask[:, 5:15, 5:15] = 1
        assert paste_back(dark, light, None, mask)[mask == 1].min() == 1

    @given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**16))
    def test_the_membrane_keeps_what_is_known_and_stays_between(
        self, w: int, h: int, seed: int
    ) -> None:
        draw = np.random.default_rng(seed)
        values = draw.random((h, w, 3), np.float32)
        known = draw.random((h, w)) < draw.random()
        known[draw.integers(h), draw.integers(w)] = True
        done = membrane(values, known)
        assert np.array_equal(done[known], values[known])
        assert (done >= values[known].min(axis=0) - 1e-5).all()
        assert (done <= values[known].max(axis=0) + 1e-5).all()

    def test_the_membrane_of_a_harmonic_frame_is_that_function(self) -> None:
        y, x = np.mgrid[:65, :65].astype(np.float32) / 64
        wanted = np.stack([x * x - y * y, x * y, x + 2 * y], axis=-1)
        known = np.zeros((65, 65), bool)
        known[[0, -1]] = known[:, [0, -1]] = True
        assert np.abs(membrane(wanted, known) - wanted).max() < 0.05


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
