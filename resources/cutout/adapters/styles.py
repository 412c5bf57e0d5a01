"""Draws scenes in the styles that Cutout's LoRAs teach, and measures how much of it shows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import torch
from torch import Tensor
from torch.nn import functional

from resources.cutout.render import PAPER, STANDARD_SIZE, Layout, cover, paint, pixel_distances
from resources.cutout.scene import COLOURS, Colour

if TYPE_CHECKING:
    from collections.abc import Callable

_LINE: Final = 7.0
"""How wide an ink line is, in pixels: about a cell of the latents, thinner ones fray."""
_INKS: Final = (Colour.BLACK, Colour.WHITE, Colour.RED)
"""The line takes the first ink that is neither the shape's colour nor the background's."""

_TEAR: Final = 1.4
"""How far a torn edge strays, in pixels."""
_TEAR_CELLS: Final = 16
_CORE: Final = 4.0
"""How much of the white inside of the paper a tear lays bare, in pixels."""
_CORE_WITHIN: Final = 1.0
"""How much of that lies within the shape's outline."""
_CORE_STRAY: Final = 1.2
_CORE_CELLS: Final = 20
_GRAIN: Final = 0.2
_GRAIN_CELLS: Final = 64

_EDGE_LEVEL: Final = 0.06
"""A gradient from which on a pixel lies on an edge: of 1, from black to white, a pixel."""
_FINE: Final = 9
"""Whatever is smaller than this, in pixels, is texture."""


@dataclass(frozen=True, slots=True)
class Style:
    """A way to draw a scene, and what tells it from the plain way."""

    name: str
    trigger: str
    """The words that follow a caption; the style shows without them too."""
    description: str
    measure_name: str
    draw: Callable[[Layout, Tensor, torch.Generator], Tensor]
    """Take a layout and its rows, int64 [n, 5]: images [n, 3, 128, 128], -1 to 1."""
    reach: float
    """How far from the shape's outline, in pixels, the style changes the picture."""
    measure: Callable[[Tensor], Tensor]
    """Take images [n, 3, height, width], -1 to 1: how much of the style each shows, [n]."""

    @property
    def file(self) -> str:
        """Name the file of its LoRA."""
        return f"cutout-{self.name}.safetensors"


def _papers(colours: tuple[Colour, ...]) -> Tensor:
    """Give colours: [n, 3], -1 to 1."""
    return torch.tensor([PAPER[colour] for colour in colours]) / 127.5 - 1


def ink_choice(rows: Tensor) -> Tensor:
    """Choose the ink of each scene, rows int64 [n, 5]: index into `_INKS`, int64 [n]."""
    inks = torch.tensor([COLOURS.index(ink) for ink in _INKS])
    taken = (inks == rows[:, 1:2]) | (inks == rows[:, 4:5])
    return (~taken).float().argmax(dim=1)


def draw_ink(layout: Layout, rows: Tensor, generator: torch.Generator) -> Tensor:
    """Draw scenes with a line of ink round the shape."""
    del generator
    images, _ = paint(layout, STANDARD_SIZE)
    distances = pixel_distances(layout)[:, None]
    line = cover((distances - _LINE / 2).abs() - _LINE / 2)
    inks = _papers(_INKS)[ink_choice(rows)][:, :, None, None]
    return torch.lerp(images, inks.expand_as(images), line)


def _cloud(count: int, cells: int, generator: torch.Generator) -> Tensor:
    """Draw smooth noise of unit spread at its nodes: [n, 1, 128, 128]."""
    nodes = torch.randn(count, 1, cells, cells, generator=generator)
    return functional.interpolate(nodes, size=(STANDARD_SIZE, STANDARD_SIZE), mode="bicubic")


def draw_torn(layout: Layout, rows: Tensor, generator: torch.Generator) -> Tensor:
    """Draw scenes as torn paper: frayed edges, a white core laid bare, grain over all."""
    count = len(rows)
    distances = pixel_distances(layout)[:, None]
    frayed = distances + _CORE_WITHIN + _TEAR * _cloud(count, _TEAR_CELLS, generator)
    core = frayed - _CORE - _CORE_STRAY * _cloud(count, _CORE_CELLS, generator)
    shape, ground = (colour[:, :, None, None] for colour in (layout.ink, layout.ground))
    white = _papers((Colour.WHITE,))[:, :, None, None]
    images = torch.lerp(torch.lerp(ground, white, cover(core)), shape, cover(frayed))
    return (images + _GRAIN * _cloud(count, _GRAIN_CELLS, generator)).clamp(-1, 1)


def edge_density(images: Tensor) -> Tensor:
    """Give the share of pixels that lie on an edge: [n]."""
    images = images / 2
    across = (images[..., 1:-1, 2:] - images[..., 1:-1, :-2]) / 2
    down = (images[..., 2:, 1:-1] - images[..., :-2, 1:-1]) / 2
    steep = (across.square() + down.square()).sum(dim=1).div(3).sqrt()
    return (steep > _EDGE_LEVEL).float().mean(dim=(1, 2))


def texture_energy(images: Tensor) -> Tensor:
    """Give the spread of fine detail that half of all places surpass, of 255: [n].

    Most places lie within a sheet, so the outline, steep as it is, does not count.
    """
    smooth = functional.avg_pool2d(images, _FINE, 1, _FINE // 2, count_include_pad=False)
    detail = (images - smooth).square().mean(dim=1)
    spread = functional.avg_pool2d(detail, _FINE, 1).sqrt()
    return spread.flatten(1).median(dim=1).values * 127.5


STYLES: Final = {
    style.name: style
    for style in (
        Style(
            "ink",
            "ink",
            "a dark line of ink round the shape; white ink where one paper is black, red ink "
            "between black and white",
            "edge density",
            draw_ink,
            _LINE + 8,
            edge_density,
        ),
        Style(
            "torn-paper",
            "torn paper",
            "torn edges that lay the paper's white core bare, and a grain of fibres",
            "texture energy",
            draw_torn,
            math.inf,
            texture_energy,
        ),
    )
}
