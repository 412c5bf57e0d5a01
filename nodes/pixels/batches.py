"""Batches: what goes with what, and work done picture by picture.

The first axis counts pictures. A batch of one goes with every picture of another batch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nodes.errors import ImageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray


def size_of(pictures: NDArray[np.float32]) -> tuple[int, int]:
    """Return width and height of an Image or a Mask."""
    return pictures.shape[2], pictures.shape[1]


def check_same_size(**named: NDArray[np.float32]) -> None:
    """Raise `ImageError` unless all have one width and height; names are told as they are."""
    (first, whole), *others = named.items()
    for name, other in others:
        if size_of(other) != size_of(whole):
            (w, h), (ow, oh) = size_of(whole), size_of(other)
            message = f"{first} is {w} × {h} pixels, {name} {ow} × {oh}: bring one to the size of the other with Resize"  # noqa: E501
            raise ImageError(message)


def together(**named: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """Return all as batches of one length and picture size, those of one picture repeated.

    What is repeated is a view. Raises `ImageError` where they do not go together.
    """
    check_same_size(**named)
    count = max(len(batch) for batch in named.values())
    for name, batch in named.items():
        if len(batch) not in (1, count):
            message = (
                f"{name} has {len(batch)} pictures where others have {count}: "
                "give one, or as many as the others have"
            )
            raise ImageError(message)
    return [np.broadcast_to(batch, (count, *batch.shape[1:])) for batch in named.values()]


def each(
    pictures: NDArray[np.float32], work: Callable[[NDArray[np.float32]], NDArray[np.float32]]
) -> NDArray[np.float32]:
    """Return what `work` makes of each picture, as one batch."""
    return np.stack([work(np.ascontiguousarray(picture)) for picture in pictures])
