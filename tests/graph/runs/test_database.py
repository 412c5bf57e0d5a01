"""The runs file: opened by many, brought up from older versions, begun anew when it is damaged."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path
from threading import Event, current_thread
from typing import TYPE_CHECKING

import pytest

from graph.runs import schema
from graph.runs.database import RunDatabase, connect

if TYPE_CHECKING:
    import sqlite3

ROOT = Path(__file__).parents[3]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "runs.db"


def opened(path: Path, heard: list[str] | None = None) -> RunDatabase:
    database = RunDatabase(path, (heard if heard is not None else []).append)
    database.start()
    database.wait_open()
    return database


def put(database: RunDatabase, key: str) -> None:
    database.submit(
        lambda connection: connection.execute("insert into costs values (?, x'', 0)", (key,))
    )


def keys(database: RunDatabase) -> list[str]:
    return [key for (key,) in database.rows("select key from costs order by key")]


def test_writing_costs_the_caller_nothing_and_is_done_in_order(path: Path) -> None:
    database = opened(path)
    gate, seen = Event(), list[str]()
    database.submit(lambda _connection: gate.wait(10))
    for name in "abc":
        put(database, name)
        database.submit(lambda _connection: seen.append(current_thread().name))
    assert keys(database) == [], "the writer is held up, the caller is not"
    gate.set()
    assert database.flush()
    assert keys(database) == ["a", "b", "c"]
    assert seen == ["runs-writer"] * 3
    database.close()


def test_a_job_that_fails_is_undone_whole_and_the_next_is_done(path: Path) -> None:
    heard: list[str] = []
    database = opened(path, heard)

    def half(connection: sqlite3.Connection) -> None:
        connection.execute("insert into costs values ('half', x'', 0)")
        connection.execute("insert into nowhere values (1)")

    database.submit(half)
    put(database, "whole")
    assert database.flush()
    assert keys(database) == ["whole"]
    assert len(heard) == 1
    database.close()


@pytest.mark.parametrize("damage", [b"no database at all " * 99, b""])
def test_a_damaged_file_is_moved_aside_and_begun_anew(path: Path, damage: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(damage)
    heard: list[str] = []
    database = opened(path, heard)
    put(database, "new")
    assert database.flush()
    assert keys(database) == ["new"]
    database.close()
    aside = list(path.parent.glob("runs-damaged-*.db"))
    assert [file.read_bytes() for file in aside] == ([damage] if damage else [])
    assert len(heard) == len(aside)
    assert all("begins anew" in words and str(aside[0]) in words for words in heard)


def test_a_file_damaged_while_it_is_open_is_noticed_and_begun_anew(path: Path) -> None:
    heard: list[str] = []
    database = opened(path, heard)
    for number in range(2000):
        put(database, f"{number:05} {'x' * 200}")
    database.flush()
    database.submit(lambda c: c.execute("select 1"))
    with connect(path) as other:
        other.execute("pragma wal_checkpoint(truncate)")
    other.close()
    whole = path.read_bytes()
    with path.open("r+b") as file:  # all but the first page
        file.seek(4096)
        file.write(b"\xff" * (len(whole) - 4096))
    database.rows("select count(*), max(samples) from costs where used >= 0")
    put(database, "after")
    database.flush()
    put(database, "later")
    assert database.flush()
    assert "later" in keys(database)
    assert any("begins anew" in words for words in heard)
    database.close()


def test_the_file_of_a_newer_program_is_left_alone_and_told(path: Path) -> None:
    opened(path).close()
    with connect(path) as connection:
        connection.execute(f"pragma user_version = {len(schema.MIGRATIONS) + 1}")
    connection.close()
    before = path.read_bytes()
    heard: list[str] = []
    database = opened(path, heard)
    assert not database.usable
    put(database, "lost")
    assert database.flush(), "waiting for nothing ends too"
    assert database.rows("select 1") == []
    database.close()
    assert path.read_bytes() == before
    assert len(heard) == 1
    assert "newer version" in heard[0]


def test_an_older_file_is_brought_up_with_what_it_holds(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = opened(path)
    put(first, "old")
    first.close()
    further = "alter table costs add column note text not null default 'none'"
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, further))
    second = opened(path)
    assert second.rows("select key, note from costs") == [("old", "none")]
    second.close()


def test_a_step_up_that_fails_leaves_the_old_file_as_it_was(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(path).close()
    broken = "create table extra (a); insert into nowhere values (1)"
    with monkeypatch.context() as patch:
        patch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, broken))
        heard: list[str] = []
        database = opened(path, heard)
        assert not database.usable
        database.close()
        assert "Runs are not kept" in heard[0]
    database = opened(path)
    assert database.rows("select 1 from sqlite_master where name = 'extra'") == []
    database.close()


def test_a_folder_that_cannot_be_made_is_told_and_costs_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    heard: list[str] = []
    database = opened(tmp_path / "file" / "runs.db", heard)
    put(database, "lost")
    assert database.flush()
    database.close()
    assert len(heard) == 1
    assert heard[0].startswith("Runs are not kept")


def test_many_programs_open_a_new_file_at_once(path: Path) -> None:
    code = """
        import sys
        from pathlib import Path
        from graph.runs.database import RunDatabase
        heard = []
        database = RunDatabase(Path(sys.argv[1]), heard.append)
        sys.stdin.readline()
        database.start()
        for number in range(20):
            row = (f"{sys.argv[2]} {number}",)
            put = "insert into costs values (?, x'', 0)"
            database.submit(lambda c, row=row: c.execute(put, row))
        assert database.flush()
        database.close()
        assert not heard, heard
    """
    children = [
        subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(code), str(path), name],
            cwd=ROOT, stdin=subprocess.PIPE, text=True,
        )
        for name in "abcd"
    ]  # fmt: skip
    for process in children:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    for process in children:
        process.communicate(timeout=60)
        assert process.returncode == 0
    database = opened(path)
    assert len(keys(database)) == 80
    database.close()
