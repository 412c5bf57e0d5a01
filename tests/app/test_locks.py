"""Locks: one holder, lifted by its death, wherever it is reached from."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from app.locks import name_of, owner, take

if TYPE_CHECKING:
    from pathlib import Path

HOLDER = """
import sys, time
from pathlib import Path
from app.locks import take
held = take(Path(sys.argv[1]), "a file")
print("held" if held else "taken", flush=True)
time.sleep(60)
"""


def test_only_one_holds_it_and_a_release_frees_it(tmp_path: Path) -> None:
    path = tmp_path / "locks" / "x.lock"
    held = take(path, "star")
    assert held is not None
    assert take(path) is None
    assert owner(path).what == "star"
    held.release()
    held.release()
    assert not path.exists()
    again = take(path)
    assert again is not None
    again.release()


def test_a_killed_holder_holds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "x.lock"
    command = [sys.executable, "-c", HOLDER, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        assert take(path) is None
        assert owner(path).pid == process.pid
        process.kill()
        process.wait()
        held = take(path)
    assert held is not None
    held.release()


def test_a_stale_file_and_a_damaged_one_are_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "x.lock"
    path.write_bytes(b'{"pid": 1, "host": "here", "what": "x"}')
    held = take(path)
    assert held is not None
    held.release()
    path.write_bytes(b"\xff\xfe")
    assert owner(path).pid == 0
    held = take(path, "\udcff name that is no text")
    assert held is not None
    held.release()


@pytest.mark.parametrize("name", ["star.json", "🌙 שלום.json", "a" * 200 + ".json"])
def test_a_file_has_one_name_whatever_way_leads_to_it(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("")
    link = tmp_path / "link"
    link.symlink_to(path)
    assert name_of(link) == name_of(path) == name_of(tmp_path / "." / name)
    assert name_of(path) != name_of(tmp_path / "other")
