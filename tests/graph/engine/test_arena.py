"""The arena: pictures cross bit by bit, and none is written over before it was fetched."""

from __future__ import annotations

from collections import deque
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.engine.arena import ArenaReader, ArenaWriter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graph.engine.messages import Placed
    from graph.events import Pixels

pytestmark = pytest.mark.timeout(1200)  # thousands of examples with --full

SIZE = 4096


@pytest.fixture(scope="module")
def arena() -> Iterator[tuple[ArenaReader, ArenaWriter]]:
    reader = ArenaReader(SIZE)
    writer = ArenaWriter(reader.name)
    yield reader, writer
    writer.close()
    reader.close()


def pixels(count: int, shade: int) -> Pixels:
    return np.full((count, 1, 1), shade, np.uint8)


edges = st.sampled_from([SIZE // k + d for k in (1, 2, 4, 8) for d in (-8, -1, 0, 1, 8)])


@given(steps=st.lists(st.integers(0, SIZE + 10) | edges | st.none(), max_size=60))
def test_what_was_placed_is_what_is_fetched_in_any_order_of_both(
    arena: tuple[ArenaReader, ArenaWriter], steps: list[int | None]
) -> None:
    reader, writer = arena
    waiting: deque[tuple[Pixels, Placed]] = deque()

    def fetch() -> None:
        expected, placed = waiting.popleft()
        assert np.array_equal(reader.fetch(placed), expected)
        if placed.data is None:
            writer.free()

    for number, step in enumerate(steps):
        if step is not None:
            picture = pixels(step, number % 255 + 1)
            waiting.append((picture, writer.place(picture)))
            placed = sorted((p.offset, p.offset + x.size) for x, p in waiting if p.data is None)
            assert all(a[1] <= b[0] for a, b in pairwise(placed) if a[0] != a[1])
            assert all(end <= SIZE for _begin, end in placed)
        elif waiting:
            fetch()
    while waiting:
        fetch()


def test_pictures_go_round_and_round_in_place(arena: tuple[ArenaReader, ArenaWriter]) -> None:
    reader, writer = arena
    for number in range(500):
        placed = writer.place(pixels(900, number % 256))
        assert placed.data is None
        assert reader.fetch(placed).max() == number % 256
        writer.free()


def test_a_picture_without_room_travels_in_its_message(
    arena: tuple[ArenaReader, ArenaWriter],
) -> None:
    reader, writer = arena
    held = writer.place(pixels(SIZE, 1))
    assert held.data is None
    late = writer.place(pixels(10, 2))
    assert late.data == bytes([2] * 10)
    assert np.array_equal(reader.fetch(late), pixels(10, 2))
    assert np.array_equal(reader.fetch(held), pixels(SIZE, 1))
    writer.free()


def test_what_is_fetched_is_a_copy(arena: tuple[ArenaReader, ArenaWriter]) -> None:
    reader, writer = arena
    first = reader.fetch(writer.place(pixels(SIZE, 1)))
    writer.free()
    writer.place(pixels(SIZE, 2))
    writer.free()
    assert first.max() == 1
    first[:] = 9


def test_closing_leaves_nothing_behind() -> None:
    reader = ArenaReader(SIZE)
    path = Path("/dev/shm", reader.name)  # noqa: S108 - where the system keeps it
    assert path.exists() == path.parent.exists()
    reader.close()
    assert not path.exists()


@pytest.mark.parametrize("size", [499, 500, 501, 504, 508, 600])
def test_behind_the_turn_a_picture_stops_before_the_oldest(
    arena: tuple[ArenaReader, ArenaWriter], size: int
) -> None:
    reader, writer = arena
    first, *waiting = [(shade, writer.place(pixels(n, shade))) for shade, n in
                       ((1, 1000), (2, 1000), (3, 2000))]  # fmt: skip
    assert reader.fetch(first[1]).max() == 1
    writer.free()
    waiting += [(shade, writer.place(pixels(n, shade))) for shade, n in ((4, 500), (5, size))]
    for shade, placed in waiting:
        found = reader.fetch(placed)
        assert found.min() == found.max() == shade
        if placed.data is None:
            writer.free()
