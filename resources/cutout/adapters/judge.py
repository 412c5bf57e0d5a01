"""Judges pictures in a style: what the paper within the line, the tear and the grain says."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

from resources.cutout.classifier import Verdict, ground_colour, judge
from resources.cutout.render import palette

_DEEPEST: Final = 24
_HEART: Final = 0.75
"""Pixels as deep as this share of the deepest tell the shape's colour."""


def _labels(images: Tensor) -> Tensor:
    """Name the paper that each pixel is nearest to, a little smoothed: int64 [n, h, w]."""
    smooth = functional.avg_pool2d(images, 3, 1, 1, count_include_pad=False)
    count, _, height, width = images.shape
    points = smooth.permute(0, 2, 3, 1).reshape(-1, 3)
    return torch.cdist(points, palette()).argmin(dim=1).view(count, height, width)


def _depth(masks: Tensor) -> Tensor:
    """Count how many pixels each lies within its mask, roughly: [n, 1, h, w]."""
    depth, left = masks.clone(), masks
    for _ in range(_DEEPEST):
        left = -functional.max_pool2d(-left, 3, 1, 1)
        depth = depth + left
    return depth


def classify_styled(images: Tensor) -> Verdict:
    """Judge pictures [n, 3, edge, edge], -1 to 1, whatever is drawn round the shape."""
    images = images.detach().float().cpu()
    papers = palette()
    ground = ground_colour(images)
    labels = _labels(images)
    count = len(images)
    behind = torch.cdist(ground, papers).argmin(dim=1).view(count, 1, 1)
    depth = _depth((labels != behind).float()[:, None])[:, 0]
    deepest = depth.amax(dim=(1, 2), keepdim=True)
    heart = (depth >= _HEART * deepest) & (labels != behind)
    votes = functional.one_hot(labels, len(papers)) * heart[..., None]
    chosen = votes.sum(dim=(1, 2)).argmax(dim=1)
    masks = (labels == chosen.view(count, 1, 1)).float()[:, None]
    # Specks of the grain go, and holes that it made: each pixel follows most of those round it.
    masks = functional.avg_pool2d(masks, 5, 1, 2).round()
    return judge(masks, papers[chosen], ground)
