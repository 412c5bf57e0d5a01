"""Keys and commands: each has the other, and no two want the same."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, cast

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest

from app.commands import all_commands
from app.editing_commands import ON_SELECTION
from app.keys import Where, bindings
from graph.graph import Mode, Source, Target

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget
    from pytestqt.qtbot import QtBot

    from app.canvas.canvas import Canvas
    from app.window import MainWindow

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def test_each_command_has_a_binding_and_each_binding_a_command() -> None:
    commands = {command.name for command in all_commands()}
    elsewhere = (Where.HELD, Where.MASK)
    listed = {name for name, found in bindings().items() if found.where not in elsewhere}
    assert commands == listed
    assert set(ON_SELECTION) <= commands


def test_no_key_means_two_things() -> None:
    for masks in (False, True):
        found = [b for b in bindings().values() if (b.where is Where.MASK) is masks]
        keys = Counter(QKeySequence(key).toString() for b in found for key in b.keys)
        assert [key for key, count in keys.items() if count > 1] == []
        assert "" not in keys


def test_each_says_what_it_does() -> None:
    for binding in bindings().values():
        assert not binding.title[0].islower()
        assert binding.section


class TestInTheWindow:
    @pytest.fixture
    def canvas(self, qtbot: QtBot, window: MainWindow) -> Canvas:
        """The canvas of a window that has the keyboard."""
        window.activateWindow()
        canvas = window.workspace.canvas
        canvas.view.setFocus()
        qtbot.waitUntil(window.isActiveWindow)
        canvas.selection.set({"decode"}, "decode")
        return canvas

    def press(self, canvas: Canvas, key: Qt.Key, *modifiers: Qt.KeyboardModifier) -> None:
        held = Qt.KeyboardModifier.NoModifier
        for modifier in modifiers:
            held |= modifier
        # It is None where nothing has the focus, whatever the stubs say.
        focused = cast("QWidget | None", canvas.window().focusWidget())
        QTest.keyClick(canvas.view if focused is None else focused, key, held)

    def test_single_letters_are_commands_on_the_canvas(self, canvas: Canvas) -> None:
        self.press(canvas, Qt.Key.Key_M)
        assert canvas.document.graph.nodes["decode"].mode is Mode.MUTED
        self.press(canvas, Qt.Key.Key_C)
        assert canvas.document.graph.nodes["decode"].collapsed

    def test_in_a_text_they_are_letters(self, canvas: Canvas) -> None:
        self.press(canvas, Qt.Key.Key_N)
        editor = canvas.words.editor
        assert editor is not None
        for key in (Qt.Key.Key_M, Qt.Key.Key_L, Qt.Key.Key_1, Qt.Key.Key_Y):
            self.press(canvas, key)
        self.press(canvas, Qt.Key.Key_Escape)
        assert canvas.document.graph.notes["note"].text == "ml1y"
        assert canvas.document.graph.nodes["decode"].mode is Mode.ON

    def test_arrows_nudge_and_while_wiring_they_choose(self, canvas: Canvas) -> None:
        before = canvas.document.graph.nodes["decode"].position
        self.press(canvas, Qt.Key.Key_Right)
        after = canvas.document.graph.nodes["decode"].position
        assert after == (before[0] + 8, before[1])
        canvas.selection.set({"size"}, "size")
        self.press(canvas, Qt.Key.Key_W)
        self.press(canvas, Qt.Key.Key_Return)
        self.press(canvas, Qt.Key.Key_Right)
        self.press(canvas, Qt.Key.Key_Left)
        self.press(canvas, Qt.Key.Key_Right)
        self.press(canvas, Qt.Key.Key_Return)
        assert canvas.document.graph.nodes["size"].position == (320.0, 416.0)
        assert canvas.document.graph.nodes["decode"].wires["latent"] == (Source("size", "latent"),)

    def test_in_and_out_of_a_subgraph_by_keys_alone(self, canvas: Canvas) -> None:
        self.press(canvas, Qt.Key.Key_G, CTRL, SHIFT)
        self.press(canvas, Qt.Key.Key_Return)
        self.press(canvas, Qt.Key.Key_I)
        assert list(canvas.level.path) == ["subgraph"]
        self.press(canvas, Qt.Key.Key_U)
        assert not canvas.level.path
        self.press(canvas, Qt.Key.Key_1, CTRL)
        self.press(canvas, Qt.Key.Key_Home)
        self.press(canvas, Qt.Key.Key_1)
        self.press(canvas, Qt.Key.Key_Z, CTRL)
        self.press(canvas, Qt.Key.Key_Z, CTRL)
        assert "decode" in canvas.document.graph.nodes

    def test_ctrl_f_finds_and_ctrl_delete_heals(self, canvas: Canvas) -> None:
        self.press(canvas, Qt.Key.Key_Delete, CTRL)
        assert "decode" not in canvas.document.graph.nodes
        self.press(canvas, Qt.Key.Key_F, CTRL)
        assert canvas.find_bar.isVisible()
        for letter in (Qt.Key.Key_S, Qt.Key.Key_A, Qt.Key.Key_V):
            self.press(canvas, letter)
        self.press(canvas, Qt.Key.Key_Return)
        assert canvas.selection.ids == {"save"}

    def test_a_rebound_key_cuts(self, window: MainWindow, canvas: Canvas) -> None:
        window.program.keymap.bind("cut_wires", [QKeySequence("J")])
        link = next(k for k in canvas.scene.wires if k.target == Target("decode", "latent"))
        x, y = canvas.scene.wires[link].path.pointAtPercent(0.5).toTuple()
        QTest.keyPress(canvas.view, Qt.Key.Key_J)
        port = canvas.view.viewport()
        at = canvas.view.mapFromScene(QPointF(x, y))
        QTest.mousePress(port, Qt.MouseButton.LeftButton, pos=at - QPoint(0, 40))
        QTest.mouseRelease(port, Qt.MouseButton.LeftButton, pos=at + QPoint(0, 40))
        QTest.keyRelease(canvas.view, Qt.Key.Key_J)
        assert link not in set(canvas.document.graph.links())
