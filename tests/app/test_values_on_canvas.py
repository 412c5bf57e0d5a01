"""Values on the canvas beyond dragging and typing: wheel, menu, the fields that open over them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from app.canvas.canvas import Canvas
from app.document import Document
from app.widgets.colour import ColourPopup
from app.widgets.curve import CurveField
from app.widgets.prompt import PromptField
from app.widgets.seed import SeedField
from app.widgets.size import SizeField
from graph.edits import add_node
from graph.graph import Graph
from graph.params import FileRef
from tests.app.hand import Hand
from tests.app.widgets.conftest import ALL, FIELDS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from app.theme.look import Look
    from app.window import MainWindow
    from graph.files import FileIndex
    from graph.params import Param

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton


@pytest.fixture
def document() -> Document:
    graph = add_node(Graph(), FIELDS, ALL.id, (0.0, 0.0), node_id="all").graph
    return Document(FIELDS, graph)


@pytest.fixture
def canvas(qtbot: QtBot, document: Document, look: Look, files: FileIndex) -> Iterator[Canvas]:
    canvas = Canvas(document, look, files)
    qtbot.addWidget(canvas)
    canvas.resize(900, 700)
    canvas.show()
    canvas.activateWindow()
    canvas.view.setFocus()
    canvas.fit_all()
    yield canvas
    canvas.desk.close()


@pytest.fixture
def hand(canvas: Canvas) -> Hand:
    return Hand(canvas)


def value(document: Document, name: str) -> Param:
    return document.graph.nodes["all"].params[name]


def turn(hand: Hand, at: QPoint, notches: int, modifier: Qt.KeyboardModifier) -> None:
    event = QWheelEvent(
        QPointF(at), QPointF(hand.port.mapToGlobal(at)), QPoint(), QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton, modifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(hand.port, event)


def menu_at(hand: Hand, at: QPoint) -> QMenu:
    hand.click(at, button=RIGHT)
    tops = QApplication.topLevelWidgets()
    (menu,) = (w for w in tops if isinstance(w, QMenu) and w.isVisible())
    return menu


def pick(menu: QMenu, text: str) -> None:
    next(action for action in menu.actions() if action.text() == text).trigger()
    menu.close()


def test_ctrl_and_the_wheel_step_the_value_under_the_pointer(
    hand: Hand, document: Document
) -> None:
    at = hand.control("all", "steps")
    zoom = hand.canvas.view.zoom
    for _ in range(3):
        turn(hand, at, 1, CTRL)
    turn(hand, at, -1, CTRL | SHIFT)
    assert value(document, "steps") == 13
    assert len(document.steps) == 1
    assert hand.canvas.view.zoom == zoom
    turn(hand, at, 1, Qt.KeyboardModifier.NoModifier)
    assert value(document, "steps") == 13
    assert hand.canvas.view.zoom > zoom


def test_two_rows_of_turns_are_two_steps(hand: Hand, document: Document, qtbot: QtBot) -> None:
    at = hand.control("all", "steps")
    turn(hand, at, 1, CTRL)
    qtbot.wait(800)
    turn(hand, at, 1, CTRL)
    assert len(document.steps) == 2


def test_the_menu_copies_pastes_and_resets(hand: Hand, document: Document) -> None:
    at = hand.control("all", "width")
    hand.double_click(at)
    hand.type("768")
    hand.key(Qt.Key.Key_Return)
    pick(menu_at(hand, at), "Copy value")
    assert QGuiApplication.clipboard().text() == "768"
    pick(menu_at(hand, hand.control("all", "height")), "Paste value")
    assert value(document, "height") == 768
    pick(menu_at(hand, at), "Reset to default")
    assert value(document, "width") == 512
    assert value(document, "height") == 768
    pick(menu_at(hand, at), "Reset all values of this node")
    assert value(document, "height") == 512


def test_what_cannot_be_pasted_is_told(hand: Hand, document: Document) -> None:
    said: list[str] = []
    hand.canvas.refused.connect(said.append)
    QGuiApplication.clipboard().setText("a castle")
    pick(menu_at(hand, hand.control("all", "tint")), "Paste value")
    assert "Tint: 'a castle' is not a colour" in said[0]
    QGuiApplication.clipboard().setText("0,0 0.5,0.9 1,1")
    pick(menu_at(hand, hand.control("all", "curve")), "Paste value")
    assert value(document, "curve") == (0.0, 0.0, 0.5, 0.9, 1.0, 1.0)


def test_a_size_is_edited_as_one(hand: Hand, document: Document) -> None:
    hand.double_click(hand.control("all", "width"))
    editor = hand.canvas.desk.editor
    assert isinstance(editor, SizeField)
    hand.type("640")
    hand.key(Qt.Key.Key_Tab)
    assert value(document, "width") == 640
    assert hand.canvas.desk.editor is editor
    hand.type("480")
    hand.key(Qt.Key.Key_Return)
    assert (value(document, "width"), value(document, "height")) == (640, 480)
    assert hand.canvas.desk.editor is None


def test_a_seed_is_edited_with_its_buttons(hand: Hand, document: Document) -> None:
    hand.double_click(hand.control("all", "seed"))
    editor = hand.canvas.desk.editor
    assert isinstance(editor, SeedField)
    QTest.mouseClick(editor.next, LEFT)
    assert value(document, "seed") == 1
    assert hand.canvas.desk.editor is editor
    hand.type("2**40")
    hand.key(Qt.Key.Key_Return)
    assert value(document, "seed") == 2**40


def test_a_colour_is_one_step_however_long_one_looks_for_it(
    hand: Hand, canvas: Canvas, document: Document
) -> None:
    hand.click(hand.control("all", "tint"))
    (popup,) = canvas.view.findChildren(ColourPopup)
    for x in (40, 60, 90):
        QTest.mouseClick(popup.plane, LEFT, pos=QPoint(x, 30))
    popup.close()
    assert value(document, "tint") != "#ff8800"
    assert len(document.steps) == 1


def test_a_curve_is_bent_over_the_canvas(hand: Hand, document: Document) -> None:
    hand.click(hand.control("all", "curve"))
    editor = hand.canvas.desk.editor
    assert isinstance(editor, CurveField)
    assert hand.port.rect().contains(editor.geometry())
    QTest.mouseClick(editor.pad, LEFT, pos=editor.pad.place(0.5, 0.8).toPoint())
    held = value(document, "curve")
    assert isinstance(held, tuple)
    assert len(held) == 6
    assert hand.canvas.desk.editor is editor
    hand.click(hand.at(-60, -60))
    assert hand.canvas.desk.editor is None


def test_a_prompt_is_weighed_in_place(hand: Hand, document: Document) -> None:
    hand.click(hand.control("all", "prompt"))
    editor = hand.canvas.desk.editor
    assert isinstance(editor, PromptField)
    hand.type("star")
    hand.key(Qt.Key.Key_Up, CTRL)
    assert value(document, "prompt") == "(star:1.1)"
    hand.key(Qt.Key.Key_Escape)
    assert len(document.steps) == 1


def test_a_file_is_taken_by_a_control_of_its_kind(
    hand: Hand, canvas: Canvas, document: Document, tmp_path: Path
) -> None:
    item = canvas.scene.nodes["all"]
    control = item.state.face.control("file")
    assert control is not None
    picture = tmp_path / "x.png"
    picture.write_bytes(b"x")
    other = tmp_path / "x.txt"
    other.write_bytes(b"x")
    assert not canvas.desk.take_file(item, control, other)
    assert canvas.desk.take_file(item, control, picture)
    assert value(document, "file") == FileRef("x.png")
    assert hand.canvas is canvas


def test_every_control_is_painted_changed_or_not(canvas: Canvas, document: Document) -> None:
    first = canvas.view.viewport().grab().toImage()
    for name, other in (("tint", "#00ff00"), ("curve", (0.0, 1.0, 1.0, 0.0)), ("on", True)):
        before = canvas.view.viewport().grab().toImage()
        item = ALL.input_by_name[name]
        assert item.widget is not None
        canvas.editing.set_param("all", name, other)
        assert canvas.view.viewport().grab().toImage() != before, name
    for _ in range(3):
        document.undo()
    assert canvas.view.viewport().grab().toImage() == first


def test_ten_thousand_characters_are_painted_at_once(
    canvas: Canvas, document: Document, qtbot: QtBot
) -> None:
    for text in ("🏰" * 5000, "قلعة " * 2000, "x" * 10_000):
        canvas.editing.set_param("all", "line", text)
        canvas.editing.set_param("all", "prompt", text)
        canvas.view.viewport().grab()
    assert value(document, "line") == "x" * 10_000
    qtbot.wait(1)


class TestInAWindow:
    """Where the keys of the canvas are bound."""

    @pytest.fixture
    def document(self, document: Document) -> Document:
        """The same, and a node so far away that both are seen only from afar."""
        edit = add_node(document.graph, FIELDS, ALL.id, (3000.0, 0.0), node_id="far")
        return Document(FIELDS, edit.graph)

    def test_keys_for_a_curve_are_not_heard_by_the_canvas(
        self, window: MainWindow, document: Document, qtbot: QtBot
    ) -> None:
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)
        canvas = window.workspace.canvas
        canvas.selection.set({"all"}, "all")
        canvas.fit_selected()
        item = canvas.scene.nodes["all"]
        control = item.state.face.control("curve")
        assert control is not None
        canvas.desk.activate(item, control)
        editor = canvas.desk.editor
        assert isinstance(editor, CurveField)
        QTest.mouseClick(editor.pad, LEFT, pos=editor.pad.place(0.5, 0.8).toPoint())
        before = document.graph.nodes["all"].position
        for key in (Qt.Key.Key_Up, Qt.Key.Key_N, Qt.Key.Key_M, Qt.Key.Key_Delete):
            QTest.keyClick(editor.pad, key)
        assert set(document.graph.nodes) == {"all", "far"}
        assert not document.graph.notes
        assert document.graph.nodes["all"].position == before
        assert document.graph.nodes["all"].mode == "on"
        held = value(document, "curve")
        assert isinstance(held, tuple)
        assert len(held) == 4
