"""The minimap shows the graph and leads to where it is pressed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from app.canvas.canvas import Canvas
    from app.canvas.minimap import Minimap


@pytest.fixture
def minimap(canvas: Canvas, qtbot: QtBot) -> Minimap:
    minimap = canvas.minimap
    assert not minimap.isVisible()
    minimap.open(shown=True)
    qtbot.waitUntil(lambda: minimap._picture is not None)
    return minimap


def test_a_press_looks_there(minimap: Minimap, canvas: Canvas) -> None:
    canvas.view.zoom_to(1.0)
    canvas.view.centerOn(QPointF(5000, 5000))
    item = canvas.scene.nodes["save"]
    middle = item.sceneBoundingRect().center()
    place = minimap._camera.to_view(middle).toPoint()
    assert minimap.rect().contains(place)
    QTest.mouseClick(
        minimap, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place
    )  # fmt: skip
    seen = canvas.view.seen
    assert seen.contains(middle)
    assert (seen.center() - middle).manhattanLength() < 2 / minimap._camera.zoom


def test_a_new_node_is_seen(minimap: Minimap, canvas: Canvas, qtbot: QtBot) -> None:
    before = minimap._camera.zoom
    canvas.editing.add("sfumato/sample", (9000.0, 0.0))
    qtbot.waitUntil(lambda: minimap._camera.zoom < before)
    assert minimap.grab().toImage().pixelColor(QPoint(0, 0)).isValid()
