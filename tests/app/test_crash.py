"""Reports of what went wrong: on disk, on the screen, and nowhere else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from app.crash import FAULT, CrashReports
from app.panels.report import ReportWindow

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from app.window import MainWindow


@pytest.fixture
def reports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CrashReports]:
    for name in ("excepthook", "unraisablehook"):
        monkeypatch.setattr(sys, name, lambda *_: None)
    monkeypatch.setattr(threading, "excepthook", lambda *_: None)
    session = tmp_path / "sessions" / "mine"
    session.mkdir(parents=True)
    reports = CrashReports(tmp_path / "crashes")
    reports.install(session)
    yield reports
    reports.close()


def fall(text: str) -> None:
    raise ValueError(text)


def fail(text: str) -> None:
    try:
        fall(text)
    except ValueError as error:
        sys.excepthook(type(error), error, error.__traceback__)


def test_an_exception_is_told_at_once_and_can_be_read(
    qtbot: QtBot, window: MainWindow, reports: CrashReports
) -> None:
    window.program.hear(reports)
    fail("the sky fell")
    fail("the sky fell")
    notice = window.notices.get("error")
    assert notice is not None
    assert "Something went wrong: ValueError: the sky fell." in notice.text.text()
    [path] = reports.folder.glob("*.txt")
    assert "in fall" in path.read_text()
    assert "Python" in path.read_text()
    QTest.mouseClick(notice.buttons[0], Qt.MouseButton.LeftButton)
    report = window.findChild(ReportWindow)
    assert report is not None
    QTest.mouseClick(report.copy, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == path.read_text()
    report.close()
    assert any("the sky fell" in entry.text for entry in window.program.log.entries)
    qtbot.waitUntil(lambda: window.notices.get("error") is None)


def test_a_thread_that_fails_is_told_on_qts_thread(qtbot: QtBot, reports: CrashReports) -> None:
    told: list[tuple[str, bool]] = []
    main = threading.current_thread()
    reports.failed.connect(
        lambda words, _: told.append((words, threading.current_thread() is main))
    )

    def work() -> None:
        raise RuntimeError("elsewhere")

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: told == [("RuntimeError: elsewhere", True)])


def test_reports_are_bounded(reports: CrashReports) -> None:
    for number in range(80):
        fail(f"number {number}")
    assert len(list(reports.folder.glob("*.txt"))) <= 20


def test_a_folder_that_cannot_be_written_changes_nothing(reports: CrashReports) -> None:
    told: list[str] = []
    reports.failed.connect(lambda words, _: told.append(words))
    reports.folder.write_text("in the way")
    fail("all the same")
    assert told == ["ValueError: all the same"]


CRASH = """
import os, sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from app.crash import CrashReports
application = QCoreApplication([])
reports = CrashReports(Path(sys.argv[1]) / "crashes")
reports.install(Path(sys.argv[1]) / "sessions" / "other")
os.kill(os.getpid(), int(sys.argv[2]))
"""


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_a_crash_in_native_code_is_shown_at_the_next_start(
    window: MainWindow, reports: CrashReports, tmp_path: Path
) -> None:
    other = tmp_path / "sessions" / "other"
    other.mkdir()
    command = [sys.executable, "-c", CRASH, str(tmp_path), str(int(signal.SIGSEGV))]
    done = subprocess.run(command, check=False, capture_output=True)
    assert done.returncode == -signal.SIGSEGV
    found = reports.gather(tmp_path / "sessions", tmp_path / "sessions" / "mine")
    assert len(found) == 1
    assert "Segmentation fault" in found[0].read_text()
    assert not (other / FAULT).exists()
    assert reports.gather(tmp_path / "sessions", tmp_path / "sessions" / "mine") == []
    assert window.notices.get("crash") is None
