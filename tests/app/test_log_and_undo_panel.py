"""The log and the undo history as panels: what they show, and where a click leads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from app.logbook import MOST, Entry, Level
from app.panels.log_panel import ENTRY, LogPanel
from app.panels.undo_panel import UndoPanel
from graph.events import EngineDied, NodeFailed, NodeOutput, Problem

if TYPE_CHECKING:
    from PySide6.QtWidgets import QListView

    from app.window import MainWindow
    from tests.app.fake_engine import FakeEngine


def shown(listed: QListView) -> list[str]:
    model = listed.model()
    return [str(model.index(row, 0).data()) for row in range(model.rowCount())]


def click(listed: QListView, row: int) -> None:
    index = listed.model().index(row, 0)
    listed.scrollTo(index)
    where = listed.visualRect(index).center()
    QTest.mouseClick(listed.viewport(), Qt.MouseButton.LeftButton, pos=where)


@pytest.fixture
def log(window: MainWindow) -> LogPanel:
    window.furniture.actions["log"].trigger()
    panel = window.docks.get("log")
    assert isinstance(panel, LogPanel)
    return panel


def test_what_a_node_says_is_shown_and_leads_to_it(
    window: MainWindow, engine: FakeEngine, log: LogPanel
) -> None:
    window.run()
    run = engine.orders[-1][0]
    engine.listener(NodeOutput(run, "sampler", "half done\nnearly done"))
    engine.listener(
        NodeFailed(run, "decode", Problem("ValueError", "Decode: no.", "Traceback\n x"))
    )
    QGuiApplication.sendPostedEvents()
    lines = [line.split("  ", 1)[1] for line in shown(log.list)]
    assert lines == [
        "Sampler: half done",
        "Sampler: nearly done",
        "Decode: Decode: no.",
        "Decode: Traceback",
        "Decode:  x",
    ]
    window.filer.new()
    click(log.list, 1)
    assert window.workspace is window.workspaces[0]
    assert window.workspace.canvas.selection.ids == {"sampler"}
    log.level.setCurrentIndex(2)
    assert len(shown(log.list)) == 3
    log.level.setCurrentIndex(0)
    assert len(shown(log.list)) == 5


def test_a_death_of_the_engine_is_told_with_its_last_words(
    window: MainWindow, engine: FakeEngine, log: LogPanel
) -> None:
    engine.listener(EngineDied("The engine was killed.", restarting=True, output="out\nof memory"))
    QGuiApplication.sendPostedEvents()
    entries = list(window.program.log.entries)[-3:]
    assert [entry.text for entry in entries] == ["out", "of memory", "The engine was killed."]
    assert entries[-1].level is Level.ERROR
    assert len(shown(log.list)) == len(window.program.log.entries)


def test_lines_are_bounded_copied_and_cleared(window: MainWindow, log: LogPanel) -> None:
    book = window.program.log
    book.add(Entry(str(number)) for number in range(MOST + 100))
    book.add([Entry("x" * 50_000)])
    assert len(book.entries) == log.list.model().rowCount() == MOST
    assert shown(log.list)[-2].endswith(f"  {MOST + 99}")
    QTest.mouseClick(log.copy, Qt.MouseButton.LeftButton)
    assert len(QGuiApplication.clipboard().text().splitlines()) == MOST
    log.list.setCurrentIndex(log.list.model().index(0, 0))
    QTest.mouseClick(log.copy, Qt.MouseButton.LeftButton)
    assert len(QGuiApplication.clipboard().text().splitlines()) == 1
    QTest.mouseClick(log.clear, Qt.MouseButton.LeftButton)
    assert shown(log.list) == []
    book.note("fresh")
    assert isinstance(log.list.model().index(0, 0).data(ENTRY), Entry)


def test_a_click_on_a_step_goes_there(window: MainWindow) -> None:
    window.furniture.actions["undo_history"].trigger()
    panel = window.docks.get("undo_history")
    assert isinstance(panel, UndoPanel)
    document = window.workspace.document
    first = document.graph
    for x in range(4):
        window.workspace.canvas.editing.move({"size": (float(x + 1), 0.0)})
    assert shown(panel) == ["As it began", "Move", "Move", "Move", "Move"]
    assert panel.currentIndex().row() == 4
    click(panel, 2)
    assert document.graph.nodes["size"].position == (2.0, 0.0)
    assert panel.currentIndex().row() == 2
    assert window.furniture.actions["redo"].isEnabled()
    click(panel, 0)
    assert document.graph is first
    assert not window.isWindowModified()
    click(panel, 4)
    assert document.graph.nodes["size"].position == (4.0, 0.0)
    click(panel, 1)
    window.workspace.canvas.editing.move({"size": (7.0, 0.0)})
    assert len(shown(panel)) == 3, "what was undone is gone"
    window.filer.new()
    assert shown(panel) == ["As it began"]
    window.show_workspace(window.workspaces[0])
    assert len(shown(panel)) == 3


def test_a_panel_is_put_away_by_its_cross_and_by_its_key(window: MainWindow) -> None:
    action = window.furniture.actions["log"]
    action.trigger()
    panel = window.docks.get("log")
    assert panel is not None
    assert panel.isVisible()
    assert action.isChecked()
    dock = panel.parentWidget()
    assert dock is not None
    dock.close()
    assert not action.isChecked()
    action.trigger()
    assert panel.isVisible()
    action.trigger()
    assert not panel.isVisible()
