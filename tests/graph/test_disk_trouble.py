"""Whatever becomes of the cache folder: runs go on, it is said once, and nobody waits in vain."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest

from graph import disk_writer
from graph.cache import Cache, MemoryStore, Row
from graph.disk import CacheError, DiskCache, DiskIndex, clear, stats
from graph.disk_folder import value_path
from graph.disk_writer import DiskWriter
from graph.handlers import Packed
from graph.tensor_file import FileWriter
from tests.graph.build import LOADED, Session, build, chain, n

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

HANDLERS = LOADED.handlers
PICTURES = build(
    n("draw", "draw", level=0.25, side=64),
    n("invert", "invert", {"image": "draw.image"}),
    n("mean", "mean", {"image": "invert.image"}),
)
BODIES = ["draw", "invert", "mean"]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[..., DiskCache]]:
    """Open a cache folder; all are closed at the end of the test."""
    made: list[DiskCache] = []

    def make(budget: int = 1 << 30, folder: Path = tmp_path / "cache") -> DiskCache:
        made.append(DiskCache(folder, HANDLERS, budget))
        return made[-1]

    yield make
    for disk in made:
        disk.close()


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """What was logged of the cache."""
    caplog.set_level(logging.INFO, "graph")

    def words() -> list[str]:
        return [r.getMessage() for r in caplog.records if r.name.startswith("graph.disk")]

    return words


def picture(number: int, side: int = 64) -> tuple[str, Packed]:
    """A picture and its digest, no two alike."""
    pixels = np.random.default_rng(number).random((1, side, side, 3), np.float32)
    packed = Packed({}, {"pixels": pixels})
    return packed.digest("Image"), packed


def written(disk: DiskCache) -> None:
    """Wait until the disk has done what it was told."""
    done = threading.Event()
    disk.after(done.set)
    assert done.wait(20)


def session(disk: DiskCache) -> Session:
    return Session(Cache(MemoryStore(), disk))


class TestAfter:
    def test_what_was_told_before_is_there_for_another_process(
        self, opened: Callable[..., DiskCache], tmp_path: Path
    ) -> None:
        disk, missing, told = opened(), [], []

        def look(number: int, digest: str) -> None:
            other = DiskIndex(tmp_path / "cache")
            if other.digests(str(number)) != (digest,):
                missing.append(f"row {number}")
            if not value_path(tmp_path / "cache", digest).exists() and not other.small(digest):
                missing.append(f"value {number}")
            other.close()
            told.append(number)

        for number in range(40):
            digest, packed = picture(number, side=8 if number % 2 else 64)
            disk.put(digest, "Image", packed, 1.0)
            disk.learn(str(number), Row((digest,)))
            disk.after(lambda number=number, digest=digest: look(number, digest))  # type: ignore[misc]
        written(disk)
        assert missing == []
        assert told == list(range(40))

    def test_who_fails_when_told_does_not_hold_up_the_next(
        self, opened: Callable[..., DiskCache], said: Callable[[], list[str]]
    ) -> None:
        disk = opened()
        disk.after(lambda: 1 / 0)  # type: ignore[arg-type]
        written(disk)
        assert any("not written" in words for words in said())

    def test_after_closing_at_once(self, opened: Callable[..., DiskCache]) -> None:
        disk = opened()
        disk.close()
        written(disk)

    def test_in_a_folder_that_cannot_be_used_at_once(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_bytes(b"")
        disk = DiskCache(tmp_path / "file" / "cache", HANDLERS, 1 << 20)
        told: list[int] = []
        disk.after(lambda: told.append(1))
        assert told == [1]
        disk.close()


class TestFull:
    def fail(self, monkeypatch: pytest.MonkeyPatch, code: int) -> list[int]:
        tries: list[int] = []

        def write(_self: FileWriter, path: Path, _parts: object) -> None:
            tries.append(1)
            raise OSError(code, os.strerror(code), str(path))

        monkeypatch.setattr(FileWriter, "write", write)
        return tries

    @pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EIO, errno.EDQUOT])
    def test_a_disk_that_takes_nothing_is_said_once_and_holds_up_nothing(
        self,
        opened: Callable[..., DiskCache],
        monkeypatch: pytest.MonkeyPatch,
        said: Callable[[], list[str]],
        code: int,
    ) -> None:
        tries = self.fail(monkeypatch, code)
        disk = opened()
        for number in range(30):
            disk.put(*_with_kind(picture(number)), 1.0)
            written(disk)
        assert len(tries) == 30
        assert len([words for words in said() if os.strerror(code) in words]) == 1

    def test_what_did_not_get_there_is_computed_again_after_a_restart(
        self, opened: Callable[..., DiskCache], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as patch:
            self.fail(patch, errno.ENOSPC)
            disk = opened()
            assert session(disk).run(PICTURES) == BODIES
            disk.close()
        longer = build(n("again", "invert", {"image": "invert.image"}), on=PICTURES)
        assert session(opened()).run(longer) == ["draw", "invert", "again"]

    def test_trouble_that_comes_back_is_said_again(
        self,
        opened: Callable[..., DiskCache],
        monkeypatch: pytest.MonkeyPatch,
        said: Callable[[], list[str]],
    ) -> None:
        disk = opened()
        for turn in range(2):
            with monkeypatch.context() as patch:
                self.fail(patch, errno.ENOSPC)
                disk.put(*_with_kind(picture(10 * turn)), 1.0)
                written(disk)
            disk.put(*_with_kind(picture(10 * turn + 1)), 1.0)
            written(disk)
        assert len([words for words in said() if "No space" in words]) == 2

    def test_a_real_disk_that_is_full(self, tmp_path: Path, said: Callable[[], list[str]]) -> None:
        with mounted(tmp_path / "small", "size=1m") as folder:
            disk = DiskCache(folder / "cache", HANDLERS, 1 << 30)
            engine = session(disk)
            graph = build(*(n(f"d{i}", "draw", level=i / 100, side=128) for i in range(30)))
            assert len(engine.run(graph)) == 30
            assert engine.run(graph) == []
            written(disk)
            disk.close()
            assert any("No space left" in words or "full" in words for words in said())
            left = list((folder / "cache" / "values").glob("*/*"))
            assert not [path for path in left if path.suffix == ".tmp"]
            again = DiskCache(folder / "cache", HANDLERS, 1 << 30)
            for path in left:
                again.get(path.stem)  # whole, or it would be a KeyError
            again.close()


@contextlib.contextmanager
def mounted(folder: Path, options: str) -> Iterator[Path]:
    """A file system of its own at `folder`; skips the test where none can be made."""
    folder.mkdir()
    mount = shutil.which("mount")
    made = (
        mount
        and not subprocess.run(
            [mount, "-t", "tmpfs", "-o", options, "tmpfs", str(folder)],
            capture_output=True,
            check=False,
        ).returncode
    )
    if not made:
        pytest.skip("no file system can be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def remounted(folder: Path, option: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{option}", str(folder)], check=True)


def _with_kind(found: tuple[str, Packed]) -> tuple[str, str, Packed]:
    return found[0], "Image", found[1]


class TestReadOnly:
    def test_from_the_beginning(self, tmp_path: Path, said: Callable[[], list[str]]) -> None:
        with mounted(tmp_path / "still", "size=4m") as folder:
            remounted(folder, "ro")
            disk = DiskCache(folder / "cache", HANDLERS, 1 << 30)
            engine = session(disk)
            assert engine.run(PICTURES) == BODIES
            assert engine.run(PICTURES) == []
            written(disk)
            disk.close()
        assert len(said()) == 1

    def test_all_of_a_sudden(self, tmp_path: Path, said: Callable[[], list[str]]) -> None:
        with mounted(tmp_path / "still", "size=4m") as folder:
            disk = DiskCache(folder / "cache", HANDLERS, 1 << 30)
            engine = session(disk)
            assert engine.run(PICTURES) == BODIES
            written(disk)
            subprocess.run(["mount", "-o", "remount,ro,force", str(folder)], check=False)
            assert len(engine.run(chain(5))) == 5
            assert engine.run(PICTURES) == []
            written(disk)
            remounted(folder, "rw")
            disk.close()
        assert len(said()) <= 2


class TestClock:
    def test_set_back_it_breaks_no_order(
        self, opened: Callable[..., DiskCache], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What was used ahead of now is as old as it is far, and is evicted like the old."""
        clock = [time.time() + 400 * 86400]
        monkeypatch.setattr("graph.disk_folder.time.time", lambda: clock[0])
        side = 64
        disk = opened(budget=12 * (side * side * 12 + 200))
        ahead, now = [picture(i)[0] for i in range(5)], [picture(i)[0] for i in range(5, 17)]
        for i in range(17):
            if i == 5:
                written(disk)
                clock[0] -= 400 * 86400
            disk.put(*_with_kind(picture(i)), 10.0)
        written(disk)
        assert not [digest for digest in ahead if digest in disk]
        assert len([digest for digest in now if digest in disk]) >= 10

    def test_standing_still_or_jumping_it_keeps_the_budget(
        self, opened: Callable[..., DiskCache], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        times = [0.0, -1e9, 1e12, 5.0, 5.0, float(2**40)]
        turn = iter(range(10**9))
        monkeypatch.setattr("graph.disk_folder.time.time", lambda: times[next(turn) % len(times)])
        disk = opened(budget=300_000)
        for i in range(60):
            disk.put(*_with_kind(picture(i)), float(i % 3))
        disk.close()
        held = stats(tmp_path / "cache")
        assert 0 < held.bytes <= 300_000
        assert held.values == len(list((tmp_path / "cache" / "values").glob("*/*")))


WRITER = """
import sys
from pathlib import Path
from graph.disk import DiskCache
from tests.graph.test_disk_trouble import HANDLERS, _with_kind, picture, written
from graph.cache import Row
disk = DiskCache(Path(sys.argv[1]), HANDLERS, 2_000_000)
first = int(sys.argv[2])
for i in range(first, first + 120):
    made = _with_kind(picture(i, side=64 if i % 3 else 8))
    disk.put(*made, float(i % 5))
    disk.learn(f"action-{i}", Row((made[0],)))
    if i % 10 == 0:
        written(disk)
disk.close()
print("done")
"""


class TestTogether:
    def test_two_engines_at_once_keep_one_folder_in_order(self, tmp_path: Path) -> None:
        folder = tmp_path / "cache"
        writers = [
            subprocess.Popen(
                [sys.executable, "-c", WRITER, str(folder), str(first)],
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                env={**os.environ, "PYTHONPATH": "."},
            )
            for first in (0, 60)
        ]  # fmt: skip
        for writer in writers:
            out, _none = writer.communicate(timeout=90)
            assert (writer.returncode, out.split()[-1:]) == (0, ["done"]), out
        held = stats(folder)
        assert held.actions == 180
        assert 0 < held.bytes <= 2_000_000
        disk = DiskCache(folder, HANDLERS, 2_000_000)
        files = list((folder / "values").glob("*/*"))
        for path in files:
            disk.get(path.stem)
        disk.close()
        assert not [path for path in files if path.suffix == ".tmp"]

    def test_cleared_under_a_run(self, opened: Callable[..., DiskCache], tmp_path: Path) -> None:
        disk = opened()
        engine = Session(Cache(MemoryStore(1), disk))
        engine.run(PICTURES)
        written(disk)
        clear(tmp_path / "cache")
        longer = build(n("again", "invert", {"image": "invert.image"}), on=PICTURES)
        assert engine.run(longer) == ["draw", "invert", "again"]
        written(disk)
        assert stats(tmp_path / "cache").values > 0

    def test_a_folder_that_is_deleted_under_a_run_is_there_again(
        self, opened: Callable[..., DiskCache], tmp_path: Path
    ) -> None:
        disk = opened()
        engine = session(disk)
        engine.run(PICTURES)
        written(disk)
        shutil.rmtree(tmp_path / "cache")
        engine.run(chain(4))
        written(disk)
        disk.close()
        assert stats(tmp_path / "cache").actions == 4
        assert session(opened()).run(chain(4)) == []


class TestDamage:
    @pytest.mark.parametrize("when", ["before", "under a run"])
    @pytest.mark.parametrize("harm", ["text", "cut", "holes"])
    def test_a_damaged_database_is_begun_anew(
        self,
        opened: Callable[..., DiskCache],
        tmp_path: Path,
        said: Callable[[], list[str]],
        when: str,
        harm: str,
    ) -> None:
        disk = opened()
        session(disk).run(PICTURES)
        written(disk)
        path = tmp_path / "cache" / "index.db"
        if when == "before":
            disk.close()
        else:
            with contextlib.closing(sqlite3.connect(path)) as connection:
                connection.execute("pragma wal_checkpoint(truncate)")
        data = path.read_bytes()
        holes = data[:100] + bytes(len(data) - 100)
        harmed = {"text": b"this is no database " * 500, "cut": data[:5000], "holes": holes}
        with path.open("r+b") as file:
            file.write(harmed[harm])
            file.truncate(len(harmed[harm]))
        if when == "before":
            disk = opened()
        engine = session(disk)
        bodies = engine.run(chain(4))
        assert bodies in (["n0", "n1", "n2", "n3"], [])
        written(disk)
        engine.run(build(n("x", "draw", level=0.75, side=64)))
        written(disk)
        disk.close()
        again = session(opened())
        assert again.run(chain(4)) == []
        assert again.run(build(n("x", "draw", level=0.75, side=64))) == []
        assert len(said()) <= 3

    def test_what_cannot_be_read_is_said_and_can_be_cleared(self, tmp_path: Path) -> None:
        (tmp_path / "index.db").write_bytes(b"this is no database" * 100)
        value_path(tmp_path, "ab").parent.mkdir(parents=True)
        value_path(tmp_path, "ab").write_bytes(b"x")
        with pytest.raises(CacheError, match="file is not a database; clear the cache"):
            stats(tmp_path)
        clear(tmp_path)
        assert stats(tmp_path).bytes == 0
        assert not value_path(tmp_path, "ab").exists()

    def test_clearing_what_is_not_there_makes_nothing(self, tmp_path: Path) -> None:
        clear(tmp_path / "none")
        assert not (tmp_path / "none").exists()

    def test_clearing_gives_the_room_back(
        self, opened: Callable[..., DiskCache], tmp_path: Path
    ) -> None:
        disk = opened()
        for number in range(400):
            disk.put(*_with_kind(picture(number, side=20)), 1.0)
        disk.close()
        database = tmp_path / "cache" / "index.db"
        assert database.stat().st_size > 1 << 20
        clear(tmp_path / "cache")
        assert database.stat().st_size < 1 << 17

    def test_the_window_never_mends_what_an_engine_may_use(self, tmp_path: Path) -> None:
        (tmp_path / "index.db").write_bytes(b"this is no database" * 100)
        index = DiskIndex(tmp_path)
        assert not index.usable
        assert index.row("action") is None
        assert (tmp_path / "index.db").read_bytes().startswith(b"this is no")
        index.close()


class TestSlow:
    def test_a_run_waits_a_moment_for_a_slow_disk_and_loses_nothing(
        self, opened: Callable[..., DiskCache], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write = FileWriter.write

        def slowly(self: FileWriter, path: Path, parts: list[bytes]) -> None:
            time.sleep(0.02)
            write(self, path, parts)

        monkeypatch.setattr(FileWriter, "write", slowly)
        monkeypatch.setattr(disk_writer, "_BACKLOG", 100_000)
        disk = opened()
        made = [_with_kind(picture(i)) for i in range(20)]
        for value in made:
            disk.put(*value, 1.0)
        written(disk)
        assert all(digest in disk for digest, _kind, _packed in made)

    def test_a_disk_that_hangs_costs_one_moment(
        self,
        opened: Callable[..., DiskCache],
        monkeypatch: pytest.MonkeyPatch,
        said: Callable[[], list[str]],
    ) -> None:
        free = threading.Event()
        monkeypatch.setattr(FileWriter, "write", lambda *_args: free.wait(20) and None)
        monkeypatch.setattr(disk_writer, "_BACKLOG", 100_000)
        monkeypatch.setattr(disk_writer, "_PATIENCE", 0.3)
        disk = opened()
        start = time.monotonic()
        for i in range(30):
            disk.put(*_with_kind(picture(i)), 1.0)
        took = time.monotonic() - start
        free.set()
        assert 0.25 < took < 3
        assert [words for words in said() if "does not keep up" in words]

    def test_one_larger_than_all_that_may_wait_is_kept(
        self, opened: Callable[..., DiskCache], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(disk_writer, "_BACKLOG", 1000)
        disk = opened()
        digest, packed = picture(1)
        disk.put(digest, "Image", packed, 1.0)
        written(disk)
        assert digest in disk

    def test_one_larger_than_the_budget_is_not(self, opened: Callable[..., DiskCache]) -> None:
        disk = opened(budget=1000)
        digest, packed = picture(1)
        disk.put(digest, "Image", packed, 1.0)
        written(disk)
        assert digest not in disk


class TestTidy:
    def test_what_killed_processes_left_goes_and_what_is_known_or_new_stays(
        self, opened: Callable[..., DiskCache], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        disk = opened()
        digest, packed = picture(1)
        disk.put(digest, "Image", packed, 1.0)
        disk.close()
        folder = tmp_path / "cache"
        known = value_path(folder, digest)
        orphan = known.with_name("f" * 32 + ".safetensors")
        partial = known.with_name("e" * 32 + ".1234.tmp")
        young = known.with_name("d" * 32 + ".safetensors")
        ahead = known.with_name("c" * 32 + ".safetensors")
        for path in (orphan, partial, young, ahead):
            path.write_bytes(b"x")
        for path, age in ((orphan, 7200), (partial, 7200), (known, 9e6), (ahead, -9e6)):
            os.utime(path, (time.time() - age,) * 2)
        monkeypatch.setattr(disk_writer, "_IDLE", 0.05)
        opened()
        end = time.monotonic() + 10
        while (orphan.exists() or partial.exists() or ahead.exists()) and time.monotonic() < end:
            time.sleep(0.02)
        assert sorted(p.name for p in folder.glob("values/*/*")) == sorted((known.name, young.name))

    def test_rows_are_bounded(
        self, opened: Callable[..., DiskCache], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("graph.disk_folder._MOST_ROWS", 10)
        monkeypatch.setattr(disk_writer, "_IDLE", 0.2)
        disk = opened()
        for i in range(50):
            disk.learn(f"a{i}", Row(("d",)))
            disk.learn_ask(f"a{i}", "x")
        end = time.monotonic() + 10
        while stats(tmp_path / "cache").actions != 10 and time.monotonic() < end:
            time.sleep(0.02)
        assert stats(tmp_path / "cache").actions == 10
        assert disk.row("a49") == Row(("d",))
        assert disk.row("a3") is None

    def test_a_file_that_is_there_already_is_taken_over_only_when_it_is_whole(
        self, opened: Callable[..., DiskCache], tmp_path: Path
    ) -> None:
        """As after a kill between the file and the database, or a torn write."""
        digest, packed = picture(1)
        path = value_path(tmp_path / "cache", digest)
        path.parent.mkdir(parents=True)
        path.write_bytes(b"torn")
        disk = opened()
        disk.put(digest, "Image", packed, 1.0)
        written(disk)
        assert disk.get(digest)[1] == packed.size()


def test_closing_does_not_wait_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk_writer, "_DRAIN", 0.2)
    free = threading.Event()
    monkeypatch.setattr(FileWriter, "write", lambda *_args: free.wait(20) and None)
    writer = DiskWriter(tmp_path, 1 << 30, lambda: None)
    writer.put(*_with_kind(picture(1)), 1.0)
    start = time.monotonic()
    writer.close()
    assert time.monotonic() - start < 5
    free.set()
    writer._thread.join(10)
