"""The arena: pictures cross bit by bit, and none is written over before it was fetched."""

from __future__ import annotations

from collections import deque
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


@given(steps=st.lists(st.integers(0, SIZE + 10) | st.none(), max_size=60))
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
