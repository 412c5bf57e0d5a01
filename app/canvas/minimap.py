"""The whole graph in a corner, and where of it one is; a press looks there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QSize, Qt, QTimer
from PySide6.QtGui import QPainter, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from app.canvas.camera import Camera
from app.canvas.paint.stage import Stage
from app.words import translate

if TYPE_CHECKING:
    from PySide6.QtGui import QMouseEvent, QPaintEvent

    from app.canvas.index import Box
    from app.canvas.scene import CanvasScene
    from app.canvas.view import CanvasView

_SIZE = QSize(208, 136)
_MARGIN = 8
_LARGEST = 0.12
"""No graph is shown larger: a map, not a second canvas."""
_PAUSE_MS = 200
"""Least time between two pictures of the graph."""


class Minimap(QWidget):
    """Lies over a view. It paints the graph at most five times a second, and only while shown."""

    def __init__(self, view: CanvasView, scene: CanvasScene, parent: QWidget) -> None:
        super().__init__(parent)
        self._view = view
        self._scene = scene
        self._stage = Stage(scene)
        self._camera = Camera(_LARGEST)
        self._picture: QPixmap | None = None
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self._renew)
        self.resize(_SIZE)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.setAccessibleName(translate("Minimap", "Overview of the graph"))
        self.hide()
        scene.watch(self._changed)
        view.moved.connect(self.update)

    def open(self, *, shown: bool) -> None:
        """Show it, or hide it."""
        self.setVisible(shown)
        self.raise_()

    def _changed(self, _box: Box | None) -> None:
        if not self._pause.isActive():
            self._pause.start()

    def _renew(self) -> None:
        self._picture = None
        if self.isVisible():
            self.update()

    def _drawn(self) -> QPixmap:
        """Return the graph as it is seen from here."""
        area, ratio = self._scene.extent(), self.devicePixelRatioF()
        wide = (self.width() - 2 * _MARGIN) / max(area.width(), 1.0)
        high = (self.height() - 2 * _MARGIN) / max(area.height(), 1.0)
        zoom = min(wide, high, _LARGEST)
        centre = area.center()
        self._camera = Camera(
            zoom,
            round(self.width() / 2 - centre.x() * zoom),
            round(self.height() / 2 - centre.y() * zoom),
        )
        pixmap = QPixmap(self.size() * ratio)
        pixmap.setDevicePixelRatio(ratio)
        painter = QPainter(pixmap)
        self._stage.begin(hurried=False, patient=True)
        self._stage.draw(painter, self._camera, QRect(0, 0, self.width(), self.height()))
        painter.end()
        return pixmap

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Qt: the graph, and a frame around what the view shows."""
        if self._picture is None:
            self._picture = self._drawn()
        colours = self._scene.look.colours
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._picture)
        inner = self.rect().adjusted(1, 1, -2, -2)
        seen = self._camera.rect_to_view(self._view.seen).toRect()
        if not self._view.seen.contains(self._scene.extent()):
            painter.setPen(QPen(colours.accent, 1))
            painter.drawRect(seen.intersected(inner))
        painter.setPen(QPen(colours.outline, 1))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Qt: look at what was pressed."""
        self._go(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Qt: go along while the button is held."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go(event)

    def _go(self, event: QMouseEvent) -> None:
        if self._picture is not None:
            self._view.centerOn(self._camera.to_scene(QPointF(event.position())))
        event.accept()
