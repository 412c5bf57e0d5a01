"""The cache folder: there after a restart, checked when read, bounded, and never in the way."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import numpy as np
import pytest

from graph.cache import Cache, MemoryStore, Row
from graph.disk import DiskCache, clear, stats
from graph.handlers import Handlers, Packed
from tests.graph.build import LOADED, Session, build, n

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

HANDLERS = LOADED.handlers
PICTURES = build(
    n("draw", "draw", level=0.25, side=64),
    n("invert", "invert", {"image": "draw.image"}),
    n("mean", "mean", {"image": "invert.image"}),
)
MORE = build(n("again", "invert", {"image": "invert.image"}), on=PICTURES)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[..., DiskCache]]:
    """Open the cache folder of this test; all are closed at its end."""
    made: list[DiskCache] = []

    def make(budget: int = 1 << 30) -> DiskCache:
        made.append(DiskCache(tmp_path / "cache", HANDLERS, budget))
        return made[-1]

    yield make
    for disk in made:
        disk.close()


def session(disk: DiskCache) -> Session:
    return Session(Cache(MemoryStore(), disk))


def values(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "cache" / "values").glob("*/*"))


def test_finished_work_is_there_after_a_restart(opened: Callable[..., DiskCache]) -> None:
    disk = opened()
    first = session(disk)
    assert first.run(PICTURES) == ["draw", "invert", "mean"]
    before = first.value("invert")
    disk.close()
    second = session(opened())
    assert second.run(PICTURES) == []
    assert np.array_equal(np.asarray(second.value("invert")), np.asarray(before))
    assert second.run(MORE) == ["again"]


@pytest.mark.parametrize("harm", ["cut", "flip", "empty", "text"])
def test_a_damaged_value_is_dropped_and_computed_again(
    opened: Callable[..., DiskCache], tmp_path: Path, harm: str
) -> None:
    disk = opened()
    session(disk).run(PICTURES)
    disk.close()
    for path in values(tmp_path):
        data = path.read_bytes()
        flipped = data[:-1] + bytes([data[-1] ^ 1])
        harmed = {"cut": data[:-5], "flip": flipped, "empty": b"", "text": b"hello there, cache"}
        path.write_bytes(harmed[harm])
    disk = opened()
    after = session(disk)
    assert after.run(MORE) == ["draw", "invert", "again"]
    picture = np.asarray(after.value("again"))
    assert picture == pytest.approx(0.25)
    disk.close()
    assert stats(tmp_path / "cache").values == len(values(tmp_path)) + 1  # the number is small


@pytest.mark.parametrize("side", [16, 64])
def test_the_least_valuable_is_dropped_first_and_the_budget_kept(
    opened: Callable[..., DiskCache], tmp_path: Path, side: int
) -> None:
    disk = opened(budget=(side * side * 12 + 120) * 14)
    dear = ""
    for i in range(20):
        pixels = np.full((1, side, side, 3), i / 20, np.float32)
        packed = Packed({}, {"pixels": pixels})
        disk.put(packed.digest("Image"), "Image", packed, ms=1000.0 if i < 5 else 1.0)
        if i < 5:
            dear = packed.digest("Image")
    disk.close()
    held = stats(tmp_path / "cache")
    assert held.values == 13
    assert held.bytes <= (side * side * 12 + 120) * 14
    assert len(values(tmp_path)) == (13 if side == 64 else 0)
    assert dear in opened()


def test_two_processes_may_share_a_folder(opened: Callable[..., DiskCache]) -> None:
    one, other = opened(), opened()
    assert session(one).run(PICTURES) == ["draw", "invert", "mean"]
    one.close()
    assert session(other).run(PICTURES) == []


def test_a_row_of_another_version_is_not_known(
    opened: Callable[..., DiskCache], tmp_path: Path
) -> None:
    disk = opened()
    disk.learn("action", Row(("digest",), 1.0))
    disk.close()
    with sqlite3.connect(tmp_path / "cache" / "index.db") as connection:
        connection.execute("update actions set row = x'c0'")
    connection.close()
    assert opened().row("action") is None


def test_a_folder_that_cannot_be_used_costs_nothing_but_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    disk = DiskCache(tmp_path / "file" / "cache", HANDLERS, 1 << 20)
    engine = session(disk)
    assert engine.run(PICTURES) == ["draw", "invert", "mean"]
    assert engine.run(PICTURES) == []
    disk.close()


def test_a_database_that_is_none_costs_nothing_but_time(tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "index.db").write_bytes(b"this is no database" * 100)
    disk = DiskCache(tmp_path / "cache", Handlers(), 1 << 20)
    assert session(disk).run(PICTURES) == ["draw", "invert", "mean"]
    disk.close()


def test_clearing_forgets_everything(opened: Callable[..., DiskCache], tmp_path: Path) -> None:
    disk = opened()
    session(disk).run(PICTURES)
    disk.close()
    assert stats(tmp_path / "cache").actions == 3
    clear(tmp_path / "cache")
    held = stats(tmp_path / "cache")
    assert (held.actions, held.values, held.bytes, values(tmp_path)) == (0, 0, 0, [])
    assert session(opened()).run(PICTURES) == ["draw", "invert", "mean"]
