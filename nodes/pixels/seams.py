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

_ROUNDS = 4
"""Rounds of relaxing on the finest grid."""
_MOST_ROUNDS = 400
_SMALLEST = 4
_MARGIN = 16
"""Pixels around the selection whose differences count for its inside."""


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
        box = _around(~known)
        part, there = one[box], known[box]
        difference = other[box] - part
        alike = there & (np.abs(difference).max(axis=-1) <= tolerance)
        if alike.any():
            done[i][box] = (part + membrane(difference, alike)).clip(0, 1)
    return done


def _around(wanted: NDArray[np.bool_]) -> tuple[slice, slice]:
    """Return the rows and columns of (H, W) that hold all that is `wanted`, and a few more."""
    found = []
    for away in (1, 0):
        places = np.flatnonzero(wanted.any(axis=away))
        first, last = (places[0], places[-1]) if len(places) else (0, 0)
        found.append(slice(max(0, int(first) - _MARGIN), int(last) + 1 + _MARGIN))
    return found[0], found[1]


def membrane(
    values: NDArray[np.float32], known: NDArray[np.bool_], rounds: int = _ROUNDS
) -> NDArray[np.float32]:
    """Return (H, W, C) that is `values` where `known` (H, W), and as smooth as can be elsewhere.

    Something must be known. Beyond the edge nothing is, and it pulls at nothing.
    """
    import cv2

    h, w = known.shape
    if min(h, w) <= _SMALLEST:
        begun = np.broadcast_to(values[known].mean(axis=0), values.shape)
    else:
        # A coarse grid costs a quarter, and needs the more rounds for what is far apart on it.
        coarse = membrane(*_halved(values, known), min(_MOST_ROUNDS, rounds * 4))
        twice = (2 * coarse.shape[1], 2 * coarse.shape[0])
        large = cv2.resize(coarse, twice, interpolation=cv2.INTER_LINEAR)
        begun = np.asarray(large).reshape(twice[1], twice[0], -1)[:h, :w]
    held, found = known.astype(np.uint8), np.array(begun, dtype=np.float32, order="C")
    cv2.copyTo(values, held, found)
    for _round in range(rounds):
        cv2.blur(found, (3, 3), found, borderType=cv2.BORDER_REPLICATE)
        cv2.copyTo(values, held, found)
    return found


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
