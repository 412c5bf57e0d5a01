"""The thumbnails on nodes, as pixmaps in a size that a node can show."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, Qt
from PySide6.QtGui import QPixmap

from app.canvas.face import SQUARE

if TYPE_CHECKING:
    from PySide6.QtGui import QImage

MOST_BYTES: Final = 48 << 20
"""What the pixmaps that were drawn lately take together."""
_LARGEST = 640
"""Pixels: a node's picture at zoom 2 on a plain screen."""
_SMALL = 48
"""Pixels: a node's picture where the graph is seen from afar."""
_QUALITY = 92


class Pictures:
    """Holds one picture a node; belongs to the thread of the window, as pixmaps do.

    Those that were not drawn for long are kept as JPEG, a tenth of the size or less; the small
    ones are always at hand.
    """

    def __init__(self, most: int = MOST_BYTES) -> None:
        self._awake: OrderedDict[str, QPixmap] = OrderedDict()
        self._asleep: dict[str, QByteArray] = {}
        self._small: dict[str, QPixmap] = {}
        self._ratios: dict[str, float] = {}
        self._most = most
        self.size = 0
        """Bytes that the pixmaps in full size take."""

    def get(self, node_id: str) -> QPixmap | None:
        """Return the picture of a node."""
        pixmap = self._awake.get(node_id)
        if pixmap is not None:
            self._awake.move_to_end(node_id)
            return pixmap
        stored = self._asleep.get(node_id)
        if stored is None:
            return None
        pixmap = QPixmap()
        pixmap.loadFromData(stored)
        self._wake(node_id, pixmap)
        return pixmap

    def small(self, node_id: str) -> QPixmap | None:
        """Return the picture of a node as it is seen from afar."""
        small = self._small.get(node_id)
        if small is None and (pixmap := self._awake.get(node_id)) is not None:
            # Made when it is asked for: a node that runs may show many before one looks from afar.
            small = self._small[node_id] = _small(pixmap)
        return small

    def __contains__(self, node_id: str) -> bool:
        """Say whether there is a picture of a node."""
        return node_id in self._ratios

    def put(self, node_id: str, image: QImage) -> None:
        """Keep `image` as the picture of a node."""
        image = _within(image, _LARGEST)
        self._asleep.pop(node_id, None)
        self._small.pop(node_id, None)
        self._ratios[node_id] = SQUARE
        if not image.isNull():
            self._ratios[node_id] = round(image.width() / image.height(), 2)
        self._wake(node_id, QPixmap.fromImage(image))

    def _wake(self, node_id: str, pixmap: QPixmap) -> None:
        before = self._awake.pop(node_id, None)
        self.size += _bytes(pixmap) - (_bytes(before) if before is not None else 0)
        self._awake[node_id] = pixmap
        while self.size > self._most and len(self._awake) > 1:
            oldest, gone = self._awake.popitem(last=False)
            self.size -= _bytes(gone)
            if oldest not in self._small:
                self._small[oldest] = _small(gone)
            if oldest not in self._asleep:
                self._asleep[oldest] = _packed(gone)

    def ratio(self, node_id: str) -> float:
        """Return width over height of a node's picture, to two decimals; square without one."""
        return self._ratios.get(node_id, SQUARE)


def _bytes(pixmap: QPixmap) -> int:
    return pixmap.width() * pixmap.height() * 4


def _packed(pixmap: QPixmap) -> QByteArray:
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    # A picture with holes keeps them: JPEG has none.
    kind = "PNG" if pixmap.hasAlphaChannel() else "JPG"
    pixmap.save(buffer, kind, -1 if kind == "PNG" else _QUALITY)
    buffer.close()
    return data


def _small(pixmap: QPixmap) -> QPixmap:
    return pixmap.scaled(
        _SMALL, _SMALL,
        Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation,
    ) if max(pixmap.width(), pixmap.height()) > _SMALL else pixmap  # fmt: skip


def _within(image: QImage, side: int) -> QImage:
    if max(image.width(), image.height()) <= side:
        return image
    return image.scaled(
        side, side, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
    )
