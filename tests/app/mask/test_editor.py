"""The editor with real events: pen, mouse, keys, every tool, looking about, files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QKeySequence, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.mask.hand import Tool
from tests.app.mask.conftest import ERASER, SIDE, Artist, halves

if TYPE_CHECKING:
    from pathlib import Path

    from app.keymap import Keymap
    from app.mask.editor import MaskEditor

ALT, SHIFT = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ShiftModifier
CTRL = Qt.KeyboardModifier.ControlModifier
KEYS = {
    Tool.BRUSH: Qt.Key.Key_B, Tool.ERASER: Qt.Key.Key_E, Tool.FILL: Qt.Key.Key_G,
    Tool.RECTANGLE: Qt.Key.Key_R, Tool.ELLIPSE: Qt.Key.Key_O, Tool.LASSO: Qt.Key.Key_L,
}  # fmt: skip


def area(mask: np.ndarray) -> float:
    return float(mask.astype(np.int64).sum() / 255)


class TestStrokes:
    def test_a_pen_presses_a_whole_stroke(self, editor: MaskEditor, artist: Artist) -> None:
        painted = []
        editor.painted.connect(lambda: painted.append(editor.layer.undo_name))
        x = np.linspace(40, 200, 40)
        pressures = 0.2 + 0.8 * np.sin(np.linspace(0, np.pi, 40))
        artist.pen([(a, 120.0, p) for a, p in zip(x, pressures, strict=True)])
        assert painted == ["Brush"], "one step, and no mouse made another"
        wide = (artist.mask > 127).sum(axis=0)
        assert 50 < wide[120] <= 66
        assert wide[50] < wide[120] / 1.5
        artist.key(Qt.Key.Key_Z, CTRL)
        assert not artist.mask.any()

    def test_the_other_end_erases(self, editor: MaskEditor, artist: Artist) -> None:
        editor.act("all")
        artist.pen([(40, 120, 1.0), (200, 120, 1.0)], ERASER)
        assert artist.mask[120, 120] == 0
        assert editor.kit.tool is Tool.BRUSH
        assert editor.layer.undo_name == "Eraser"

    def test_pressure_can_set_the_opacity(self, editor: MaskEditor, artist: Artist) -> None:
        editor.set_brush("pressure_sizes", value=False)
        editor.set_brush("pressure_fades", value=True)
        artist.pen([(40, 120, 0.5), (200, 120, 0.5)])
        assert artist.mask.max() == pytest.approx(128, abs=1)

    def test_the_mouse_paints_at_full_size(self, editor: MaskEditor, artist: Artist) -> None:
        editor.set_brush("hardness", 1.0)
        artist.mouse((40, 120), (120, 120), (200, 120))
        assert (artist.mask[:, 120] > 127).sum() == pytest.approx(64, abs=2)

    def test_a_click_is_a_dab(self, artist: Artist) -> None:
        artist.mouse((100, 100))
        assert artist.mask[100, 100] == 255
        assert 2000 < area(artist.mask) < 3300

    def test_alt_erases_and_shift_draws_a_line(self, artist: Artist) -> None:
        artist.mouse((40, 40))
        artist.mouse((200, 40), held=SHIFT)
        assert artist.mask[40, 40:200].min() > 250
        artist.mouse((120, 40), held=ALT)
        assert artist.mask[40, 120] == 0

    def test_escape_gives_a_stroke_up(self, editor: MaskEditor, artist: Artist) -> None:
        at = artist.view.to_screen(QPointF(100, 100)).toPoint()
        QTest.mousePress(artist.view, Qt.MouseButton.LeftButton, pos=at)
        assert artist.mask.any()
        artist.key(Qt.Key.Key_Escape)
        assert not artist.mask.any()
        assert not editor.layer.undo_name
        assert editor.isVisible()


class TestTools:
    def test_keys_take_them(self, editor: MaskEditor, artist: Artist) -> None:
        for tool, key in KEYS.items():
            artist.key(key)
            assert editor.kit.tool is tool
            assert [t for t, button in editor.tools.items() if button.isChecked()] == [tool]

    def test_buttons_take_them(self, editor: MaskEditor) -> None:
        for tool, button in editor.tools.items():
            QTest.mouseClick(button, Qt.MouseButton.LeftButton)
            assert editor.kit.tool is tool
            assert button.isChecked()

    def test_rectangle(self, editor: MaskEditor, artist: Artist) -> None:
        editor.take(Tool.RECTANGLE)
        artist.mouse((20, 30), (60, 50), (120, 90))
        assert area(artist.mask) == pytest.approx(100 * 60, rel=0.04)
        assert set(np.unique(artist.mask)) == {0, 255}, "its sides lie between pixels"

    def test_ellipse(self, editor: MaskEditor, artist: Artist) -> None:
        editor.take(Tool.ELLIPSE)
        artist.mouse((20, 30), (60, 50), (220, 130))
        assert area(artist.mask) == pytest.approx(np.pi * 100 * 50, rel=0.03)
        assert artist.mask[80, 120] == 255

    def test_lasso(self, editor: MaskEditor, artist: Artist) -> None:
        editor.take(Tool.LASSO)
        artist.mouse((20, 20), (220, 20), (20, 220))
        assert area(artist.mask) == pytest.approx(200 * 200 / 2, rel=0.03)

    def test_alt_subtracts_and_shift_adds(self, editor: MaskEditor, artist: Artist) -> None:
        editor.take(Tool.RECTANGLE)
        artist.mouse((20, 20), (200, 200))
        artist.mouse((50, 50), (100, 100), held=ALT)
        assert artist.mask[75, 75] == 0
        editor.options.buttons["subtract"].click()
        artist.mouse((120, 120), (150, 150))
        assert artist.mask[135, 135] == 0
        artist.mouse((50, 50), (100, 100), held=SHIFT)
        assert artist.mask[75, 75] == 255

    def test_fill_by_picture(self, editor: MaskEditor, artist: Artist) -> None:
        editor.take(Tool.FILL)
        artist.mouse((30, 30))
        assert artist.mask[:, : SIDE // 2].min() == 255
        assert artist.mask[:, SIDE // 2 :].max() == 0
        artist.mouse((30, 30), held=ALT)
        assert not artist.mask.any()

    def test_fill_by_mask_and_tolerance(self, editor: MaskEditor, artist: Artist) -> None:
        editor.take(Tool.RECTANGLE)
        artist.mouse((100, 0), (110, SIDE))
        editor.take(Tool.FILL)
        editor.options.buttons["by_mask"].click()
        artist.mouse((30, 30))
        assert artist.mask[:, :110].min() == 255
        assert artist.mask[:, 112:].max() == 0
        editor.kit.tolerance = 255
        artist.mouse((200, 30))
        assert artist.mask.min() == 255

    def test_a_click_beside_the_picture_does_nothing(
        self, editor: MaskEditor, artist: Artist
    ) -> None:
        editor.take(Tool.FILL)
        artist.mouse((-4, 30))
        assert not artist.mask.any()


class TestWholeMask:
    def test_invert_all_and_clear(self, editor: MaskEditor, artist: Artist) -> None:
        artist.mouse((100, 100))
        once = artist.mask.copy()
        artist.key(Qt.Key.Key_I, CTRL)
        assert np.array_equal(artist.mask, 255 - once)
        artist.key(Qt.Key.Key_A, CTRL)
        assert artist.mask.min() == 255
        artist.key(Qt.Key.Key_Delete)
        assert not artist.mask.any()
        for _ in range(3):
            artist.key(Qt.Key.Key_Z, CTRL)
        assert np.array_equal(artist.mask, once)
        assert editor.layer.redo_name == "Invert"

    def test_grow_shrink_and_feather(self, editor: MaskEditor, artist: Artist) -> None:
        editor.take(Tool.RECTANGLE)
        artist.mouse((100, 100), (150, 150))
        before = artist.mask.copy()
        editor.kit.reach = 10
        editor.options.buttons["grow"].click()
        grown = np.nonzero(artist.mask[125] > 127)[0]
        original = np.nonzero(before[125] > 127)[0]
        assert grown[0] == original[0] - 10
        assert grown[-1] == original[-1] + 10
        editor.options.buttons["shrink"].click()
        assert area(artist.mask) == pytest.approx(area(before), rel=0.02)
        editor.options.buttons["feather"].click()
        edge = artist.mask[125, original[0] - 5 : original[0] + 5]
        assert (np.diff(edge.astype(int)) > 0).all()
        assert area(artist.mask) == pytest.approx(area(before), rel=0.02)


class TestKeys:
    def test_rebound_keys_count_at_once_and_are_said(
        self, editor: MaskEditor, artist: Artist, keymap: Keymap
    ) -> None:
        assert "E: Eraser" in editor.keys.text()
        keymap.bind("mask.eraser", [QKeySequence("X")])
        keymap.bind("mask.larger", [])
        keymap.bind("mask.bare", [QKeySequence("Ctrl+B")])
        assert "X: Eraser" in editor.keys.text()
        assert editor.tools[Tool.ERASER].toolTip() == "Eraser (X)"
        assert editor.hint.text().startswith("[: size")
        assert "Ctrl+B: mask alone" in editor.hint.text()
        taken = []
        for key in (Qt.Key.Key_E, Qt.Key.Key_X):
            artist.key(key)
            taken.append(editor.kit.tool)
        keymap.reset()
        for key in (Qt.Key.Key_B, Qt.Key.Key_E):
            artist.key(key)
            taken.append(editor.kit.tool)
        assert taken == [Tool.BRUSH, Tool.ERASER, Tool.BRUSH, Tool.ERASER]
        assert editor.tools[Tool.ERASER].toolTip() == "Eraser (E)"

    def test_keys_of_the_canvas_are_no_rivals(self, keymap: Keymap) -> None:
        keymap.bind("mask.brush", [QKeySequence("E")])
        assert [other.command for other in keymap.sharing("mask.brush")] == ["mask.eraser"]
        keymap.bind("mask.brush", [QKeySequence("Ctrl+S")])
        assert keymap.sharing("mask.brush") == keymap.sharing("save") == []

    def test_brackets_set_size_and_hardness(self, editor: MaskEditor, artist: Artist) -> None:
        artist.key(Qt.Key.Key_BracketRight)
        larger = editor.kit.brush.size
        assert larger > 64
        artist.key(Qt.Key.Key_BracketLeft)
        artist.key(Qt.Key.Key_BracketLeft)
        assert editor.kit.brush.size < 64
        assert editor.options.fields["size"].value == editor.kit.brush.size
        for _ in range(60):
            artist.key(Qt.Key.Key_BracketLeft)
        assert editor.kit.brush.size == 1
        artist.key(Qt.Key.Key_BraceLeft, SHIFT)
        assert editor.kit.brush.hardness == pytest.approx(0.7)

    def test_the_mask_alone(self, editor: MaskEditor, artist: Artist) -> None:
        artist.key(Qt.Key.Key_V)
        assert editor.view.bare
        middle = artist.view.grab().toImage().pixelColor(artist.view.rect().center())
        assert middle.name() == "#000000"
        artist.key(Qt.Key.Key_V)
        assert editor.view.grab().toImage().pixelColor(artist.view.rect().center()).red() > 0
        assert editor.options.switches["bare"].isChecked() is False

    def test_redo(self, artist: Artist) -> None:
        artist.mouse((100, 100))
        once = artist.mask.copy()
        artist.key(Qt.Key.Key_Z, CTRL)
        artist.key(Qt.Key.Key_Z, CTRL | SHIFT)
        assert np.array_equal(artist.mask, once)


class TestLooking:
    def test_the_wheel_zooms_to_the_pointer(self, artist: Artist) -> None:
        view = artist.view
        at = QPointF(200, 300)
        before, point = view.zoom, view.to_mask(at)
        event = QWheelEvent(
            at, view.mapToGlobal(at), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(view, event)
        assert view.zoom == pytest.approx(before * 1.25)
        assert (view.to_mask(at) - point).manhattanLength() < 1e-6

    def test_one_to_one_and_fit(self, artist: Artist) -> None:
        artist.key(Qt.Key.Key_1)
        assert artist.view.zoom == 1
        artist.key(Qt.Key.Key_Plus)
        assert artist.view.zoom == 1.25
        artist.key(Qt.Key.Key_F)
        corner = artist.view.to_screen(QPointF(0, 0))
        assert artist.view.rect().contains(corner.toPoint())

    @pytest.mark.parametrize("spaced", [True, False])
    def test_space_or_the_middle_button_moves_it(self, artist: Artist, spaced: bool) -> None:
        view = artist.view
        before = view.to_screen(QPointF(0, 0))
        if spaced:
            QTest.keyPress(view, Qt.Key.Key_Space)
            assert view.cursor().shape() is Qt.CursorShape.OpenHandCursor
        button = Qt.MouseButton.LeftButton if spaced else Qt.MouseButton.MiddleButton
        QTest.mousePress(view, button, pos=QPoint(200, 200))
        QTest.mouseMove(view, QPoint(230, 210))
        QTest.mouseRelease(view, button, pos=QPoint(230, 210))
        if spaced:
            QTest.keyRelease(view, Qt.Key.Key_Space)
        assert view.to_screen(QPointF(0, 0)) - before == QPointF(30, 10)
        assert not artist.mask.any()
        artist.mouse((100, 100))
        assert artist.mask[100, 100] == 255

    def test_the_mask_is_seen_in_its_tint(self, editor: MaskEditor, artist: Artist) -> None:
        editor.take(Tool.RECTANGLE)
        artist.mouse((100, 0), (SIDE, SIDE))
        editor.options.tints["#30a46c"].click()
        editor.kit.tint_opacity = 1.0
        at = artist.view.to_screen(QPointF(200, 100)).toPoint()
        assert artist.view.grab().toImage().pixelColor(at).name() == "#30a46c"
        left = artist.view.to_screen(QPointF(50, 100)).toPoint()
        assert artist.view.grab().toImage().pixelColor(left).name() == "#ff0000"

    def test_a_picture_of_another_size_gives_the_mask_its_size(self, editor: MaskEditor) -> None:
        editor.show_picture(halves(128))
        assert editor.layer.pixels.shape == (128, 128)
        editor.act("all")
        editor.show_picture(halves(64))
        assert editor.layer.pixels.shape == (128, 128), "what is painted stays"
        assert editor.hand.picture is not None
        assert editor.hand.picture.shape == (128, 128, 3)


class TestFiles:
    def test_export_and_import(self, editor: MaskEditor, artist: Artist, tmp_path: Path) -> None:
        artist.mouse((40, 120), (200, 120))
        before = artist.mask.copy()
        editor.export_mask(tmp_path / "mask")
        with Image.open(tmp_path / "mask.png") as picture:
            assert np.array_equal(np.asarray(picture), before)
        editor.act("clear")
        editor.import_mask(tmp_path / "mask.png", alpha=False)
        assert np.array_equal(artist.mask, before)
        assert editor.layer.undo_name == "Import"

    def test_alpha_at_the_size_of_the_picture(
        self, editor: MaskEditor, artist: Artist, tmp_path: Path
    ) -> None:
        image = Image.new("RGBA", (64, 64), (255, 255, 255, 0))
        image.paste((0, 0, 0, 255), (0, 0, 32, 64))
        image.save(tmp_path / "cut.png")
        editor.import_mask(tmp_path / "cut.png", alpha=True)
        assert artist.mask.shape == (SIDE, SIDE)
        assert artist.mask[:, :120].min() == 255
        assert artist.mask[:, 136:].max() == 0

    def test_what_cannot_be_read_is_told(
        self, editor: MaskEditor, artist: Artist, tmp_path: Path
    ) -> None:
        Image.new("RGB", (8, 8)).save(tmp_path / "plain.png")
        editor.import_mask(tmp_path / "plain.png", alpha=True)
        assert "has no alpha" in editor.hint.text()
        (tmp_path / "broken.png").write_bytes(b"no picture")
        editor.import_mask(tmp_path / "broken.png", alpha=False)
        assert "cannot be read" in editor.hint.text()
        editor.export_mask(tmp_path / "nowhere" / "mask.png")
        assert "cannot be written" in editor.hint.text()
        assert not artist.mask.any()
