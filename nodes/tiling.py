"""Works through a picture in tiles that overlap, and blends them where they do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable


def in_tiles(
    apply: Callable[[Tensor], Tensor],
    source: Tensor,
    scales: tuple[int, int],
    side: int,
    overlap: int,
) -> Tensor:
    """Return `apply` of all of `source` (N, C, H, W), having called it on one tile at a time.

    Both are measured in cells: `scales` says how many pixels along a side a cell has in the source
    and in the result. Tiles have `side` cells along a side and share at least `overlap` with each
    neighbour, over which one fades into the next. Only the whole result and one tile are in memory.
    """
    before, after = scales
    rows, columns = (size // before for size in source.shape[-2:])
    result = weights = torch.zeros(0)
    for top, height in spans(rows, side, overlap):
        for left, width in spans(columns, side, overlap):
            tile = apply(
                source[
                    ...,
                    top * before : (top + height) * before,
                    left * before : (left + width) * before,
                ]
            )
            if not result.numel():
                result = tile.new_zeros(*tile.shape[:2], rows * after, columns * after)
                weights = tile.new_zeros(rows * after, columns * after)
            place = (
                slice(top * after, (top + height) * after),
                slice(left * after, (left + width) * after),
            )
            weight = _fade(tile, overlap * after)
            result[:, :, place[0], place[1]] += tile * weight
            weights[place] += weight
    return result / weights


def spans(length: int, side: int, overlap: int) -> list[tuple[int, int]]:
    """Return where tiles of `side` begin along `length`, and how long they are, evenly spread."""
    if length <= side:
        return [(0, length)]
    count = -(-(length - overlap) // (side - overlap))
    return [(i * (length - side) // (count - 1), side) for i in range(count)]


def _fade(tile: Tensor, overlap: int) -> Tensor:
    """Return weights (H, W) for `tile`: 1 in the middle, falling towards each edge."""
    rows, columns = (_ramp(size, overlap, tile) for size in tile.shape[-2:])
    return rows[:, None] * columns


def _ramp(size: int, overlap: int, like: Tensor) -> Tensor:
    from_edge = torch.arange(size, device=like.device, dtype=like.dtype) + 0.5
    return torch.minimum(from_edge, from_edge.flip(0)).clamp(max=overlap) / overlap
