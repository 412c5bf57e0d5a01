"""Nodes for latents."""

from __future__ import annotations

from typing import Annotated

import torch

from graph.declare import node
from graph.hints import Doc, Range, Size
from graph.spec import Lane
from graph.values import Latent
from nodes.errors import LatentError

FACTOR = 8
_CHANNELS = 4
_LARGEST = 8192


@node(
    "Empty Latent",
    category="Latent",
    synonyms=("size", "resolution", "canvas", "new"),
    lane=Lane.CPU,
)
def empty_latent(
    width: Annotated[int, Range(16, _LARGEST, step=8), Size("height"), Doc("In pixels.")] = 512,
    height: Annotated[int, Range(16, _LARGEST, step=8), Doc("In pixels.")] = 512,
    batch: Annotated[int, Range(1, 64), Doc("How many pictures at once.")] = 1,
) -> Latent:
    """State the size of a new picture.

    Width and height are divisible by 8, because one latent cell stands for 8 × 8 pixels. The
    pictures of a batch have seeds that follow one another.
    """
    for name, value in (("width", width), ("height", height)):
        check_size(name, value, FACTOR)
    samples = torch.zeros(batch, _CHANNELS, height // FACTOR, width // FACTOR)
    return Latent(samples, factor=FACTOR, empty=True)


def check_size(name: str, value: int, factor: int) -> None:
    """Raise `LatentError` with the nearest sizes when `value` is no multiple of `factor`."""
    if value % factor:
        below = value - value % factor
        message = (
            f"{name} {value} is not divisible by {factor}: use {below or factor} or "
            f"{below + factor}"
        )
        raise LatentError(message)
