"""The queue in the app: runs one behind the other, crashes, and what documents show of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QCoreApplication

from app.document import Document
from app.host import EngineHost
from graph.edits import set_param
from graph.events import NodeFinished, NodeStarted, Outcome, RunFinished, RunStarted, Status
from graph.params import FileRef
from graph.reasons import FirstRun
from graph.runs.ledger import Ledger
from graph.runs.queue import MANY_DEATHS, RunQueue
from tests.app.catalog import CATALOG, text_to_image
from tests.app.fake_engine import FakeEngine

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from app.runs import Runs
    from app.session import Session
    from app.window import MainWindow
    from graph.files import FileIndex
    from graph.graph import Graph


@pytest.fixture
def session(window: MainWindow) -> Session:
    """A session whose graph can run."""
    edit(window, "checkpoint", "file", FileRef("tiny.safetensors"))
    edit(window, "prompt", "text", "a star")
    return window.workspace.session


@pytest.fixture
def runs(window: MainWindow) -> Runs:
    return window.host.runs


def edit(window: MainWindow, node: str, name: str, value: object) -> Graph:
    document = window.workspace.document
    change = set_param(document.graph, document.catalog, node, name, value)  # type: ignore[arg-type] # as widgets hold it
    return document.edit("Change", change)


def end(engine: FakeEngine, outcome: Outcome = Outcome.DONE) -> None:
    """End the run that was ordered last."""
    engine.listener(RunFinished(engine.orders[-1][0], outcome, 1.0))
    QCoreApplication.sendPostedEvents()


def test_run_while_one_runs_queues_another_with_its_own_graph(
    window: MainWindow, session: Session, engine: FakeEngine
) -> None:
    run = window.furniture.actions["run"]
    assert run.text() == "Run"
    run.trigger()
    assert run.text() == "Queue run"
    graphs = [window.workspace.document.graph]
    for seed in (1, 2):
        graphs.append(edit(window, "sampler", "seed", seed))
        run.trigger()
    assert len(engine.orders) == 1, "one at a time"
    assert session.waiting == 2
    assert window.furniture.message.whole == "Queued; runs before it: 2"
    assert window.furniture.run_label.text().endswith("2 queued")
    edit(window, "sampler", "seed", 99)
    for graph in graphs:
        assert engine.orders[-1][1] is graph, "what was queued is what runs"
        end(engine)
    assert not session.running
    assert run.text() == "Run"


def test_a_document_shows_only_its_own_runs(
    qtbot: QtBot, window: MainWindow, session: Session, engine: FakeEngine
) -> None:
    other = window.add_document(Document(CATALOG, text_to_image()))
    session.run()
    other.session.run()
    assert [each.running for each in (session, other.session)] == [True, False]
    assert other.session.waiting == 1
    engine.perform()
    qtbot.waitUntil(lambda: other.session.running)
    assert [each.running for each in (session, other.session)] == [False, True]
    assert set(session.board.runs) == set(other.document.graph.nodes)
    assert session.board.run_of("size").badge.value == "ran"
    end(engine)


def test_closing_a_document_lets_its_runs_go_on(
    window: MainWindow, session: Session, engine: FakeEngine, runs: Runs
) -> None:
    session.run()
    session.run()
    window.filer.new()
    window.workspaces[0].document._saved = window.workspaces[0].document.graph
    window._throw_away(window.workspaces[0])
    assert engine.cancelled == []
    end(engine)
    assert len(engine.orders) == 2
    assert runs.current is not None
    end(engine)


def test_stop_ends_one_run_and_the_next_begins(
    session: Session, engine: FakeEngine, runs: Runs
) -> None:
    session.run()
    session.run()
    session.stop()
    assert (session.running, session.stopping) == (True, True)
    end(engine, Outcome.CANCELLED)
    assert engine.cancelled == [1]
    assert len(engine.orders) == 2
    assert (session.running, session.stopping) == (True, False)
    assert runs.queue.waiting == ()
    end(engine)


def test_the_queue_goes_on_after_a_death_but_not_for_ever_with_one_graph(
    qtbot: QtBot, window: MainWindow, session: Session, engine: FakeEngine, runs: Runs
) -> None:
    for _ in range(MANY_DEATHS + 1):
        session.run()
    for died in range(1, MANY_DEATHS + 1):
        assert len(engine.orders) == died
        engine.die()
        QCoreApplication.sendPostedEvents()
        engine.be_ready()
        QCoreApplication.sendPostedEvents()
    assert len(engine.orders) == MANY_DEATHS
    assert runs.queue.paused
    qtbot.waitUntil(window.notices.isVisible)
    assert "3 times in a row" in words(window)
    press(window, "Resume")
    assert len(engine.orders) == MANY_DEATHS + 1
    qtbot.waitUntil(lambda: not window.notices.isVisible())
    end(engine)


def words(window: MainWindow) -> str:
    return " ".join(notice.text.text() for notice in window.notices._shown.values())


def press(window: MainWindow, text: str) -> None:
    buttons = [b for notice in window.notices._shown.values() for b in notice.buttons]
    next(button for button in buttons if button.text() == text).click()


def test_an_engine_that_does_not_start_pauses_what_waits_and_run_can_be_tried_again(
    session: Session, engine: FakeEngine, runs: Runs
) -> None:
    from graph.events import EngineDied

    session.run()
    session.run()
    engine.listener(EngineDied("no", restarting=False))
    engine.listener(RunFinished(1, Outcome.DIED, 0.0))
    QCoreApplication.sendPostedEvents()
    assert len(engine.orders) == 1
    assert "does not start" in runs.queue.why
    started = engine.started
    runs.resume()
    assert engine.started == started + 1
    assert len(engine.orders) == 2
    end(engine)


def test_a_run_that_cannot_be_started_is_told_and_holds_up_nothing_for_ever(
    qtbot: QtBot, window: MainWindow, session: Session, engine: FakeEngine,
    runs: Runs, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    def refuse(*_: object, **__: object) -> int:
        raise OSError("no more processes")

    with monkeypatch.context() as patch:
        patch.setattr(engine, "run", refuse)
        session.run()
    assert runs.current is None
    qtbot.waitUntil(window.notices.isVisible)
    assert words(window) == "A run cannot be started: no more processes"
    session.run()
    assert session.running
    end(engine)


def test_several_nodes_can_be_at_work_at_once(
    qtbot: QtBot, window: MainWindow, session: Session, engine: FakeEngine
) -> None:
    session.run()
    for event in (
        RunStarted(1, ("prompt", "negative", "save")),
        NodeStarted(1, "prompt", (FirstRun(),)),
        NodeStarted(1, "negative", (FirstRun(),)),
    ):
        engine.listener(event)
    qtbot.waitUntil(lambda: len(session.at_work) == 2)
    assert session.current == "negative"
    label = window.furniture.run_label
    qtbot.waitUntil(lambda: label.text().startswith("Negative prompt and 1 more"))
    engine.listener(NodeFinished(1, "negative", Status.RAN, "x", ()))
    qtbot.waitUntil(lambda: session.current == "prompt")
    end(engine)
    assert session.current == ""


# With a folder


@pytest.fixture
def kept(window: MainWindow, tmp_path: Path) -> Path:
    """The folder where the runs of `window` are kept from now on."""
    folder = tmp_path / "kept"
    host = window.host
    host.runs._ledger = Ledger(folder, host.runs.troubled.emit)
    host.runs.queue._store = host.runs._ledger.waiting
    host.runs.costs = host.runs._ledger.costs
    host.runs.open(CATALOG)
    return folder


def flush(runs: Runs) -> None:
    assert runs._ledger is not None
    assert runs._ledger.database.flush()
    QCoreApplication.sendPostedEvents()


def leave_behind(folder: Path, *titles: str) -> None:
    """Queue runs as a program would that ended since."""
    from graph.runs.queue import Order

    ledger = Ledger(folder)
    ledger.open()
    queue = RunQueue(ledger.waiting)
    for title in titles:
        queue.add(Order(graph=text_to_image(), folder=folder, document="old", title=title))
    ledger.close()


@pytest.mark.parametrize(("answer", "ordered"), [("Resume", 1), ("Discard", 0)])
def test_runs_that_waited_when_the_program_ended_are_offered(
    qtbot: QtBot, window: MainWindow, engine: FakeEngine, tmp_path: Path, runs: Runs,
    answer: str, ordered: int,
) -> None:  # fmt: skip
    leave_behind(tmp_path / "kept", "a", "b", "c")
    runs._ledger = Ledger(tmp_path / "kept")
    runs.open(CATALOG)
    qtbot.waitUntil(window.notices.isVisible)
    assert words(window) == "3 runs were waiting when Sfumato ended."
    assert engine.orders == [], "nothing runs unasked"
    press(window, answer)
    qtbot.waitUntil(lambda: not window.notices.isVisible())
    assert len(engine.orders) == ordered
    assert len(runs.queue.waiting) == (2 if ordered else 0)
    if ordered:
        assert set(engine.orders[0][1].nodes) == set(text_to_image().nodes)


def test_a_run_of_now_does_not_wait_for_those_of_yesterday(
    qtbot: QtBot, session: Session, engine: FakeEngine, tmp_path: Path, runs: Runs
) -> None:
    leave_behind(tmp_path / "kept", "a")
    runs._ledger = Ledger(tmp_path / "kept")
    runs.open(CATALOG)
    qtbot.waitUntil(lambda: bool(runs.queue.held))
    session.run()
    assert engine.orders[-1][1] is session.document.graph
    end(engine)


@pytest.mark.usefixtures("kept")
def test_every_run_is_in_the_history_with_its_reasons(
    session: Session, engine: FakeEngine, runs: Runs
) -> None:
    session.run()
    flush(runs)
    assert runs.history is not None
    assert runs.history.page()[0].outcome == "running"
    engine.perform()
    QCoreApplication.sendPostedEvents()
    flush(runs)
    (row,) = runs.history.page()
    assert (row.outcome, row.nodes, row.ran, row.title) == ("done", 7, 7, "a star")
    assert row.picture.startswith(b"\xff\xd8")
    assert runs.history.nodes(row.id)[-1].node == "save"


def test_closing_in_the_middle_of_a_run_keeps_it_for_the_next_start(
    qtbot: QtBot, session: Session, engine: FakeEngine, runs: Runs, kept: Path, files: FileIndex
) -> None:
    session.run()
    session.run()
    engine.listener(RunStarted(1, ("size",)))
    QCoreApplication.sendPostedEvents()
    runs.close()
    host = EngineHost(lambda listener: FakeEngine(listener, files=files), runs_folder=kept)
    host.runs.open(CATALOG)
    qtbot.waitUntil(lambda: len(host.runs.queue.held) == 2)
    assert host.runs.history is not None
    (row,) = host.runs.history.page()
    assert (row.outcome, row.message) == ("cancelled", "Sfumato was closed while it ran.")
    host.close()


# Estimates


@pytest.mark.usefixtures("kept")
def test_what_a_run_will_take_is_said_before_and_while_it_runs(
    qtbot: QtBot, window: MainWindow, session: Session, engine: FakeEngine, runs: Runs
) -> None:
    label = window.furniture.run_label
    qtbot.waitUntil(lambda: label.text() == "up to 7 nodes")
    session.run()
    engine.perform()
    qtbot.waitUntil(lambda: label.text() == "Up to date")
    flush(runs)
    edit(window, "sampler", "seed", 5)
    qtbot.waitUntil(lambda: label.text() == "up to 3 nodes, less than 1 s")
    session.run()
    number = engine.orders[-1][0]
    engine.listener(RunStarted(number, ("sampler", "decode", "save")))
    engine.listener(NodeStarted(number, "sampler", (FirstRun(),)))
    qtbot.waitUntil(lambda: label.text() == "Sampler  ·  1/3  ·  less than 1 s left")
    left = session.timing.left
    assert left is not None
    assert 0 < left <= 0.015
    engine.listener(NodeFinished(number, "sampler", Status.RAN, "x", ("d",)))
    qtbot.waitUntil(lambda: session.current == "")
    assert session.timing.left == pytest.approx(0.01)
    end(engine)
    assert session.timing.left is None
