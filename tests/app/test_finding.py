"""Looking for parts, going to bookmarks, favourites, the library, and what is dropped."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import msgspec
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.canvas.drops import kind_of
from app.fuzzy import make_entry, ranked
from app.habits import KEPT, Habits
from app.panels.library import MIME, Library
from graph.bookmarks import Bookmark, bookmarks
from graph.edits import put_frame, put_note
from graph.finding import find
from graph.format import parse
from graph.graph import Frame, Note
from graph.grouping import collapse
from graph.params import FileRef
from graph.spec import NodeSpec
from tests.app.catalog import CATALOG, LOAD

if TYPE_CHECKING:
    from pathlib import Path

    from app.canvas.canvas import Canvas
    from app.document import Document
    from app.window import MainWindow
    from tests.app.hand import Hand


class TestFind:
    @pytest.fixture
    def rich(self, document: Document) -> Document:
        graph = put_frame(document.graph, Frame(id="frame", title="The words")).graph
        graph = put_note(graph, Note(id="note", text="remember the *words*")).graph
        document.edit("Add", collapse(graph, CATALOG, ["sampler"], title="Painter"))
        return document

    def test_titles_types_texts_values_and_what_is_inside(self, rich: Document) -> None:
        def parts(words: str) -> list[tuple[tuple[str, ...], str, str]]:
            return [tuple(item) for item in find(rich.graph, rich.catalog, words)]  # type: ignore[misc] # three each

        assert parts("words") == [((), "frame", "title"), ((), "note", "text")]
        assert parts("prompt")[:2] == [((), "prompt", "title"), ((), "negative", "title")]
        assert (("painter",), "sampler", "title") in parts("sampler")
        assert (("painter",), "sampler", "value") in parts("euler")
        assert parts("encode_text")[0][2] == "type"
        assert parts("") == parts("no such thing") == []

    @pytest.mark.usefixtures("rich")
    def test_return_walks_through_them(self, hand: Hand, canvas: Canvas) -> None:
        canvas.find_bar.open()
        hand.type("prompt")
        assert canvas.find_bar.count.text() == "2"
        hand.key(Qt.Key.Key_Return)
        first = canvas.selection.ids
        assert canvas.find_bar.count.text() == "1 / 2"
        hand.key(Qt.Key.Key_Return)
        assert first | canvas.selection.ids == {"prompt", "negative"}
        hand.key(Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
        assert canvas.selection.ids == first
        hand.key(Qt.Key.Key_Escape)
        assert not canvas.find_bar.isVisible()
        assert canvas.view.hasFocus()

    @pytest.mark.usefixtures("rich")
    def test_it_goes_into_subgraphs_and_out_again(self, hand: Hand, canvas: Canvas) -> None:
        canvas.find_bar.open()
        hand.type("sampler")
        hand.key(Qt.Key.Key_Return)
        assert list(canvas.level.path) == ["painter"]
        assert canvas.selection.ids == {"sampler"}
        canvas.find_bar.field.setText("save")
        hand.key(Qt.Key.Key_Return)
        assert not canvas.level.path
        assert canvas.selection.ids == {"save"}

    def test_what_is_out_of_view_comes_into_view(self, canvas: Canvas) -> None:
        canvas.view.look_at(QPointF(90_000, 90_000), 1.0)
        canvas.show_part((), "save")
        assert canvas.view.seen.contains(canvas.scene.nodes["save"].sceneBoundingRect())

    def test_nothing_is_said_so(self, hand: Hand, canvas: Canvas) -> None:
        canvas.find_bar.open()
        hand.type("zzzz")
        hand.key(Qt.Key.Key_Return)
        assert canvas.find_bar.count.text() == "Nothing"


class TestBookmarks:
    def test_set_go_and_take_away(self, canvas: Canvas, document: Document) -> None:
        canvas.view.look_at(QPointF(100, 50), 0.8)
        canvas.deeds.set_bookmark("3")
        assert bookmarks(document.graph)["3"] == Bookmark((100.0, 50.0), 0.8)
        assert document.undo_name == "Set bookmark 3"
        canvas.fit_all()
        canvas.deeds.go_to_bookmark("3")
        assert canvas.view.zoom == 0.8
        assert canvas.look().at == (100.0, 50.0)
        canvas.deeds.set_bookmark("3")
        assert not bookmarks(document.graph)
        document.undo()
        assert "3" in bookmarks(document.graph)

    def test_they_lead_into_subgraphs(self, canvas: Canvas, document: Document) -> None:
        document.edit("Group", collapse(document.graph, CATALOG, ["sampler"], title="box"))
        canvas.level.enter("box")
        canvas.deeds.set_bookmark("1")
        canvas.deeds.leave()
        canvas.deeds.go_to_bookmark("1")
        assert canvas.level.path == ("box",)

    def test_one_that_is_not_there_is_told(self, canvas: Canvas) -> None:
        said: list[str] = []
        canvas.refused.connect(said.append)
        canvas.deeds.go_to_bookmark("9")
        assert said == ["There is no bookmark 9: Ctrl+9 sets it"]

    def test_damaged_ones_in_a_file_do_no_harm(self) -> None:
        kept = b'{"1": {"at": 7}, "2": {"at": [1, 2]}, "x": 1}'
        text = b'{"sfumato": 1, "nodes": [], "bookmarks": ' + kept + b"}"
        graph = parse(text, catalog=CATALOG)
        assert bookmarks(graph) == {"2": Bookmark((1.0, 2.0))}


class TestHabits:
    ENTRIES = tuple(make_entry(spec) for spec in CATALOG)

    def test_favourites_then_recent_come_first_among_equals(self) -> None:
        found = ranked(self.ENTRIES, "", ("sfumato/blend",), ("sfumato/vae_decode",))
        assert [e.spec.id for e in found[:2]] == ["sfumato/vae_decode", "sfumato/blend"]

    def test_a_better_match_wins_all_the_same(self) -> None:
        found = ranked(self.ENTRIES, "sample", (), ("sfumato/save_image",))
        assert found[0].spec.id == "sfumato/sample"

    def test_one_wrong_letter_is_forgiven(self) -> None:
        for query in ("smaple", "sampel", "samplle", "decoed", "checkpiont"):
            assert ranked(self.ENTRIES, query), query
        assert not ranked(self.ENTRIES, "smapel")

    def test_only_so_many_are_remembered(self) -> None:
        habits = Habits()
        for number in range(40):
            habits.used(f"p/{number}")
        habits.used("p/30")
        assert habits.recent[0] == "p/30"
        assert len(habits.recent) == len(set(habits.recent)) == KEPT

    def test_ctrl_d_marks_in_the_search(self, hand: Hand, canvas: Canvas) -> None:
        hand.key(Qt.Key.Key_Tab)
        hand.type("invert")
        hand.key(Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
        assert list(canvas.search.habits.favourites) == ["sfumato/invert"]
        canvas.search.field.clear()
        assert canvas.search.list.model().index(0, 0).data() == "Invert"
        hand.key(Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
        assert not canvas.search.habits.favourites
        hand.key(Qt.Key.Key_Escape)

    def test_a_click_on_the_star_marks_and_chooses_nothing(
        self, hand: Hand, canvas: Canvas
    ) -> None:
        hand.key(Qt.Key.Key_Tab)
        rows = canvas.search.list
        row = rows.visualRect(rows.model().index(2, 0))
        QTest.mouseClick(
            rows.viewport(),
            Qt.MouseButton.LeftButton,
            pos=QPoint(row.right() - 14, row.center().y()),
        )
        assert len(canvas.search.habits.favourites) == 1
        assert canvas.search.isVisible()
        hand.key(Qt.Key.Key_Escape)

    def test_further_letters_find_the_same_as_all_at_once(self, canvas: Canvas) -> None:
        canvas.search.open(list(CATALOG), QPoint(10, 10), "")
        for query in ("l", "la", "lat", "late", "laten", "latn", "zzz", "zz", ""):
            canvas.search.field.setText(query)
            model = canvas.search.list.model()
            shown = [model.index(row, 0).data() for row in range(model.rowCount())]
            assert shown == [e.spec.title for e in ranked(self.ENTRIES, query)], query
        canvas.search.close_box()

    def test_windows_share_them(self, window: MainWindow) -> None:
        assert window.workspace.canvas.search.habits is window.program.habits
        window.program.habits.used("sfumato/invert")
        assert window.preferences.recent_nodes[0] == "sfumato/invert"


def drop(canvas: Canvas, data: QMimeData, at: QPoint) -> bool:
    """Drop `data` on the canvas as another program does; say whether it was taken."""
    actions, button = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    none = Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(at, actions, data, button, none)
    enter.ignore()
    QApplication.sendEvent(canvas, enter)
    if not enter.isAccepted():
        return False
    event = QDropEvent(QPointF(at), actions, data, button, none)
    event.ignore()
    QApplication.sendEvent(canvas, event)
    return event.isAccepted()


class TestDrops:
    def files(self, *paths: Path) -> QMimeData:
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
        return data

    def test_a_node_type_from_the_library(self, canvas: Canvas, document: Document) -> None:
        data = QMimeData()
        data.setData(MIME, b"sfumato/invert")
        assert drop(canvas, data, QPoint(200, 600))
        node = document.graph.nodes["invert"]
        assert canvas.selection.ids == {"invert"}
        middle = canvas.view.mapFromScene(canvas.scene.nodes["invert"].mapToScene(QPointF(120, 16)))
        assert (middle - QPoint(200, 600)).manhattanLength() < 16
        assert node.type == "sfumato/invert"

    def test_a_checkpoint_becomes_its_loader(
        self, canvas: Canvas, document: Document, tmp_path: Path
    ) -> None:
        path = tmp_path / "checkpoints" / "tiny.safetensors"
        assert drop(canvas, self.files(path), QPoint(200, 600))
        node = document.graph.nodes["load-checkpoint"]
        value = node.params["file"]
        assert isinstance(value, FileRef)
        assert value.name == "tiny.safetensors"
        assert document.undo_name == "Add node"

    def test_on_a_node_that_takes_it_it_is_its_value(
        self, canvas: Canvas, document: Document, tmp_path: Path, hand: Hand
    ) -> None:
        path = tmp_path / "checkpoints" / "tiny.safetensors"
        assert drop(canvas, self.files(path), hand.title("checkpoint"))
        assert "load-checkpoint" not in document.graph.nodes
        assert isinstance(document.graph.nodes["checkpoint"].params["file"], FileRef)

    def test_on_a_value_it_is_that_value_and_not_another(
        self, canvas: Canvas, document: Document, tmp_path: Path
    ) -> None:
        twice = msgspec.structs.replace(LOAD, id="sfumato/two_files", inputs=tuple(
            msgspec.structs.replace(LOAD.inputs[0], name=name, label=name) for name in "ab"
        ))  # fmt: skip
        document.catalog = document.base.extended([twice])
        canvas.editing.add(twice.id, (0.0, 600.0))
        item = canvas.scene.nodes["two-files"]
        control = item.state.face.control("b")
        assert control is not None
        place = canvas.view.mapFromScene(item.mapRectToScene(control.rect).center())
        path = tmp_path / "checkpoints" / "tiny.safetensors"
        assert drop(canvas, self.files(path), place)
        params = document.graph.nodes["two-files"].params
        assert params["a"] is None
        assert isinstance(params["b"], FileRef)

    def test_graphs_and_what_nothing_takes_are_left_to_the_window(
        self, canvas: Canvas, document: Document, tmp_path: Path
    ) -> None:
        before = document.graph
        graph, other = tmp_path / "a.json", tmp_path / "notes.txt"
        graph.write_text("{}")
        other.write_text("hello")
        assert not drop(canvas, self.files(graph), QPoint(200, 600))
        assert not drop(canvas, self.files(other), QPoint(200, 600))
        assert document.graph is before

    def test_kinds_of_files(self, tmp_path: Path) -> None:
        def tensors(name: str, *keys: str) -> Path:
            header = json.dumps({key: {} for key in keys}).encode()
            path = tmp_path / name
            path.write_bytes(len(header).to_bytes(8, "little") + header)
            return path

        picture = tmp_path / "a-mask.png"
        QImage(4, 4, QImage.Format.Format_RGB32).save(str(picture))
        damaged = tmp_path / "short.safetensors"
        damaged.write_bytes(b"\xff\xff\xff\xff\xff\xff\xff\xff{")
        assert kind_of(picture) == "mask"
        assert kind_of(tmp_path / "a.webp") == "image"
        assert kind_of(tmp_path / "a.mp4") == "video"
        assert kind_of(tensors("l.safetensors", "lora_unet_x.lora_down.weight")) == "lora"
        assert kind_of(tensors("c.safetensors", "control_model.x")) == "controlnet"
        assert kind_of(tensors("m.safetensors", "model.diffusion_model.x")) == "checkpoint"
        assert kind_of(damaged) == "checkpoint"
        assert kind_of(tmp_path / "a.txt") == ""

    def test_what_folders_are_told_by_their_description(self, tmp_path: Path) -> None:
        for name, file, told, kind in (
            ("plain", "model_index.json", {"_class_name": "StableDiffusionPipeline"}, "checkpoint"),
            ("normals", "model_index.json", {"_class_name": "MarigoldNormalsPipeline"}, "normal"),
            ("control", "config.json", {"_class_name": "ControlNetModel"}, "controlnet"),
            ("depth", "config.json", {"model_type": "depth_anything"}, "depth"),
            ("pose", "config.json", {"model_type": "vitpose"}, "pose"),
            ("people", "config.json", {"model_type": "rt_detr"}, "detection"),
            ("difference", "config.json", {"_class_name": "UNet2DConditionModel"}, "checkpoint"),
            ("list", "config.json", [1], "checkpoint"),
        ):  # fmt: skip
            (tmp_path / name).mkdir()
            (tmp_path / name / file).write_text(json.dumps(told))
            assert kind_of(tmp_path / name) == kind
        (tmp_path / "empty").mkdir()
        assert kind_of(tmp_path / "empty") == "checkpoint"


class TestLibrary:
    def test_it_lists_all_types_and_filters(self, window: MainWindow) -> None:
        window.docks.switch("library")
        panel = window.docks.get("library")
        assert isinstance(panel, Library)
        titles = {item.text(0) for item in panel.tree.findItems("", Qt.MatchFlag.MatchContains)}
        assert {"Loaders", "Latent"} <= titles
        panel.field.setText("invert")
        found = panel.tree.findItems(
            "Invert", Qt.MatchFlag.MatchExactly | Qt.MatchFlag.MatchRecursive
        )
        assert len(found) == 1
        data = panel.tree.mimeData(found)
        assert data.data(MIME).toStdString() == "sfumato/invert"
        panel.tree.itemActivated.emit(found[0], 0)
        assert "invert" in window.workspace.document.graph.nodes

    def test_favourites_stand_on_top(self, window: MainWindow) -> None:
        window.docks.switch("library")
        panel = window.docks.get("library")
        assert isinstance(panel, Library)
        window.program.habits.switch("sfumato/invert")
        top = panel.tree.topLevelItem(0)
        assert top is not None
        assert top.text(0) == "Favourites"
        first = top.child(0)
        assert first is not None
        assert first.text(0) == "Invert"


def test_thousands_of_types_are_searched(canvas: Canvas) -> None:
    """How fast is measured by the benchmark `editing`."""
    many = [
        NodeSpec(id=f"p/{n}", title=f"Node number {n} does things", category="A/B")
        for n in range(3000)
    ]
    canvas.search.open(many, QPoint(10, 10), "")
    canvas.search.field.setText("number 2999 does")
    found = canvas.search.list.model()
    assert str(found.index(0, 0).data()).startswith("Node number 2999")
    canvas.search.close_box()
