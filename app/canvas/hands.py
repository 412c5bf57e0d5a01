"""From mouse and keys to gestures: what a press means where it lands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtWidgets import QToolTip

from app.canvas.gestures.base import Gesture, Pointer
from app.canvas.gestures.carry import Carry
from app.canvas.gestures.pan import Pan
from app.canvas.grasp import Grasp
from app.canvas.hover import Hover
from app.canvas.paint.controls import glyph_rect
from app.canvas.tips import node_tip, socket_tip
from graph.spec import SeedWidget

if TYPE_CHECKING:
    from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QPainter

    from app.canvas.editors.desk import EditorDesk
    from app.canvas.scene import CanvasScene
    from app.canvas.selection import Selection
    from app.canvas.view import CanvasView
    from app.editing import Editing
    from graph.graph import Source, Target

_STROKE = 6.0


class Hands(QObject):
    """Holds the gesture that is going on, one at most.

    Signals:
        searchAsked(QPoint, object): a node is wanted at that place of the viewport; with an open
            end of a wire (Source or Target), one that it can lead to.
        opened(str): the picture of that node is to be seen large.
        menuAsked(str, QPoint): the context menu of that node is wanted, at a place of the screen.
    """

    searchAsked = Signal(QPoint, object)
    opened = Signal(str)
    menuAsked = Signal(str, QPoint)

    def __init__(
        self,
        view: CanvasView,
        scene: CanvasScene,
        selection: Selection,
        editing: Editing,
        desk: EditorDesk,
    ) -> None:
        super().__init__(view)
        self._view = view
        self._scene = scene
        self._selection = selection
        self._editing = editing
        self._desk = desk
        self._hover = Hover(view, scene)
        self._gesture: Gesture | None = None
        self._drawn = QRectF()
        self._space = False
        self._spent_space = False
        self._grasp = Grasp(view, scene, selection, editing, desk, self._ask_for_wire)

    # Pressing

    def press(self, event: QMouseEvent) -> bool:
        """See `Input.press`."""
        self._desk.finish()
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
        elif button is Qt.MouseButton.LeftButton:
            self._gesture = self._grasp.begin(pointer)
        elif button is Qt.MouseButton.RightButton:
            self._context(pointer, event.globalPosition().toPoint())
        return True

    def _ask_for_wire(self, end: Source | Target, pointer: Pointer) -> None:
        self.searchAsked.emit(pointer.view, end)

    def _context(self, pointer: Pointer, at: QPoint) -> None:
        item = self._scene.node_at(pointer.scene)
        if item is None:
            self.searchAsked.emit(pointer.view, None)
            return
        if item.node_id not in self._selection:
            self._selection.set({item.node_id}, item.node_id)
        self.menuAsked.emit(item.node_id, at)

    def double_press(self, event: QMouseEvent) -> bool:
        """See `Input.double_press`: type a value, rename, see a picture, add a node."""
        if event.button() is not Qt.MouseButton.LeftButton:
            return self.press(event)
        pointer = self._pointer(event)
        item = self._scene.node_at(pointer.scene)
        if item is None:
            self.searchAsked.emit(pointer.view, None)
            return True
        control = self._grasp.control(item, pointer.scene)
        local = item.mapFromScene(pointer.scene)
        if control is not None:
            on_dice = isinstance(control.input.widget, SeedWidget) and glyph_rect(control).contains(
                local
            )
            if on_dice:
                self._desk.throw_dice(item, control)
            else:
                self._desk.activate(item, control)
        elif item.state.face.title.contains(local):
            self._desk.rename(item)
        else:
            self.opened.emit(item.node_id)
        return True

    # Moving and letting go

    def motion(self, event: QMouseEvent) -> bool:
        """See `Input.motion`."""
        pointer = self._pointer(event)
        if self._gesture is None:
            self._hover.move(pointer.scene, socket=self._grasp.socket(pointer.scene) is not None)
            return False
        self._gesture.move(pointer)
        self._redraw()
        return True

    def release(self, event: QMouseEvent) -> bool:
        """See `Input.release`."""
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
        if event.key() != Qt.Key.Key_Space or event.isAutoRepeat() or not self._space:
            return False
        self._space = False
        if not self._spent_space and self._gesture is None:
            self._search_at_pointer()
        return True

    def _search_at_pointer(self) -> None:
        at = self._hover.at or self._view.viewport().rect().center()
        self.searchAsked.emit(at, None)

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

    def paint(self, painter: QPainter, zoom: float) -> None:
        """See `Input.paint`."""
        if self._gesture is not None:
            self._gesture.paint(painter, zoom)

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
