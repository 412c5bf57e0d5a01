"""Coverage of shapes, and how they join the mask."""

from __future__ import annotations

import math
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPolygonF

from app.mask.area import Area

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from app.mask.layer import Layer


class Join(StrEnum):
    """What becomes of what a shape or a fill covers."""

    ADD = "add"
    SUBTRACT = "subtract"


def rectangle(start: QPointF, end: QPointF) -> QPainterPath:
    """Return the rectangle between two points, its sides between pixels."""
    rect = QRectF(start, end).normalized()
    left, top = math.floor(rect.left()), math.floor(rect.top())
    path = QPainterPath()
    path.addRect(left, top, math.ceil(rect.right()) - left, math.ceil(rect.bottom()) - top)
    return path


def ellipse(start: QPointF, end: QPointF) -> QPainterPath:
    """Return the ellipse that touches the sides of the rectangle between two points."""
    path = QPainterPath()
    path.addEllipse(QRectF(start, end).normalized())
    return path


def lasso(points: Sequence[QPointF]) -> QPainterPath:
    """Return the closed outline through `points`; what it encloses twice is inside too."""
    path = QPainterPath()
    path.addPolygon(QPolygonF(points))
    path.closeSubpath()
    path.setFillRule(Qt.FillRule.WindingFill)
    return path


def covered(path: QPainterPath, area: Area) -> NDArray[np.uint8]:
    """Return how much of each pixel of `area` is inside `path`, 0 to 255."""
    width, height = area.right - area.left, area.bottom - area.top
    image = QImage(width, height, QImage.Format.Format_Grayscale8)
    image.fill(0)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(-area.left, -area.top)
    painter.fillPath(path, Qt.GlobalColor.white)
    painter.end()
    return from_grey(image)


def from_grey(image: QImage) -> NDArray[np.uint8]:
    """Return the pixels of an image of the format Grayscale8 as an array (H, W) of its own."""
    lines = np.frombuffer(image.constBits(), np.uint8)
    return lines.reshape(image.height(), image.bytesPerLine())[:, : image.width()].copy()


def join(layer: Layer, cover: NDArray[np.uint8], area: Area, how: Join) -> None:
    """Add what `cover` (0 to 255) says of `area` to the mask, or take it away."""
    layer.touch(area)
    part = layer.pixels[area.rows, area.columns]
    if how is Join.ADD:
        np.maximum(part, cover, out=part)
    else:
        np.minimum(part, 255 - cover, out=part)


def join_path(layer: Layer, path: QPainterPath, how: Join) -> None:
    """Add the inside of `path` to the mask, or take it away."""
    box = path.boundingRect()
    area = Area(
        math.floor(box.left()) - 1, math.floor(box.top()) - 1,
        math.ceil(box.right()) + 1, math.ceil(box.bottom()) + 1,
    ).within(layer.area)  # fmt: skip
    if not area.empty:
        join(layer, covered(path, area), area, how)
