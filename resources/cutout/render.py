"""Draws scenes: flat paper on paper, antialiased, in any size, with each picture's truth.

Everything random comes from the generator that is passed in, so equal seeds give equal pictures.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

from resources.cutout.models import LATENT_FACTOR
from resources.cutout.scene import COLOURS, PLACES, SIZES, Colour, Place, Scene, Size, scenes
from resources.cutout.shapes import distance

STANDARD_SIZE: Final = 128
"""The edge, in pixels, at which Cutout is trained."""

PAPER: Final[dict[Colour, tuple[int, int, int]]] = {
    Colour.RED: (208, 38, 42),
    Colour.ORANGE: (243, 128, 24),
    Colour.YELLOW: (250, 214, 60),
    Colour.GREEN: (36, 144, 80),
    Colour.BLUE: (34, 84, 200),
    Colour.PURPLE: (128, 66, 172),
    Colour.PINK: (244, 154, 184),
    Colour.BROWN: (106, 62, 34),
    Colour.BLACK: (24, 24, 28),
    Colour.WHITE: (246, 242, 232),
}
"""8-bit sRGB."""

CENTRES: Final[dict[Place, tuple[float, float]]] = {
    Place.LEFT: (0.27, 0.5),
    Place.RIGHT: (0.73, 0.5),
    Place.TOP: (0.5, 0.27),
    Place.BOTTOM: (0.5, 0.73),
    Place.CENTER: (0.5, 0.5),
}
"""Where a shape's middle lies: x to the right, y down, in picture edges."""

RADII: Final[dict[Size, float]] = {Size.SMALL: 0.15, Size.LARGE: 0.235}
"""In picture edges."""

# Modest on purpose: what varies without a word for it costs the small model capacity.
_SHIFT: Final = 0.025
_STRETCH: Final = 0.06
_LEAN: Final = math.radians(8)
_TINT: Final = 0.03
_SHADE: Final = 0.04


@dataclass(frozen=True, slots=True)
class Layout:
    """Scenes made definite: all that the brush needs, for n pictures; lengths in picture edges."""

    shape: Tensor
    """int64 [n], index into `SHAPES`."""
    centre: Tensor
    """[n, 2], x to the right and y down."""
    radius: Tensor
    """[n]."""
    angle: Tensor
    """[n], radians."""
    ink: Tensor
    """[n, 3], the shape's colour, -1 to 1."""
    ground: Tensor
    """[n, 3], the background's colour, -1 to 1."""
    shade: Tensor
    """[n, 2, 2], the slope of brightness in x and y, of the shape and of the background."""


@dataclass(frozen=True, slots=True)
class Pictures:
    """Pictures and their truth."""

    images: Tensor
    """[n, 3, height, width], -1 to 1."""
    masks: Tensor
    """[n, 1, height, width], how much of each pixel the shape covers, 0 to 1."""
    rows: Tensor
    """int64 [n, 5], columns as in `scene.ATTRIBUTES`."""

    @property
    def scenes(self) -> list[Scene]:
        """What was drawn."""
        return scenes(self.rows)


def palette() -> Tensor:
    """Give the paper colours in the order of `COLOURS`: [10, 3], -1 to 1."""
    return torch.tensor([PAPER[colour] for colour in COLOURS]) / 127.5 - 1


def _even(*shape: int, generator: torch.Generator) -> Tensor:
    """Draw evenly between -1 and 1."""
    return torch.rand(*shape, generator=generator) * 2 - 1


def lay_out(rows: Tensor, generator: torch.Generator) -> Layout:
    """Choose place, size, angle and tint within what the words allow: rows int64 [n, 5]."""
    shape, colour, size, place, background = rows.unbind(1)
    n = len(rows)
    papers = palette()
    centres = torch.tensor([CENTRES[name] for name in PLACES])
    radii = torch.tensor([RADII[name] for name in SIZES])
    return Layout(
        shape=shape,
        centre=centres[place] + _SHIFT * _even(n, 2, generator=generator),
        radius=radii[size] * (1 + _STRETCH * _even(n, generator=generator)),
        angle=_LEAN * _even(n, generator=generator),
        ink=papers[colour] + _TINT * _even(n, 3, generator=generator),
        ground=papers[background] + _TINT * _even(n, 3, generator=generator),
        shade=_SHADE * _even(n, 2, 2, generator=generator),
    )


def paint(
    layout: Layout, size: int, *, corner: Tensor | None = None, scale: int | None = None
) -> tuple[Tensor, Tensor]:
    """Paint a square window of each picture: images [n, 3, size, size], masks [n, 1, size, size].

    `scale` is the whole picture's edge in pixels (by default `size`: the window is the picture),
    `corner` the window's upper left in pixels, [n, 2].
    """
    edge = scale or size
    n = len(layout.shape)
    origin = torch.zeros(n, 2) if corner is None else corner
    step = torch.arange(size) + 0.5
    x = ((origin[:, :1] + step) / edge)[:, None, :].expand(n, size, size)
    y = ((origin[:, 1:] + step) / edge)[:, :, None].expand(n, size, size)
    masks = cover(outline(layout, x, y) * edge)[:, None]
    ink, ground = (
        colour[:, :, None, None]
        + slope[:, :1, None, None] * (x - 0.5)[:, None]
        + slope[:, 1:, None, None] * (y - 0.5)[:, None]
        for colour, slope in ((layout.ink, layout.shade[:, 0]), (layout.ground, layout.shade[:, 1]))
    )
    return torch.lerp(ground, ink, masks).clamp(-1, 1), masks


def outline(layout: Layout, x: Tensor, y: Tensor) -> Tensor:
    """Measure from points to the shape's outline: x, y, result [n, height, width].

    All lengths are in picture edges; inside the shape the distance is negative.
    """
    cos, sin = layout.angle.cos()[:, None, None], layout.angle.sin()[:, None, None]
    radius = layout.radius[:, None, None]
    right = (x - layout.centre[:, 0, None, None]) / radius
    up = (layout.centre[:, 1, None, None] - y) / radius
    return distance(layout.shape, right * cos - up * sin, right * sin + up * cos) * radius


def middles(count: int, size: int) -> tuple[Tensor, Tensor]:
    """Give x and y of the middle of each pixel of whole square pictures: [n, size, size] each."""
    step = (torch.arange(size) + 0.5) / size
    return step[None, None, :].expand(count, size, size), step[None, :, None].expand(
        count, size, size
    )


def pixel_distances(layout: Layout) -> Tensor:
    """Measure from each pixel of a whole picture to the outline, in pixels: [n, 128, 128]."""
    return outline(layout, *middles(len(layout.shape), STANDARD_SIZE)) * STANDARD_SIZE


def nearest(distances: Tensor) -> Tensor:
    """Give how near the outline comes to each cell of the latents: [n, 1, 16, 16], in pixels."""
    return -functional.max_pool2d(-distances.float().abs()[:, None], LATENT_FACTOR)


def cover(distances: Tensor) -> Tensor:
    """Give the share of each pixel that lies inside, from distances in pixels: 0 to 1."""
    return (0.5 - distances).clamp(0, 1)


def render(rows: Tensor, generator: torch.Generator, size: int = STANDARD_SIZE) -> Pictures:
    """Draw scenes: rows int64 [n, 5]."""
    images, masks = paint(lay_out(rows, generator), size)
    return Pictures(images, masks, rows)


def render_crops(
    rows: Tensor, generator: torch.Generator, size: int, scale: int = STANDARD_SIZE
) -> Pictures:
    """Draw windows of `size` pixels, near the shape, out of pictures of `scale` pixels."""
    layout = lay_out(rows, generator)
    middle = layout.centre * scale + 0.25 * size * _even(len(rows), 2, generator=generator)
    corner = (middle - size / 2).clamp(0, scale - size)
    images, masks = paint(layout, size, corner=corner, scale=scale)
    return Pictures(images, masks, rows)
