"""A run's picture, small enough to be kept by the thousand."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from graph.events import Pixels

SIDE: Final = 160
"""Longest side in pixels: sharp on a row of a list, also where a point is two pixels wide."""
MOST_BYTES: Final = 16 << 10
_QUALITIES: Final = (85, 70, 50, 30)


def thumbnail(pixels: Pixels) -> bytes:
    """Return `pixels` (H, W, 3; uint8; sRGB) as a JPEG of at most 16 KiB."""
    from PIL import Image

    image = Image.fromarray(pixels)
    image.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS, reducing_gap=3.0)
    while True:
        for quality in _QUALITIES:
            file = io.BytesIO()
            image.save(file, "JPEG", quality=quality, optimize=True)
            if file.tell() <= MOST_BYTES:
                return file.getvalue()
        image = image.reduce(2)
