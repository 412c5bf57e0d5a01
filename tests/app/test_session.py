"""Runs: states, progress, thumbnails and reasons on the canvas, by the engine's events."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.canvas.tips import state_tip
from app.host import EngineState
from app.runstate import Badge
from graph.edits import remove, set_param
from graph.events import NodeProgress, NodeStarted, Outcome, RunFinished, RunStarted
from graph.params import FileRef
from graph.reasons import FirstRun
from tests.app.fake_engine import picture

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from app.session import Session
    from app.window import MainWindow
    from tests.app.fake_engine import FakeEngine


@pytest.fixture
def session(window: MainWindow) -> Session:
    """A session whose checkpoint is chosen, so that the graph can run."""
    change(window, "checkpoint", "file", FileRef("tiny.safetensors"))
    change(window, "prompt", "text", "a star")
    return window.workspace.session


def change(window: MainWindow, node: str, name: str, value: object) -> None:
    document = window.workspace.document
    edit = set_param(document.graph, document.catalog, node, name, value)  # type: ignore[arg-type] # tests pass what widgets hold
    document.edit("Change", edit)


def badges(session: Session) -> dict[str, str]:
    return {node_id: run.badge.value for node_id, run in session.board.runs.items()}


def run(qtbot: QtBot, session: Session, engine: FakeEngine) -> None:
    session.run()
    engine.perform()
    qtbot.waitUntil(lambda: not session.running)
    wait_for_plan(qtbot, session)


def wait_for_plan(qtbot: QtBot, session: Session) -> None:
    qtbot.waitUntil(lambda: session.planned)
    session.frames.show_now()


@pytest.mark.usefixtures("engine")
def test_before_a_run_the_first_nodes_are_due_and_the_rest_wait(
    qtbot: QtBot, session: Session
) -> None:
    wait_for_plan(qtbot, session)
    assert badges(session) == {
        "checkpoint": "dirty", "size": "dirty", "prompt": "pending", "negative": "pending",
        "sampler": "pending", "decode": "pending", "save": "pending",
    }  # fmt: skip
    assert session.board.run_of("size").text == "first run"


def test_a_run_marks_every_node_and_shows_its_picture(
    qtbot: QtBot, window: MainWindow, session: Session, engine: FakeEngine
) -> None:
    run(qtbot, session, engine)
    assert set(badges(session).values()) == {"ran"}
    state = window.workspace.canvas.scene.nodes["decode"].state
    assert state.picture is not None
    assert state_tip(state) == "Ran: first run"
    assert window.furniture.message.whole.startswith("Done in")


def test_a_run_takes_the_words_of_the_last_one_away(
    qtbot: QtBot, window: MainWindow, session: Session, engine: FakeEngine
) -> None:
    message = window.furniture.message
    window.furniture.actions["run"].trigger()
    engine.perform()
    qtbot.waitUntil(lambda: not session.running)
    assert message.whole.startswith("Done in")
    window.furniture.actions["run"].trigger()
    assert not message.whole


def test_running_again_runs_nothing(qtbot: QtBot, session: Session, engine: FakeEngine) -> None:
    run(qtbot, session, engine)
    run(qtbot, session, engine)
    assert set(badges(session).values()) == {"cached"}


def test_an_edit_shows_what_it_dirtied_and_why_without_a_run(
    qtbot: QtBot, window: MainWindow, session: Session, engine: FakeEngine
) -> None:
    run(qtbot, session, engine)
    change(window, "sampler", "seed", 7)
    wait_for_plan(qtbot, session)
    found = badges(session)
    assert found["sampler"] == "dirty"
    assert found["decode"] == found["save"] == "pending"
    assert found["prompt"] == found["checkpoint"] == "ran"
    assert session.board.run_of("sampler").text == "seed: 0 → 7"
    assert session.board.run_of("decode").text == "Sampler"
    state = window.workspace.canvas.scene.nodes["sampler"].state
    assert state_tip(state) == "Will run: seed: 0 → 7"


def test_undo_of_an_edit_makes_all_clean_again_with_the_old_picture(
    qtbot: QtBot, window: MainWindow, session: Session, engine: FakeEngine
) -> None:
    run(qtbot, session, engine)
    scene = window.workspace.canvas.scene
    first = colour(scene.nodes["decode"].state.picture)
    change(window, "sampler", "seed", 7)
    run(qtbot, session, engine)
    assert colour(scene.nodes["decode"].state.picture) != first
    window.workspace.document.undo()
    wait_for_plan(qtbot, session)
    assert set(badges(session).values()) <= {"clean", "ran", "cached"}
    assert colour(scene.nodes["decode"].state.picture) == first


def colour(pixmap: object) -> str:
    from PySide6.QtGui import QPixmap

    assert isinstance(pixmap, QPixmap)
    return pixmap.toImage().pixelColor(0, 0).name()


def test_moving_a_node_dirties_nothing(
    qtbot: QtBot, window: MainWindow, session: Session, engine: FakeEngine
) -> None:
    run(qtbot, session, engine)
    window.workspace.canvas.editing.move({"size": (0.0, 0.0)})
    assert set(badges(session).values()) == {"ran"}
    assert session.planned


def test_progress_is_told_on_the_node_and_in_the_bar(
    qtbot: QtBot, window: MainWindow, session: Session, engine: FakeEngine
) -> None:
    session.run()
    number = engine.orders[-1][0]
    for event in (
        RunStarted(number, ("sampler", "decode")),
        NodeStarted(number, "sampler", (FirstRun(),)),
        NodeProgress(number, "sampler", 2, 4, picture("half")),
    ):
        engine.listener(event)
    qtbot.waitUntil(lambda: session.board.run_of("sampler").done == 2)
    state = window.workspace.canvas.scene.nodes["sampler"].state
    assert state.run.badge is Badge.RUNNING
    assert state.run.fraction == 0.5
    assert state.picture is not None
    label = window.furniture.run_label
    qtbot.waitUntil(lambda: label.text() == "Sampler 2/4  ·  1/2")
    assert window.workspace.progress_line.fraction == 0.25
    assert not window.workspace.viewer.stage.empty
    engine.listener(RunFinished(number, Outcome.CANCELLED, 5.0))
    qtbot.waitUntil(lambda: not session.running)
    assert session.board.run_of("sampler").badge is not Badge.RUNNING
    assert window.furniture.message.whole == "Stopped"


def test_a_failure_stays_on_its_node_until_it_is_edited(
    qtbot: QtBot, window: MainWindow, session: Session, engine: FakeEngine
) -> None:
    engine.breaks["sampler"] = "the size 130 is not a multiple of 8: use 128 or 136"
    run(qtbot, session, engine)
    assert badges(session)["sampler"] == "failed"
    assert badges(session)["decode"] == "skipped"
    assert "multiple of 8" in session.board.run_of("sampler").text
    assert window.furniture.message.whole.startswith("Sampler: the size 130")
    assert window.furniture.message.property("tone") == "error"
    change(window, "sampler", "steps", 4)
    wait_for_plan(qtbot, session)
    assert badges(session)["sampler"] == "dirty"
    assert badges(session)["decode"] == "pending"


def test_a_missing_wire_is_said_before_any_run(
    qtbot: QtBot, window: MainWindow, session: Session
) -> None:
    document = window.workspace.document
    document.edit("Delete", remove(document.graph, ["size"]))
    wait_for_plan(qtbot, session)
    assert badges(session)["sampler"] == "broken"
    assert "Latent is not wired" in session.board.run_of("sampler").text


def test_stop_cancels_the_run_and_says_so_until_it_ends(
    qtbot: QtBot, window: MainWindow, session: Session, engine: FakeEngine
) -> None:
    stop = window.furniture.actions["stop"]
    assert not stop.isEnabled()
    session.run()
    stop.trigger()
    assert engine.cancelled == [1]
    assert (stop.text(), stop.isEnabled()) == ("Stopping…", False)
    assert window.furniture.run_label.text() == "Stopping…"
    engine.listener(RunFinished(1, Outcome.CANCELLED, 1.0))
    qtbot.waitUntil(lambda: not session.running)
    assert (stop.text(), stop.isEnabled()) == ("Stop", False)


def test_a_body_that_does_not_stop_can_be_ended_with_the_engine(
    qtbot: QtBot, window: MainWindow, session: Session, engine: FakeEngine
) -> None:
    stop = window.furniture.actions["stop"]
    session.run()
    for event in (RunStarted(1, ("sampler",)), NodeStarted(1, "sampler", (FirstRun(),))):
        engine.listener(event)
    stop.trigger()
    engine.stuck = 0.0
    qtbot.waitUntil(lambda: session.overdue)
    assert (stop.text(), stop.isEnabled()) == ("End engine", True)
    assert window.furniture.run_label.text() == "Sampler does not stop"
    stop.trigger()
    qtbot.waitUntil(lambda: not session.running)
    assert not session.overdue
    assert window.workspace.banner.isVisible(), "how it ended is told"


def test_the_death_of_the_engine_is_told_and_leaves_the_document(
    qtbot: QtBot, window: MainWindow, session: Session, engine: FakeEngine
) -> None:
    before = window.workspace.document.graph
    run(qtbot, session, engine)
    session.run()
    engine.die()
    qtbot.waitUntil(lambda: not session.running)
    assert window.host.state is EngineState.STARTING
    assert window.workspace.banner.isVisible()
    assert "Your graph is untouched" in window.workspace.banner.text.text()
    assert window.workspace.document.graph is before
    wait_for_plan(qtbot, session)
    assert badges(session)["size"] == "dirty", "what the engine held is gone with it"
    engine.be_ready()
    qtbot.waitUntil(lambda: window.host.state is EngineState.READY)
    run(qtbot, session, engine)
    assert set(badges(session).values()) == {"ran"}
    assert not window.workspace.banner.isVisible()


def test_run_to_here_orders_only_what_is_selected(
    qtbot: QtBot, window: MainWindow, session: Session, engine: FakeEngine
) -> None:
    window.workspace.canvas.selection.set({"prompt"})
    window.furniture.actions["run_selected"].trigger()
    assert engine.orders[-1][2] == ("prompt",)
    engine.perform()
    qtbot.waitUntil(lambda: not session.running)
    assert badges(session)["prompt"] == "ran"


def test_a_run_before_the_engine_is_ready_wakes_it(window: MainWindow, session: Session) -> None:
    window.furniture.actions["run"].trigger()
    engine = window.host.engine
    assert engine.started == 1  # type: ignore[attr-defined] # it is the fake one
    assert window.furniture.message.whole == "The run begins when the engine is ready"
    assert session.running


def test_an_empty_graph_says_what_to_do(window: MainWindow, engine: FakeEngine) -> None:
    window.workspace.canvas.deeds.select_all()
    window.workspace.canvas.deeds.delete()
    window.furniture.actions["run"].trigger()
    assert engine.orders == []
    assert window.furniture.message.whole == "Add a node first: press Tab"


def test_the_viewer_asks_for_the_full_picture_of_the_selected_node(
    qtbot: QtBot, window: MainWindow, session: Session, engine: FakeEngine
) -> None:
    run(qtbot, session, engine)
    viewer = window.workspace.viewer
    window.workspace.canvas.selection.set({"save"})
    digest = session.results.pictured("save")
    assert digest == session.results.pictured("decode") != ""
    assert engine.asked[-1] == digest
    engine.send_picture(digest, picture("large", 96))
    qtbot.waitUntil(lambda: session.results.full(digest) is not None)
    assert viewer.stage.picture_size.toTuple() == (96, 96)
    assert viewer.title.text() == "Save"
    assert viewer.details.whole.startswith("96 × 96")
    viewer.actual.click()
    assert viewer.stage.zoom == 1.0
    viewer.fit.click()
    assert viewer.stage.zoom > 1.0


def test_before_the_engine_spoke_only_obstacles_are_shown(
    qtbot: QtBot, window: MainWindow, session: Session
) -> None:
    document = window.workspace.document
    document.edit("Delete", remove(document.graph, ["size"]))
    wait_for_plan(qtbot, session)
    found = badges(session)
    assert found.pop("sampler") == "broken"
    assert set(found.values()) == {"unknown"}
