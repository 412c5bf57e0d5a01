"""The eight figures as signed distance functions.

Each takes x (right) and y (up) in a frame where the figure lies about the origin with a radius near
1, and returns the distance to its outline, negative inside. Outside a sharp tip the distance is a
lower bound; near the outline, where antialiasing looks, it is exact. Sizes are balanced so that all
figures cover a like share of paper.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

import torch
from torch import Tensor

from resources.cutout.scene import SHAPES, Shape

Distance = Callable[[Tensor, Tensor], Tensor]


def _box(x: Tensor, y: Tensor, half_width: float, half_height: float) -> Tensor:
    """Measure to an axis-parallel rectangle."""
    dx, dy = x.abs() - half_width, y.abs() - half_height
    outside = torch.hypot(dx.clamp(min=0), dy.clamp(min=0))
    return outside + torch.maximum(dx, dy).clamp(max=0)


def _disc(x: Tensor, y: Tensor, radius: float) -> Tensor:
    """Measure to a disc."""
    return torch.hypot(x, y) - radius


def _turn(x: Tensor, y: Tensor, angle: float) -> tuple[Tensor, Tensor]:
    """Rotate the frame by `angle` radians."""
    cos, sin = math.cos(angle), math.sin(angle)
    return x * cos - y * sin, x * sin + y * cos


def _fold(x: Tensor, y: Tensor, sectors: int) -> tuple[Tensor, Tensor]:
    """Fold a symmetric figure onto half a sector about the upward axis: (across >= 0, along)."""
    sector = 2 * math.pi / sectors
    angle = torch.atan2(x, y)
    angle = (angle - sector * torch.round(angle / sector)).abs()
    radius = torch.hypot(x, y)
    return radius * torch.sin(angle), radius * torch.cos(angle)


def circle(x: Tensor, y: Tensor) -> Tensor:
    """Measure to a disc."""
    return _disc(x, y, 0.9)


def square(x: Tensor, y: Tensor) -> Tensor:
    """Measure to an upright square."""
    return _box(x, y, 0.8, 0.8)


def triangle(x: Tensor, y: Tensor) -> Tensor:
    """Measure to an equilateral triangle that points up."""
    _, along = _fold(x, -y, 3)
    return along - 0.58


def star(x: Tensor, y: Tensor) -> Tensor:
    """Measure to a five-pointed star, one point up."""
    tip, notch = 1.2, 0.5
    across, along = _fold(x, y, 5)
    notch_x, notch_y = notch * math.sin(math.pi / 5), notch * math.cos(math.pi / 5)
    # The normal of the straight edge that runs from the tip to the notch.
    length = math.hypot(notch_x, tip - notch_y)
    return (across * (tip - notch_y) + (along - tip) * notch_x) / length


def heart(x: Tensor, y: Tensor) -> Tensor:
    """Measure to a heart: a square on its corner with half a disc on each upper side."""
    half = 0.58
    y = y + 0.1
    lobe = half * math.sqrt(0.5)
    body = _box(*_turn(x, y, math.pi / 4), half, half)
    return torch.minimum(body, _disc(x.abs() - lobe, y - lobe, half))


def leaf(x: Tensor, y: Tensor) -> Tensor:
    """Measure to a leaf that leans to the right: what two discs share."""
    half_length, half_width = 1.25, 0.56
    radius = (half_length**2 + half_width**2) / (2 * half_width)
    x, y = _turn(x, y, math.radians(35))
    return _disc(x.abs() + radius - half_width, y, radius)


def crescent(x: Tensor, y: Tensor) -> Tensor:
    """Measure to a moon that opens to the right."""
    x = x - 0.25
    return torch.maximum(_disc(x, y, 1.05), -_disc(x - 0.52, y, 0.82))


def cross(x: Tensor, y: Tensor) -> Tensor:
    """Measure to an upright cross with equal arms."""
    return torch.minimum(_box(x, y, 0.32, 1.0), _box(x, y, 1.0, 0.32))


DISTANCES: Final[dict[Shape, Distance]] = {
    Shape.CIRCLE: circle,
    Shape.SQUARE: square,
    Shape.TRIANGLE: triangle,
    Shape.STAR: star,
    Shape.HEART: heart,
    Shape.LEAF: leaf,
    Shape.CRESCENT: crescent,
    Shape.CROSS: cross,
}


def distance(shape: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """Measure to each picture's own figure: shape int64 [n]; x, y, result [n, height, width]."""
    result = torch.empty_like(x)
    for index, name in enumerate(SHAPES):
        chosen = (shape == index).nonzero().squeeze(1)
        if chosen.numel():
            result[chosen] = DISTANCES[name](x[chosen], y[chosen])
    return result
