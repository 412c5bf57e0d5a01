"""The thumbnails on nodes, as pixmaps in a size that a node can show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap

from app.canvas.face import SQUARE

if TYPE_CHECKING:
    from PySide6.QtGui import QImage

_LARGEST = 640
"""Pixels: a node's picture at zoom 2 on a plain screen."""
_SMALL = 48
"""Pixels: a node's picture where the graph is seen from afar."""


class Pictures:
    """Holds one pixmap a node; belongs to the thread of the window, as pixmaps do."""

    def __init__(self) -> None:
        self._pixmaps: dict[str, QPixmap] = {}
        self._small: dict[str, QPixmap] = {}

    def get(self, node_id: str) -> QPixmap | None:
        """Return the picture of a node."""
        return self._pixmaps.get(node_id)

    def small(self, node_id: str) -> QPixmap | None:
        """Return the picture of a node as it is seen from afar."""
        return self._small.get(node_id)

    def put(self, node_id: str, image: QImage) -> None:
        """Keep `image` as the picture of a node."""
        image = _within(image, _LARGEST)
        self._pixmaps[node_id] = QPixmap.fromImage(image)
        self._small[node_id] = QPixmap.fromImage(_within(image, _SMALL))

    def ratio(self, node_id: str) -> float:
        """Return width over height of a node's picture, to two decimals; square without one."""
        pixmap = self._pixmaps.get(node_id)
        if pixmap is None or pixmap.isNull():
            return SQUARE
        return round(pixmap.width() / pixmap.height(), 2)


def _within(image: QImage, side: int) -> QImage:
    if max(image.width(), image.height()) <= side:
        return image
    return image.scaled(
        side, side, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
    )
