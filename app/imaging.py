"""Pixels of the engine as Qt images, and the images that were seen lately."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtGui import QImage

if TYPE_CHECKING:
    from graph.events import Pixels


def to_image(pixels: Pixels | QImage) -> QImage:
    """Return `pixels` (H, W, 3; uint8) as an image that owns its bytes; an image as it is.

    Its format is that of the screen: pixmaps are made of it without another copy.
    """
    if isinstance(pixels, QImage):
        return pixels
    height, width, _ = pixels.shape
    flat = np.ascontiguousarray(pixels)
    # This image looks at the bytes that it is given: the converted one owns its own.
    seen = QImage(flat.data, width, height, 3 * width, QImage.Format.Format_RGB888)
    return seen.convertToFormat(QImage.Format.Format_RGB32)


class Gallery:
    """Images by content digest; the ones that were not asked for longest go first."""

    def __init__(self, most: int) -> None:
        self._images: OrderedDict[str, QImage] = OrderedDict()
        self._most = most

    def get(self, digest: str) -> QImage | None:
        """Return the image of `digest`."""
        image = self._images.get(digest)
        if image is not None:
            self._images.move_to_end(digest)
        return image

    def put(self, digest: str, image: QImage) -> None:
        """Keep `image` as that of `digest`."""
        self._images[digest] = image
        self._images.move_to_end(digest)
        while len(self._images) > self._most:
            self._images.popitem(last=False)
