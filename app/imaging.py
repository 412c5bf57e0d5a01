"""Pixels of the engine as Qt images, and the images that were seen lately."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from PySide6.QtGui import QImage

if TYPE_CHECKING:
    from graph.events import Pixels


def to_image(pixels: Pixels) -> QImage:
    """Return `pixels` (H, W, 3; uint8) as an image that owns its bytes."""
    height, width, _ = pixels.shape
    # The image looks at the bytes that it is given: the copy owns its own.
    return QImage(pixels.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888).copy()


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
