"""The window with a real engine process over small nodes: what only the two together show."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QCoreApplication, QEvent

from app.document import Document
from app.host import EngineHost, EngineState
from app.preferences import Preferences
from app.program import Program
from app.runstate import Badge
from app.window import MainWindow
from graph.engine.client import EngineClient
from graph.engine.settings import EngineSettings
from tests.graph.build import CATALOG, build, n

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from app.theme.look import Look
    from graph.graph import Graph

PATIENCE = 30_000
PACKS = ("tests.graph.pack",)
GRAPH = build(
    n("march", "march", steps=4, side=24), n("invert", "invert", {"image": "march.image"})
)


@pytest.fixture
def window(qtbot: QtBot, look: Look, tmp_path: Path) -> Iterator[MainWindow]:
    settings = EngineSettings(packs=PACKS, cache_folder=str(tmp_path / "cache"))
    host = EngineHost(lambda listener: EngineClient(settings, listener), tmp_path / "cache")
    preferences = Preferences(output=str(tmp_path))
    program = Program(host, settings.files(), look, preferences)
    window = MainWindow(program, Document(CATALOG, GRAPH))
    window.resize(1200, 800)
    window.show()
    yield window
    window.shut()
    host.close()
    window.hide()
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    del qtbot


def badges(window: MainWindow) -> set[str]:
    return {run.badge.value for run in window.workspace.session.board.runs.values()}


def run(qtbot: QtBot, window: MainWindow) -> None:
    window.run()
    session = window.workspace.session
    qtbot.waitUntil(lambda: not session.running and session.planned, timeout=PATIENCE)


def show(window: MainWindow, graph: Graph) -> None:
    window.add_document(Document(CATALOG, graph))


def test_a_run_a_second_run_and_an_edit(qtbot: QtBot, window: MainWindow) -> None:
    seen: set[tuple[int, int]] = set()
    board = window.workspace.session.board
    window.host.runs.heard.connect(lambda *_: seen.add((board.run_of("march").done, 4)))
    run(qtbot, window)
    assert badges(window) == {"ran"}
    assert {(done, 4) for done in range(1, 5)} <= seen
    item = window.workspace.canvas.scene.nodes["invert"]
    assert item.state.picture is not None
    assert item.state.picture.toImage().pixelColor(4, 4).name() == "#000000"
    run(qtbot, window)
    assert badges(window) == {"cached"}
    window.workspace.canvas.editing.set_param("march", "side", 12)
    qtbot.waitUntil(lambda: window.workspace.session.planned)
    assert board.run_of("march").text == "side: 24 → 12"
    assert board.run_of("invert").badge is Badge.PENDING
    window.workspace.document.undo()
    qtbot.waitUntil(lambda: window.workspace.session.planned)
    assert board.run_of("march").badge is Badge.CLEAN


def test_the_full_picture_comes_from_the_engine(qtbot: QtBot, window: MainWindow) -> None:
    show(window, build(n("draw", "draw", side=900, level=1.0)))
    run(qtbot, window)
    stage = window.workspace.viewer.stage
    qtbot.waitUntil(lambda: stage.picture_size.width() == 900, timeout=PATIENCE)
    assert window.workspace.viewer.details.whole.startswith("900 × 900")


def test_a_crash_leaves_window_and_document_and_the_next_run_works(
    qtbot: QtBot, window: MainWindow
) -> None:
    show(window, build(n("crash", "crash")))
    run(qtbot, window)
    assert window.workspace.banner.isVisible()
    assert "Your graph is untouched" in window.furniture.message.whole
    assert window.workspace.document.graph.nodes
    show(window, GRAPH)
    run(qtbot, window)
    assert badges(window) == {"ran"}
    assert window.host.state is EngineState.READY


def test_what_another_session_made_is_known_and_seen_without_a_run(
    qtbot: QtBot, window: MainWindow
) -> None:
    run(qtbot, window)
    window.host.known.clear()  # as in a new process: what is left is on disk
    show(window, GRAPH)
    session = window.workspace.session
    qtbot.waitUntil(lambda: session.planned)
    assert badges(window) == {"clean"}
    state = window.workspace.canvas.scene.nodes["invert"].state
    qtbot.waitUntil(lambda: state.picture is not None, timeout=PATIENCE)
    assert state.picture.toImage().pixelColor(4, 4).name() == "#000000"  # type: ignore[union-attr] # waited for


def test_stop_ends_a_long_run(qtbot: QtBot, window: MainWindow) -> None:
    show(window, build(n("march", "march", steps=10_000, pause=0.01)))
    window.run()
    board = window.workspace.session.board
    qtbot.waitUntil(lambda: board.run_of("march").done > 1, timeout=PATIENCE)
    window.furniture.actions["stop"].trigger()
    qtbot.waitUntil(lambda: not window.workspace.session.running, timeout=PATIENCE)
    assert window.furniture.message.whole == "Stopped"
