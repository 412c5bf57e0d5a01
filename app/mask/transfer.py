"""Masks out of picture files and into them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QImageReader

from app.mask.shapes import from_grey
from app.words import translate
from graph.atomic import write_atomic
from graph.errors import SfumatoError
from graph.painted import as_png

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray
    from PySide6.QtCore import QSize


class TransferError(SfumatoError):
    """A picture that cannot be read as a mask, or a place that cannot be written to."""


def read_mask(path: Path, size: QSize, *, alpha: bool) -> NDArray[np.uint8]:
    """Return the alpha of the picture at `path`, or else its luminance, at `size`.

    Raises:
        TransferError: it is no picture, or has no alpha.
    """
    reader = QImageReader(str(path))
    reader.setAutoTransform(True)
    image = reader.read()
    if image.isNull():
        words = translate("Mask", "{0} cannot be read: {1}. Choose a PNG, JPEG or WebP picture.")
        raise TransferError(words.format(path.name, reader.errorString()))
    if alpha and not image.hasAlphaChannel():
        words = translate("Mask", "{0} has no alpha: import its luminance, or another picture")
        raise TransferError(words.format(path.name))
    form = QImage.Format.Format_Alpha8 if alpha else QImage.Format.Format_Grayscale8
    return fitted(image.convertToFormat(form), size)


def fitted(grey: QImage, size: QSize) -> NDArray[np.uint8]:
    """Return a picture of one byte a pixel at `size`."""
    # Qt scales no Alpha8 smoothly: the same bytes do as grey.
    plain = from_grey(grey)
    height, width = plain.shape
    image = QImage(plain.tobytes(), width, height, width, QImage.Format.Format_Grayscale8)
    if image.size() != size:
        image = image.scaled(
            size, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
        ).convertToFormat(QImage.Format.Format_Grayscale8)
    return from_grey(image)


def resized(mask: NDArray[np.uint8], size: QSize) -> NDArray[np.uint8]:
    """Return a mask at another size."""
    height, width = mask.shape
    image = QImage(mask.tobytes(), width, height, width, QImage.Format.Format_Grayscale8)
    return fitted(image, size)


def write_mask(path: Path, mask: NDArray[np.uint8]) -> None:
    """Write a mask as an 8-bit grey PNG.

    Raises:
        TransferError: the file cannot be written.
    """
    try:
        write_atomic(path, as_png(mask))
    except OSError as error:
        words = translate("Mask", "{0} cannot be written: {1}. Choose another place.")
        raise TransferError(words.format(path, error.strerror or error)) from error
