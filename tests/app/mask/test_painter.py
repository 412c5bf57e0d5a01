"""Painting in a document: which node, what is stored, undo, and what a crash leaves."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from app.host import EngineHost
from app.journal.sessions import Journal, read_leftover
from app.panels.inspector import Inspector
from app.preferences import Preferences
from app.program import Program
from app.widgets.painted import PaintedField
from app.window import MainWindow
from graph import painted
from graph.format import dump, load
from graph.graph import Source
from tests.app.fake_engine import FakeEngine, picture
from tests.app.mask.catalog import PAINTED, PAINTING
from tests.app.mask.conftest import Artist
from tests.app.mask.victim import named

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot

    from app.document import Document
    from app.mask.editor import MaskEditor
    from app.theme.look import Look
    from graph.files import FileIndex

SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def window(
    qtbot: QtBot, document: Document, look: Look, files: FileIndex, tmp_path: Path
) -> Iterator[MainWindow]:
    """A window whose engine knows the node, with the picture of the graph made."""
    host = EngineHost(lambda listener: FakeEngine(listener, files=files, catalog=PAINTING))
    window = MainWindow(Program(host, files, look, Preferences(output=str(tmp_path))), document)
    window.resize(1600, 900)
    window.show()
    qtbot.waitUntil(lambda: window.workspace.canvas.view.zoom < 1)
    yield window
    if window.workspace.painter.editor is not None:
        window.workspace.painter.editor.close()
    window.shut()
    window.host.close()
    window.hide()
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@pytest.fixture
def engine(window: MainWindow) -> FakeEngine:
    window.host.wake()
    engine = window.host.engine
    assert isinstance(engine, FakeEngine)
    engine.be_ready()
    QCoreApplication.sendPostedEvents()
    return engine


def opened(window: MainWindow) -> MaskEditor:
    editor = window.workspace.painter.editor
    assert editor is not None
    return editor


def value(document: Document, node_id: str = "mask") -> str:
    held = document.graph.nodes[node_id].params.get("mask", "")
    assert isinstance(held, str)
    return held


def run(window: MainWindow, engine: FakeEngine, qtbot: QtBot) -> None:
    window.workspace.session.run()
    engine.perform()
    results = window.workspace.session.results
    qtbot.waitUntil(lambda: bool(results.pictured("decode")))


class TestWhatIsKept:
    def test_each_stroke_is_in_the_document_and_all_are_one_step(
        self, window: MainWindow, document: Document
    ) -> None:
        window.workspace.painter.open("mask", "mask")
        editor = opened(window)
        artist = Artist(editor)
        for at in (200, 400, 600):
            artist.pen([(at, 300, 0.9), (at + 80, 300, 1.0)])
            assert np.array_equal(painted.decode(value(document)), artist.mask)
        last = artist.mask.copy()
        editor.accept()
        assert window.workspace.painter.editor is None
        assert np.array_equal(painted.decode(value(document)), last)
        assert [step.name for step in document.steps] == ["Paint mask"]
        document.undo()
        assert value(document) == ""
        document.redo()
        assert np.array_equal(painted.decode(value(document)), last)

    def test_undo_in_the_editor_brings_back_the_text_that_was(
        self, window: MainWindow, document: Document, qtbot: QtBot
    ) -> None:
        before = painted.encode(np.full((300, 300), 9, np.uint8), 9)
        window.workspace.canvas.editing.set_param("mask", "mask", before)
        window.workspace.painter.open("mask", "mask")
        artist = Artist(opened(window))
        assert artist.mask.shape == (300, 300)
        artist.mouse((100, 100), (200, 200))
        assert value(document) != before
        opened(window).activateWindow()
        qtbot.waitUntil(opened(window).isActiveWindow)
        artist.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        assert value(document) == before
        opened(window).accept()
        assert value(document) == before

    def test_a_visit_without_a_stroke_is_no_step(
        self, window: MainWindow, document: Document
    ) -> None:
        window.workspace.painter.open("mask", "mask")
        opened(window).close()
        assert not document.steps
        assert window.workspace.painter.editor is None

    def test_two_visits_are_two_steps(self, window: MainWindow, document: Document) -> None:
        for at in (100, 300):
            window.workspace.painter.open("mask", "mask")
            Artist(opened(window)).mouse((at, at))
            opened(window).accept()
        assert len(document.steps) == 2

    def test_it_travels_with_files_and_copies(self, window: MainWindow, document: Document) -> None:
        window.workspace.painter.open("mask", "mask")
        Artist(opened(window)).mouse((100, 100))
        opened(window).accept()
        kept = value(document)
        path = Path(str(window.preferences.output_folder)) / "painted.json"
        path.write_bytes(dump(document.graph))
        assert load(path, PAINTING).nodes["mask"].params["mask"] == kept
        canvas = window.workspace.canvas
        canvas.selection.set({"mask"}, "mask")
        canvas.deeds.copy()
        assert kept in QGuiApplication.clipboard().text()
        before = set(document.graph.nodes)
        canvas.deeds.paste()
        (new,) = set(document.graph.nodes) - before
        assert value(document, new) == kept


class TestThePicture:
    def test_is_asked_for_at_full_size_and_gives_its_size(
        self, window: MainWindow, engine: FakeEngine, qtbot: QtBot
    ) -> None:
        run(window, engine, qtbot)
        window.workspace.painter.open("mask", "mask")
        digest = engine.asked[-1]
        engine.send_picture(digest, picture("night", 96))
        editor = opened(window)
        qtbot.waitUntil(lambda: editor.layer.pixels.shape == (96, 96))
        assert editor.hand.picture is not None
        assert np.array_equal(editor.hand.picture, picture("night", 96))

    def test_without_a_run_it_says_what_to_do(self, window: MainWindow) -> None:
        window.workspace.painter.open("mask", "mask")
        assert "Run the graph" in opened(window).hint.text()


class TestWhereItBegins:
    def test_on_a_picture_it_makes_a_node_beside(
        self, window: MainWindow, document: Document
    ) -> None:
        canvas, painter = window.workspace.canvas, window.workspace.painter
        canvas.editing.delete(["mask"])
        painter.paint_on("decode")
        (new,) = [k for k, node in document.graph.nodes.items() if node.type == PAINTED.id]
        assert document.graph.nodes[new].wires["image"] == (Source("decode", "image"),)
        opened(window).accept()
        others = [item for key, item in canvas.scene.nodes.items() if key != new]
        mine = canvas.scene.nodes[new].sceneBoundingRect()
        assert not any(mine.intersects(item.sceneBoundingRect()) for item in others)
        painter.paint_on("decode")
        opened(window).accept()
        assert sum(node.type == PAINTED.id for node in document.graph.nodes.values()) == 1

    def test_by_key(self, window: MainWindow, qtbot: QtBot) -> None:
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)
        canvas = window.workspace.canvas
        canvas.view.setFocus()
        canvas.selection.set({"decode"}, "decode")
        QTest.keyClick(canvas.view, Qt.Key.Key_P, SHIFT)
        opened(window).accept()

    def test_by_the_control_on_the_node(self, window: MainWindow) -> None:
        canvas = window.workspace.canvas
        item = canvas.scene.nodes["mask"]
        control = item.state.face.control("mask")
        assert control is not None
        canvas.desk.activate(item, control)
        opened(window).accept()

    def test_from_the_inspector_and_it_shows_the_mask(
        self, window: MainWindow, qtbot: QtBot
    ) -> None:
        window.workspace.canvas.selection.set({"mask"}, "mask")
        window.docks.switch("inspector")
        panel = window.docks.get("inspector")
        assert isinstance(panel, Inspector)
        qtbot.waitUntil(lambda: "mask" in panel.rows)
        field = panel.rows["mask"].field
        assert isinstance(field, PaintedField)
        assert field.button.text() == "Paint…"
        QTest.mouseClick(field.button, Qt.MouseButton.LeftButton)
        Artist(opened(window)).mouse((100, 100))
        opened(window).accept()
        field = panel.rows["mask"].field
        assert isinstance(field, PaintedField)
        assert field.button.text() == "1024 × 1024"
        assert not field.button.small.isNull()

    def test_from_the_viewer(self, window: MainWindow, engine: FakeEngine, qtbot: QtBot) -> None:
        viewer = window.workspace.viewer
        assert not viewer.paint.isEnabled()
        run(window, engine, qtbot)
        window.workspace.canvas.selection.set({"decode"}, "decode")
        qtbot.waitUntil(viewer.paint.isEnabled)
        QTest.mouseClick(viewer.paint, Qt.MouseButton.LeftButton)
        opened(window).accept()

    def test_a_node_without_a_picture_offers_none(self, window: MainWindow) -> None:
        painter = window.workspace.painter
        assert not painter.can_paint_on("load")
        painter.paint_on("load")
        assert painter.editor is None


def test_a_kill_loses_no_stroke(tmp_path: Path) -> None:
    """A process paints until it is killed; its journal has every stroke that was finished."""
    command = [sys.executable, "-m", "tests.app.mask.victim", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        digests = [process.stdout.readline().strip() for _ in range(3)]
        time.sleep(0.3)
        process.kill()
        digests += [line.strip() for line in process.stdout]
    assert all(digests)
    journal = Journal(tmp_path)
    left = journal.leftovers()
    (leftover,) = left.documents
    replayed = read_leftover(leftover)
    left.leave()
    journal.close()
    assert replayed is not None
    found = replayed.document
    kept = str(found.graph.nodes["mask"].params["mask"])
    assert named(kept) in digests[2:]
    assert painted.size(kept) == (1024, 1024)
    assert [step.name for step in found.history.steps] == ["Paint mask"]
