"""Seeded noise: the same on every device, and each picture of a batch can be made again alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

if TYPE_CHECKING:
    from collections.abc import Sequence

_SEEDS = 2**63


class Noise:
    """Normal noise for a batch; picture i draws from a generator of its own, seeded `seed` + i.

    The generators live on the CPU, where a seed gives the same numbers everywhere.
    """

    def __init__(self, seed: int, count: int) -> None:
        """Seed `count` generators."""
        self.generators = [torch.Generator().manual_seed((seed + i) % _SEEDS) for i in range(count)]

    def draw(self, shape: Sequence[int]) -> Tensor:
        """Return float32 noise of `shape` (N, ...) on the CPU, N the count of generators."""
        one = (1, *shape[1:])
        return torch.cat([torch.randn(one, generator=each) for each in self.generators])
