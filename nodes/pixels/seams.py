"""Evening out the edge of what is put into a picture, so that no seam shows.

What a model paints meets its surroundings in shape, but its colours are off by a little: the VAE
does not keep flat colour exactly. Where the picture and the piece both show the same place, just
outside of the selection, their difference is known. It is drawn into the selection as smoothly as
it can be, a membrane over that frame (Pérez, Gangnet and Blake 2003, with no gradient to follow),
and added to the piece. The membrane is relaxed from coarse to fine, each grid beginning with the
result of the one before (cascadic multigrid, Bornemann and Deuflhard 1996): linear time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ROUNDS = 12
"""Rounds of relaxing on the finest grid."""
_MOST_ROUNDS = 400
_SMALLEST = 4


def evened(
    piece: NDArray[np.float32],
    picture: NDArray[np.float32],
    frame: NDArray[np.bool_],
    tolerance: float,
) -> NDArray[np.float32]:
    """Return `piece` with its colours moved, so that it meets `picture` along `frame`.

    Both are (N, H, W, 3), from 0 to 1, and so is the result; `frame` (N, H, W) is where both show
    the same. A place of it where they differ by more than `tolerance` in any colour shows another
    thing, and has no say: what is there would run into the piece.
    """
    done = piece.copy()
    for i, (one, other, known) in enumerate(zip(piece, picture, frame, strict=True)):
        difference = other - one
        alike = known & (np.abs(difference).max(axis=-1) <= tolerance)
        if alike.any():
            done[i] = (one + membrane(difference, alike)).clip(0, 1)
    return done


def membrane(
    values: NDArray[np.float32], known: NDArray[np.bool_], rounds: int = _ROUNDS
) -> NDArray[np.float32]:
    """Return (H, W, C) that is `values` where `known` (H, W), and as smooth as can be elsewhere.

    Something must be known. Beyond the edge nothing is, and it pulls at nothing.
    """
    import cv2

    h, w = known.shape
    held = known[..., None]
    if min(h, w) <= _SMALLEST:
        begun = np.broadcast_to(values[known].mean(axis=0), values.shape)
    else:
        # A coarse grid costs a quarter, and needs the more rounds for what is far apart on it.
        coarse = membrane(*_halved(values, known), min(_MOST_ROUNDS, rounds * 4))
        twice = (2 * coarse.shape[1], 2 * coarse.shape[0])
        begun = cv2.resize(coarse, twice, interpolation=cv2.INTER_LINEAR)[:h, :w]
    found = np.where(held, values, np.asarray(begun).reshape(values.shape))
    for _round in range(rounds):
        smooth = cv2.blur(found, (3, 3), borderType=cv2.BORDER_REPLICATE)
        found = np.where(held, values, np.asarray(smooth).reshape(values.shape))
    return np.asarray(found, dtype=np.float32)


def _halved(
    values: NDArray[np.float32], known: NDArray[np.bool_]
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return both at half the size: of each four pixels, the mean of those that are known."""
    h, w = known.shape
    room = ((0, h % 2), (0, w % 2))
    weight = np.pad(known, room).astype(np.float32)
    weighed = np.pad(values * known[..., None], (*room, (0, 0)))
    count, total = _fours(weight[..., None]), _fours(weighed)
    there = count[..., 0] > 0
    return np.asarray(total / np.maximum(count, 1), dtype=np.float32), there


def _fours(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the sum of each two by two."""
    pairs = values[0::2] + values[1::2]
    return pairs[:, 0::2] + pairs[:, 1::2]
