"""Looking around: zoom, pan, fit, and what is drawn from near and far."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QWheelEvent
from PySide6.QtWidgets import QApplication

from app.runstate import Badge, NodeRun
from app.theme import metrics

if TYPE_CHECKING:
    from app.canvas.canvas import Canvas
    from tests.app.hand import Hand

MIDDLE = Qt.MouseButton.MiddleButton


def wheel(
    hand: Hand,
    at: QPoint,
    turn: int,
    modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    event = QWheelEvent(
        QPointF(at), QPointF(hand.port.mapToGlobal(at)), QPoint(), QPoint(0, turn),
        Qt.MouseButton.NoButton, modifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(hand.port, event)


def colour_at(canvas: Canvas, at: QPoint) -> QColor:
    return canvas.view.viewport().grab().toImage().pixelColor(at)


def test_the_wheel_zooms_to_the_pointer(hand: Hand, canvas: Canvas) -> None:
    place = QPoint(300, 200)
    before, zoom = canvas.view.mapToScene(place), canvas.view.zoom
    wheel(hand, place, 240)
    assert canvas.view.zoom == pytest.approx(zoom * 1.44)
    assert (canvas.view.mapToScene(place) - before).manhattanLength() < 3
    wheel(hand, place, -240)
    assert canvas.view.zoom == pytest.approx(zoom)


def test_zoom_has_limits(hand: Hand, canvas: Canvas) -> None:
    for _ in range(60):
        wheel(hand, QPoint(300, 200), 240)
    assert canvas.view.zoom == metrics.ZOOM_MOST
    for _ in range(60):
        wheel(hand, QPoint(300, 200), -240)
    assert canvas.view.zoom == metrics.ZOOM_LEAST


def test_a_wheel_with_shift_or_ctrl_pans(hand: Hand, canvas: Canvas) -> None:
    before = canvas.view.mapToScene(QPoint(0, 0))
    wheel(hand, QPoint(300, 200), 120, Qt.KeyboardModifier.ShiftModifier)
    across = canvas.view.mapToScene(QPoint(0, 0))
    assert across.x() < before.x()
    assert across.y() == before.y()
    wheel(hand, QPoint(300, 200), 120, Qt.KeyboardModifier.ControlModifier)
    assert canvas.view.mapToScene(QPoint(0, 0)).y() < before.y()


def test_the_middle_button_pans(hand: Hand, canvas: Canvas) -> None:
    start = hand.title("sampler")
    hand.drag(start, start + QPoint(120, 40), button=MIDDLE)
    assert (hand.title("sampler") - start).toTuple() == (120, 40)
    assert not canvas.document.undo_name


def test_space_and_a_drag_pan_and_open_no_search(hand: Hand, canvas: Canvas) -> None:
    from PySide6.QtTest import QTest

    start = hand.title("sampler")
    QTest.keyPress(canvas.view, Qt.Key.Key_Space)
    hand.drag(start, start + QPoint(-50, 30))
    QTest.keyRelease(canvas.view, Qt.Key.Key_Space)
    assert (hand.title("sampler") - start).toTuple() == (-50, 30)
    assert not canvas.search.isVisible()
    assert not canvas.document.undo_name


def test_fit_shows_all_of_it_and_fit_selection_what_is_selected(canvas: Canvas) -> None:
    canvas.view.zoom_to(3.0)
    canvas.fit_all()
    seen = canvas.view.mapToScene(canvas.view.viewport().rect()).boundingRect()
    assert seen.contains(canvas.scene.bounds(canvas.scene.nodes))
    canvas.selection.set({"save"})
    canvas.fit_selected()
    middle = canvas.view.mapToScene(canvas.view.viewport().rect().center())
    assert canvas.scene.bounds({"save"}).contains(middle)


@pytest.mark.parametrize("zoom", [0.05, 0.3, 0.6, 1.0, 2.0])
def test_titles_thumbnails_and_states_are_seen_at_every_zoom(canvas: Canvas, zoom: float) -> None:
    image = QImage(64, 64, QImage.Format.Format_RGB888)
    image.fill(QColor(10, 200, 30))
    canvas.scene.pictures.put("decode", image)
    canvas.scene.show_picture("decode")
    canvas.scene.show_runs({"decode": NodeRun(Badge.FAILED)}, {"decode"})
    item = canvas.scene.nodes["decode"]
    canvas.view.zoom_to(zoom)
    canvas.view.centerOn(item)
    assert item.state.face.picture is not None
    inside = canvas.view.mapFromScene(item.mapToScene(item.state.face.picture.center()))
    assert colour_at(canvas, inside) == QColor(10, 200, 30)
    corner = canvas.view.mapFromScene(item.mapToScene(QPointF(0, 0)))
    ground = colour_at(canvas, corner - QPoint(12, 12))
    assert abs(ground.lightness() - canvas.scene.look.colours.canvas.lightness()) < 24


def test_a_thousand_nodes_are_drawn_from_afar(canvas: Canvas) -> None:
    from graph.edits import insert
    from graph.graph import Node

    nodes = [
        Node(id=f"n{n}", type="sfumato/sample", position=(n % 40 * 300.0, n // 40 * 600.0))
        for n in range(1000)
    ]
    canvas.document.edit("Add", insert(canvas.document.graph, nodes))
    canvas.deeds.select_all()
    canvas.fit_all()
    assert canvas.view.zoom < metrics.TITLE_ZOOM
    canvas.grab()


def test_a_text_that_is_very_long_or_odd_is_drawn(canvas: Canvas) -> None:
    from graph.edits import describe, set_param

    document = canvas.document
    for title in ("x" * 10_000, "😀 שלום مرحبا", "a\nb\tc"):
        document.edit("Rename", describe(document.graph, "size", title=title))
        document.edit("Write", set_param(document.graph, document.catalog, "prompt", "text", title))
        canvas.grab()


def test_the_cursor_says_what_a_press_would_do(hand: Hand, canvas: Canvas) -> None:
    hand.hover(hand.control("sampler", "steps"))
    assert canvas.view.cursor().shape() is Qt.CursorShape.SizeHorCursor
    assert canvas.scene.nodes["sampler"].state.hot == "steps"
    hand.hover(hand.control("prompt", "text"))
    assert canvas.view.cursor().shape() is Qt.CursorShape.IBeamCursor
    assert canvas.scene.nodes["sampler"].state.hot == ""
    hand.hover(hand.output("decode", "image"))
    assert canvas.view.cursor().shape() is Qt.CursorShape.CrossCursor
    hand.hover(hand.at(-40, 600))
    assert canvas.view.cursor().shape() is Qt.CursorShape.ArrowCursor
