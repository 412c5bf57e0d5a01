"""Versions: bounded, thinned by age, ordered whatever the clock says."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from app.versions import Version, Versions, thinned
from graph.format import dump
from tests.app.catalog import text_to_image

if TYPE_CHECKING:
    from pathlib import Path

HOUR, DAY = 3600, 86_400


def test_each_save_is_kept_once_with_its_nodes(tmp_path: Path) -> None:
    versions, path = Versions(tmp_path / "versions"), tmp_path / "🌙.json"
    data = dump(text_to_image())
    versions.keep(path, data)
    versions.keep(path, data)
    versions.keep(path, b"{}")
    newest, oldest = versions.of(path)
    assert (oldest.nodes, newest.nodes) == (7, 0)
    assert oldest.read() == data
    assert abs(oldest.seconds - time.time()) < 60
    assert versions.of(tmp_path / "other.json") == []
    assert list(tmp_path.iterdir()) == [tmp_path / "versions"], "nothing beside the artist's file"


def test_they_are_bounded_and_the_newest_stay(tmp_path: Path) -> None:
    versions, path = Versions(tmp_path / "versions", most=6), tmp_path / "a.json"
    for number in range(30):
        versions.keep(path, b"%d" % number)
    kept = [version.read() for version in versions.of(path)]
    assert len(kept) == 6
    assert kept[:4] == [b"29", b"28", b"27", b"26"]


def test_old_ones_are_kept_far_apart(tmp_path: Path) -> None:
    """A save every ten minutes for two months leaves some of today and some of weeks ago."""
    kept: list[Version] = []
    for number in range(60 * DAY // 600):
        kept.insert(0, Version(number, number * 600, 1, tmp_path))
        for gone in thinned(kept, 20):
            kept.remove(gone)
    ages = [kept[0].seconds - version.seconds for version in kept]
    assert len(ages) == 20
    assert sum(age <= 2 * HOUR for age in ages) >= 4
    assert sum(age > 2 * DAY for age in ages) >= 3
    assert max(ages) > 14 * DAY


def test_a_clock_that_was_set_back_changes_no_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    versions, path = Versions(tmp_path / "versions", most=8), tmp_path / "a.json"
    for number in range(20):
        monkeypatch.setattr(time, "time", lambda now=1e9 - number * DAY: now)
        versions.keep(path, b"%d" % number)
    kept = [int(version.read()) for version in versions.of(path)]
    assert kept == sorted(kept, reverse=True)
    assert kept[0] == 19
    assert len(kept) == 8


def test_a_damaged_version_is_an_error_that_says_where(tmp_path: Path) -> None:
    versions, path = Versions(tmp_path / "versions"), tmp_path / "a.json"
    versions.keep(path, b"{}")
    [version] = versions.of(path)
    version.place.write_bytes(version.place.read_bytes()[:12])
    with pytest.raises(OSError, match=r"json\.gz"):
        version.read()
    versions.keep(path, b"[]")
    assert len(versions.of(path)) == 2
