"""Small pictures of files: the file itself, or the picture that lies beside a model."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage, QImageReader, QPixmap

if TYPE_CHECKING:
    from pathlib import Path

SIDE: Final = 40
PICTURES: Final = (".png", ".jpg", ".jpeg", ".webp", ".bmp")
_BESIDE: Final = (".png", ".preview.png", ".jpg", ".preview.jpg", ".webp")
_LARGEST = 64 << 20
"""Bytes of a picture beyond which none is read for so small a purpose."""


def picture_of(path: Path) -> Path | None:
    """Return the picture that shows what `path` is; None when there is none."""
    if path.suffix.lower() in PICTURES:
        return path
    stem = path.name if path.is_dir() else path.stem
    beside = (path.with_name(stem + ending) for ending in _BESIDE)
    inside = (path / f"preview{ending}" for ending in (".png", ".jpg")) if path.is_dir() else ()
    return next((found for found in (*beside, *inside) if found.is_file()), None)


def thumbnail(path: Path, side: int = SIDE) -> QPixmap | None:
    """Return the picture of `path` cut to a square of `side` pixels; None when it has none."""
    try:
        picture = picture_of(path)
        if picture is None:
            return None
        stat = picture.stat()
    except OSError:
        return None
    if stat.st_size > _LARGEST:
        return None
    image = _read(str(picture), stat.st_mtime_ns, side)
    return None if image is None else QPixmap.fromImage(image)


@lru_cache(maxsize=512)
def _read(name: str, _changed: int, side: int) -> QImage | None:
    reader = QImageReader(name)
    reader.setAutoTransform(True)
    size = reader.size()
    if size.isValid() and not size.isEmpty():
        reader.setScaledSize(
            size.scaled(QSize(side, side), Qt.AspectRatioMode.KeepAspectRatioByExpanding)
        )
    image = reader.read()
    if image.isNull():
        return None
    left, top = (image.width() - side) // 2, (image.height() - side) // 2
    return image.copy(left, top, side, side)
