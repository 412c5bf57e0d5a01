"""Lines in a picture: gradients, XDoG, and lines thinned to one pixel; on planes (H, W) float32."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nodes.pixels.filters import gaussian

if TYPE_CHECKING:
    from numpy.typing import NDArray

_WIDER = 1.6
"""How much wider the second bell of a difference of Gaussians is: near the ideal edge detector
(Marr and Hildreth, 1980)."""
_PAPER = 0.9
"""What is lighter stays paper: grain leaves no ink."""
_RING = ((-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1))
"""Neighbours clockwise from above."""
_LEAST, _MOST = 2, 6
"""Set neighbours of a pixel that thinning may take away."""


def gradient(picture: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    """Return the size of the steepest gradient of any colour of (H, W, C) at scale `sigma`.

    Times `sigma`, so that an ideal edge is equally strong at every scale: a step from 0 to 1 gives
    1 at its place.
    """
    import cv2

    soft = gaussian(picture, sigma)
    # Central differences: a bell's slope at its middle is 1 / (sigma * sqrt(2 pi)).
    down = cv2.Scharr(soft, cv2.CV_32F, 0, 1, scale=1 / 32, borderType=cv2.BORDER_REPLICATE)
    across = cv2.Scharr(soft, cv2.CV_32F, 1, 0, scale=1 / 32, borderType=cv2.BORDER_REPLICATE)
    size = np.hypot(down, across).reshape(picture.shape).max(axis=-1)
    return np.asarray(size * (sigma * np.sqrt(2 * np.pi)), dtype=np.float32)


def soft_edges(picture: NDArray[np.float32], scales: int) -> NDArray[np.float32]:
    """Return (H, W) edges from 0 to 1, the strongest of `scales` scales, each twice as coarse."""
    found = [gradient(picture, float(2**scale)) for scale in range(scales)]
    # Coarse edges are broad and sure, fine ones sharp: each scale counts a little less.
    weighed = [edges * np.float32(0.85**place) for place, edges in enumerate(found)]
    return np.asarray(np.max(weighed, axis=0), dtype=np.float32).clip(0, 1)


def inked(
    plane: NDArray[np.float32], sigma: float, sharpness: float, shade: float, softness: float
) -> NDArray[np.float32]:
    """Return 1 where a pen draws `plane`, 0 where paper stays.

    XDoG (Winnemöller, Kyprianidis and Olsen, Computers & Graphics 36, 2012): a difference of
    Gaussians on top of the tone, then a soft threshold. The tone here is white but for what is
    darker than `shade`, so that lines alone are drawn where that is 0.
    """
    fine, coarse = gaussian(plane, sigma), gaussian(plane, sigma * _WIDER)
    tone = (fine / np.float32(shade)).clip(0, 1) if shade > 0 else np.float32(1)
    depth = np.float32(_PAPER) - (tone + np.float32(sharpness) * (fine - coarse))
    return np.tanh(depth.clip(0, None) / np.float32(max(softness, 1e-3)))


def thinned(lines: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return lines thinned to one pixel without breaking them.

    Zhang and Suen, Communications of the ACM 27, 1984.
    """
    lines = lines.copy()
    while True:
        before = int(lines.sum())
        for first in (True, False):
            lines &= ~_removable(lines, first=first)
        if int(lines.sum()) == before:
            return lines


def _removable(lines: NDArray[np.bool_], *, first: bool) -> NDArray[np.bool_]:
    framed = np.pad(lines, 1)
    h, w = lines.shape
    ring = [framed[1 + dy : 1 + dy + h, 1 + dx : 1 + dx + w] for dy, dx in _RING]
    count = np.sum(ring, axis=0)
    turns = np.sum([~a & b for a, b in zip(ring, ring[1:] + ring[:1], strict=True)], axis=0)
    north, east, south, west = ring[0], ring[2], ring[4], ring[6]
    if first:
        kept = (north & east & south) | (east & south & west)
    else:
        kept = (north & east & west) | (north & south & west)
    found = lines & (count >= _LEAST) & (count <= _MOST) & (turns == 1) & ~kept
    return np.asarray(found, dtype=np.bool_)
