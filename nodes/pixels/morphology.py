"""Soft masks grown, shrunk, blurred and filled; all on (N, H, W) float32 from 0 to 1."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from nodes.pixels.batches import each
from nodes.pixels.filters import gaussian

if TYPE_CHECKING:
    from numpy.typing import NDArray

_NEARLY = 2e-6
"""Rounding errors of a blur's weights."""
_LEVELS = 64
"""Steps in which holes of a soft mask are filled, at most."""


def grown(mask: NDArray[np.float32], radius: int) -> NDArray[np.float32]:
    """Return the largest value within `radius` pixels around each, a disc; shrunk where negative.

    Beyond the edge of the picture nothing is known: it neither grows in nor shrinks from there.
    """
    if radius < 0:
        return 1 - grown(1 - mask, -radius)
    # A disc is one horizontal stroke a row; strokes are made from short to long, each from the
    # one before, so that the work grows with the radius and not with its square.
    stroke, length = mask, 0
    done = mask.copy()
    for row in range(radius, -1, -1):
        wanted = math.isqrt(radius * radius - row * row)
        if wanted > length:
            stroke = stroke.copy()
        for reach in range(length + 1, wanted + 1):
            _raise_by(stroke, mask, reach, axis=2)
        length = wanted
        _raise_by(done, stroke, row, axis=1)
    return done


def _raise_by(
    target: NDArray[np.float32], source: NDArray[np.float32], shift: int, axis: int
) -> None:
    """Raise `target` to `source` moved by `shift` both ways along `axis`."""
    if shift == 0:
        np.maximum(target, source, out=target)
        return
    if shift >= target.shape[axis]:
        return
    ahead = (slice(None),) * axis + (slice(shift, None),)
    behind = (slice(None),) * axis + (slice(None, -shift),)
    np.maximum(target[ahead], source[behind], out=target[ahead])
    np.maximum(target[behind], source[ahead], out=target[behind])


def softened(mask: NDArray[np.float32], radius: int) -> NDArray[np.float32]:
    """Return `mask` blurred by a bell that ends at `radius` pixels (three standard deviations)."""
    import cv2

    if radius <= 0:
        return mask
    side = 2 * radius + 1
    done = each(
        mask,
        lambda plane: np.asarray(
            cv2.GaussianBlur(plane, (side, side), radius / 3, borderType=cv2.BORDER_REPLICATE),
            dtype=np.float32,
        ),
    )
    # What is fully selected all around stays so, whatever the weights of the bell add up to.
    return np.where(done > 1 - _NEARLY, np.float32(1), done)


def feathered_outwards(mask: NDArray[np.float32], radius: int) -> NDArray[np.float32]:
    """Return `mask` with a soft edge of about `radius` pixels around it, itself kept as it is.

    Farther away than that from everything selected the result is exactly 0.
    """
    half = radius // 2
    soft = softened(grown(mask, radius - half), half)
    # The window of the blur is a square: its corners are cut to the disc.
    return np.maximum(mask, np.where(grown(mask, radius) > 0, soft, np.float32(0)))


def blurred(mask: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    """Return `mask` blurred with a bell of standard deviation `sigma` in pixels."""
    return each(mask, lambda plane: gaussian(plane, sigma)).clip(0, 1) if sigma > 0 else mask


def filled(mask: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return `mask` with its holes filled: what it encloses gets the value of what encloses it.

    A hole is what cannot be reached from the edge of the picture, sideways or up and down, without
    crossing something more selected. Soft masks are taken in up to 64 steps.
    """
    return each(mask, _filled)


def _filled(plane: NDArray[np.float32]) -> NDArray[np.float32]:
    levels = np.unique(plane)
    levels = levels[levels > 0]
    if len(levels) > _LEVELS:
        levels = np.arange(1, _LEVELS + 1, dtype=np.float32) / np.float32(_LEVELS)
    done = plane.copy()
    for level in levels:
        np.maximum(done, _holes(plane < level) * level, out=done)
    return done


def _holes(outside: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return 1 where `outside` cannot be reached from the edge."""
    import cv2

    # A frame of outside around all joins whatever touches the edge.
    framed = np.pad(outside, 1, constant_values=True).astype(np.uint8)
    _count, labels = cv2.connectedComponents(framed, connectivity=4)
    inner = np.asarray(labels)[1:-1, 1:-1]
    return np.asarray(outside & (inner != labels[0, 0]), dtype=np.float32)
