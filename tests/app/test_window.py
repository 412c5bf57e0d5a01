"""The window: files, unsaved work, titles, keys, drops and themes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox, QWidget

from app.filing import read_document
from app.preferences import read_preferences
from graph import png
from graph.format import dump, save
from graph.graph import Graph
from tests.app.catalog import CATALOG, text_to_image

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from app.window import MainWindow

Button = QMessageBox.StandardButton


def answer(button: QMessageBox.StandardButton) -> None:
    """Click `button` of the question that is about to be asked."""

    def click() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        QTest.mouseClick(box.button(button), Qt.MouseButton.LeftButton)

    QTimer.singleShot(0, click)


def plain_png(folder: Path) -> bytes:
    image = QImage(4, 4, QImage.Format.Format_RGB888)
    image.fill(0)
    image.save(str(folder / "plain.png"))
    return (folder / "plain.png").read_bytes()


def edit(window: MainWindow) -> None:
    window.workspace.canvas.editing.move({"size": (0.0, 800.0)})


def closes(window: MainWindow) -> bool:
    event = QCloseEvent()
    window.closeEvent(event)
    return event.isAccepted()


def test_what_is_saved_opens_again_as_it_was(window: MainWindow, tmp_path: Path) -> None:
    path = tmp_path / "star.json"
    edit(window)
    assert window.isWindowModified()
    assert window.filer.save_to(path)
    assert not window.isWindowModified()
    assert window.windowTitle() == "star[*] – Sfumato"
    graph = window.workspace.document.graph
    assert dump(read_document(path, CATALOG).graph) == dump(graph)
    assert window.filer.open_path(path)
    assert dump(window.workspace.document.graph) == dump(graph)
    assert set(window.workspace.canvas.scene.nodes) == set(graph.nodes)


def test_save_asks_where_to_and_adds_the_suffix(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = str(tmp_path / "picture")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (chosen, ""))
    window.furniture.actions["save"].trigger()
    assert (tmp_path / "picture.json").exists()
    assert read_preferences().folder == str(tmp_path)


def test_a_save_that_fails_is_told_and_loses_nothing(window: MainWindow, tmp_path: Path) -> None:
    edit(window)
    assert not window.filer.save_to(tmp_path / "missing" / "star.json")
    assert window.furniture.message.whole.startswith("Not saved:")
    assert window.isWindowModified()


def test_undo_to_the_saved_state_is_not_modified(window: MainWindow, tmp_path: Path) -> None:
    window.filer.save_to(tmp_path / "star.json")
    edit(window)
    assert window.isWindowModified()
    window.furniture.actions["undo"].trigger()
    assert not window.isWindowModified()


def test_the_menu_names_what_undo_takes_back(window: MainWindow) -> None:
    actions = window.furniture.actions
    assert not actions["undo"].isEnabled()
    edit(window)
    assert actions["undo"].text() == "Undo Move"
    actions["undo"].trigger()
    assert actions["redo"].text() == "Redo Move"
    actions["redo"].trigger()
    assert window.workspace.document.graph.nodes["size"].position == (0.0, 800.0)


@pytest.mark.parametrize(("button", "closed"), [(Button.Cancel, False), (Button.Discard, True)])
def test_closing_asks_about_unsaved_work(
    window: MainWindow, button: QMessageBox.StandardButton, *, closed: bool
) -> None:
    edit(window)
    answer(button)
    assert closes(window) is closed


def test_closing_can_save(window: MainWindow, tmp_path: Path) -> None:
    path = tmp_path / "star.json"
    window.filer.save_to(path)
    edit(window)
    answer(Button.Save)
    assert closes(window)
    assert read_document(path, CATALOG).graph.nodes["size"].position == (0.0, 800.0)


def test_closing_without_changes_asks_nothing(window: MainWindow) -> None:
    assert closes(window)


def test_new_begins_an_empty_document(qtbot: QtBot, window: MainWindow) -> None:
    window.furniture.actions["new"].trigger()
    assert window.workspace.document.graph == Graph()
    assert window.windowTitle() == "Untitled 2[*] – Sfumato"
    hint = window.workspace.canvas.findChild(QWidget, "empty")
    assert hint is not None
    qtbot.waitUntil(hint.isVisible)
    window.workspace.canvas.editing.add("sfumato/sample", (0.0, 0.0))
    assert not hint.isVisible()


def test_escape_that_nothing_else_needs_stops_the_run(window: MainWindow) -> None:
    canvas = window.workspace.canvas
    canvas.view.setFocus()
    window.run()
    QTest.keyClick(canvas.view, Qt.Key.Key_Tab)
    QTest.keyClick(canvas.search.field, Qt.Key.Key_Escape)
    assert window.furniture.message.whole != "Stopping after this step"
    QTest.keyClick(canvas.view, Qt.Key.Key_Escape)
    assert window.furniture.message.whole == "Stopping after this step"


def test_what_is_no_graph_is_refused_and_the_document_stays(
    window: MainWindow, tmp_path: Path
) -> None:
    before = window.workspace.document
    path = tmp_path / "other.json"
    path.write_text("[1, 2")
    assert not window.filer.open_path(path)
    assert "other.json: $: is not JSON" in window.furniture.message.whole
    assert not window.filer.open_path(tmp_path / "gone.json")
    assert window.workspace.document is before


def test_a_picture_with_a_graph_inside_opens_it(window: MainWindow, tmp_path: Path) -> None:
    plain, path = tmp_path / "plain.png", tmp_path / "star.png"
    path.write_bytes(png.with_graph(plain_png(tmp_path), dump(text_to_image())))
    assert window.filer.open_path(path)
    assert window.workspace.document.path is None, "saving must not write over the picture"
    assert window.workspace.document.name == "star"
    assert not window.filer.open_path(plain)
    assert "carries no graph" in window.furniture.message.whole


def drop(window: MainWindow, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    event = QDropEvent(
        QPointF(10, 10), Qt.DropAction.CopyAction, data,
        Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    enter = QDragEnterEvent(
        QPoint(10, 10), Qt.DropAction.CopyAction, data,
        Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    window.dragEnterEvent(enter)
    assert enter.isAccepted()
    window.dropEvent(event)


def test_a_dropped_graph_opens_beside_the_document(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    path, before = tmp_path / "star.json", window.workspace
    save(Graph(), path)
    assert not window.workspace.canvas.view.viewport().acceptDrops(), "else it takes the drop"
    drop(window, path)
    qtbot.waitUntil(lambda: window.workspace.document.path == path)
    assert window.workspaces == [before, window.workspace]


def test_a_dropped_picture_offers_its_graph(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    path = tmp_path / "star.png"
    path.write_bytes(png.with_graph(plain_png(tmp_path), dump(text_to_image())))
    drop(window, path)
    notices = window.workspace.notices
    qtbot.waitUntil(lambda: notices.get("offer") is not None)
    assert len(window.workspaces) == 1
    notice = notices.get("offer")
    assert notice is not None
    QTest.mouseClick(notice.buttons[0], Qt.MouseButton.LeftButton)
    assert window.workspace.document.name == "star"
    assert len(window.workspaces) == 2
    assert notices.get("offer") is None


def test_a_dropped_picture_without_a_graph_is_told(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    plain_png(tmp_path)
    drop(window, tmp_path / "plain.png")
    qtbot.waitUntil(lambda: "carries no graph" in window.furniture.message.whole)
    assert len(window.workspaces) == 1


def test_keys_reach_their_commands(qtbot: QtBot, window: MainWindow) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    canvas = window.workspace.canvas
    canvas.view.setFocus()
    ctrl = Qt.KeyboardModifier.ControlModifier
    QTest.keyClick(canvas.view, Qt.Key.Key_A, ctrl)
    assert len(canvas.selection.ids) == 7
    QTest.keyClick(canvas.view, Qt.Key.Key_Delete)
    assert not window.workspace.document.graph.nodes
    QTest.keyClick(canvas.view, Qt.Key.Key_Z, ctrl)
    assert len(window.workspace.document.graph.nodes) == 7
    canvas.view.zoom_to(2.0)
    QTest.keyClick(canvas.view, Qt.Key.Key_Home)
    assert canvas.view.zoom < 1
    QTest.keyClick(canvas.view, Qt.Key.Key_Return, ctrl)
    assert window.workspace.session.running
    window.workspace.session.stop()


def test_ctrl_return_runs_what_is_being_written(qtbot: QtBot, window: MainWindow) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    canvas = window.workspace.canvas
    item = canvas.scene.nodes["prompt"]
    control = item.state.face.control("text")
    assert control is not None
    canvas.desk.activate(item, control)
    editor = canvas.desk.editor
    assert editor is not None
    field = editor.focusProxy()
    assert field is not None
    QTest.keyClicks(field, "a star")
    QTest.keyClick(field, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert window.workspace.session.running
    assert window.workspace.document.graph.nodes["prompt"].params["text"] == "a star"


def test_themes_change_at_once_and_are_remembered(window: MainWindow) -> None:
    window.choose_theme("light")
    assert not window.look.colours.dark
    assert read_preferences().theme == "light"
    window.grab()
    window.choose_theme("dark")
    assert window.look.colours.dark


def test_the_viewer_can_be_put_away(window: MainWindow) -> None:
    window.furniture.actions["viewer"].trigger()
    assert not window.workspace.viewer.isVisible()
    assert not read_preferences().viewer
    window.furniture.actions["viewer"].trigger()
    assert window.workspace.viewer.isVisible()
