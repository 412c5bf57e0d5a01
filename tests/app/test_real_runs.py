"""Queue, history, subgraphs and estimates with a real engine process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QCoreApplication, QEvent

from app.document import Document
from app.host import EngineHost
from app.preferences import Preferences
from app.program import Program
from app.runstate import Badge
from app.window import MainWindow
from graph.engine.client import EngineClient
from graph.engine.settings import EngineSettings
from graph.graph import Loop
from graph.reasons import FirstRun
from tests.graph.structure import CATALOG, graph_of, having, subgraph

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from app.session import Session
    from app.theme.look import Look
    from graph.graph import Graph

PATIENCE = 30_000
PACKS = ("tests.graph.pack", "tests.graph.structure_pack")
BODY = graph_of(
    {"draw": ("test/draw", {"side": 24, "level": 0.25}), "invert": "test/invert"},
    "draw.image > invert.image",
)
LOOK = subgraph("look", BODY, {"side": ["draw.side"]}, {"image": "invert.image"})


@pytest.fixture
def window(qtbot: QtBot, look: Look, tmp_path: Path) -> Iterator[MainWindow]:
    settings = EngineSettings(packs=PACKS, cache_folder=str(tmp_path / "cache"))
    host = EngineHost(
        lambda listener: EngineClient(settings, listener),
        tmp_path / "cache",
        runs_folder=tmp_path / "runs",
    )
    host.runs.open(CATALOG)
    program = Program(host, settings.files(), look, Preferences(output=str(tmp_path)))
    window = MainWindow(program, Document(CATALOG))
    window.resize(1200, 800)
    window.show()
    yield window
    window.shut()
    host.close()
    window.hide()
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    del qtbot


def show(window: MainWindow, graph: Graph) -> Session:
    return window.add_document(Document(CATALOG, graph)).session


def run(qtbot: QtBot, session: Session) -> None:
    session.run()
    qtbot.waitUntil(lambda: not session.running and session.planned, timeout=PATIENCE)


def standing(session: Session, node: str) -> tuple[Badge, str]:
    found = session.board.run_of(node)
    return found.badge, found.text


def test_a_node_that_stands_for_a_subgraph_stands_as_its_inside_does(
    qtbot: QtBot, window: MainWindow
) -> None:
    graph = graph_of(
        {"a": "subgraph/look", "dim": "test/dim"}, "a.image > dim.image", on=having(LOOK)
    )
    session = show(window, graph)
    run(qtbot, session)
    assert standing(session, "a")[0] is Badge.RAN
    assert session.board.run_of("a").ms > 0
    state = window.workspace.canvas.scene.nodes["a"].state
    qtbot.waitUntil(lambda: state.picture is not None, timeout=PATIENCE)
    assert state.picture.toImage().pixelColor(4, 4).name() == "#bfbfbf"  # type: ignore[union-attr] # waited for
    assert session.results.pictured("a") != session.results.pictured("dim") != ""
    assert standing(session, "a/draw")[0] is standing(session, "a/invert")[0] is Badge.RAN
    small = session.results.thumbnail("a/draw")
    assert small is not None
    assert small.pixelColor(4, 4).name() == "#404040", "inside, each shows its own"
    run(qtbot, session)
    assert standing(session, "a")[0] is Badge.CACHED
    window.workspace.canvas.editing.set_param("a", "side", 12)
    qtbot.waitUntil(lambda: session.planned)
    assert standing(session, "a") == (Badge.DIRTY, "Look / Draw: side: 24 → 12")
    assert standing(session, "a/draw") == (Badge.DIRTY, "side: 24 → 12")
    assert standing(session, "a/invert") == (Badge.PENDING, "Look / Draw")
    assert standing(session, "dim")[0] is Badge.PENDING
    estimate = session.timing.estimate
    assert estimate is not None
    assert (estimate.certain, estimate.most, estimate.unknown) == (1, 3, 0)


def test_what_a_subgraph_made_before_is_seen_without_a_run(
    qtbot: QtBot, window: MainWindow
) -> None:
    graph = graph_of({"a": "subgraph/look"}, on=having(LOOK))
    run(qtbot, show(window, graph))
    session = show(window, graph)
    qtbot.waitUntil(lambda: session.planned)
    assert standing(session, "a")[0] is Badge.CLEAN
    state = window.workspace.canvas.scene.nodes["a"].state
    qtbot.waitUntil(lambda: state.picture is not None, timeout=PATIENCE)


def test_a_failure_inside_names_the_node_inside(qtbot: QtBot, window: MainWindow) -> None:
    body = graph_of({"bad": ("test/fail", {"message": "no ink"})})
    graph = graph_of({"a": "subgraph/s"}, on=having(subgraph("s", body, {}, {"int": "bad.int"})))
    session = show(window, graph)
    run(qtbot, session)
    badge, text = standing(session, "a")
    assert badge is Badge.FAILED
    assert "Fail" in text
    assert "no ink" in text


def test_the_iterations_of_a_loop_are_counted_and_folded(qtbot: QtBot, window: MainWindow) -> None:
    body = graph_of({"add": ("test/fold", {"b": 1})})
    turn = subgraph("s", body, {"a": ["add.a"]}, {"int": "add.int"}, Loop(feedback=(("int", "a"),)))
    graph = graph_of({"grow": ("subgraph/s", {"count": 5})}, on=having(turn))
    session = show(window, graph)
    run(qtbot, session)
    assert standing(session, "grow")[0] is Badge.RAN
    assert standing(session, "grow/add")[0] is Badge.RAN, "all iterations are one on the canvas"
    done, total = session.progress
    assert done == total >= 5
    assert session.host.runs._ledger is not None
    session.host.runs._ledger.database.flush()
    history = session.host.runs.history
    assert history is not None
    titles = {node.title for node in history.nodes(history.page()[0].id)}
    assert "S / Fold" in titles


def test_a_death_ends_one_run_and_the_queue_goes_on(qtbot: QtBot, window: MainWindow) -> None:
    session = show(window, graph_of({"crash": "test/crash"}))
    other = show(window, graph_of({"draw": "test/draw"}))
    session.run()
    other.run()
    qtbot.waitUntil(
        lambda: window.host.runs.current is None and not window.host.runs.queue.waiting,
        timeout=PATIENCE,
    )
    assert standing(other, "draw")[0] is Badge.RAN
    runs = window.host.runs
    assert runs._ledger is not None
    assert runs._ledger.database.flush()
    assert runs.history is not None
    new, old = runs.history.page()
    assert (new.outcome, old.outcome) == ("done", "died")
    assert "Your graph is untouched" in old.message
    (node,) = runs.history.nodes(new.id)
    assert node.reasons == (FirstRun(),)
    assert new.picture.startswith(b"\xff\xd8")
