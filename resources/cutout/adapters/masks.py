"""Draws masks to inpaint: rectangles, ellipses and strokes."""

from __future__ import annotations

import math
from typing import Final

import torch
from torch import Tensor

_POINTS: Final = 6
"""How many dabs of the brush a stroke is made of."""


def _even(*shape: int, generator: torch.Generator) -> Tensor:
    """Draw evenly between -1 and 1."""
    return torch.rand(*shape, generator=generator) * 2 - 1


def draw_masks(centres: Tensor, reach: Tensor, size: int, generator: torch.Generator) -> Tensor:
    """Draw a mask about each centre, [n, 2], that covers at least the disc of radius `reach`, [n].

    Lengths are in picture edges. A third each are rectangles, ellipses and strokes of a round
    brush: bool [n, 1, size, size], true where to paint anew.
    """
    count = len(centres)
    step = (torch.arange(size) + 0.5) / size
    x = step[None, None, :] - centres[:, 0, None, None]
    y = step[None, :, None] - centres[:, 1, None, None]
    wide = (reach[:, None] * (1 + 0.5 * torch.rand(count, 2, generator=generator)))[..., None, None]
    rectangle = (x.abs() < wide[:, 0]) & (y.abs() < wide[:, 1])
    ellipse = (x / wide[:, 0]).square() + (y / wide[:, 1]).square() < 1.0
    kind = torch.randint(3, (count,), generator=generator)[:, None, None]
    round_or_scribbled = torch.where(kind == 1, ellipse, _strokes(x, y, reach, generator))
    return torch.where(kind == 0, rectangle, round_or_scribbled)[:, None]


def _strokes(x: Tensor, y: Tensor, reach: Tensor, generator: torch.Generator) -> Tensor:
    """Scribble over the disc: up and down, from side to side, at a slant: bool [n, h, w]."""
    count = len(reach)
    slant = math.pi * torch.rand(count, 1, 1, generator=generator)
    along, across = x * slant.cos() + y * slant.sin(), y * slant.cos() - x * slant.sin()
    scale = reach[:, None, None]
    masks = torch.zeros(count, x.shape[2], x.shape[2], dtype=torch.bool)
    for index in range(_POINTS):
        at = scale * (2 * index / (_POINTS - 1) - 1)
        half = (scale.square() - at.square()).clamp(min=0).sqrt() + 0.25 * scale
        half = half * (1 + 0.2 * _even(count, 1, 1, generator=generator))
        beyond = (along.abs() - half).clamp(min=0)
        masks |= torch.hypot(beyond, across - at) < 0.3 * scale
    return masks
