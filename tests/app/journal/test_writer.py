"""The writer's thread: at once, in order, whole, and not upset by a disk that fails."""

from __future__ import annotations

import errno
import os
import time
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from app.document import Document
from app.history import LIMIT
from app.journal import writer as module
from app.journal.replay import Remembered, replay
from app.journal.replay import told as lines_of
from app.journal.sessions import Journal
from app.journal.writer import Writer
from graph.edits import put_note
from graph.format import dump
from graph.graph import Graph, Note
from tests.app.catalog import CATALOG, text_to_image

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal(tmp_path)
    yield journal
    journal.close()


def write(document: Document, text: str, merge: str | None = None) -> None:
    document.edit("Write", put_note(document.graph, Note(id="note", text=text)), merge)


def place(journal: Journal) -> Path:
    [path] = journal.folder.glob("*.journal")
    return path


def read(path: Path) -> bytes:
    replayed = replay(path.read_bytes())
    assert replayed is not None
    return dump(replayed.document.graph)


def test_an_edit_is_on_disk_in_less_than_a_tenth_of_a_second(journal: Journal) -> None:
    document = Document(CATALOG, text_to_image())
    journal.record(document)
    journal.flush()
    path = place(journal)
    waits = []
    for number in range(20):
        write(document, str(number))
        begun = time.monotonic()
        while read(path) != dump(document.graph):
            assert time.monotonic() - begun < 5
        waits.append(time.monotonic() - begun)
    assert sorted(waits)[10] < 0.1


def test_a_grown_journal_is_written_anew_while_edits_go_on(
    qtbot: QtBot, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "GROWN", 2000)
    document = Document(CATALOG, text_to_image())
    journal.record(document)
    journal.flush()
    path = place(journal)
    sizes = []
    for number in range(3000):
        write(document, f"{number:060}", "typing")
        if number % 50 == 0:
            qtbot.wait(1)
            sizes.append(path.stat().st_size)
    journal.flush()
    assert any(after < before for before, after in pairwise(sizes)), "what was merged is forgotten"
    replayed = replay(path.read_bytes())
    assert replayed is not None
    assert dump(replayed.document.graph) == dump(document.graph)
    assert len(replayed.document.history.steps) == len(document.steps) == 1


def test_a_history_of_any_length_is_written_anew_without_holding_up_edits(
    qtbot: QtBot, journal: Journal
) -> None:
    document = Document(CATALOG, text_to_image())
    journal.record(document)
    for number in range(LIMIT + 10):
        write(document, str(number))
    journal.flush()
    path = place(journal)
    journal._renew(path)
    write(document, "while it is written")
    qtbot.waitUntil(lambda: b"while it is written" in path.read_bytes(), timeout=1000)
    journal.flush()
    qtbot.waitUntil(lambda: not journal._writer._renewals)
    write(document, "after")
    journal.flush()
    replayed = replay(path.read_bytes())
    assert replayed is not None
    assert dump(replayed.document.graph) == dump(document.graph)
    assert len(replayed.document.history.steps) == LIMIT
    assert not list(path.parent.glob("*.new"))


def fails_with(code: int) -> Callable[..., int]:
    def fail(*_arguments: object) -> int:
        raise OSError(code, os.strerror(code))

    return fail


def test_a_full_disk_is_told_once_and_mended_when_there_is_room(
    qtbot: QtBot, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    mended: list[bool] = []
    journal.failed.connect(told.append)
    journal.mended.connect(lambda: mended.append(True))
    documents = [Document(CATALOG, text_to_image()) for _ in range(2)]
    for document in documents:
        journal.record(document)
    journal.flush()
    write(documents[0], "before")
    journal.flush()
    first, second = sorted(journal.folder.glob("*.journal"))
    monkeypatch.setattr(os, "write", short_then_full())
    for number in range(5):
        for document in documents:
            write(document, str(number))
    journal.flush()
    qtbot.waitUntil(lambda: len(told) == 1)
    assert "No space left" in told[0]
    monkeypatch.undo()
    assert b"before" in read(first), "what was there is whole"
    assert read(second) == dump(text_to_image())
    journal.retry()
    journal.flush()
    qtbot.waitUntil(lambda: mended == [True])
    write(documents[0], "again")
    journal.flush()
    assert read(first) == dump(documents[0].graph)
    assert read(second) == dump(documents[1].graph)


def short_then_full() -> Callable[[int, memoryview], int]:
    """A disk that takes a few bytes, and then none."""
    real, count = os.write, 0

    def write_some(handle: int, data: memoryview) -> int:
        nonlocal count
        count += 1
        if count % 2:
            return real(handle, data[:7])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    return write_some


def test_a_renewal_that_fails_leaves_the_journal_going(
    qtbot: QtBot, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    journal.failed.connect(told.append)
    document = Document(CATALOG, text_to_image())
    journal.record(document)
    journal.flush()
    path, real = place(journal), os.open

    def no_new_file(name: Path, *arguments: int) -> int:
        if str(name).endswith(".new"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(name, *arguments)

    monkeypatch.setattr(os, "open", no_new_file)
    journal._renew(path)
    write(document, "meanwhile")
    qtbot.waitUntil(lambda: not journal._writer._renewals)
    write(document, "after")
    journal.flush()
    assert read(path) == dump(document.graph)
    assert told == []


def test_a_folder_that_cannot_be_made_stops_no_edit(qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "sessions").write_text("in the way")
    journal = Journal(tmp_path)
    told: list[str] = []
    journal.failed.connect(told.append)
    document = Document(CATALOG, text_to_image())
    journal.record(document)
    write(document, "all the same")
    qtbot.waitUntil(lambda: len(told) == 1)
    assert document.undo_name == "Write"
    (tmp_path / "sessions").unlink()
    journal.retry()
    journal.flush()
    assert read(place(journal)) == dump(document.graph)
    journal.drop(document)
    journal.close()
    assert not journal.folder.exists()


def test_what_json_cannot_hold_is_told_and_nothing_else(tmp_path: Path) -> None:
    told: list[str] = []
    writer = Writer(lambda _path, words: told.append(words))

    def broken() -> object:
        raise ValueError("no such line")

    writer.write(tmp_path / "1.journal", lines_of(Remembered(Graph(), None)))
    writer.append(tmp_path / "1.journal", broken)  # type: ignore[arg-type]
    assert writer.flush()
    assert told == ["no such line"]
    writer.close()


def test_closing_leaves_nothing(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    document = Document(CATALOG, text_to_image())
    journal.record(document)
    write(document, "a")
    journal.drop(document)
    write(document, "b")
    journal.close()
    assert [path.name for path in tmp_path.rglob("*")] == ["sessions"]
