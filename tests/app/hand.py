"""A hand on the mouse: presses, drags and clicks where things are drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.canvas.face import Side
from app.canvas.wires import points_along

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from app.canvas.canvas import Canvas
    from graph.graph import Link

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier
STEPS = 4


@dataclass
class Hand:
    """Works on the canvas of `canvas` with real mouse events."""

    canvas: Canvas

    @property
    def port(self) -> QWidget:
        return self.canvas.view.viewport()

    # Where things are, on the viewport

    def at(self, x: float, y: float) -> QPoint:
        """A place of the scene."""
        return self.canvas.view.mapFromScene(QPointF(x, y))

    def socket(self, node: str, side: Side, name: str) -> QPoint:
        item = self.canvas.scene.nodes[node]
        assert item.state.face.socket(side, name) is not None
        return self.canvas.view.mapFromScene(item.socket_point(side, name))

    def output(self, node: str, name: str) -> QPoint:
        return self.socket(node, Side.OUTPUT, name)

    def input(self, node: str, name: str) -> QPoint:
        return self.socket(node, Side.INPUT, name)

    def title(self, node: str) -> QPoint:
        item = self.canvas.scene.nodes[node]
        return self._on(node, QPointF(40, item.state.face.title.center().y()))

    def control(self, node: str, name: str) -> QPoint:
        control = self.canvas.scene.nodes[node].state.face.control(name)
        assert control is not None
        return self._on(node, control.rect.center())

    def glyph(self, node: str, name: str) -> QPoint:
        control = self.canvas.scene.nodes[node].state.face.control(name)
        assert control is not None
        return self._on(node, QPointF(control.rect.right() - 10, control.rect.center().y()))

    def on_wire(self, link: Link, along: int = 12) -> QPoint:
        """A place on a wire, from 0 at its start to 24 at its end."""
        x, y = points_along(self.canvas.scene.wires[link])[along]
        return self.at(x, y)

    def middle(self, part: str) -> QPoint:
        """The middle of a frame, a note or a node."""
        item = self.canvas.scene.part(part)
        assert item is not None
        return self.canvas.view.mapFromScene(item.sceneBoundingRect().center())

    def bar(self, frame: str) -> QPoint:
        """A place on the title of a frame."""
        item = self.canvas.scene.frames[frame]
        return self.canvas.view.mapFromScene(item.mapToScene(QPointF(60, item.bar.center().y())))

    def corner(self, part: str) -> QPoint:
        """The right lower corner of a frame or note."""
        item = self.canvas.scene.part(part)
        assert item is not None
        return self.canvas.view.mapFromScene(item.sceneBoundingRect().bottomRight())

    def _on(self, node: str, point: QPointF) -> QPoint:
        return self.canvas.view.mapFromScene(self.canvas.scene.nodes[node].mapToScene(point))

    # What it does

    def click(
        self, at: QPoint, modifier: Qt.KeyboardModifier = NONE, button: Qt.MouseButton = LEFT
    ) -> None:
        QTest.mouseClick(self.port, button, modifier, at)

    def shake(self, start: QPoint, strokes: int = 6, reach: int = 60) -> None:
        """Press at `start`, move to and fro, and let go there."""
        self.press(start)
        for stroke in range(strokes):
            aside = QPoint(reach if stroke % 2 == 0 else -reach, 0)
            self.move(start, start + aside)
            self.move(start + aside, start)
        self.release(start)

    def double_click(self, at: QPoint) -> None:
        QTest.mouseClick(self.port, LEFT, NONE, at)
        QTest.mouseDClick(self.port, LEFT, NONE, at)

    def release(self, at: QPoint) -> None:
        QTest.mouseRelease(self.port, LEFT, NONE, at)

    def hover(self, at: QPoint) -> None:
        self._move(at, Qt.MouseButton.NoButton, NONE)

    def drag(
        self,
        start: QPoint,
        end: QPoint,
        modifier: Qt.KeyboardModifier = NONE,
        button: Qt.MouseButton = LEFT,
    ) -> None:
        self.press(start, modifier, button)
        self.move(start, end, modifier, button)
        QTest.mouseRelease(self.port, button, modifier, end)

    def press(
        self, at: QPoint, modifier: Qt.KeyboardModifier = NONE, button: Qt.MouseButton = LEFT
    ) -> None:
        QTest.mousePress(self.port, button, modifier, at)

    def move(
        self,
        start: QPoint,
        end: QPoint,
        modifier: Qt.KeyboardModifier = NONE,
        button: Qt.MouseButton = LEFT,
    ) -> None:
        for step in range(1, STEPS + 1):
            self._move(start + (end - start) * step / STEPS, button, modifier)

    def _move(self, at: QPoint, button: Qt.MouseButton, modifier: Qt.KeyboardModifier) -> None:
        # QTest.mouseMove tells nothing of buttons and modifiers; a hand does.
        place = QPointF(at)
        event = QMouseEvent(
            QEvent.Type.MouseMove, place, QPointF(self.port.mapToGlobal(at)),
            Qt.MouseButton.NoButton, button, modifier,
        )  # fmt: skip
        QApplication.sendEvent(self.port, event)

    def key(self, key: Qt.Key, modifier: Qt.KeyboardModifier = NONE) -> None:
        """Press a key where the focus is."""
        QTest.keyClick(self._focus(), key, modifier)

    def hold(self, key: Qt.Key) -> None:
        """Press a key and keep it down."""
        QTest.keyPress(self._focus(), key)

    def let_go(self, key: Qt.Key) -> None:
        """Let go of a key that is held."""
        QTest.keyRelease(self._focus(), key)

    def type(self, text: str) -> None:
        """Type `text` where the focus is."""
        QTest.keyClicks(self._focus(), text)

    def _focus(self) -> QWidget:
        # The canvas may be shown without being the active window: it has the focus all the same.
        focus: QWidget | None = self.canvas.window().focusWidget()
        return self.canvas.view if focus is None else focus
