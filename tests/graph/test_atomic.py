"""Saving: the old file or the new one, whole, whatever happens in between."""

from __future__ import annotations

import errno
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from graph.atomic import write_atomic

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Amount

WRITER = """
import sys
from pathlib import Path
from graph.atomic import write_atomic
path, size = Path(sys.argv[1]), 2_000_000
print("ready", flush=True)
for i in range(1_000_000):
    write_atomic(path, bytes([i % 256]) * size)
"""


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def test_writes_and_replaces(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    write_atomic(path, b"one")
    write_atomic(path, b"two")
    assert path.read_bytes() == b"two"
    assert names(tmp_path) == ["x.json"]


def test_keeps_the_mode(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"one")
    path.chmod(0o640)
    write_atomic(path, b"two")
    assert path.stat().st_mode & 0o777 == 0o640


def test_writes_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "real" / "x")
    write_atomic(link, b"one")
    assert link.is_symlink()
    assert (tmp_path / "real" / "x").read_bytes() == b"one"


def fails(error: OSError) -> Callable[..., object]:
    def fail(*_arguments: object) -> object:
        raise error

    return fail


@pytest.mark.parametrize("step", ["os.fsync", "pathlib.Path.replace", "pathlib.Path.chmod"])
def test_a_full_disk_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"old")
    monkeypatch.setattr(step, fails(OSError(errno.ENOSPC, "No space left on device")))
    with pytest.raises(OSError, match="No space left"):
        write_atomic(path, b"new" * 1000)
    monkeypatch.undo()
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["x"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no disk that is always full")
def test_a_disk_that_is_full_at_the_first_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"old")
    monkeypatch.setattr(Path, "with_name", lambda _self, _name: Path("/dev/full"))
    monkeypatch.setattr(Path, "unlink", lambda *_arguments, **_options: None)
    with pytest.raises(OSError, match="No space left"):
        write_atomic(path, b"new")
    assert path.read_bytes() == b"old"


def test_a_folder_that_cannot_be_flushed_is_no_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.open", fails(PermissionError(errno.EACCES, "no")))
    write_atomic(tmp_path / "x", b"one")
    monkeypatch.undo()
    assert (tmp_path / "x").read_bytes() == b"one"


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_atomic(tmp_path / "none" / "x", b"one")


def test_two_threads_may_save_at_once(tmp_path: Path) -> None:
    path = tmp_path / "x"
    contents = [bytes([i]) * 100_000 for i in range(4)]

    def work(data: bytes) -> None:
        for _ in range(20):
            write_atomic(path, data)

    threads = [threading.Thread(target=work, args=(data,)) for data in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert path.read_bytes() in contents
    assert names(tmp_path) == ["x"]


@pytest.mark.timeout(1200)
def test_killed_in_the_middle(tmp_path: Path, amount: Amount) -> None:
    path = tmp_path / "x"
    write_atomic(path, b"\xff" * 2_000_000)
    chance = random.Random(7)
    for _ in range(amount(sample=5, full=200)):
        command = [sys.executable, "-c", WRITER, str(path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(chance.uniform(0, 0.05))
            process.send_signal(signal.SIGKILL)
        data = path.read_bytes()
        assert len(data) == 2_000_000
        assert len(set(data)) == 1
