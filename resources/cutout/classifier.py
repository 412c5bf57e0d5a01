"""Judges from pixels what a Cutout picture shows. Nothing is learnt: the picture is measured.

The background is what the frame of the picture shows, the shape is what differs most from it; its
silhouette, brought to one place and area, is laid on the silhouettes of the eight figures. Decoded
pictures are a little soft, so nothing hangs on single pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

from resources.cutout.render import CENTRES, RADII, palette
from resources.cutout.scene import ATTRIBUTES, PLACES, SHAPES, SIZES, Size
from resources.cutout.shapes import distance

_TEMPLATE_EDGE: Final = 48
_REACH: Final = 2.5
"""The edge of the window round a silhouette, in square roots of its area."""
_LEANS: Final = (-12.0, -8.0, -4.0, 0.0, 4.0, 8.0, 12.0)
_EPSILON: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Verdict:
    """What n pictures show."""

    rows: Tensor
    """int64 [n, 5], columns as in `scene.ATTRIBUTES`."""
    masks: Tensor
    """[n, 1, height, width], the silhouettes found, 0 to 1."""

    def right(self, truth: Tensor) -> Tensor:
        """Compare with rows int64 [n, 5]: bool [n, 5]."""
        return self.rows == truth

    def accuracy(self, truth: Tensor) -> dict[str, float]:
        """Give the share that is right, by attribute and for all five at once."""
        right = self.right(truth)
        shares = dict(zip(ATTRIBUTES, right.float().mean(dim=0).tolist(), strict=True))
        return shares | {"all": right.all(dim=1).float().mean().item()}


def ground_colour(images: Tensor) -> Tensor:
    """Give the colour of each picture's frame: [n, 3]."""
    width = max(1, images.shape[-1] // 24)
    rim = (images[..., :width, :], images[..., -width:, :])
    sides = (images[..., :width], images[..., -width:])
    strips = [strip.flatten(2) for strip in (*rim, *sides)]
    return torch.cat(strips, dim=2).median(dim=2).values


def _ink(images: Tensor, ground: Tensor) -> Tensor:
    """Give the colour of what differs most from the ground: [n, 3]."""
    contrast = (images - ground[:, :, None, None]).norm(dim=1)
    peak = contrast.flatten(1).quantile(0.99, dim=1)[:, None, None]
    chosen = (contrast >= 0.75 * peak).float()[:, None]
    mean: Tensor = (images * chosen).sum(dim=(2, 3)) / chosen.sum(dim=(2, 3))
    return mean


def _silhouette(images: Tensor, ground: Tensor, ink: Tensor) -> Tensor:
    """Give each pixel's share of ink: [n, 1, height, width], 0 to 1, faint traces dropped."""
    axis = ink - ground
    along = ((images - ground[:, :, None, None]) * axis[:, :, None, None]).sum(dim=1, keepdim=True)
    share = along / (axis.square().sum(dim=1)[:, None, None, None] + _EPSILON)
    return (2 * share - 0.5).clamp(0, 1)


def _moments(masks: Tensor) -> tuple[Tensor, Tensor]:
    """Give area [n] and middle [n, 2] (x, y), in picture edges."""
    height, width = masks.shape[-2:]
    weight = masks[:, 0].sum(dim=(1, 2)) + _EPSILON
    x = (masks[:, 0].sum(dim=1) @ (torch.arange(width) + 0.5)) / weight / width
    y = (masks[:, 0].sum(dim=2) @ (torch.arange(height) + 0.5)) / weight / height
    return weight / (height * width), torch.stack((x, y), dim=1)


def _normalised(masks: Tensor) -> Tensor:
    """Bring silhouettes to one place and area, as unit vectors: [n, pixels]."""
    area, middle = _moments(masks)
    steps = torch.linspace(-1, 1, _TEMPLATE_EDGE)
    grid = torch.stack(torch.meshgrid(steps, steps, indexing="xy"), dim=-1)
    reach = _REACH * area.sqrt()
    places = (2 * middle - 1)[:, None, None, :] + grid * reach[:, None, None, None]
    windows = functional.grid_sample(masks, places, align_corners=False).flatten(1)
    return functional.normalize(windows - windows.mean(dim=1, keepdim=True), dim=1)


@cache
def _templates() -> tuple[Tensor, Tensor]:
    """Give the figures' silhouettes [8, leans, pixels] and their areas [8] at radius 1."""
    edge, extent = 160, 3.0
    step = ((torch.arange(edge) + 0.5) / edge - 0.5) * extent
    y, x = torch.meshgrid(-step, step, indexing="ij")
    angles = torch.deg2rad(torch.tensor(_LEANS))[:, None, None]
    right, up = x * angles.cos() - y * angles.sin(), x * angles.sin() + y * angles.cos()
    silhouettes, areas = [], []
    for index in range(len(SHAPES)):
        outline = distance(torch.full((len(_LEANS),), index), right, up)
        masks = (0.5 - outline * edge / extent).clamp(0, 1)[:, None]
        silhouettes.append(_normalised(masks))
        areas.append(_moments(masks)[0].mean() * extent**2)
    return torch.stack(silhouettes), torch.stack(areas)


def classify(images: Tensor) -> Verdict:
    """Judge pictures [n, 3, edge, edge], -1 to 1."""
    images = images.detach().float().cpu()
    ground = ground_colour(images)
    ink = _ink(images, ground)
    return judge(_silhouette(images, ground, ink), ink, ground)


def judge(masks: Tensor, ink: Tensor, ground: Tensor) -> Verdict:
    """Judge silhouettes [n, 1, edge, edge], 0 to 1, and two colours [n, 3], -1 to 1."""
    papers = palette()
    area, middle = _moments(masks)
    silhouettes, areas = _templates()
    shape = torch.einsum("np,slp->nsl", _normalised(masks), silhouettes).amax(dim=2).argmax(dim=1)
    radius = (area / areas[shape]).sqrt()
    border = (RADII[Size.SMALL] * RADII[Size.LARGE]) ** 0.5
    size = torch.where(radius < border, SIZES.index(Size.SMALL), SIZES.index(Size.LARGE))
    place = torch.cdist(middle, torch.tensor([CENTRES[name] for name in PLACES])).argmin(dim=1)
    colour, background = (torch.cdist(found, papers).argmin(dim=1) for found in (ink, ground))
    return Verdict(torch.stack((shape, colour, size, place, background), dim=1), masks)
