"""Frames: many changes are shown at once, what is shown is whole, and news of a death stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication

from app.frames import Frames
from app.runstate import Badge, NodeRun
from tests.app.test_canvas_painting import differing, grabbed, painted

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from app.canvas.canvas import Canvas
    from app.window import MainWindow
    from tests.app.fake_engine import FakeEngine


def test_what_comes_between_two_frames_is_shown_at_once(qtbot: QtBot) -> None:
    frames, shown = Frames(), list[int]()
    frames.due.connect(lambda: shown.append(1))
    for _ in range(1000):
        frames.ask()
    assert not shown
    qtbot.waitUntil(lambda: bool(shown))
    frames.ask()
    frames.show_now()
    QApplication.processEvents()
    assert len(shown) == 2, "what was shown already is not shown again"


@pytest.mark.parametrize("zoom", [0.4, 0.73, 1.0, 1.6])
def test_a_node_of_which_only_the_head_is_painted_looks_as_one_painted_anew(
    canvas: Canvas, zoom: float
) -> None:
    canvas.resize(900, 560)
    canvas.view.look_at(QPointF(canvas.scene.nodes["decode"].pos()), zoom)
    for done in range(1, 5):
        image = QImage(64, 64, QImage.Format.Format_RGB32)
        image.fill(QColor(60 * done, 20, 90))
        canvas.scene.show_runs({"decode": NodeRun(Badge.RUNNING, "", done, 4)}, ["decode"])
        canvas.put_picture("decode", image)
        seen = grabbed(canvas)
        assert differing(seen, painted(canvas, canvas.view.camera).copy(seen.rect()), 4) < 0.001


def test_news_of_a_death_stays_however_often_views_are_told_of_the_run(
    window: MainWindow, engine: FakeEngine
) -> None:
    del engine
    session, banner = window.workspace.session, window.workspace.banner
    session.run()
    assert session.running
    window.host.died.emit("The engine ended.")
    session.activeChanged.emit()  # a clock ticks between the death and the end of the run
    assert banner.isVisible()
    session.run()
    assert not banner.isVisible()
