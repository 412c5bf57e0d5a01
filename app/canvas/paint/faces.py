"""Nodes and notes as pixmaps, each at the zoom at which it was painted last.

Panning, dragging and states then copy pixels; while the zoom is in motion a pixmap is shown at
another scale, and painted sharp once it rests. The pixmaps take a bounded number of bytes.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPixmap

if TYPE_CHECKING:
    from app.canvas.camera import Camera
    from app.canvas.part_item import PartItem

MOST_BYTES: Final = 48 << 20
_LARGEST: Final = 3 << 20
"""Pixels: a larger face is painted directly, for few of them are in view."""
_SLICE: Final = 0.006
"""Seconds a frame for painting faces sharp that could be shown at another scale."""


@dataclass(slots=True)
class _Face:
    """A painted face."""

    pixmap: QPixmap
    version: int
    news: int
    zoom: float
    ratio: float
    margin: int
    """Pixels of the device from its edge to the origin of the item's rectangle."""

    @property
    def size(self) -> int:
        return self.pixmap.width() * self.pixmap.height() * 4


class Faces:
    """Paints items through a cache; one painter belongs to one view."""

    def __init__(self, most: int = MOST_BYTES) -> None:
        self._faces: OrderedDict[int, _Face] = OrderedDict()
        """By the identity of the item, which lives as long as the scene shows it."""
        self._most = most
        self.size = 0
        """Bytes that the pixmaps take."""
        self._until = 0.0
        self._patient = False
        self.blurred: list[PartItem] = []
        """What the last frame showed at another scale."""

    def begin(self, *, hurried: bool, patient: bool) -> None:
        """Begin a frame.

        `hurried`: the zoom is in motion, sharpness may wait. `patient`: this frame is to be sharp,
        however long it takes.
        """
        self.blurred = []
        self._patient = patient and not hurried
        self._until = time.perf_counter() + (_SLICE / 2 if hurried else _SLICE)

    def clear(self) -> None:
        """Forget every pixmap, such as when the theme changes."""
        self._faces.clear()
        self.size = 0

    def forget(self, item: PartItem) -> None:
        """Forget the pixmap of `item`, which is gone."""
        face = self._faces.pop(id(item), None)
        if face is not None:
            self.size -= face.size

    def draw(self, painter: QPainter, item: PartItem, camera: Camera, ratio: float) -> None:
        """Draw `item`; `painter` draws pixels of the viewport, `ratio` are those of the device."""
        zoom = camera.zoom
        left, top = camera.pixel(item.place, ratio)
        key = id(item)
        face = self._faces.get(key)
        if face is not None and face.news != item.news and face.version == item.version:
            _renew_head(face, item)
        fresh = face is not None and face.version == item.version and face.ratio == ratio
        if not fresh or face is None:
            face = self._painted(item, zoom, ratio)
        elif face.zoom != zoom:
            if self._patient or time.perf_counter() < self._until:
                face = self._painted(item, zoom, ratio)
            else:
                self.blurred.append(item)
        else:
            self._faces.move_to_end(key)
        if face is None:
            _draw_directly(painter, item, QPointF(left, top), zoom)
        elif face.zoom == zoom:
            margin = face.margin / ratio
            painter.drawPixmap(QPointF(left - margin, top - margin), face.pixmap)
        else:
            scale = zoom / face.zoom / ratio
            margin = face.margin * scale
            place = QRectF(left - margin, top - margin, face.pixmap.width() * scale,
                           face.pixmap.height() * scale)  # fmt: skip
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawPixmap(place, face.pixmap, QRectF(face.pixmap.rect()))

    def _painted(self, item: PartItem, zoom: float, ratio: float) -> _Face | None:
        """Paint `item` and keep it; None when it is too large for that."""
        self.forget(item)
        scale = zoom * ratio
        margin = ceil(item.MARGIN * scale)
        width = ceil(item.rect.width() * scale) + 2 * margin + 1
        height = ceil(item.rect.height() * scale) + 2 * margin + 1
        if width * height > _LARGEST:
            return None
        pixmap = QPixmap(width, height)
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.translate(margin / ratio, margin / ratio)
        painter.scale(zoom, zoom)
        item.paint(painter, zoom)
        painter.end()
        face = _Face(pixmap, item.version, item.news, zoom, ratio, margin)
        self._faces[id(item)] = face
        self.size += face.size
        while self.size > self._most and len(self._faces) > 1:
            _, oldest = self._faces.popitem(last=False)
            self.size -= oldest.size
        return face


def _renew_head(face: _Face, item: PartItem) -> None:
    """Paint the head of `item` anew: much less than all of it, while it shows how its work goes."""
    face.news = item.news
    # One more row of pixels: the last one of the head may be covered in part.
    bottom = face.margin + ceil(item.head * face.zoom * face.ratio) + 1
    rect = QRectF(0, 0, face.pixmap.width() / face.ratio, bottom / face.ratio)
    painter = QPainter(face.pixmap)
    painter.setClipRect(rect)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Clear)
    painter.fillRect(rect, Qt.GlobalColor.transparent)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
    painter.translate(face.margin / face.ratio, face.margin / face.ratio)
    painter.scale(face.zoom, face.zoom)
    item.paint_head(painter, face.zoom)
    painter.end()


def _draw_directly(painter: QPainter, item: PartItem, origin: QPointF, zoom: float) -> None:
    painter.save()
    painter.translate(origin)
    painter.scale(zoom, zoom)
    item.paint(painter, zoom)
    painter.restore()
