"""What lies on the scene: a place, a size, and a version that grows with every new look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF

if TYPE_CHECKING:
    from PySide6.QtGui import QPainter

    from app.canvas.index import Box
    from app.canvas.scene import CanvasScene


class PartItem:
    """A node, frame or note as it is seen. Plain objects: a graph has ten thousand of them."""

    __slots__ = (
        "_canvas", "_x", "_y", "box", "core", "news", "rank", "rect", "selected", "version",
    )  # fmt: skip

    MARGIN = 13.0
    """How far it paints beyond its rectangle: sockets, selection, shadow."""

    def __init__(self, canvas: CanvasScene, place: tuple[float, float], rect: QRectF) -> None:
        self._canvas = canvas
        self._x, self._y = float(place[0]), float(place[1])
        self.rect = rect
        """Its outline, in its own coordinates."""
        self.version = 0
        self.news = 0
        """Grows when only its head looks otherwise."""
        self.selected = False
        self.rank = 0
        """Higher ones lie on top."""
        self.box: Box = (0.0, 0.0, 0.0, 0.0)
        """All that it may paint."""
        self.core: Box = (0.0, 0.0, 0.0, 0.0)
        """Its outline, on the scene."""
        self._measure()

    def _measure(self) -> None:
        rect, x, y, margin = self.rect, self._x, self._y, self.MARGIN
        left, top = rect.left() + x, rect.top() + y
        right, bottom = left + rect.width(), top + rect.height()
        self.core = (left, top, right, bottom)
        self.box = (left - margin, top - margin, right + margin, bottom + margin)

    @property
    def part_id(self) -> str:
        """The id of the part of the graph that it shows."""
        raise NotImplementedError

    def paint(self, painter: QPainter, zoom: float) -> None:
        """Draw it in its own coordinates, as it is seen at `zoom`."""
        raise NotImplementedError

    @property
    def head(self) -> float:
        """How far down it what `paint_head` paints reaches, in its own coordinates."""
        return self.rect.bottom()

    def paint_head(self, painter: QPainter, zoom: float) -> None:
        """Draw what lies above `head`; `painter` is clipped to it."""
        self.paint(painter, zoom)

    def pos(self) -> QPointF:
        """Return where its origin is on the scene."""
        return QPointF(self._x, self._y)

    @property
    def place(self) -> tuple[float, float]:
        """Where its origin is on the scene, as numbers."""
        return (self._x, self._y)

    def put(self, place: tuple[float, float], rect: QRectF) -> bool:
        """Lie elsewhere or be of another size; say whether that is so. The scene calls this."""
        if place == (self._x, self._y) and rect == self.rect:
            return False
        if rect != self.rect:
            self.version += 1
        self._x, self._y, self.rect = float(place[0]), float(place[1]), rect
        self._measure()
        return True

    def update(self) -> None:
        """Have it painted anew: what it looks like changed."""
        self.version += 1
        self._canvas.mark(self.box)

    def freshen(self) -> None:
        """Have its head painted anew: only that looks otherwise."""
        self.news += 1
        left, top, right, _ = self.box
        self._canvas.mark((left, top, right, self._y + self.head + 1.0))

    def mapToScene(self, point: QPointF) -> QPointF:
        """Return where `point` of it is on the scene."""
        return QPointF(point.x() + self._x, point.y() + self._y)

    def mapFromScene(self, point: QPointF) -> QPointF:
        """Return `point` of the scene in its own coordinates."""
        return QPointF(point.x() - self._x, point.y() - self._y)

    def mapRectToScene(self, rect: QRectF) -> QRectF:
        """Return where `rect` of it is on the scene."""
        return rect.translated(self._x, self._y)

    def sceneBoundingRect(self) -> QRectF:
        """Return its outline on the scene."""
        return self.rect.translated(self._x, self._y)

    def contains(self, x: float, y: float) -> bool:
        """Say whether a point of the scene is on it."""
        left, top, right, bottom = self.core
        return left <= x < right and top <= y < bottom
