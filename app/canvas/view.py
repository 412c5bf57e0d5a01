"""The view: it pans and zooms over the scene, draws ground and map, and hands input on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QInputDevice,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QRegion,
    QTransform,
)
from PySide6.QtWidgets import QFrame, QGraphicsView

from app.canvas.paint.ground import draw_ground
from app.canvas.paint.map import Glimpse, MapPainter
from app.theme import metrics

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PySide6.QtCore import QRect
    from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QResizeEvent, QWheelEvent

    from app.canvas.scene import CanvasScene

_NOTCH = 120
"""What one notch of a mouse wheel turns, in eighths of a degree."""
_ZOOM_A_NOTCH = 1.2
_MOST_STRIPS = 3
_EDGE = 1e7
"""Half the side of the plane: the graph file allows no position beyond."""
_FIT_MARGIN = 48.0
_FIT_MOST = 1.0


class Input(Protocol):
    """Who is told what hand and keys do; each says whether it made use of it."""

    def press(self, event: QMouseEvent) -> bool:
        """A button went down."""

    def double_press(self, event: QMouseEvent) -> bool:
        """A button went down twice."""

    def motion(self, event: QMouseEvent) -> bool:
        """The pointer moved, with or without a button."""

    def release(self, event: QMouseEvent) -> bool:
        """A button went up."""

    def key(self, event: QKeyEvent) -> bool:
        """A key went down."""

    def key_up(self, event: QKeyEvent) -> bool:
        """A key went up."""

    def help(self, event: QHelpEvent) -> bool:
        """The pointer rests: a tooltip may be shown."""

    def leave(self) -> None:
        """The pointer left the view."""

    def paint(self, painter: QPainter, zoom: float) -> None:
        """Draw over the scene."""


class CanvasView(QGraphicsView):
    """Shows a scene.

    Signals:
        moved(): another part of the scene is seen, or at another zoom.
    """

    moved = Signal()

    def __init__(self, scene: CanvasScene) -> None:
        super().__init__(scene)
        self._canvas = scene
        self._map = MapPainter()
        self._input: Input | None = None
        # Of the view alone: the scene's own rectangle must stay tight around its items, or its
        # index puts all of them into one cell and every frame asks each for its bounds.
        self.setSceneRect(-_EDGE, -_EDGE, 2 * _EDGE, 2 * _EDGE)
        scene.touched.connect(self._follow)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.MinimalViewportUpdate)
        self.setOptimizationFlag(QGraphicsView.OptimizationFlag.DontAdjustForAntialiasing)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setMouseTracking(True)
        # A scene takes every drop and does nothing with it: what is dropped is for the window.
        self.setAcceptDrops(False)
        self.viewport().setAcceptDrops(False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents)
        self.viewport().setMouseTracking(True)

    def hand_to(self, hands: Input) -> None:
        """Tell `hands` what mouse and keys do."""
        self._input = hands

    @property
    def zoom(self) -> float:
        """Pixels on the screen for one of the scene."""
        return self.transform().m11()

    # Where one looks

    def scroll_by(self, x: int, y: int) -> None:
        """Move the ground by so many pixels of the screen."""
        across, down = self.horizontalScrollBar(), self.verticalScrollBar()
        across.setValue(across.value() - x)
        down.setValue(down.value() - y)
        self.moved.emit()

    def zoom_by(self, factor: float, at: QPointF) -> None:
        """Zoom by `factor`; what lies under `at` of the viewport stays there."""
        zoom = min(metrics.ZOOM_MOST, max(metrics.ZOOM_LEAST, self.zoom * factor))
        if zoom == self.zoom:
            return
        fixed = self.mapToScene(at.toPoint())
        self.setTransform(QTransform.fromScale(zoom, zoom))
        away = self.mapFromScene(fixed) - at.toPoint()
        self.scroll_by(-away.x(), -away.y())

    def zoom_to(self, zoom: float) -> None:
        """Take `zoom`; the middle stays where it is."""
        self.zoom_by(zoom / self.zoom, QPointF(self.viewport().rect().center()))

    def show_rect(self, rect: QRectF) -> None:
        """Bring `rect` of the scene into view, whole, and not larger than life."""
        if rect.isEmpty():
            return
        area = self.viewport().rect()
        wide = (area.width() - 2 * _FIT_MARGIN) / rect.width()
        high = (area.height() - 2 * _FIT_MARGIN) / rect.height()
        zoom = min(_FIT_MOST, max(metrics.ZOOM_LEAST, min(wide, high)))
        self.setTransform(QTransform.fromScale(zoom, zoom))
        self.centerOn(rect.center())
        self.moved.emit()

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt: paint each rectangle of the region by itself.

        A diagonal pan exposes two thin strips; painted at once, everything within the rectangle
        around both would be, which is all of the view.
        """
        region = event.region()
        if region.rectCount() > _MOST_STRIPS:
            self._paint(event)
            return
        # The stubs know nothing of it, but a region yields its rectangles.
        for rect in cast("Iterable[QRect]", region):
            self._paint(QPaintEvent(QRegion(rect)))

    def _paint(self, event: QPaintEvent) -> None:
        """Paint with the items; from afar without, for asking thousands of them takes a while."""
        if self.zoom >= metrics.DETAIL_ZOOM:
            super().paintEvent(event)
            return
        painter = QPainter(self.viewport())
        painter.setClipRegion(event.region())
        painter.setWorldTransform(self.viewportTransform())
        area = self.mapToScene(event.rect()).boundingRect()
        self.drawBackground(painter, area)
        self.drawForeground(painter, area)
        painter.end()

    def _follow(self) -> None:
        """Paint anew what the items, unpainted from afar, would not have painted."""
        if self.zoom < metrics.DETAIL_ZOOM:
            self.viewport().update()

    def drawBackground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        """Qt: the ground, and below the detail zoom the whole graph."""
        look, zoom = self._canvas.look, self.zoom
        area = QRectF(rect)
        draw_ground(painter, area, zoom, look.colours)
        if zoom < metrics.DETAIL_ZOOM:
            seen = self.mapToScene(self.viewport().rect()).boundingRect()
            self._map.draw(painter, Glimpse(area, seen, zoom), self._canvas)

    def drawForeground(self, painter: QPainter, rect: QRectF | QRect) -> None:  # noqa: ARG002
        """Qt: what the gesture in hand draws."""
        if self._input is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._input.paint(painter, self.zoom)

    # Input

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Qt: see `Input.press`."""
        event.setAccepted(self._input is not None and self._input.press(event))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Qt: see `Input.double_press`."""
        event.setAccepted(self._input is not None and self._input.double_press(event))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Qt: see `Input.motion`."""
        event.setAccepted(self._input is not None and self._input.motion(event))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Qt: see `Input.release`."""
        event.setAccepted(self._input is not None and self._input.release(event))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt: see `Input.key`."""
        event.setAccepted(self._input is not None and self._input.key(event))

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Qt: see `Input.key_up`."""
        event.setAccepted(self._input is not None and self._input.key_up(event))

    def focusNextPrevChild(self, _next: bool) -> bool:  # noqa: FBT001 - Qt's signature
        """Qt: Tab opens the search and does not leave the canvas."""
        return False

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Qt: a wheel zooms, with Shift or Ctrl it pans; a trackpad pans, with Ctrl it zooms."""
        turn, fine = event.angleDelta(), event.pixelDelta()
        ctrl = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        trackpad = event.device().type() == QInputDevice.DeviceType.TouchPad
        if trackpad and not ctrl:
            step = fine if not fine.isNull() else turn / 2
            self.scroll_by(step.x(), step.y())
        elif (shift or ctrl) and not trackpad:
            step = _sideways(turn) if shift else turn
            self.scroll_by(step.x() // 2, step.y() // 2)
        else:
            notches = (turn.y() or turn.x()) / _NOTCH
            self.zoom_by(_ZOOM_A_NOTCH**notches, event.position())
        event.accept()

    def viewportEvent(self, event: QEvent) -> bool:
        """Qt: pinches zoom; resting asks for a tooltip."""
        if isinstance(event, QNativeGestureEvent):
            if event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
                self.zoom_by(1 + event.value(), event.position())
            return True
        if event.type() == QEvent.Type.ToolTip and self._input is not None:
            return self._input.help(event)  # type: ignore[arg-type] # a tooltip event is a QHelpEvent
        if event.type() == QEvent.Type.Leave and self._input is not None:
            self._input.leave()
        return super().viewportEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt: tell what lies over the view."""
        super().resizeEvent(event)
        self.moved.emit()


def _sideways(turn: QPoint) -> QPoint:
    return QPoint(turn.y() or turn.x(), 0)
