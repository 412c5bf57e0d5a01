"""Makes outline drawings of scenes: lines as they are known, and edges as they are found."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

from resources.cutout.render import Layout, lay_out
from resources.cutout.scene import Scene, scenes

_THINNEST: Final = 1.0
_THICKEST: Final = 4.0
_STEEP: Final = 200.0
"""The Sobel response, of 8-bit levels, from which on an edge is drawn."""

_LEAST_RADIUS: Final = 0.13
_MOST_RADIUS: Final = 0.27
_ROOM: Final = 0.47
_WHOLE_SHARE: Final = 0.4
_SHAPE_SAID: Final = 0.7
"""Up to which chance captions say all, and the shape at least."""
_TIP: Final = 1.25
"""How far a figure reaches from its middle, in radii."""


def free_layout(rows: Tensor, generator: torch.Generator) -> Layout:
    """Lay scenes out anywhere, in any size and at any angle, whatever their words say."""
    layout = lay_out(rows, generator)
    count = len(rows)
    span = _MOST_RADIUS - _LEAST_RADIUS
    radius = _LEAST_RADIUS + span * torch.rand(count, generator=generator)
    room = (_ROOM - _TIP * radius)[:, None]
    centre = 0.5 + room * (2 * torch.rand(count, 2, generator=generator) - 1)
    angle = 2 * math.pi * torch.rand(count, generator=generator)
    return replace(layout, radius=radius, centre=centre, angle=angle)


def draw_lines(distances: Tensor, generator: torch.Generator) -> Tensor:
    """Draw outlines, a width for each: distances in pixels [n, h, w]; 0 to 1, white on black."""
    widths = torch.rand(len(distances), 1, 1, generator=generator)
    widths = _THINNEST + (_THICKEST - _THINNEST) * widths
    return (0.5 + widths / 2 - distances.abs()).clamp(0, 1)


def find_edges(images: Tensor) -> Tensor:
    """Find edges as Canny does: images [n, 3, h, w], -1 to 1; bool [n, h, w], a pixel wide."""
    levels = functional.pad((images + 1) * 127.5, (1, 1, 1, 1), mode="replicate")
    sobel = torch.tensor([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]])
    kernels = torch.stack((sobel, sobel.T))[:, None]
    count, _, height, width = images.shape
    slopes = functional.conv2d(levels.flatten(0, 1)[:, None], kernels)
    slopes = slopes.view(count, 3, 2, height, width)
    strongest = slopes.square().sum(dim=2).argmax(dim=1)[:, None, None]
    across, down = slopes.gather(1, strongest.expand(-1, 1, 2, -1, -1))[:, 0].unbind(1)
    steep = torch.hypot(across, down)
    # Only the crest of each slope counts, seen across the edge, in the nearest of four directions.
    turn = torch.atan2(down, across).div(math.pi / 4).round().long() % 4
    padded = functional.pad(steep, (1, 1, 1, 1))
    crest = torch.zeros_like(steep, dtype=torch.bool)
    for index, (x, y) in enumerate(((1, 0), (1, 1), (0, 1), (-1, 1))):
        ahead = padded[:, 1 + y : 1 + y + height, 1 + x : 1 + x + width]
        behind = padded[:, 1 - y : 1 - y + height, 1 - x : 1 - x + width]
        crest |= (turn == index) & (steep > behind) & (steep >= ahead)
    return crest & (steep >= _STEEP)


def without_place(scene: Scene) -> str:
    """Say a scene, but neither its size nor its place: the drawing shows them."""
    return f"a {scene.colour} {scene.shape} on a {scene.background} background"


def without_shape(scene: Scene) -> str:
    """Say a scene's colours only: the drawing shows the rest."""
    return f"a {scene.colour} shape on a {scene.background} background"


def words_for(rows: Tensor, free: Tensor, generator: torch.Generator) -> list[str]:
    """Say rows so that the drawing decides: all (never of a free layout), or two shorter forms."""
    chances = torch.rand(len(rows), generator=generator).tolist()
    said = []
    for scene, loose, chance in zip(scenes(rows), free.tolist(), chances, strict=True):
        if not loose and chance < _WHOLE_SHARE:
            said.append(scene.caption)
        else:
            said.append(without_place(scene) if chance < _SHAPE_SAID else without_shape(scene))
    return said
