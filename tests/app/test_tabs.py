"""Documents in tabs and windows: each with its own canvas, session and undo."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox

from app.document import Document
from graph.format import save
from graph.graph import Graph
from tests.app.catalog import CATALOG, text_to_image
from tests.app.test_window import answer, closes, edit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from app.window import MainWindow

Button = QMessageBox.StandardButton
LEFT = Qt.MouseButton.LeftButton
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def window(window: MainWindow) -> Iterator[MainWindow]:
    """The window, and whatever other windows come of it."""
    yield window
    for other in tuple(window.program.windows):
        if other is not window:
            other.shut()
            other.hide()
            other.deleteLater()


def names(window: MainWindow) -> list[str]:
    return [window.tabs.tabText(at) for at in range(window.tabs.count())]


def centre(window: MainWindow, at: int) -> QPoint:
    return window.tabs.tabRect(at).center()


def three(window: MainWindow) -> None:
    for name in ("moon", "sun"):
        document = Document(CATALOG, text_to_image())
        document.template = name
        window.add_document(document)


def test_tabs_are_shown_only_when_there_is_a_choice(window: MainWindow) -> None:
    assert not window.tabs.isVisible()
    window.furniture.actions["new"].trigger()
    assert window.tabs.isVisible()
    assert names(window) == ["Untitled", "Untitled 2"]


def test_documents_without_a_file_are_told_apart(window: MainWindow, tmp_path: Path) -> None:
    new = window.furniture.actions["new"]
    new.trigger()
    new.trigger()
    assert names(window) == ["Untitled", "Untitled 2", "Untitled 3"]
    assert window.windowTitle() == "Untitled 3[*] – Sfumato"
    assert window.workspace.canvas.level.titles == ["Untitled 3"]
    window.close_workspace(window.workspaces[1])
    new.trigger()
    assert names(window) == ["Untitled", "Untitled 3", "Untitled 2"]
    window.show_workspace(window.workspaces[0])
    assert window.filer.save_to(tmp_path / "star.json")
    new.trigger()
    assert names(window) == ["star", "Untitled 3", "Untitled 2", "Untitled"]
    three(window)
    three(window)
    assert names(window)[-4:] == ["moon", "sun", "moon 2", "sun 2"]


def test_each_document_has_its_own_undo_canvas_and_name(window: MainWindow) -> None:
    three(window)
    first, _, third = window.workspaces
    assert window.workspace is third
    edit(window)
    assert names(window) == ["Untitled", "moon", "sun •"]
    assert window.isWindowModified()
    assert third.document.undo_name
    assert not first.document.undo_name
    QTest.mouseClick(window.tabs, LEFT, pos=centre(window, 0))
    assert window.workspace is first
    assert not window.isWindowModified()
    assert not window.furniture.actions["undo"].isEnabled()
    assert first.canvas.scene is not third.canvas.scene
    assert first.session.host is third.session.host


def test_keys_go_from_tab_to_tab_and_close_them(qtbot: QtBot, window: MainWindow) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    QTest.keyClick(window.workspace.canvas.view, Qt.Key.Key_T, CTRL)
    QTest.keyClick(window.workspace.canvas.view, Qt.Key.Key_N, CTRL)
    assert window.tabs.currentIndex() == 2
    QTest.keyClick(window.workspace.canvas.view, Qt.Key.Key_Tab, CTRL)
    assert window.tabs.currentIndex() == 0
    back = CTRL | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(window.workspace.canvas.view, Qt.Key.Key_Backtab, back)
    assert window.tabs.currentIndex() == 2
    QTest.keyClick(window.workspace.canvas.view, Qt.Key.Key_W, CTRL)
    assert window.tabs.count() == 2


def test_keys_of_the_canvas_work_in_every_tab(qtbot: QtBot, window: MainWindow) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    three(window)
    for workspace in window.workspaces:
        window.show_workspace(workspace)
        workspace.canvas.view.setFocus()
        QTest.keyClick(workspace.canvas.view, Qt.Key.Key_A, CTRL)
        assert len(workspace.canvas.selection.ids) == 7
        QTest.keyClick(workspace.canvas.view, Qt.Key.Key_Delete)
        assert not workspace.document.graph.nodes


def test_a_middle_click_and_a_cross_close_a_tab(window: MainWindow) -> None:
    three(window)
    QTest.mouseClick(window.tabs, Qt.MouseButton.MiddleButton, pos=centre(window, 1))
    assert names(window) == ["Untitled", "sun"]
    cross = window.tabs.tabButton(1, window.tabs.ButtonPosition.RightSide)
    QTest.mouseClick(cross, LEFT)
    assert names(window) == ["Untitled"]


@pytest.mark.parametrize(("button", "left"), [(Button.Cancel, 2), (Button.Discard, 1)])
def test_closing_a_tab_asks_about_unsaved_work(
    window: MainWindow, button: QMessageBox.StandardButton, left: int
) -> None:
    window.filer.open_template("text-to-image")
    edit_any(window)
    answer(button)
    window.close_workspace()
    assert window.tabs.count() == left


def edit_any(window: MainWindow) -> None:
    node = next(iter(window.workspace.document.graph.nodes))
    window.workspace.canvas.editing.move({node: (1.0, 800.0)})


def test_the_last_tab_leaves_an_empty_document_and_then_the_window_goes(
    window: MainWindow,
) -> None:
    window.close_workspace()
    assert window.workspace.document.graph == Graph()
    assert window.isVisible()
    window.close_workspace()
    assert not window.isVisible()


def test_closing_a_window_asks_once_for_all_that_is_unsaved(
    window: MainWindow, tmp_path: Path
) -> None:
    three(window)
    for number, workspace in enumerate(window.workspaces[:2]):
        window.show_workspace(workspace)
        window.filer.save_to(tmp_path / f"{number}.json")
        edit(window)
    asked: list[str] = []

    def click() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        asked.append(box.text())
        QTest.mouseClick(box.button(Button.Save), LEFT)

    QTimer.singleShot(0, click)
    assert closes(window)
    assert asked == ["Save the changes to 2 graphs?"]
    assert b"800" in (tmp_path / "0.json").read_bytes()
    assert b"800" in (tmp_path / "1.json").read_bytes()


def test_the_same_file_is_shown_and_not_opened_twice(window: MainWindow, tmp_path: Path) -> None:
    path, link = tmp_path / "star.json", tmp_path / "link.json"
    save(Graph(), path)
    link.symlink_to(path)
    assert window.filer.open_path(path)
    opened = window.workspace
    window.show_workspace(window.workspaces[0])
    assert window.filer.open_path(link)
    assert window.workspace is opened
    assert len(window.workspaces) == 2


def test_a_document_moves_to_a_window_of_its_own_with_all_it_has(window: MainWindow) -> None:
    three(window)
    moved = window.workspace
    edit(window)
    window.furniture.actions["move_out"].trigger()
    other = window.program.windows[1]
    assert other.workspaces == [moved]
    assert names(window) == ["Untitled", "moon"]
    assert other.isWindowModified()
    assert not window.isWindowModified()
    other.furniture.actions["undo"].trigger()
    assert not moved.document.undo_name
    # What happens there concerns the first window no more.
    before = window.furniture.message.whole
    moved.session.told.emit("hello")
    assert other.furniture.message.whole == "hello"
    assert window.furniture.message.whole == before
    other.furniture.actions["move_out"].trigger()
    assert len(window.program.windows) == 2, "alone in its window, it stays"


def test_a_tab_that_is_dragged_out_becomes_a_window(window: MainWindow) -> None:
    three(window)
    moved = window.workspaces[1]
    QTest.mousePress(window.tabs, LEFT, pos=centre(window, 1))
    QTest.mouseRelease(window.tabs, LEFT, pos=centre(window, 1) + QPoint(20, 10))
    assert len(window.workspaces) == 3, "not far enough"
    QTest.mousePress(window.tabs, LEFT, pos=centre(window, 1))
    QTest.mouseRelease(window.tabs, LEFT, pos=centre(window, 1) + QPoint(40, 300))
    assert [workspace in window.workspaces for workspace in (moved,)] == [False]
    assert window.program.windows[1].workspaces == [moved]


def test_a_moved_tab_keeps_its_document(window: MainWindow) -> None:
    three(window)
    first, second, third = window.workspaces
    window.tabs.moveTab(2, 0)
    assert window.workspaces == [third, first, second]
    assert window.workspace is third
    window.tabs.setCurrentIndex(1)
    assert window.workspace is first


def test_quit_closes_all_windows_or_stops_at_the_first_that_stays(window: MainWindow) -> None:
    three(window)
    window.move_out()
    other = window.program.windows[1]
    edit(other)
    answer(Button.Cancel)
    window.program.quit()
    assert window.program.windows == [other]
    answer(Button.Discard)
    window.program.quit()
    assert window.program.windows == []


def test_open_files_are_noted_for_the_next_start(window: MainWindow, tmp_path: Path) -> None:
    window.filer.save_to(tmp_path / "star.json")
    window.filer.new()
    assert closes(window)
    assert window.preferences.open_files == [str(tmp_path / "star.json")]
