"""Where one looks: zoom, and the place of the scene's origin in whole pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QRectF

if TYPE_CHECKING:
    from PySide6.QtCore import QPoint

    from app.canvas.index import Box


@dataclass(slots=True)
class Camera:
    """Maps the scene to pixels of the viewport. The offset is whole, so that panning copies."""

    zoom: float = 1.0
    x: int = 0
    y: int = 0

    def to_scene(self, at: QPoint | QPointF) -> QPointF:
        """Return the place of the scene at `at` of the viewport."""
        return QPointF((at.x() - self.x) / self.zoom, (at.y() - self.y) / self.zoom)

    def to_view(self, point: QPointF) -> QPointF:
        """Return where `point` of the scene is on the viewport."""
        return QPointF(point.x() * self.zoom + self.x, point.y() * self.zoom + self.y)

    def pixel(self, place: tuple[float, float], ratio: float) -> tuple[float, float]:
        """Return where `place` of the scene is, on the nearest whole pixel of the device.

        What is painted at whole pixels stays sharp wherever it is shown; `ratio` are the device's
        pixels in one of the viewport.
        """
        return (
            round((place[0] * self.zoom + self.x) * ratio) / ratio,
            round((place[1] * self.zoom + self.y) * ratio) / ratio,
        )

    def rect_to_scene(self, rect: QRect | QRectF) -> QRectF:
        """Return the part of the scene under `rect` of the viewport."""
        zoom = self.zoom
        return QRectF(
            (rect.x() - self.x) / zoom,
            (rect.y() - self.y) / zoom,
            rect.width() / zoom,
            rect.height() / zoom,
        )

    def box_of(self, rect: QRect) -> Box:
        """Return the box of the scene under the pixels `rect`."""
        zoom = self.zoom
        left, top = (rect.x() - self.x) / zoom, (rect.y() - self.y) / zoom
        return (left, top, left + rect.width() / zoom, top + rect.height() / zoom)

    def rect_to_view(self, rect: QRectF) -> QRectF:
        """Return where `rect` of the scene is on the viewport."""
        corner = self.to_view(rect.topLeft())
        return QRectF(corner.x(), corner.y(), rect.width() * self.zoom, rect.height() * self.zoom)

    def pixels_of(self, box: Box) -> QRect:
        """Return all pixels that `box` of the scene touches, and one more on each side."""
        zoom = self.zoom
        left, top = int(box[0] * zoom + self.x) - 2, int(box[1] * zoom + self.y) - 2
        right, bottom = int(box[2] * zoom + self.x) + 2, int(box[3] * zoom + self.y) + 2
        return QRect(left, top, right - left, bottom - top)
