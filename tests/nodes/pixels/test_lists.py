"""Batches, lists, texts and single values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pil

from nodes.errors import ImageError
from nodes.pixels.batch import (
    Differing,
    batch_images,
    image_from_batch,
    image_from_list,
    load_images,
    repeat_image,
    unbatch,
)
from nodes.pixels.lists import (
    ListError,
    Order,
    list_length,
    number_from_list,
    number_list,
    prompt_list,
    repeat_number,
    repeat_text,
    repeat_whole_number,
    seed_list,
    text_from_list,
    whole_number_from_list,
    whole_number_list,
)
from nodes.pixels.words import join_text, number, size, text, text_template, whole_number
from tests.nodes.driver import make_run

if TYPE_CHECKING:
    from pathlib import Path


def noise(count: int = 2, height: int = 4, width: int = 5, seed: int = 0) -> Any:
    return np.random.default_rng(seed).random((count, height, width, 3), np.float32)


class TestBatches:
    def test_there_and_back(self) -> None:
        image = noise(3)
        parts = unbatch(image)
        assert [part.shape for part in parts] == [(1, 4, 5, 3)] * 3
        assert np.array_equal(batch_images(parts), image)
        assert np.array_equal(image_from_list(parts, -1)[0], image[2])
        assert np.array_equal(image_from_batch(image, 2)[0], image[1])
        assert np.array_equal(repeat_image(image, 2), np.concatenate([image, image]))

    def test_sizes_that_differ(self) -> None:
        images = [noise(1), noise(2, 8, 20)]
        with pytest.raises(ImageError, match="the first picture is 5 × 4, another 20 × 8"):
            batch_images(images)
        for differing in (Differing.FILL, Differing.PAD, Differing.STRETCH):
            done = batch_images(images, differing)
            assert done.shape == (3, 4, 5, 3)
            assert np.array_equal(done[:1], images[0])

    def test_nothing_came_in(self) -> None:
        with pytest.raises(ImageError, match="no picture came in"):
            batch_images([])
        with pytest.raises(ListError, match="the list is empty"):
            image_from_list([])


class TestFolder:
    def test_sorted_as_people_do_and_limited(self, tmp_path: Path) -> None:
        for place, name in enumerate(["b10.png", "B2.png", "a.png", "b1.jpg"]):
            grey = np.full((2, 3, 3), place * 60, np.uint8)
            Pil.fromarray(grey).save(tmp_path / name, quality=100)
        (tmp_path / "notes.txt").write_text("no picture")
        (tmp_path / "c.png").mkdir()
        found = load_images(tmp_path)
        assert [round(float(image.mean()) * 255 / 60) for image in found] == [2, 3, 1, 0]
        assert len(load_images(tmp_path, 2)) == 2
        assert len(load_images(tmp_path / "a.png")) == 1

    def test_refusals(self, tmp_path: Path) -> None:
        with pytest.raises(ImageError, match="no folder is chosen"):
            load_images()
        with pytest.raises(ImageError, match="holds no picture"):
            load_images(tmp_path)
        with pytest.raises(ImageError, match="is missing"):
            load_images(tmp_path / "gone")


class TestNumbers:
    def test_both_ends_are_included(self) -> None:
        assert number_list(0, 0.3, 0.1) == [0, 0.1, 0.2, 0.3]
        assert number_list(1, 0, 0.25) == [1, 0.75, 0.5, 0.25, 0]
        assert number_list(0, 1, 0.4) == [0, 0.4, 0.8]
        assert number_list(2, 2, 1) == [2]
        assert whole_number_list(1, 8, 3) == [1, 4, 7]
        assert whole_number_list(3, 1) == [3, 2, 1]

    def test_refusals(self) -> None:
        with pytest.raises(ListError, match="a step of 0 never arrives"):
            number_list(0, 1, 0)
        with pytest.raises(ListError, match="more than 10000: use a larger step"):
            number_list(0, 1e6, 0.5)

    @given(st.integers(1, 200), st.integers(1, 100))
    def test_hundredths_lose_none(self, count: int, step: int) -> None:
        found = number_list(0, count * step / 100, step / 100)
        assert found == [place * step / 100 for place in range(count + 1)]


class TestSeeds:
    def test_known_for_ever(self) -> None:
        # The first output of SplitMix64 for seed 0 is 0xE220A8397B1DCDAF.
        assert seed_list(0, 2) == [0, 0xE220A8397B1DCDAF >> 1]

    @given(st.integers(0, 2**63 - 1), st.integers(1, 40))
    def test_valid_different_and_a_longer_list_goes_on(self, seed: int, count: int) -> None:
        found = seed_list(seed, count)
        assert found[0] == seed
        assert all(0 <= each < 2**63 for each in found)
        assert len(set(found)) == count
        assert seed_list(seed, count + 3)[:count] == found


class TestLists:
    def test_prompts(self) -> None:
        found = prompt_list(" red star \n\n\r\nblue\tmoon\n", "a ", ", oil")
        assert found == ["a red star, oil", "a blue\tmoon, oil"]
        assert prompt_list("") == []

    def test_every_prompt_with_every_seed(self) -> None:
        prompts, seeds = ["a", "b"], [1, 2, 3]
        pairs = zip(repeat_text(prompts, 3, Order.EACH), repeat_whole_number(seeds, 2), strict=True)
        assert sorted(pairs) == [("a", 1), ("a", 2), ("a", 3), ("b", 1), ("b", 2), ("b", 3)]
        assert repeat_number([1.5], 2) == [1.5, 1.5]
        with pytest.raises(ListError, match="repeat less often"):
            repeat_text(["x"] * 100, 101)

    def test_picking(self) -> None:
        assert text_from_list(["a", "b", "c"], 1) == "a"
        assert number_from_list([1.0, 2.0], -1) == 2.0
        assert whole_number_from_list([7, 8], 2) == 8
        for index in (0, 3, -3):
            with pytest.raises(ListError, match=rf"no element {index}: the list has 1 to 2"):
                whole_number_from_list([7, 8], index)

    def test_length(self) -> None:
        assert list_length([noise(), "a", 3]) == 3
        assert list_length([]) == 0


class TestWords:
    def test_held(self) -> None:
        assert text("a") == "a"
        assert number(0.5) == 0.5
        assert whole_number(3) == 3
        assert tuple(size(640, 480)) == (640, 480)

    def test_joining(self) -> None:
        assert join_text(["a", "", "b"]) == "a, b"
        assert join_text([], "-") == ""

    def test_template(self) -> None:
        run = make_run()
        done = text_template(run, "{a} of {b}, {red|blue} {{a}}", a="photo {b}", b="cat")
        assert done == "photo {b} of cat, {red|blue} {photo {b}}"
        assert run.remarks == []
        assert text_template(run, "{name} {a}", a="x") == "{name} x"
        assert run.remarks == ["{name} stays as it is: only {a} to {e} are filled in"]
