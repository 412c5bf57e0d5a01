"""A mask editor on a picture, with hands that press pens and mice; a document to paint in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPointF, Qt
from PySide6.QtGui import QImage, QInputDevice, QPointingDevice, QTabletEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.document import Document
from app.keymap import Keymap
from app.mask.editor import MaskEditor
from app.mask.hand import Kit
from app.widgets.field import Surroundings
from graph.edits import add_node, connect, set_param
from graph.files import FileIndex
from graph.graph import Source, Target
from graph.params import FileRef
from tests.app.catalog import text_to_image
from tests.app.mask.catalog import PAINTED, PAINTING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from app.theme.look import Look
    from graph.graph import Graph

SIDE = 256
NONE = Qt.KeyboardModifier.NoModifier
PEN, ERASER = QPointingDevice.PointerType.Pen, QPointingDevice.PointerType.Eraser


class Artist:
    """Presses real events onto the editor's view; points are pixels of the mask."""

    def __init__(self, editor: MaskEditor) -> None:
        self.editor = editor
        self.view = editor.view
        self._pens = {kind: _pen(kind) for kind in (PEN, ERASER)}

    @property
    def mask(self) -> np.ndarray:
        return self.editor.layer.pixels

    def mouse(
        self, *points: tuple[float, float], held: Qt.KeyboardModifier = NONE,
        button: Qt.MouseButton = Qt.MouseButton.LeftButton,
    ) -> None:  # fmt: skip
        """Press, move and let go."""
        first, *rest = [self.view.to_screen(QPointF(*point)).toPoint() for point in points]
        QTest.mousePress(self.view, button, held, first)
        for place in rest:
            QTest.mouseMove(self.view, place)
        QTest.mouseRelease(self.view, button, held, (rest or [first])[-1])

    def pen(
        self, points: Sequence[tuple[float, float, float]],
        kind: QPointingDevice.PointerType = PEN, held: Qt.KeyboardModifier = NONE,
    ) -> None:  # fmt: skip
        """Press a pen along points with their pressures."""
        kinds = [QEvent.Type.TabletPress, *[QEvent.Type.TabletMove] * (len(points) - 1)]
        for kind_of_event, point in zip(kinds, points, strict=True):
            self._send(kind_of_event, point, kind, held)
        self._send(QEvent.Type.TabletRelease, (*points[-1][:2], 0.0), kind, held)

    def _send(
        self, kind: QEvent.Type, point: tuple[float, float, float],
        pointer: QPointingDevice.PointerType, held: Qt.KeyboardModifier,
    ) -> None:  # fmt: skip
        at = self.view.to_screen(QPointF(*point[:2]))
        left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
        moves, ends = kind == QEvent.Type.TabletMove, kind == QEvent.Type.TabletRelease
        event = QTabletEvent(
            kind, self._pens[pointer], at, self.view.mapToGlobal(at), point[2], 0.0, 0.0, 0.0, 0.0,
            0.0, held, none if moves else left, none if ends else left,
        )  # fmt: skip
        QApplication.sendEvent(self.view, event)
        assert event.isAccepted(), "or Qt would make mouse events of it"

    def key(self, key: Qt.Key, held: Qt.KeyboardModifier = NONE) -> None:
        QTest.keyClick(self.view, key, held)


def _pen(kind: QPointingDevice.PointerType) -> QPointingDevice:
    able = QInputDevice.Capability
    return QPointingDevice(
        "pen", kind.value, QInputDevice.DeviceType.Stylus, kind, able.Position | able.Pressure, 1, 3
    )  # fmt: skip


def halves(side: int = SIDE) -> QImage:
    """Return a picture that is red at the left and blue at the right."""
    image = QImage(side, side, QImage.Format.Format_RGB888)
    image.fill(Qt.GlobalColor.red)
    for x in range(side // 2, side):
        for y in range(side):
            image.setPixelColor(x, y, Qt.GlobalColor.blue)
    return image


@pytest.fixture
def keymap() -> Keymap:
    return Keymap({})


@pytest.fixture
def editor(look: Look, keymap: Keymap) -> Iterator[MaskEditor]:
    editor = MaskEditor(
        np.zeros((SIDE, SIDE), np.uint8), Kit(), Surroundings(look, FileIndex()), keymap
    )
    editor.resize(1200, 860)
    editor.show_picture(halves())
    editor.show()
    editor.activateWindow()
    editor.view.setFocus()
    yield editor
    editor.close()
    editor.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@pytest.fixture
def artist(editor: MaskEditor) -> Artist:
    return Artist(editor)


def painting_graph() -> Graph:
    """Return text to image with a painted mask behind its picture."""
    graph = add_node(text_to_image(), PAINTING, PAINTED.id, (1800.0, 0.0), node_id="mask").graph
    weights = FileRef("tiny.safetensors")
    graph = set_param(graph, PAINTING, "checkpoint", "file", weights).graph
    return connect(graph, PAINTING, Source("decode", "image"), Target("mask", "image")).graph


@pytest.fixture
def document() -> Document:
    return Document(PAINTING, painting_graph())
