"""Blur and sharpen."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import numpy as np

from graph.declare import node
from graph.hints import Doc, Range
from graph.spec import Lane
from graph.values import Image
from nodes.pixels.batches import each
from nodes.pixels.colour import to_linear, to_srgb

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SMALL = 2
"""Radius up to which OpenCV finds medians of floats."""
_STRIP = 1 << 24
"""Values that a median looks at together, at most."""


class BlurKind(StrEnum):
    """The shape that a point of light becomes."""

    GAUSSIAN = "gaussian"
    BOX = "box"
    MEDIAN = "median"


@node(
    "Blur",
    category="Image/Filter",
    synonyms=("soften", "gaussian", "box", "median", "smooth", "denoise", "defocus"),
    lane=Lane.CPU,
)
def blur(
    image: Annotated[Image, Doc("What is blurred.")],
    radius: Annotated[
        float, Range(0, 200, 0.5), Doc("In pixels; Median takes up to 7, 3 and more slowly.")
    ] = 4.0,
    kind: Annotated[
        BlurKind, Doc("Gaussian is softest, Median removes specks and keeps edges.")
    ] = BlurKind.GAUSSIAN,
) -> Image:
    """Blur a picture.

    Gaussian and Box average in linear light, as a lens does: lights spread and do not go dim. The
    radius is half of the box, or the standard deviation of the bell. Median takes the middle value
    of each colour around, which is the same in any light.
    """
    if radius == 0:
        return image
    if kind is BlurKind.MEDIAN:
        return each(image, lambda picture: _median(picture, max(1, min(7, round(radius)))))
    if kind is BlurKind.BOX:
        return to_srgb(each(to_linear(image), lambda picture: boxed(picture, round(radius))))
    return to_srgb(each(to_linear(image), lambda picture: gaussian(picture, radius)))


def gaussian(picture: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    """Return (H, W) or (H, W, C) blurred with a bell of standard deviation `sigma`, in pixels.

    The edge counts as going on for ever.
    """
    import cv2

    side = 2 * int(np.ceil(4 * sigma)) + 1
    done = cv2.GaussianBlur(picture, (side, side), sigma, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(done, dtype=np.float32).reshape(picture.shape)


def boxed(picture: NDArray[np.float32], radius: int) -> NDArray[np.float32]:
    """Return the mean over a square of 2 × `radius` + 1 pixels, likewise."""
    import cv2

    side = 2 * radius + 1
    done = cv2.blur(picture, (side, side), borderType=cv2.BORDER_REPLICATE)
    return np.asarray(done, dtype=np.float32).reshape(picture.shape)


def _median(picture: NDArray[np.float32], radius: int) -> NDArray[np.float32]:
    import cv2

    side = 2 * radius + 1
    if radius <= _SMALL:
        # In single planes: of several channels one pixel wide OpenCV makes one.
        planes = (
            cv2.medianBlur(np.ascontiguousarray(p), side) for p in np.moveaxis(picture, -1, 0)
        )
        return np.stack([np.asarray(plane, dtype=np.float32) for plane in planes], axis=-1)
    around = np.pad(picture, ((radius, radius), (radius, radius), (0, 0)), mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(around, (side, side), axis=(0, 1))
    rows = max(1, _STRIP // (picture.shape[1] * picture.shape[2] * side * side))
    strips = (windows[top : top + rows] for top in range(0, len(windows), rows))
    return np.concatenate([np.median(strip, axis=(-2, -1)) for strip in strips]).astype(np.float32)


@node(
    "Sharpen",
    category="Image/Filter",
    synonyms=("unsharp mask", "crisp", "detail", "clarity", "focus"),
    lane=Lane.CPU,
)
def sharpen(
    image: Annotated[Image, Doc("What is sharpened.")],
    amount: Annotated[float, Range(0, 5, 0.1), Doc("How much contrast edges get.")] = 0.5,
    radius: Annotated[float, Range(0.1, 100, 0.1), Doc("Width of an edge, in pixels.")] = 1.5,
    threshold: Annotated[
        float, Range(0, 1, 0.01), Doc("Differences below it are left alone, such as grain.")
    ] = 0.0,
) -> Image:
    """Sharpen a picture with an unsharp mask.

    Works on sRGB values, so that the halos are as strong to the eye on either side of an edge.
    """
    if amount == 0:
        return image
    detail = image - each(image, lambda picture: gaussian(picture, radius))
    detail = np.where(np.abs(detail) < np.float32(threshold), np.float32(0), detail)
    return (image + np.float32(amount) * detail).clip(0, 1)
