"""The view: it pans and zooms over the scene, draws ground and map, and hands input on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast, overload

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QInputDevice,
    QNativeGestureEvent,
    QPainter,
    QPolygon,
    QPolygonF,
    QTransform,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame

from app.canvas.camera import Camera
from app.canvas.index import overlap
from app.canvas.paint.stage import Stage
from app.theme import metrics

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PySide6.QtGui import (
        QHelpEvent,
        QKeyEvent,
        QMouseEvent,
        QPaintEvent,
        QResizeEvent,
        QWheelEvent,
    )

    from app.canvas.index import Box
    from app.canvas.part_item import PartItem
    from app.canvas.scene import CanvasScene

_NOTCH = 120
"""What one notch of a mouse wheel turns, in eighths of a degree."""
_ZOOM_A_NOTCH = 1.2
_MOST_STRIPS = 8
_MOST_SPOTS = 3
_MANY_MARKS = 256
"""Changes between two frames after which all of the view is painted."""
_EDGE = 1e7
"""Half the side of the plane: the graph file allows no position beyond."""
_FIT_MARGIN = 48.0
_FIT_MOST = 1.0
_REST_MS = 120
"""Milliseconds after which a zoom that goes no further counts as at rest."""


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


class CanvasView(QAbstractScrollArea):
    """Shows a scene.

    Signals:
        moved(): another part of the scene is seen, or at another zoom.
    """

    moved = Signal()

    def __init__(self, scene: CanvasScene) -> None:
        super().__init__()
        self._canvas = scene
        self._stage = Stage(scene)
        self._camera = Camera()
        self._input: Input | None = None
        self._marks = 0
        self._dirty: list[QRect] = []
        """What is to be painted anew, in pixels of the viewport."""
        self._patient = True
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self._sharpen)
        scene.watch(self._mark)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        # What is dropped is for the window.
        self.setAcceptDrops(False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents)
        port = self.viewport()
        port.setAcceptDrops(False)
        port.setMouseTracking(True)
        # It paints every pixel, so that Qt neither clears them nor gives up copying when it pans.
        port.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        port.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)

    def hand_to(self, hands: Input) -> None:
        """Tell `hands` what mouse and keys do."""
        self._input = hands

    # Where one looks

    @property
    def zoom(self) -> float:
        """Pixels on the screen for one of the scene."""
        return self._camera.zoom

    @property
    def camera(self) -> Camera:
        """Where one looks; it is changed by the methods below."""
        return self._camera

    @overload
    def mapToScene(self, place: QPoint) -> QPointF: ...

    @overload
    def mapToScene(self, place: QRect) -> QPolygonF: ...

    def mapToScene(self, place: QPoint | QRect) -> QPointF | QPolygonF:
        """Return the point or area of the scene at `place` of the viewport."""
        if isinstance(place, QRect):
            return QPolygonF(self._camera.rect_to_scene(place))
        return self._camera.to_scene(place)

    @overload
    def mapFromScene(self, place: QPointF) -> QPoint: ...

    @overload
    def mapFromScene(self, place: QRectF) -> QPolygon: ...

    def mapFromScene(self, place: QPointF | QRectF) -> QPoint | QPolygon:
        """Return the pixel or pixels of the viewport at `place` of the scene."""
        if isinstance(place, QRectF):
            return QPolygon(self._camera.rect_to_view(place).toRect())
        return self._camera.to_view(place).toPoint()

    @property
    def seen(self) -> QRectF:
        """The part of the scene that is in view."""
        return self._camera.rect_to_scene(self.viewport().rect())

    def scroll_by(self, x: int, y: int) -> None:
        """Move the ground by so many pixels of the screen."""
        camera, before = self._camera, (self._camera.x, self._camera.y)
        edge = int(_EDGE * camera.zoom)
        camera.x = max(-edge, min(edge, camera.x + x))
        camera.y = max(-edge, min(edge, camera.y + y))
        self._scroll(camera.x - before[0], camera.y - before[1])
        self.moved.emit()

    def _scroll(self, x: int, y: int) -> None:
        """Copy what is seen, and have painted what comes in."""
        port = self.viewport()
        self._dirty = []
        if abs(x) >= port.width() or abs(y) >= port.height() or not _whole(port.devicePixelRatio()):
            port.update()
        elif x or y:
            port.scroll(x, y)

    def zoom_by(self, factor: float, at: QPointF) -> None:
        """Zoom by `factor`; what lies under `at` of the viewport stays there.

        While steps follow one another quickly, nodes may be shown at another scale.
        """
        self._zoom(self.zoom * factor, at)
        self._patient = False
        self._rest.start()

    def zoom_to(self, zoom: float) -> None:
        """Take `zoom`; the middle stays where it is."""
        self._zoom(zoom, QPointF(self.viewport().rect().center()))

    def _zoom(self, zoom: float, at: QPointF) -> None:
        camera = self._camera
        zoom = min(metrics.ZOOM_MOST, max(metrics.ZOOM_LEAST, zoom))
        if zoom == camera.zoom:
            return
        fixed = camera.to_scene(at)
        self._look_at(zoom, at.x() - fixed.x() * zoom, at.y() - fixed.y() * zoom)

    def _look_at(self, zoom: float, x: float, y: float) -> None:
        self._camera.zoom, self._camera.x, self._camera.y = zoom, round(x), round(y)
        self._patient = True
        self._rest.stop()
        self._mark(None)
        self.moved.emit()

    def show_rect(self, rect: QRectF) -> None:
        """Bring `rect` of the scene into view, whole, and not larger than life."""
        if rect.isEmpty():
            return
        area = self.viewport().rect()
        wide = (area.width() - 2 * _FIT_MARGIN) / rect.width()
        high = (area.height() - 2 * _FIT_MARGIN) / rect.height()
        zoom = min(_FIT_MOST, max(metrics.ZOOM_LEAST, min(wide, high)))
        self.look_at(rect.center(), zoom)

    def look_at(self, point: QPointF, zoom: float) -> None:
        """Bring `point` of the scene to the middle, at `zoom`."""
        zoom = min(metrics.ZOOM_MOST, max(metrics.ZOOM_LEAST, zoom))
        area = self.viewport().rect()
        self._look_at(
            zoom, area.width() / 2 - point.x() * zoom, area.height() / 2 - point.y() * zoom
        )

    def centerOn(self, place: QPointF | PartItem) -> None:
        """Bring a point of the scene, or the middle of a part, to the middle."""
        point = place if isinstance(place, QPointF) else place.sceneBoundingRect().center()
        self.look_at(point, self.zoom)

    # Painting

    @property
    def settled(self) -> bool:
        """Whether everything in view is painted as sharp as it will be."""
        return not self._rest.isActive() and not self._stage.faces.blurred

    def _mark(self, box: Box | None) -> None:
        """Have `box` of the scene painted anew.

        What touches is painted as one rectangle: Qt clips to few rectangles much faster than to
        many, and a frame should never cost more than painting all of the view.
        """
        if self._marks > _MANY_MARKS:
            return
        port = self.viewport()
        if box is None or self._marks == _MANY_MARKS:
            self._marks = _MANY_MARKS + 1
            port.update()
            return
        if not overlap(box, self._camera.box_of(port.rect())):
            return
        self._marks += 1
        pixels = self._camera.pixels_of(box).intersected(port.rect())
        apart = []
        for rect in self._dirty:
            if rect.contains(pixels):
                return
            if rect.intersects(pixels):
                pixels = pixels.united(rect)
            else:
                apart.append(rect)
        if len(apart) >= _MOST_SPOTS:
            for rect in apart:
                pixels = pixels.united(rect)
            apart = []
        self._dirty = [*apart, pixels]
        port.update(pixels)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt: paint each rectangle of the region by itself.

        A diagonal pan exposes two thin strips; painted at once, everything within the rectangle
        around both would be, which is all of the view.
        """
        self._dirty, self._marks = [], 0
        region = event.region()
        few = region.rectCount() <= _MOST_STRIPS
        # The stubs know nothing of it, but a region yields its rectangles.
        rects = list(cast("Iterable[QRect]", region)) if few else [event.rect()]
        painter = QPainter(self.viewport())
        self._stage.begin(hurried=self._rest.isActive(), patient=self._patient)
        for rect in rects:
            painter.resetTransform()
            painter.setClipRect(rect)
            self._stage.draw(painter, self._camera, rect)
        painter.resetTransform()
        painter.setClipRegion(region)
        self._draw_over(painter)
        painter.end()
        if not self._patient and not self._rest.isActive():
            self._go_on_sharpening()

    def _draw_over(self, painter: QPainter) -> None:
        """Draw what the gesture in hand draws."""
        if self._input is not None:
            camera = self._camera
            painter.setWorldTransform(
                QTransform(camera.zoom, 0, 0, camera.zoom, camera.x, camera.y)
            )
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._input.paint(painter, camera.zoom)

    def _sharpen(self) -> None:
        """The zoom rests: paint at this scale what was shown at another."""
        for item in self._stage.faces.blurred:
            self._mark(item.box)

    def _go_on_sharpening(self) -> None:
        if self._stage.faces.blurred:
            QTimer.singleShot(0, self, self._sharpen)
        else:
            self._patient = True

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
        self._dirty, self._marks = [], 0
        self.moved.emit()


def _whole(ratio: float) -> bool:
    """Say whether pixels can be copied as they are: not so between whole scales of the screen."""
    return ratio == int(ratio)


def _sideways(turn: QPoint) -> QPoint:
    return QPoint(turn.y() or turn.x(), 0)
