"""The inspector: follows the selection, changes what is common, says how a node stands."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QToolButton, QWidget

from app.panels.inspector import Inspector
from app.panels.inspector_facts import show_ms, show_size
from app.panels.inspector_rows import Line, Name, WireRow
from app.runstate import Badge
from app.widgets.number import NumberField
from graph import events
from graph.catalog import Catalog
from graph.edits import describe, set_param
from graph.format import dump
from graph.params import FileRef
from graph.spec import IntWidget
from tests.app.catalog import SAMPLE

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from app.window import MainWindow
    from graph.params import Param
    from tests.app.fake_engine import FakeEngine

LEFT = Qt.MouseButton.LeftButton
ARABIC = "قلعة على تلة "


class Eye:
    """Looks at the inspector of a window."""

    def __init__(self, window: MainWindow, qtbot: QtBot) -> None:
        self.window = window
        self._qtbot = qtbot
        self.wait = qtbot.waitUntil
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)
        window.docks.switch("inspector")
        panel = window.docks.get("inspector")
        assert isinstance(panel, Inspector)
        self.panel = panel

    def select(self, *ids: str) -> None:
        self.window.workspace.canvas.selection.set(ids, ids[0] if ids else "")
        self.settle()

    def settle(self) -> None:
        self._qtbot.wait(80)

    @property
    def page(self) -> QWidget:
        page: QWidget | None = self.panel.widget()
        assert page is not None
        return page

    def said(self) -> str:
        page = self.page
        return "\n".join(label.text() for label in page.findChildren(QLabel) if label.isVisible())

    def number(self, name: str) -> NumberField:
        field = self.panel.rows[name].field
        assert isinstance(field, NumberField)
        return field

    def write(self, name: str, text: str) -> None:
        line = self.number(name).line
        QTest.mouseClick(line, LEFT, Qt.KeyboardModifier.NoModifier, line.rect().center())
        QTest.keyClicks(line, text)
        QTest.keyClick(line, Qt.Key.Key_Return)

    def value(self, node: str, name: str) -> Param:
        return self.window.workspace.document.graph.nodes[node].params[name]


@pytest.fixture
def eye(window: MainWindow, qtbot: QtBot) -> Eye:
    return Eye(window, qtbot)


def test_it_follows_the_selection(eye: Eye) -> None:
    assert "Select a node" in eye.said()
    eye.select("sampler")
    assert "Sampler" in eye.said()
    assert "Denoise a latent with a diffusion model." in eye.said()
    assert set(eye.panel.rows) == {"steps", "guidance", "scheduler", "seed", "tiled"}
    eye.select("prompt")
    assert set(eye.panel.rows) == {"text"}
    eye.select()
    assert "Select a node" in eye.said()


def test_a_value_is_changed_marked_and_reset(eye: Eye) -> None:
    eye.select("sampler")
    row = eye.panel.rows["steps"]
    assert not row.reset.isVisible()
    eye.write("steps", "10*4")
    assert eye.value("sampler", "steps") == 40
    assert row.name.marked
    QTest.mouseClick(row.reset, LEFT)
    assert eye.value("sampler", "steps") == 20
    assert not row.reset.isVisible()
    assert eye.window.workspace.document.undo_name == "Reset Steps"


def test_all_values_are_reset_as_one_step(eye: Eye) -> None:
    eye.select("sampler")
    eye.write("steps", "40")
    eye.write("guidance", "2")
    buttons = eye.page.findChildren(QPushButton)
    QTest.mouseClick(next(b for b in buttons if b.text() == "Reset all"), LEFT)
    assert (eye.value("sampler", "steps"), eye.value("sampler", "guidance")) == (20, 7.0)
    eye.window.workspace.document.undo()
    assert (eye.value("sampler", "steps"), eye.value("sampler", "guidance")) == (40, 2.0)


def test_the_canvas_and_the_inspector_show_one_truth(eye: Eye) -> None:
    eye.select("sampler")
    eye.write("guidance", "4.5")
    scene = eye.window.workspace.canvas.scene
    assert scene.nodes["sampler"].state.value("guidance") == 4.5
    eye.window.workspace.document.undo()
    assert eye.number("guidance").line.text() == "7.0"


def test_several_nodes_show_what_they_have_in_common(eye: Eye) -> None:
    eye.select("prompt", "negative")
    assert "2 nodes" in eye.said()
    assert set(eye.panel.rows) == {"text"}
    eye.select("prompt", "sampler")
    assert "no value in common" in eye.said()


def test_values_are_copied_and_pasted(eye: Eye) -> None:
    eye.select("size")
    eye.write("width", "640")
    eye.panel.rows["width"].copy()
    assert QGuiApplication.clipboard().text() == "640"
    eye.panel.rows["height"].paste()
    assert eye.value("size", "height") == 640
    QGuiApplication.clipboard().setText("much")
    said: list[str] = []
    eye.window.workspace.canvas.editing.refused.connect(said.append)
    eye.panel.rows["height"].paste()
    assert "'much' is not a number" in said[0]
    assert eye.value("size", "height") == 640


def test_wires_lead_to_the_nodes_at_their_ends(eye: Eye) -> None:
    eye.select("sampler")
    rows = eye.page.findChildren(WireRow)
    ends = [b.accessibleName() for row in rows for b in row.findChildren(QPushButton)]
    assert ends == ["← Checkpoint", "← Prompt", "← Size", "← Negative prompt", "→ Decode"]
    for row in rows:
        names, buttons = row.findChildren(Line), row.findChildren(QPushButton)
        assert not names[0].geometry().intersects(buttons[0].geometry())
    first = rows[0].findChildren(QPushButton)[0]
    QTest.mouseClick(first, LEFT)
    assert eye.window.workspace.canvas.selection.ids == {"checkpoint"}
    eye.settle()
    assert "Checkpoint" in eye.said()


def test_a_run_is_told_with_reasons_time_and_bytes(
    eye: Eye, engine: FakeEngine, qtbot: QtBot
) -> None:
    eye.select("decode")
    session, document = eye.window.workspace.session, eye.window.workspace.document
    tiny = FileRef("tiny.safetensors")
    edit = set_param(document.graph, document.catalog, "checkpoint", "file", tiny)
    document.edit("Choose", edit)
    session.run()
    engine.perform()
    qtbot.waitUntil(lambda: not session.running)
    state = eye.panel.state
    assert state is not None
    qtbot.waitUntil(lambda: "Ran" in state.words)
    assert "first run" in state.words
    assert "5 ms" in state.words
    event = events.NodeFinished(
        session._number, "decode", events.Status.RAN, "a", ("d",),
        ms=1500.0, size=3 << 20, remarks=("the picture is dark",),
    )  # fmt: skip
    session.host.runs.heard.emit(None, event)
    assert "3.0 MB" in state.words
    assert "the picture is dark" in state.words


def test_an_error_is_told_in_full(eye: Eye, engine: FakeEngine, qtbot: QtBot) -> None:
    words = "the checkpoint is cut off: copy it again " * 20
    engine.breaks["size"] = words
    eye.select("size")
    session = eye.window.workspace.session
    session.run()
    engine.perform()
    qtbot.waitUntil(lambda: not session.running)
    state = eye.panel.state
    assert state is not None
    assert words in state.words


def test_a_value_that_a_new_version_refuses_is_mended(eye: Eye, qtbot: QtBot) -> None:
    document = eye.window.workspace.document
    eye.select("sampler")
    eye.write("steps", "120")
    inputs = tuple(
        msgspec.structs.replace(item, widget=IntWidget(1, 50)) if item.name == "steps" else item
        for item in SAMPLE.inputs
    )
    narrow = msgspec.structs.replace(SAMPLE, inputs=inputs)
    specs = [narrow if spec.id == SAMPLE.id else spec for spec in document.catalog]
    document.catalog = Catalog(specs)
    eye.settle()
    row = eye.panel.rows["steps"]
    assert "120 is outside 1 to 50" in eye.said()
    (mend,) = (b for b in row.findChildren(QToolButton) if b.text() == "Use 50")
    QTest.mouseClick(mend, LEFT)
    assert eye.value("sampler", "steps") == 50
    qtbot.waitUntil(lambda: "outside" not in eye.said())


@pytest.mark.parametrize(
    ("name", "value", "told", "mend", "better"),
    [
        ("steps", 151, "Steps: 151 is outside 1 to 150", "Use 150", 150),
        ("guidance", -3.5, "Guidance: -3.5 is outside 0 to 30", "Use 0.0", 0.0),
        ("scheduler", "warp", "Scheduler: 'warp' is not one of", "Use EULER", "euler"),
    ],
)
def test_a_file_with_a_value_out_of_range_opens_and_is_mended(
    eye: Eye, tmp_path: Path, name: str, value: Param, told: str, mend: str, better: Param
) -> None:
    node_id = "sampler"
    path = tmp_path / "odd.json"
    whole = json.loads(dump(eye.window.workspace.document.graph))
    (node,) = (node for node in whole["nodes"] if node["id"] == node_id)
    node["params"][name] = value
    path.write_text(json.dumps(whole))
    assert eye.window.filer.open_path(path)
    workspace = eye.window.workspace
    board = workspace.session.board
    eye.wait(lambda: board.run_of(node_id).badge is Badge.BROKEN)
    assert told in board.run_of(node_id).text
    assert board.run_of(node_id).text.endswith(": set it anew")
    assert not workspace.document.modified
    eye.window.filer.save_to(tmp_path / "kept.json")
    assert f'"{name}": {json.dumps(value)}' in (tmp_path / "kept.json").read_text()
    eye.select(node_id)
    assert told in eye.said()
    (button,) = (b for b in eye.panel.rows[name].findChildren(QToolButton) if b.text() == mend)
    QTest.mouseClick(button, LEFT)
    assert eye.value(node_id, name) == better
    eye.wait(lambda: board.run_of(node_id).badge is not Badge.BROKEN)


def test_tab_goes_through_the_values_in_order(eye: Eye) -> None:
    eye.select("sampler")
    eye.number("steps").line.write()
    seen = []
    for _ in range(8):
        focus = QApplication.focusWidget()
        assert focus is not None
        seen.append(focus.accessibleName())
        QTest.keyClick(focus, Qt.Key.Key_Tab)
    assert seen[:5] == ["Steps", "Guidance", "Scheduler", "Seed", "Another seed"]
    assert all(seen)


@pytest.mark.parametrize("title", ["🏰" * 5000, ARABIC * 800, "x" * 10_000, "a\nb\t c"])
def test_any_title_leaves_the_layout_whole(eye: Eye, title: str) -> None:
    document = eye.window.workspace.document
    document.edit("Rename", describe(document.graph, "checkpoint", title=title))
    eye.select("sampler")
    width = eye.panel.viewport().width()
    assert eye.page.width() <= width
    assert all(row.width() <= width for row in eye.page.findChildren(WireRow))
    eye.select("checkpoint")
    assert eye.page.width() <= width
    eye.panel.grab()


def test_names_are_cut_and_told_whole(eye: Eye) -> None:
    eye.select("sampler")
    for row in eye.panel.rows.values():
        assert isinstance(row.name, Name)
        assert row.name.accessibleName() == row.item.label


def test_what_is_written_counts_when_another_node_is_selected(eye: Eye) -> None:
    eye.select("sampler")
    line = eye.number("steps").line
    QTest.mouseClick(line, LEFT, Qt.KeyboardModifier.NoModifier, line.rect().center())
    QTest.keyClicks(line, "33")
    eye.select("prompt")
    assert eye.value("sampler", "steps") == 33


def test_hidden_it_costs_nothing_and_shown_again_it_is_up_to_date(eye: Eye) -> None:
    eye.select("sampler")
    eye.window.docks.switch("inspector")
    eye.select("prompt")
    assert set(eye.panel.rows) != {"text"}
    eye.window.docks.switch("inspector")
    eye.settle()
    assert set(eye.panel.rows) == {"text"}


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0 B"), (2048, "2.0 KB"), (5 << 30, "5.0 GB"), (5 << 40, "5120.0 GB")]
)
def test_sizes(size: int, text: str) -> None:
    assert show_size(size) == text


@pytest.mark.parametrize(("ms", "text"), [(5, "5 ms"), (1500, "1.5 s"), (125_000, "2 min 5 s")])
def test_times(ms: float, text: str) -> None:
    assert show_ms(ms) == text
