"""What is picked: switches, choices, files, colours and curves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, QRect, Qt, QUrl
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QToolButton

from app.widgets.choice import ChoiceField
from app.widgets.colour import ColourField, ColourPopup
from app.widgets.curve import CurveField
from app.widgets.file import FileField, _picks, open_files, unchosen
from app.widgets.picker import Picker
from app.widgets.picks import Pick, found
from app.widgets.switch import SwitchField
from app.widgets.thumbnails import SIDE, picture_of, thumbnail
from graph.params import FileRef
from graph.spec import FileWidget
from tests.app.widgets.conftest import ALL

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from app.document import Document
    from app.widgets.field import Field
    from graph.files import FileIndex
    from tests.app.widgets.conftest import Bench

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier


def the_picker() -> Picker:
    tops = QApplication.topLevelWidgets()
    (picker,) = (w for w in tops if isinstance(w, Picker) and w.isVisible())
    return picker


def picture(path: Path, side: int = 64) -> None:
    image = QImage(side, side, QImage.Format.Format_RGB32)
    image.fill(QColor("#aa3311"))
    image.save(str(path))


def test_a_switch(bench: Bench, document: Document) -> None:
    field = bench.field("on")
    assert isinstance(field, SwitchField)
    QTest.mouseClick(field.box, LEFT)
    assert bench.value("on") is True
    both = bench.field("on", ("one", "two"))
    assert isinstance(both, SwitchField)
    assert both.box.checkState() == Qt.CheckState.PartiallyChecked
    both.box.setFocus()
    QTest.keyClick(both.box, Qt.Key.Key_Space)
    assert (bench.value("on"), bench.value("on", "two")) == (True, True)
    document.undo()
    assert both.box.checkState() == Qt.CheckState.PartiallyChecked


def test_a_few_choices_are_a_menu(bench: Bench) -> None:
    field = bench.field("few")
    assert isinstance(field, ChoiceField)
    QTest.mouseClick(field.button, LEFT)
    (menu,) = (m for m in field.findChildren(QMenu) if m.isVisible())
    assert [action.isChecked() for action in menu.actions()] == [True, False, False]
    menu.actions()[2].trigger()
    menu.close()
    assert bench.value("few") == "c2"
    assert field.button.text() == "Choice 2"


def test_many_choices_are_searched_by_key(bench: Bench) -> None:
    field = bench.field("many")
    assert isinstance(field, ChoiceField)
    field.begin()
    QTest.keyClick(field.button, Qt.Key.Key_Return)
    picker = the_picker()
    QTest.keyClicks(picker.field, "choice 3")
    QTest.keyClick(picker.field, Qt.Key.Key_Down)
    QTest.keyClick(picker.field, Qt.Key.Key_Return)
    assert bench.value("many") == "c30"
    QTest.keyClick(field.button, Qt.Key.Key_Down, Qt.KeyboardModifier.ControlModifier)
    assert bench.value("many") == "c31"


def test_what_starts_with_the_word_comes_first() -> None:
    picks = [Pick(1, "a sky"), Pick(2, "sky blue"), Pick(3, "sea"), Pick(None, "", group="Sky")]
    assert [pick.value for pick in found(picks, "sky")] == [2, 1]
    assert found(picks, "") == picks


class TestFiles:
    WIDGET = FileWidget("image", (".png",))

    @pytest.fixture
    def folder(self, files: FileIndex, tmp_path: Path) -> Path:
        folder = tmp_path / "image"
        assert not files.names("image", (".png",))
        (folder / "stars").mkdir()
        picture(folder / "red.png")
        picture(folder / "stars" / "blue.png")
        return folder

    def field(self, bench: Bench) -> FileField:
        field = bench.field("file")
        assert isinstance(field, FileField)
        return field

    @pytest.mark.usefixtures("folder")
    def test_picked_from_folders_with_pictures(self, bench: Bench, qtbot: QtBot) -> None:
        field = self.field(bench)
        QTest.mouseClick(field.button, LEFT)
        picker = the_picker()
        model = picker._model
        rows = [model.pick(row) for row in range(model.rowCount())]
        assert [pick.label or pick.group for pick in rows if pick] == [
            "red.png", "stars/", "blue.png",
        ]  # fmt: skip
        model.small(0)
        qtbot.waitUntil(lambda: model.small(0) is not None)
        QTest.keyClick(picker.list, Qt.Key.Key_Down)
        QTest.keyClick(picker.list, Qt.Key.Key_Return)
        assert bench.value("file") == FileRef("stars/blue.png")
        assert field.button.text() == "blue.png"
        assert field.button.small is not None

    @pytest.mark.parametrize(
        ("widget", "words", "browses"),
        [
            (FileWidget("image", (".png",)), "Choose a file…", ["Choose a file…"]),
            (FileWidget("normal", (), folders=True), "Choose a folder…", ["Choose a folder…"]),
            (FileWidget("depth", (".safetensors",), folders=True), "Choose a file…",
             ["Choose a file…", "Choose a folder…"]),
            (FileWidget("detection", (".safetensors",), optional=True), "None",
             ["Choose a file…"]),
        ],
    )  # fmt: skip
    def test_what_there_is_to_choose_from(
        self, bench: Bench, widget: FileWidget, words: str, browses: list[str]
    ) -> None:
        field = self.field(bench)
        assert unchosen(widget) == words
        open_files(widget, None, field.around, field, QRect(0, 0, 10, 10), lambda _: None)
        found = [button.text() for button in the_picker().findChildren(QToolButton)]
        assert found == browses

    def test_used_last_comes_first(self, bench: Bench, folder: Path, files: FileIndex) -> None:
        picture(folder / "green.png")
        field = self.field(bench)
        QTest.mouseClick(field.button, LEFT)
        the_picker()._choose(1)
        assert bench.value("file") == FileRef("red.png")
        picks = _picks(self.WIDGET, None, files)
        assert [pick.label or pick.group for pick in picks][:3] == ["Used last", "red.png", "All"]

    def test_a_missing_file_says_what_helps(self, bench: Bench, folder: Path) -> None:
        field = self.field(bench)
        bench.values.write("set", {("one", "file"): FileRef("gone.png")})
        assert field.button.wrong
        assert f"put it into {folder}" in field.button.toolTip()
        QTest.mouseClick(field.button, LEFT)
        picker = the_picker()
        assert "gone.png" in picker.note.text()
        assert picker.note.property("tone") == "error"
        picker.close()
        picture(folder / "gone.png")
        field.refresh()
        assert not field.button.wrong

    def drop(self, field: Field, path: Path) -> None:
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path))])
        copy, place = Qt.DropAction.CopyAction, QPoint(5, 5)
        QApplication.sendEvent(field, QDragEnterEvent(place, copy, data, LEFT, NONE))
        QApplication.sendEvent(field, QDropEvent(QPointF(place), copy, data, LEFT, NONE))

    def test_a_file_is_dropped(self, bench: Bench, folder: Path, tmp_path: Path) -> None:
        field = self.field(bench)
        (tmp_path / "note.txt").write_text("x", encoding="utf-8")
        self.drop(field, tmp_path / "note.txt")
        assert bench.value("file") is None
        self.drop(field, folder / "stars" / "blue.png")
        assert bench.value("file") == FileRef("stars/blue.png")
        picture(tmp_path / "elsewhere.png")
        self.drop(field, tmp_path / "elsewhere.png")
        assert bench.value("file") == FileRef("elsewhere.png")

    def test_a_model_is_shown_by_the_picture_beside_it(self, tmp_path: Path) -> None:
        model = tmp_path / "fine.v2.safetensors"
        model.write_bytes(b"x")
        assert picture_of(model) is None
        picture(tmp_path / "fine.v2.preview.png")
        assert picture_of(model) == tmp_path / "fine.v2.preview.png"
        small = thumbnail(model)
        assert small is not None
        assert (small.width(), small.height()) == (SIDE, SIDE)
        (tmp_path / "fine.v2.preview.png").write_bytes(b"no picture")
        assert thumbnail(model) is None


class TestColours:
    @pytest.fixture
    def field(self, bench: Bench) -> ColourField:
        field = bench.field("tint")
        assert isinstance(field, ColourField)
        return field

    @pytest.mark.parametrize(("text", "held"), [("#A0F", "#aa00ff"), ("00ff88", "#00ff88")])
    def test_typed(self, bench: Bench, field: ColourField, text: str, held: str) -> None:
        field.begin()
        field.line.selectAll()
        QTest.keyClicks(field.line, text)
        QTest.keyClick(field.line, Qt.Key.Key_Return)
        assert bench.value("tint") == held
        assert field.swatch.colour == held

    def test_what_is_none_is_refused(self, bench: Bench, field: ColourField) -> None:
        field.begin()
        QTest.keyClicks(field.line, "x")
        QTest.keyClick(field.line, Qt.Key.Key_Return)
        assert "is not a colour like #ff8800" in bench.refused[0]
        assert bench.value("tint") == "#ff8800"

    def test_found_in_the_plane_as_one_step(
        self, bench: Bench, field: ColourField, document: Document
    ) -> None:
        QTest.mouseClick(field.swatch, LEFT)
        (popup,) = field.findChildren(ColourPopup)
        plane = popup.plane
        QTest.mousePress(plane, LEFT, NONE, QPoint(30, 30))
        QTest.mouseMove(plane, QPoint(plane.width() - 6, 6))
        QTest.mouseRelease(plane, LEFT, NONE, QPoint(plane.width() - 6, 6))
        pure = QColor(str(bench.value("tint")))
        assert (pure.saturation(), pure.value()) == (255, 255)
        QTest.keyClick(popup.strip, Qt.Key.Key_Right)
        assert bench.value("tint") != pure.name()
        popup.close()
        assert len(document.steps) == 1
        document.undo()
        assert field.line.text() == "#ff8800"

    def test_a_swatch_closes_the_picker(self, bench: Bench, field: ColourField) -> None:
        popup = field.open_picker()
        QTest.mouseClick(popup.swatches[4], LEFT)
        assert bench.value("tint") == "#ffffff"
        assert not popup.isVisible()


class TestCurves:
    @pytest.fixture
    def field(self, bench: Bench) -> CurveField:
        field = bench.field("curve")
        assert isinstance(field, CurveField)
        field.pad.setFixedSize(256, 140)
        QApplication.processEvents()
        return field

    def at(self, field: CurveField, x: float, y: float) -> QPoint:
        return field.pad.place(x, y).toPoint()

    def test_a_point_is_added_and_dragged_in_one_step(
        self, bench: Bench, field: CurveField, document: Document
    ) -> None:
        pad = field.pad
        QTest.mousePress(pad, LEFT, NONE, self.at(field, 0.5, 0.5))
        QTest.mouseMove(pad, self.at(field, 0.5, 0.7))
        QTest.mouseMove(pad, self.at(field, 0.5, 0.8))
        QTest.mouseRelease(pad, LEFT, NONE, self.at(field, 0.5, 0.8))
        held = bench.value("curve")
        assert isinstance(held, tuple)
        assert held == pytest.approx((0, 0, 0.5, 0.8, 1, 1), abs=0.01)
        assert len(document.steps) == 1
        document.undo()
        assert bench.value("curve") == (0.0, 0.0, 1.0, 1.0)

    def test_a_point_stays_between_its_neighbours(self, bench: Bench, field: CurveField) -> None:
        QTest.mouseClick(field.pad, LEFT, NONE, self.at(field, 0.5, 0.5))
        field.pad.move_point(1, 5.0, -1.0)
        held = bench.value("curve")
        assert isinstance(held, tuple)
        assert held[2:4] == (0.998, 0.0)

    def test_a_point_is_dragged_away_but_two_stay(self, bench: Bench, field: CurveField) -> None:
        pad = field.pad
        QTest.mouseClick(pad, LEFT, NONE, self.at(field, 0.5, 0.9))
        for _ in range(2):
            QTest.mousePress(pad, LEFT, NONE, self.at(field, 0.5, 0.9))
            QTest.mouseMove(pad, QPoint(100, 400))
            QTest.mouseRelease(pad, LEFT, NONE, QPoint(100, 400))
        held = bench.value("curve")
        assert isinstance(held, tuple)
        assert len(held) == 4

    def test_escape_gives_a_drag_up(self, bench: Bench, field: CurveField) -> None:
        pad = field.pad
        QTest.mousePress(pad, LEFT, NONE, self.at(field, 0.5, 0.5))
        QTest.mouseMove(pad, self.at(field, 0.5, 0.9))
        QTest.keyClick(pad, Qt.Key.Key_Escape)
        QTest.mouseRelease(pad, LEFT, NONE, self.at(field, 0.5, 0.9))
        assert bench.value("curve") == (0.0, 0.0, 1.0, 1.0)

    def test_keys_move_and_remove(self, bench: Bench, field: CurveField) -> None:
        pad = field.pad
        QTest.mouseClick(pad, LEFT, NONE, self.at(field, 0.5, 0.5))
        QTest.keyClick(pad, Qt.Key.Key_Up)
        QTest.keyClick(pad, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
        held = bench.value("curve")
        assert isinstance(held, tuple)
        assert held[2:4] == pytest.approx((0.51, 0.55), abs=0.01)
        QTest.keyClick(pad, Qt.Key.Key_Delete)
        assert bench.value("curve") == (0.0, 0.0, 1.0, 1.0)


def test_every_kind_has_a_field_with_a_name(bench: Bench) -> None:
    for item, _ in ALL.widgets:
        field = bench.field(item.name)
        proxy = field.focusProxy()
        assert proxy is not None
        assert proxy.accessibleName() == item.label
        assert proxy.focusPolicy() & Qt.FocusPolicy.TabFocus, item.name
        field.grab()
        field.deleteLater()
