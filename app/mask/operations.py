"""What is done to the whole mask at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from app.mask.shapes import Join, join

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from app.mask.layer import Layer

_DEEP = 3
"""Axes of an array with colours."""


def invert(layer: Layer) -> None:
    """Select what was left out."""
    layer.touch(layer.area)
    np.subtract(255, layer.pixels, out=layer.pixels)


def clear(layer: Layer) -> None:
    """Select nothing."""
    layer.touch(layer.area)
    layer.pixels[:] = 0


def select_all(layer: Layer) -> None:
    """Select everything."""
    layer.touch(layer.area)
    layer.pixels[:] = 255


def replace(layer: Layer, pixels: NDArray[np.uint8]) -> None:
    """Take another mask of the same size."""
    layer.touch(layer.area)
    layer.pixels[:] = pixels


def grow(layer: Layer, pixels: int) -> None:
    """Move the edge outwards by so many pixels, inwards where negative; soft edges stay soft."""
    import cv2

    if not pixels:
        return
    layer.touch(layer.area)
    side = 2 * abs(pixels) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    change = cv2.dilate if pixels > 0 else cv2.erode
    layer.pixels[:] = change(layer.pixels, disc, borderType=cv2.BORDER_REPLICATE)


def feather(layer: Layer, pixels: float) -> None:
    """Soften edges: a Gaussian blur whose sigma is half of `pixels`."""
    import cv2

    if pixels <= 0:
        return
    layer.touch(layer.area)
    layer.pixels[:] = cv2.GaussianBlur(
        layer.pixels, (0, 0), pixels / 2, borderType=cv2.BORDER_REPLICATE
    )


def fill(
    layer: Layer,
    source: NDArray[np.uint8],
    at: tuple[int, int],
    tolerance: int,
    how: Join = Join.ADD,
) -> None:
    """Add the patch around `at` (x, y) of `source`, or take it away.

    The patch is what hangs together and differs from the pixel `at` by `tolerance` (0 to 255) at
    most in every channel of `source`: (H, W, 3) or (H, W), of the mask's size.
    """
    import cv2

    if not (0 <= at[0] < layer.area.right and 0 <= at[1] < layer.area.bottom):
        return
    height, width = source.shape[:2]
    found = np.zeros((height + 2, width + 2), np.uint8)
    limits = (tolerance,) * (source.shape[2] if source.ndim == _DEEP else 1)
    flags = 4 | cv2.FLOODFILL_MASK_ONLY | cv2.FLOODFILL_FIXED_RANGE | (255 << 8)
    cv2.floodFill(np.ascontiguousarray(source), found, at, 0, limits, limits, flags)
    join(layer, found[1:-1, 1:-1], layer.area, how)
