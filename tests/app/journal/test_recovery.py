"""After a crash everything is offered back, whatever the answer nothing is lost by accident."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox

from app.document import Document
from app.host import EngineHost
from app.journal.sessions import Journal
from app.preferences import Preferences
from app.program import Program
from app.recovery import KEY, Recovery
from app.window import MainWindow
from graph.format import dump
from tests.app.catalog import CATALOG, text_to_image
from tests.app.fake_engine import FakeEngine
from tests.app.test_window import answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from app.panels.notices import Notice
    from app.theme.look import Look
    from graph.files import FileIndex

    Start = Callable[[], AbstractContextManager["Running"]]

Button = QMessageBox.StandardButton


class Running:
    """A program with one window, as `app.main` makes it."""

    def __init__(self, folder: Path, look: Look, files: FileIndex) -> None:
        host = EngineHost(lambda listener: FakeEngine(listener, files=files))
        self.journal = Journal(folder / "state")
        self.program = Program(host, files, look, Preferences(), self.journal)
        document = Document(CATALOG, text_to_image())
        document.template = "text-to-image"
        self.window = MainWindow(self.program, document)
        self.program.starter = self.window.workspace
        self.window.show()
        self.recovery = Recovery(self.program, self.journal)
        self.recovery.look()

    def notice(self) -> Notice | None:
        return self.window.notices.get(KEY)

    def offer(self) -> tuple[str, str]:
        """What the bar says, and what its first button does."""
        notice = self.notice()
        assert notice is not None
        return notice.text.text(), notice.buttons[0].text()

    def click(self, at: int) -> None:
        notice = self.notice()
        assert notice is not None
        QTest.mouseClick(notice.buttons[at], Qt.MouseButton.LeftButton)

    def edit(self, x: float) -> None:
        self.window.workspace.canvas.editing.move({"size": (x, 0.0)})

    def crash(self) -> None:
        """Be gone: what a kill leaves is what is on disk, and no lock."""
        self.journal.flush()
        for _, workspace in self.program.workspaces():
            workspace.close_session()
        self.program.windows.clear()
        self.recovery.close()
        self.journal.close()
        self.window.hide()
        self.window.deleteLater()

    def end(self) -> None:
        """End as `app.main` does when it is told to."""
        self.program.end()
        self.crash()


@pytest.fixture
def start(look: Look, files: FileIndex, tmp_path: Path) -> Iterator[Start]:
    @contextmanager
    def begin() -> Iterator[Running]:
        running = Running(tmp_path, look, files)
        try:
            yield running
        finally:
            running.crash()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)

    yield begin
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def sessions(folder: Path) -> list[Path]:
    return sorted((folder / "state" / "sessions").glob("*/*.journal"))


def test_all_documents_come_back_with_history_marks_and_files(start: Start, tmp_path: Path) -> None:
    file = tmp_path / "star 🌙.json"
    with start() as first:
        first.edit(1)
        first.window.filer.save_to(file)
        first.edit(2)
        first.edit(3)
        first.window.workspace.document.undo()
        first.window.filer.new()
        first.window.workspace.canvas.editing.add("sfumato/sample", (0.0, 0.0))
        before = [dump(w.document.graph) for w in first.window.workspaces]
    with start() as second:
        assert second.offer() == (
            "Sfumato ended unexpectedly with open documents: star 🌙, Untitled.",
            "Restore 2 documents",
        )
        second.click(0)
        assert second.notice() is None
        named, new = second.window.workspaces
        assert [dump(w.document.graph) for w in (named, new)] == before
        assert named.document.path == file
        assert (named.document.modified, new.document.modified) == (True, True)
        assert [step.name for step in named.document.steps] == ["Move"] * 3
        assert named.document.redo_name == "Move"
        named.document.undo()
        assert not named.document.modified, "it is known which graph is in the file"
        named.document.redo()
        second.window.show_workspace(named)
        assert second.window.filer.save(), "and saving goes on"
        second.edit(9)
        last = dump(named.document.graph)
    with start() as third:
        third.click(0)
        assert dump(third.window.workspaces[0].document.graph) == last
        assert len(third.window.workspaces) == 2


def test_a_document_that_nothing_was_done_in_is_not_offered(start: Start, tmp_path: Path) -> None:
    with start() as first:
        first.window.filer.new()
    with start() as second:
        assert second.notice() is None
        second.journal.flush()
        assert len(sessions(tmp_path)) == 1, "only that of this program"


def test_closed_documents_do_not_come_back(start: Start, tmp_path: Path) -> None:
    with start() as first:
        first.edit(1)
        answer(Button.Discard)
        first.window.close_workspace()
        first.window.close()
    assert sessions(tmp_path) == []
    with start() as second:
        assert second.notice() is None


def test_discarding_asks(start: Start, tmp_path: Path) -> None:
    with start() as first:
        first.edit(1)
    with start() as second:
        answer(Button.Cancel)
        second.click(1)
        assert second.offer()[1] == "Restore document"
        answer(Button.Ok)
        second.click(1)
        assert second.notice() is None
        second.journal.flush()
        assert len(sessions(tmp_path)) == 1
    with start() as third:
        assert third.notice() is None


def test_what_was_not_answered_is_offered_again(start: Start) -> None:
    with start() as first:
        first.edit(1)
    with start() as second:
        assert second.notice() is not None
        second.window.close()
    with start() as third:
        assert third.notice() is not None


def test_two_programs_do_not_offer_the_same(start: Start) -> None:
    with start() as first:
        first.edit(1)
    with start() as second, start() as third:
        assert second.notice() is not None
        assert third.notice() is None
        second.click(0)
        second.edit(2)
    with start() as fourth:
        assert fourth.offer()[1] == "Restore document"


def test_a_running_program_keeps_what_is_its_own(start: Start) -> None:
    with start() as first:
        first.edit(1)
        with start() as second:
            assert second.notice() is None


def test_told_to_end_it_keeps_unsaved_work_for_the_next_start(
    start: Start, tmp_path: Path, look: Look, files: FileIndex
) -> None:
    running = Running(tmp_path, look, files)
    running.window.filer.save_to(tmp_path / "saved.json")
    running.window.filer.new()
    running.window.workspace.canvas.editing.add("sfumato/sample", (0.0, 0.0))
    running.end()
    with start() as second:
        assert second.offer()[0].startswith("Sfumato ended unexpectedly. “Untitled”")


def test_a_file_that_was_only_opened_anew_gives_way(start: Start, tmp_path: Path) -> None:
    file = tmp_path / "star.json"
    with start() as first:
        first.window.filer.save_to(file)
        first.edit(5)
        mine = dump(first.window.workspace.document.graph)
    with start() as second:
        second.window.filer.open_path(file)
        second.click(0)
        [workspace] = [w for w in second.window.workspaces if w.document.path == file]
        assert dump(workspace.document.graph) == mine
        assert workspace.custody.holder is None
        assert second.window.filer.save()


def test_a_file_that_was_edited_anew_meanwhile_is_not_fought_over(
    start: Start, tmp_path: Path
) -> None:
    file = tmp_path / "star.json"
    with start() as first:
        first.window.filer.save_to(file)
        first.edit(5)
        mine = dump(first.window.workspace.document.graph)
    with start() as second:
        second.window.filer.open_path(file)
        second.edit(77)
        second.click(0)
        paths = [w.document.path for w in second.window.workspaces]
        assert paths.count(file) == 1
        restored = second.window.workspace.document
        assert (restored.path, restored.name, restored.modified) == (None, "star 2", True)
        assert dump(restored.graph) == mine


def test_a_file_that_changed_meanwhile_is_told(start: Start, tmp_path: Path) -> None:
    file = tmp_path / "star.json"
    with start() as first:
        first.window.filer.save_to(file)
        first.edit(5)
    file.write_bytes(dump(text_to_image()) + b"\n")
    with start() as second:
        second.click(0)
        assert second.window.workspace.notices.get("disk") is not None


def test_a_damaged_journal_gives_what_is_sound_and_goes_on(start: Start, tmp_path: Path) -> None:
    with start() as first:
        first.edit(1)
        first.edit(2)
    [path] = sessions(tmp_path)
    data = path.read_bytes()
    path.write_bytes(data[:-5])
    with start() as second:
        second.click(0)
        document = second.window.workspace.document
        assert document.graph.nodes["size"].position == (1.0, 0.0)
        second.edit(7)
    with start() as third:
        third.click(0)
        assert third.window.workspace.document.graph.nodes["size"].position == (7.0, 0.0)
        assert len(third.window.workspace.document.steps) == 2


def test_what_cannot_be_restored_stays_on_disk_and_is_told(start: Start, tmp_path: Path) -> None:
    with start() as first:
        first.edit(1)
    [path] = sessions(tmp_path)
    with start() as second:
        path.write_bytes(b"gone bad meanwhile")
        second.click(0)
        assert second.window.furniture.message.whole.startswith("Not restored: text-to-image")
        assert path.exists()
