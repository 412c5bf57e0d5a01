"""The queue panel and the history panel, by what they show and by real clicks."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QCoreApplication, QMimeData, QModelIndex, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from app.panels import spans
from app.panels.history_model import face_of, tip_of
from app.panels.history_panel import HistoryPanel
from app.panels.queue_model import KEYS
from app.panels.queue_panel import QueuePanel
from app.panels.run_rows import FACE, Face, RunList
from graph.events import NodeProgress, Outcome, RunFinished, RunStarted, Status
from graph.format import dump
from graph.reasons import FirstRun, ParamChanged
from graph.runs.estimate import Estimate
from graph.runs.history import PAGE, RunRow
from graph.runs.ledger import Ledger
from graph.runs.queue import Order
from graph.runs.record import NodeRecord, RunRecord
from tests.app.catalog import CATALOG, text_to_image
from tests.app.fake_engine import picture

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from app.runs import Runs
    from app.window import MainWindow
    from tests.app.fake_engine import FakeEngine

GRAPH = text_to_image()


@pytest.fixture
def runs(window: MainWindow, tmp_path: Path) -> Runs:
    """The runs of `window`, with a history."""
    found = window.host.runs
    found._ledger = Ledger(tmp_path / "kept", found.troubled.emit)
    found.costs = found._ledger.costs
    found.open(CATALOG)
    return found


@pytest.fixture
def queue(window: MainWindow, runs: Runs) -> QueuePanel:
    del runs
    window.docks.switch("queue")
    panel = window.docks.get("queue")
    assert isinstance(panel, QueuePanel)
    return panel


@pytest.fixture
def history(window: MainWindow, runs: Runs) -> HistoryPanel:
    del runs
    window.docks.switch("run_history")
    panel = window.docks.get("run_history")
    assert isinstance(panel, HistoryPanel)
    return panel


def settle() -> None:
    QCoreApplication.sendPostedEvents()


def order(title: str) -> Order:
    from pathlib import Path

    return Order(graph=GRAPH, folder=Path("output"), document="poster", title=title)


def fill(runs: Runs, text: str = "abcd") -> None:
    """Queue one-letter orders; the first is under way."""
    for letter in text:
        runs.add(order(letter))
    settle()


def faces(widget: QueuePanel | HistoryPanel) -> list[Face]:
    model = widget.model
    return [model.index(row).data(FACE) for row in range(model.rowCount())]


def titles(widget: QueuePanel | HistoryPanel) -> str:
    return "".join(face.title for face in faces(widget))


def click(panel: RunList, row: int, modifier: Qt.KeyboardModifier | None = None) -> None:
    at = panel.visualRect(panel.model().index(row, 0)).center()
    QTest.mouseClick(
        panel.viewport(), Qt.MouseButton.LeftButton,
        modifier or Qt.KeyboardModifier.NoModifier, at,
    )  # fmt: skip


# The queue


@pytest.mark.usefixtures("engine")
def test_the_queue_shows_what_runs_and_what_waits_in_order(queue: QueuePanel, runs: Runs) -> None:
    assert queue.words.whole == ""
    fill(runs)
    assert titles(queue) == "abcd"
    assert [face.mark for face in faces(queue)] == ["", "1", "2", "3"]
    assert queue.words.whole == "3 waiting"


def test_the_run_under_way_shows_its_picture_and_how_far_it_is(
    queue: QueuePanel, runs: Runs, engine: FakeEngine
) -> None:
    fill(runs, "ab")
    assert faces(queue)[0].detail == "Starting"
    engine.listener(RunStarted(1, ("size", "prompt")))
    engine.listener(NodeProgress(1, "size", 1, 2, picture("x")))
    settle()
    face = faces(queue)[0]
    assert face.detail == "Node 1 of 2"
    assert face.fraction == 0.0
    assert face.image is not None
    engine.listener(RunFinished(1, Outcome.DONE, 1.0))
    settle()
    assert titles(queue) == "b"
    assert faces(queue)[0].image is None, "another run, another picture"


@pytest.mark.usefixtures("engine")
def test_buttons_and_keys_work_on_what_is_selected(queue: QueuePanel, runs: Runs) -> None:
    fill(runs)
    assert not queue.remove.isEnabled()
    click(queue.list, 0)
    assert not queue.remove.isEnabled(), "what runs is stopped, not removed"
    click(queue.list, 3)
    queue.next.trigger()
    settle()
    assert titles(queue) == "adbc"
    assert queue.model.keys(queue.list.selectionModel().selectedRows()) == [
        runs.queue.waiting[0].key
    ], "it stays selected where it went"
    click(queue.list, 2, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(queue.list, Qt.Key.Key_Delete)
    settle()
    assert titles(queue) == "ac"


@pytest.mark.parametrize(
    ("dragged", "row", "after"),
    [([3], 1, "adbc"), ([1], 4, "acdb"), ([1, 2], -1, "adbc"), ([0], 2, "abcd")],
)
@pytest.mark.usefixtures("engine")
def test_what_waits_can_be_dragged_to_another_place(
    queue: QueuePanel, runs: Runs, dragged: list[int], row: int, after: str
) -> None:
    fill(runs)
    model = queue.model
    data = model.mimeData([model.index(at) for at in dragged])
    assert data.hasFormat(KEYS)
    model.dropMimeData(data, Qt.DropAction.MoveAction, row, 0, QModelIndex())
    settle()
    assert titles(queue) == after


@pytest.mark.usefixtures("engine")
def test_the_run_under_way_cannot_be_dragged_and_strangers_cannot_be_dropped(
    queue: QueuePanel, runs: Runs
) -> None:
    fill(runs)
    flags = [queue.model.flags(queue.model.index(row)) for row in (0, 1)]
    assert [bool(flag & Qt.ItemFlag.ItemIsDragEnabled) for flag in flags] == [False, True]
    assert not queue.model.dropMimeData(QMimeData(), Qt.DropAction.MoveAction, 1, 0, QModelIndex())


def test_pause_holds_the_queue_and_resume_lets_it_go(
    queue: QueuePanel, runs: Runs, engine: FakeEngine
) -> None:
    fill(runs, "ab")
    assert queue.hold.text() == "Pause"
    queue.hold.click()
    settle()
    assert queue.words.whole == "Paused, 1 waiting"
    engine.listener(RunFinished(1, Outcome.DONE, 1.0))
    settle()
    assert len(engine.orders) == 1
    assert queue.hold.text() == "Resume"
    queue.hold.click()
    settle()
    assert len(engine.orders) == 2


@pytest.mark.usefixtures("engine")
def test_runs_of_the_last_session_recede_and_wait_for_resume(queue: QueuePanel, runs: Runs) -> None:
    runs.queue.restore([order("old")])
    fill(runs, "n")
    assert titles(queue) == "nold"
    assert faces(queue)[1].quiet
    assert faces(queue)[1].detail == "poster · from the last session"
    assert queue.words.whole == "1 from the last session"
    assert queue.hold.text() == "Resume"


@pytest.mark.usefixtures("engine")
def test_the_menu_of_what_runs_stops_it(queue: QueuePanel, runs: Runs, engine: FakeEngine) -> None:
    fill(runs, "ab")
    queue._menu(queue.list.visualRect(queue.model.index(0)).center())
    menu = queue.findChild(QMenu)
    assert isinstance(menu, QMenu)
    assert menu.actions() == [queue.stop]
    queue.stop.trigger()
    menu.close()
    settle()
    assert engine.cancelled == [1]
    assert faces(queue)[0].detail == "Stopping…"


# The history


def past(runs: Runs, *names: str, outcome: Outcome = Outcome.DONE, picture_of: int = 0) -> None:
    """Write runs into the history, one a name."""
    assert runs._ledger is not None
    nodes = (
        NodeRecord("a", "Sampler", "t", Status.RAN, 3000.0, reasons=(ParamChanged("seed", 1, 2),)),
        NodeRecord("b", "Size", "t", Status.CACHED),
    )
    for name in names:
        asked = order(name)
        made = RunRecord(
            outcome=outcome, ms=4200.0, message="", nodes=nodes,
            picture=f"p{picture_of}" if picture_of else "",
            pixels=picture(str(picture_of), 32) if picture_of else None,
        )  # fmt: skip
        runs._ledger.history.begin(asked, CATALOG, time.time())
        runs._ledger.history.end(asked.key, made)
    assert runs._ledger.database.flush()
    runs.remembered.emit()
    settle()


def test_runs_are_listed_with_picture_outcome_time_and_nodes(
    history: HistoryPanel, runs: Runs
) -> None:
    past(runs, "a", picture_of=1)
    past(runs, "b", outcome=Outcome.FAILED)
    new, old = faces(history)
    assert (new.title, new.trouble) == ("b", "Failed")
    assert (old.title, old.trouble) == ("a", "")
    assert old.detail.endswith(" · 4.2 s · 1 of 2 nodes")
    assert old.image is not None
    assert old.image.width() == 32
    tip = history.model.index(1).data(Qt.ItemDataRole.ToolTipRole).splitlines()
    assert (tip[0], tip[1]) == ("poster", old.detail)
    assert tip[2:] == ["a", "Sampler (3.0 s): seed: 1 → 2", "known before: 1 node"]


def test_pages_are_read_as_they_come_into_view(history: HistoryPanel, runs: Runs) -> None:
    past(runs, *(str(number) for number in range(PAGE + 30)))
    assert history.model.rowCount() == PAGE
    history.list.scrollToBottom()
    settle()
    assert history.model.rowCount() == PAGE + 30
    assert not history.model.canFetchMore(QModelIndex())
    past(runs, "new")
    assert history.model.rowCount() == PAGE + 31, "what was read stays"
    assert faces(history)[0].title == "new"


def test_typing_finds_runs(qtbot: QtBot, history: HistoryPanel, runs: Runs) -> None:
    past(runs, "a red star", "a blue moon", "another star")
    QTest.keyClicks(history.field, "star")
    qtbot.waitUntil(lambda: history.model.rowCount() == 2)
    past(runs, "a third star", "a sun")
    assert history.model.rowCount() == 3
    history.field.clear()
    qtbot.waitUntil(lambda: history.model.rowCount() == 5)
    QTest.keyClicks(history.field, "comet")
    qtbot.waitUntil(lambda: history.model.rowCount() == 0)
    assert history.list.empty_words == "No run has these words."
    history.grab()


def test_a_double_click_opens_the_graph_as_a_new_document(
    window: MainWindow, history: HistoryPanel, runs: Runs
) -> None:
    past(runs, "a")
    before = window.workspace.document
    at = history.list.visualRect(history.model.index(0)).center()
    QTest.mouseClick(history.list.viewport(), Qt.MouseButton.LeftButton, pos=at)
    QTest.mouseDClick(history.list.viewport(), Qt.MouseButton.LeftButton, pos=at)
    opened = window.workspace.document
    assert opened is not before
    assert opened.path is None
    assert opened.name == "poster"
    assert dump(opened.graph) == dump(GRAPH)


def test_a_graph_that_cannot_be_read_is_said(
    window: MainWindow, history: HistoryPanel, runs: Runs
) -> None:
    past(runs, "a")
    assert runs._ledger is not None
    runs._ledger.database.submit(lambda c: c.execute("update graphs set data = x'00'"))
    runs._ledger.database.flush()
    history.list.setCurrentIndex(history.model.index(0))
    QTest.keyClick(history.list, Qt.Key.Key_Return)
    assert window.furniture.message.whole == "The graph of this run cannot be read"


def test_runs_can_be_kept_and_forgotten_by_their_menu(
    qtbot: QtBot, history: HistoryPanel, runs: Runs
) -> None:
    past(runs, "a", "b")
    history._menu(history.list.visualRect(history.model.index(1)).center())
    menu = history.findChild(QMenu)
    assert isinstance(menu, QMenu)
    _, kept, _, forget = menu.actions()
    kept.trigger()
    qtbot.waitUntil(lambda: faces(history)[1].detail.endswith(" · kept"))
    forget.trigger()
    qtbot.waitUntil(lambda: titles(history) == "b")
    menu.close()


def test_without_a_history_the_panel_says_so(window: MainWindow) -> None:
    window.docks.switch("run_history")
    panel = window.docks.get("run_history")
    assert isinstance(panel, HistoryPanel)
    assert panel.list.empty_words == "Runs are not kept."
    panel.grab()


# How things are worded and drawn


def row(**values: object) -> RunRow:
    plain = RunRow(1, "k", 0.0, "done", 4200.0, "doc", "", "", "", 7, 3, 0, kept=False, picture=b"")
    return plain._replace(**values)  # type: ignore[arg-type] # names and types as in the row


@pytest.mark.parametrize(
    ("values", "detail", "trouble"),
    [
        ({}, "4.2 s · 3 of 7 nodes", ""),
        ({"ran": 0}, "all was known", ""),
        ({"outcome": "cancelled"}, "4.2 s · 3 of 7 nodes", ""),
        ({"outcome": "running", "ran": 0}, "", ""),
        ({"outcome": "died", "nodes": 0, "ran": 0}, "", "Engine ended"),
        ({"kept": True}, "4.2 s · 3 of 7 nodes · kept", ""),
        ({"ran": 1, "nodes": 1, "ms": 125_000.0}, "2:05 min · 1 of 1 node", ""),
    ],
)
def test_a_run_in_a_line(values: dict[str, object], detail: str, trouble: str) -> None:
    face = face_of(row(began=time.time(), **values), None, time.time())
    assert face.detail.endswith(detail)
    assert face.trouble == trouble
    assert face.title == "doc"


def test_a_long_tip_is_cut_and_failures_are_in_it() -> None:
    nodes = [NodeRecord(str(i), f"N{i}", "t", Status.RAN, reasons=(FirstRun(),)) for i in range(20)]
    nodes[3] = NodeRecord("3", "N3", "t", Status.FAILED, error="N3: no ink")
    lines = tip_of(row(nodes=30, message="words"), nodes).splitlines()
    assert (lines[0], lines[2]) == ("doc", "words")
    assert "N3: no ink" in lines
    assert lines[-2:] == ["and 6 more", "known before: 10 nodes"]
    assert len(lines) == 3 + 14 + 2


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "less than 1 s"), (1.2, "about 1 s"), (8, "about 8 s"), (27, "about 25 s"),
     (100, "about 2 min"), (3000, "about 50 min"), (9000, "about 2.5 h")],
)  # fmt: skip
def test_estimated_spans_are_no_finer_than_they_are_known(seconds: float, words: str) -> None:
    assert spans.about(seconds) == words


@pytest.mark.parametrize(
    ("ms", "words"),
    [(40, "0.0 s"), (4230, "4.2 s"), (42_000, "42 s"), (61_000, "1:01 min"),
     (7_260_000, "2:01 h")],
)  # fmt: skip
def test_measured_spans(ms: float, words: str) -> None:
    assert spans.took(ms) == words


def test_moments_are_said_as_one_would_say_them() -> None:
    noon = time.mktime((2026, 3, 14, 12, 0, 0, 0, 0, -1))
    day = 24 * 3600
    assert spans.moment(noon - 3600, noon) == "11:00"
    assert spans.moment(noon - day, noon) == "yesterday 12:00"
    assert spans.moment(noon - 10 * day, noon).endswith(" 12:00")
    assert spans.moment(noon - 10 * day, noon).startswith("4 ")
    assert spans.moment(noon - 400 * day, noon) == "2025-02-07 12:00"


@pytest.mark.parametrize(
    ("estimate", "words"),
    [
        (Estimate(), "Up to date"),
        (Estimate(1, 1, 0.2), "1 node, less than 1 s"),
        (Estimate(4, 4, 8.0), "4 nodes, about 8 s"),
        (Estimate(1, 4, 8.0), "up to 4 nodes, about 8 s"),
        (Estimate(4, 4, 8.0, 1), "4 nodes, more than 8 s"),
        (Estimate(4, 4, 0.0, 4), "4 nodes"),
    ],
)
def test_what_a_run_would_do_in_words(estimate: Estimate, words: str) -> None:
    assert spans.foreseen(estimate) == words
