"""From mouse and keys to gestures: what a press means where it lands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QPainterPath
from PySide6.QtWidgets import QToolTip

from app.canvas.double_press import DoublePress, shown_at
from app.canvas.face import Side
from app.canvas.gestures.base import Gesture, Pointer
from app.canvas.gestures.carry import Carry
from app.canvas.gestures.cut import Cut
from app.canvas.gestures.key_wire import KeyWire
from app.canvas.gestures.pan import Pan
from app.canvas.grasp import Grasp
from app.canvas.hover import Hover
from app.canvas.paint.wire import curve, wire_pen
from app.canvas.tips import node_tip, socket_tip
from app.keys import bindings
from app.theme import metrics
from graph.graph import Source, Target

if TYPE_CHECKING:
    from PySide6.QtGui import QHelpEvent, QMouseEvent, QPainter

    from app.canvas.editors.desk import EditorDesk
    from app.canvas.editors.words import WordDesk
    from app.canvas.scene import CanvasScene
    from app.canvas.selection import Selection
    from app.canvas.view import CanvasView
    from app.editing import Editing

_STROKE = 6.0


class Hands(QObject):
    """Holds the gesture that is going on, one at most.

    Signals:
        searchAsked(QPoint, object): a node is wanted at that place of the viewport; with an open
            end of a wire (Source or Target), one that it can lead to.
        opened(str): the picture of that node is to be seen large.
        menuAsked(str, QPoint): the context menu of that part is wanted, at a place of the screen.
        entered(str): the subgraph is wanted for which that node stands.
        socketMenuAsked(str, str, QPoint): the menu of something that a subgraph shows is wanted:
            "inputs" or "outputs", its name, a place of the screen.
        said(str): what a screen reader and the status bar say of what is chosen.
    """

    searchAsked = Signal(QPoint, object)
    opened = Signal(str)
    menuAsked = Signal(str, QPoint)
    entered = Signal(str)
    socketMenuAsked = Signal(str, str, QPoint)
    said = Signal(str)

    def __init__(
        self,
        view: CanvasView,
        scene: CanvasScene,
        selection: Selection,
        editing: Editing,
        desk: EditorDesk,
        words: WordDesk,
    ) -> None:
        super().__init__(view)
        self._view = view
        self._scene = scene
        self._selection = selection
        self._editing = editing
        self._desk = desk
        self._words = words
        self._hover = Hover(view, scene)
        self._gesture: Gesture | None = None
        self._loose: tuple[Source | Target, QPointF] | None = None
        self._drawn = QRectF()
        self._space = False
        self._spent_space = False
        self._cutting = False
        self.cut_keys = [QKeySequence(key) for key in bindings()["cut_wires"].keys]
        """Held down, a drag cuts wires."""
        self._grasp = Grasp(view, scene, selection, editing, desk, self._ask_for_wire)
        self._twice = DoublePress(scene, selection, editing, desk, words, self._grasp)
        self._twice.searchAsked.connect(self.searchAsked)
        self._twice.opened.connect(self.opened)
        self._twice.entered.connect(self.entered)
        view.installEventFilter(self)

    @property
    def snaps(self) -> bool:
        """Whether what is dragged keeps to the grid and its neighbours."""
        return self._grasp.snaps

    @snaps.setter
    def snaps(self, snaps: bool) -> None:
        self._grasp.snaps = snaps

    @property
    def at(self) -> QPoint:
        """Where on the viewport something is to be put: under the pointer, or in the middle."""
        return self._hover.at or self._view.viewport().rect().center()

    # Pressing

    def press(self, event: QMouseEvent) -> bool:
        """See `Input.press`."""
        self._desk.finish()
        self._words.finish()
        if isinstance(self._gesture, KeyWire):
            self.cancel()
        if self._gesture is not None:
            return True
        pointer = self._pointer(event)
        button = event.button()
        if button is Qt.MouseButton.MiddleButton or (
            button is Qt.MouseButton.LeftButton and self._space
        ):
            self._spent_space = self._space
            self._view.setCursor(Qt.CursorShape.ClosedHandCursor)
            self._gesture = Pan(pointer, self._view.scroll_by)
        elif self._cuts(button, pointer):
            self._gesture = Cut(pointer, self._scene, self._editing)
        elif button is Qt.MouseButton.LeftButton:
            self._gesture = self._grasp.begin(pointer)
        elif button is Qt.MouseButton.RightButton:
            self._context(pointer, event.globalPosition().toPoint())
        return True

    def _cuts(self, button: Qt.MouseButton, pointer: Pointer) -> bool:
        if button is Qt.MouseButton.RightButton:
            return pointer.ctrl
        return button is Qt.MouseButton.LeftButton and self._cutting

    def _ask_for_wire(self, end: Source | Target, pointer: Pointer) -> None:
        self.searchAsked.emit(pointer.view, end)

    def _context(self, pointer: Pointer, at: QPoint) -> None:
        shown = shown_at(self._scene, pointer.scene)
        if shown is not None:
            self.socketMenuAsked.emit(*shown[:2], at)
            return
        item = self._scene.node_at(pointer.scene)
        part = item if item is not None else self._grasp.carrier(pointer.scene)
        if part is None:
            self.searchAsked.emit(pointer.view, None)
            return
        if part.part_id not in self._selection:
            self._selection.set({part.part_id}, part.part_id)
        self.menuAsked.emit(part.part_id, at)

    def double_press(self, event: QMouseEvent) -> bool:
        """See `Input.double_press`."""
        if event.button() is not Qt.MouseButton.LeftButton:
            return self.press(event)
        self._gesture = None
        self._twice.press(self._pointer(event))
        return True

    # Moving and letting go

    def motion(self, event: QMouseEvent) -> bool:
        """See `Input.motion`."""
        pointer = self._pointer(event)
        if self._gesture is None:
            grip = self._grasp.grip(pointer.scene)
            self._hover.move(
                pointer.scene,
                socket=self._grasp.socket(pointer.scene) is not None,
                grip=grip[1] if grip is not None else None,
            )
            return False
        if isinstance(self._gesture, KeyWire):
            return False
        self._gesture.move(pointer)
        self._redraw()
        return True

    def release(self, event: QMouseEvent) -> bool:
        """See `Input.release`."""
        if isinstance(self._gesture, KeyWire):
            return True
        gesture, self._gesture = self._gesture, None
        pointer = self._pointer(event)
        if gesture is not None:
            gesture.release(pointer)
            self._redraw()
            self._view.unsetCursor()
            single = self._grasp.single
            if isinstance(gesture, Carry) and not gesture.moved and single:
                self._selection.set({single}, single)
        click = self._grasp.click
        self._grasp.forget()
        if click is not None:
            self._activate(*click, pointer.scene)
        return True

    def _activate(self, node_id: str, name: str, point: QPointF) -> None:
        item = self._scene.nodes.get(node_id)
        control = item.state.face.control(name) if item else None
        if item is None or control is None:
            return
        if control.rect.contains(item.mapFromScene(point)):
            self._desk.activate(item, control)

    def cancel(self) -> bool:
        """Give up the gesture that is going on; say whether there was one."""
        gesture, self._gesture = self._gesture, None
        self._grasp.forget()
        if gesture is None:
            return False
        gesture.cancel()
        self._redraw()
        self._view.unsetCursor()
        return True

    def leave(self) -> None:
        """See `Input.leave`."""
        self._hover.leave()

    # Keys

    def key(self, event: QKeyEvent) -> bool:
        """See `Input.key`."""
        if isinstance(self._gesture, KeyWire) and self._key_in_wiring(event.key()):
            return True
        if self._is_cut_key(event):
            self._cutting = True
            return True
        match event.key():
            case Qt.Key.Key_Escape:
                return self.cancel()
            case Qt.Key.Key_Space if not event.isAutoRepeat():
                self._space, self._spent_space = True, False
            case Qt.Key.Key_Space:
                pass
            case Qt.Key.Key_Tab:
                self._search_at_pointer()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter if not event.modifiers():
                return self._edit_hot()
            case _:
                return False
        return True

    def key_up(self, event: QKeyEvent) -> bool:
        """See `Input.key_up`: Space alone opens the search, Space with a drag has panned."""
        if self._is_cut_key(event) and not event.isAutoRepeat():
            self._cutting = False
            return True
        if event.key() != Qt.Key.Key_Space or event.isAutoRepeat() or not self._space:
            return False
        self._space = False
        if not self._spent_space and self._gesture is None:
            self._search_at_pointer()
        return True

    def _is_cut_key(self, event: QKeyEvent) -> bool:
        key = QKeySequence(event.keyCombination())
        return any(key == wanted for wanted in self.cut_keys)

    def _search_at_pointer(self) -> None:
        self.searchAsked.emit(self.at, None)

    # Wiring by keyboard

    def begin_wiring(self) -> None:
        """Wire the node that was selected last, by keyboard."""
        item = self._scene.nodes.get(self._selection.current)
        self.cancel()
        if item is not None:
            gesture = KeyWire(item, self._scene, self._editing)
            if not gesture.over:
                self._gesture = gesture
                self._show_choice(gesture)

    def _key_in_wiring(self, key: int) -> bool:
        gesture = self._gesture
        if not isinstance(gesture, KeyWire) or not gesture.key(key):
            return False
        if gesture.over:
            self._gesture = None
            self._redraw()
        else:
            self._show_choice(gesture)
        return True

    def _show_choice(self, gesture: KeyWire) -> None:
        """Bring the socket that is chosen into view, and say which it is."""
        seen = self._view.seen
        if not seen.contains(gesture.point):
            self._view.centerOn(gesture.point)
        self._redraw()
        self.said.emit(gesture.said)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt: while something goes on, keys are for it, and no commands."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            wiring = isinstance(self._gesture, KeyWire)
            if wiring or self._is_cut_key(event):
                event.accept()
                return True
        return super().eventFilter(watched, event)

    def _edit_hot(self) -> bool:
        """Edit the value under the pointer, or else the first of the node selected last."""
        item = self._hover.item or self._scene.nodes.get(self._selection.current)
        if item is None or not item.state.face.controls:
            return False
        controls = item.state.face.controls
        control = item.state.face.control(item.state.hot) or controls[0]
        self._desk.activate(item, control)
        return True

    # Looking

    def help(self, event: QHelpEvent) -> bool:
        """See `Input.help`."""
        point = self._view.mapToScene(event.pos())
        hit, item = self._grasp.socket(point), self._scene.node_at(point)
        if hit is not None:
            text = socket_tip(hit[0].state, hit[1], self._scene.types)
        else:
            text = node_tip(item, item.mapFromScene(point)) if item is not None else ""
        if text:
            QToolTip.showText(event.globalPos(), text, self._view)
        else:
            QToolTip.hideText()
        return True

    def show_loose(self, end: Source | Target | None, tip: QPointF) -> None:
        """Draw a wire from `end` to `tip` of the scene while it is asked where it shall lead."""
        for _ in range(2):
            found = self._loose_curve()
            if found is not None:
                rect, margin = found.boundingRect(), _STROKE / self._view.zoom
                self._scene.update(rect.adjusted(-margin, -margin, margin, margin))
            self._loose = None if end is None else (end, tip)

    def _loose_curve(self) -> QPainterPath | None:
        item = self._scene.nodes.get(self._loose[0].node) if self._loose is not None else None
        if self._loose is None or item is None:
            return None
        end, tip = self._loose
        if isinstance(end, Source):
            return curve(item.socket_point(Side.OUTPUT, end.output), tip)
        return curve(tip, item.socket_point(Side.INPUT, end.input))

    def paint(self, painter: QPainter, zoom: float) -> None:
        """See `Input.paint`."""
        if self._gesture is not None:
            self._gesture.paint(painter, zoom)
        loose = self._loose_curve()
        if loose is not None and self._loose is not None:
            colour = self._scene.wire_colour(self._loose[0])
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(wire_pen(colour, zoom, metrics.WIRE + 0.5))
            painter.drawPath(loose)
            painter.setBrush(colour)
            painter.drawEllipse(self._loose[1], 3 / zoom, 3 / zoom)

    def _redraw(self) -> None:
        """Have what the gesture drew, and what it draws now, painted anew."""
        bounds = self._gesture.bounds() if self._gesture is not None else QRectF()
        margin = _STROKE / self._view.zoom
        for rect in (self._drawn, bounds):
            if not rect.isNull():
                self._scene.update(rect.adjusted(-margin, -margin, margin, margin))
        self._drawn = bounds

    def _pointer(self, event: QMouseEvent) -> Pointer:
        place = event.position().toPoint()
        return Pointer(self._view.mapToScene(place), place, event.modifiers())
