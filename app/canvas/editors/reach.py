"""What a hand does to a value besides dragging it: Ctrl and the wheel, the right button, keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QMenu

from app.canvas.values import is_changed
from app.theme import metrics
from app.words import translate
from graph.spec import FloatWidget, IntWidget

if TYPE_CHECKING:
    from app.canvas.editors.desk import EditorDesk
    from app.canvas.face import Control
    from app.canvas.node_item import NodeItem
    from app.canvas.scene import CanvasScene
    from app.canvas.view import CanvasView

_NOTCH = 120
_LARGE = 10
_REST_MS = 700


class Reach(QObject):
    """Stands before the view and takes what is about a value; all else goes on to the view."""

    def __init__(self, view: CanvasView, scene: CanvasScene, desk: EditorDesk) -> None:
        super().__init__(view)
        self._view = view
        self._scene = scene
        self._desk = desk
        self._turned = 0
        self._row: object = object()
        """Steps of one row are one undo step."""
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self._end_row)
        view.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt: see above."""
        if isinstance(event, QWheelEvent):
            return self._wheel(event)
        if isinstance(event, QMouseEvent) and event.type() == QEvent.Type.MouseButtonPress:
            # With Ctrl, the right button cuts wires.
            ctrl = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            return event.button() == Qt.MouseButton.RightButton and not ctrl and self._menu(event)
        return super().eventFilter(watched, event)

    def hit(self, at: QPoint) -> tuple[NodeItem, Control] | None:
        """Return the value that is drawn at a place of the viewport."""
        if self._view.zoom < metrics.DETAIL_ZOOM:
            return None
        point = self._view.mapToScene(at)
        item = self._scene.node_at(point)
        control = item.state.face.control_at(item.mapFromScene(point)) if item else None
        return None if item is None or control is None else (item, control)

    def _wheel(self, event: QWheelEvent) -> bool:
        if not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            return False
        hit = self.hit(event.position().toPoint())
        if hit is None or not isinstance(hit[1].input.widget, IntWidget | FloatWidget):
            return False
        self._turned += event.angleDelta().y() or event.angleDelta().x()
        steps = int(self._turned / _NOTCH)
        self._turned -= steps * _NOTCH
        if steps:
            large = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._desk.step(*hit, steps * (_LARGE if large else 1), self._row)
            self._rest.start()
        event.accept()
        return True

    def _end_row(self) -> None:
        self._row = object()
        self._turned = 0
        self._scene.document.seal()

    def _menu(self, event: QMouseEvent) -> bool:
        hit = self.hit(event.position().toPoint())
        if hit is None:
            return False
        self._desk.finish()
        menu = value_menu(self._desk, *hit, self._view)
        menu.popup(event.globalPosition().toPoint())
        return True


def value_menu(desk: EditorDesk, item: NodeItem, control: Control, parent: CanvasView) -> QMenu:
    """Return the menu of one value on the canvas."""
    menu = QMenu(parent)
    menu.aboutToHide.connect(menu.deleteLater)
    clipboard = QGuiApplication.clipboard()
    edit = menu.addAction(translate("Values", "Edit"))
    edit.triggered.connect(lambda: desk.activate(item, control))
    menu.addSeparator()
    copy = menu.addAction(translate("Values", "Copy value"))
    copy.triggered.connect(lambda: clipboard.setText(desk.copy_text(item, control)))
    paste = menu.addAction(translate("Values", "Paste value"))
    paste.setEnabled(bool(clipboard.text()))
    paste.triggered.connect(lambda: desk.paste_text(item, control, clipboard.text()))
    menu.addSeparator()
    reset = menu.addAction(translate("Values", "Reset to default"))
    reset.setEnabled(is_changed(control.input, item.state.value(control.name)))
    reset.triggered.connect(lambda: desk.reset(item, control.name))
    reset_all = menu.addAction(translate("Values", "Reset all values of this node"))
    reset_all.setEnabled(
        any(is_changed(each, item.state.value(each.name)) for each, _ in item.state.spec.widgets)
    )
    reset_all.triggered.connect(lambda: desk.reset(item))
    return menu
