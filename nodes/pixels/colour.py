"""Colour spaces: sRGB as it is stored, linear light, and OKLab, where distances are as seen.

sRGB is IEC 61966-2-1. OKLab is Björn Ottosson's (2020): L from 0 to 1, a and b about -0.4 to 0.4.
All functions take and return float32 arrays whose last axis is the colour.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LUMA = np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)
"""Weights of the sRGB primaries (ITU-R BT.709)."""
_TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
_FROM_LAB = np.linalg.inv(_TO_LAB)
_FROM_LMS = np.linalg.inv(_TO_LMS)


def to_linear(encoded: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the light that sRGB values from 0 to 1 stand for."""
    high = np.power((encoded + np.float32(0.055)) / np.float32(1.055), np.float32(2.4))
    return np.where(encoded <= np.float32(0.04045), encoded / np.float32(12.92), high)


def to_srgb(light: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return linear light as sRGB values, clipped to 0 to 1."""
    light = light.clip(0, 1)
    # By the formula white would miss 1 by a rounding error.
    high = np.float32(1.055) * np.power(light, np.float32(1 / 2.4)) - np.float32(0.055)
    low = light * np.float32(12.92)
    done = np.where(light <= np.float32(0.0031308), low, high)
    return np.where(light >= 1, np.float32(1), done)


def to_oklab(encoded: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return sRGB values as OKLab."""
    cones = np.cbrt(to_linear(encoded) @ _TO_LMS.T.astype(np.float32))
    return cones @ _TO_LAB.T.astype(np.float32)


def from_oklab(lab: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return OKLab values as sRGB, clipped to what sRGB can show."""
    cones = lab @ _FROM_LAB.T.astype(np.float32)
    return to_srgb(cones**3 @ _FROM_LMS.T.astype(np.float32))


def luma(encoded: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the weighted mean of sRGB values, without the last axis: as Image becomes Mask."""
    return _weighed(encoded)


def luminance(light: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return how bright linear light is, without the last axis."""
    return _weighed(light)


def _weighed(colours: NDArray[np.float32]) -> NDArray[np.float32]:
    # Not as a matrix product, whose last bits depend on how its operands lie in memory.
    red, green, blue = np.moveaxis(colours, -1, 0)
    return np.asarray(red * _LUMA[0] + green * _LUMA[1] + blue * _LUMA[2], dtype=np.float32)


def parsed(colour: str) -> NDArray[np.float32]:
    """Return `#rrggbb` as three sRGB values from 0 to 1."""
    return np.array(list(bytes.fromhex(colour[1:])), dtype=np.float32) / np.float32(255)


def grey_image(planes: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return grey values (N, H, W) as an Image (N, H, W, 3)."""
    return np.repeat(planes[..., None], 3, axis=-1)
