"""The optimisers: Muon for matrices and kernels, AdamW for the rest.

Muon (Jordan and others, 2024) takes each matrix's momentum to the nearest orthogonal matrix before
it steps, so that all directions learn at one pace. On Cutout's small budget that saves about half
of the steps. torch's own takes two-dimensional weights one by one; this one takes convolution
kernels too, and all weights of equal shape in one go.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from collections.abc import Iterable

_QUINTIC: Final = (3.4445, -4.7750, 2.0315)
_ROUNDS: Final = 5
_SMALLEST: Final = 16
"""A matrix with a side shorter than this (the last convolution) is left to AdamW."""


def orthogonalise(matrices: Tensor) -> Tensor:
    """Push the singular values of [n, rows, columns] near 1 by Newton and Schulz's iteration."""
    wide = matrices.shape[-2] <= matrices.shape[-1]
    x = (matrices if wide else matrices.mT).bfloat16()
    x = x / x.float().flatten(1).norm(dim=1).clamp(min=1e-7)[:, None, None].bfloat16()
    a, b, c = _QUINTIC
    for _ in range(_ROUNDS):
        gram = x @ x.mT
        x = a * x + (b * gram + c * gram @ gram) @ x
    near: Tensor = x if wide else x.mT
    return near.to(matrices.dtype)


class Muon(torch.optim.Optimizer):
    """Momentum, orthogonalised; steps have the size of AdamW's, so both take one learning rate."""

    def __init__(
        self,
        parameters: Iterable[nn.Parameter],
        lr: float,
        momentum: float = 0.95,
        weight_decay: float = 0.01,
    ) -> None:
        """Take weights of two or more dimensions; all but the first are flattened."""
        super().__init__(parameters, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """Step once; a closure is not taken."""
        del closure
        for group in self.param_groups:
            batches: dict[tuple[int, int], list[nn.Parameter]] = defaultdict(list)
            for weight in group["params"]:
                if weight.grad is not None:
                    batches[weight.shape[0], weight[0].numel()].append(weight)
            for shape, weights in batches.items():
                self._step_batch(
                    shape, weights, group["lr"], group["momentum"], group["weight_decay"]
                )

    def _step_batch(
        self,
        shape: tuple[int, int],
        weights: list[nn.Parameter],
        lr: float,
        momentum: float,
        decay: float,
    ) -> None:
        """Step weights of one shape together."""
        pushes = []
        for weight in weights:
            gradient = weight.grad
            if gradient is None:
                continue
            state = self.state[weight]
            if not state:
                state["momentum"] = torch.zeros_like(gradient)
            state["momentum"].lerp_(gradient, 1 - momentum)
            pushes.append(gradient.lerp(state["momentum"], momentum).reshape(shape))
        updates = orthogonalise(torch.stack(pushes)) * (0.2 * max(shape) ** 0.5)
        for weight, update in zip(weights, updates, strict=True):
            weight.mul_(1 - lr * decay).add_(update.reshape(weight.shape), alpha=-lr)


def _suits_muon(name: str, weight: nn.Parameter) -> bool:
    """Tell hidden matrices from tables, norms, biases and the last layer."""
    return (
        weight.ndim in {2, 4}
        and min(weight.shape[0], weight[0].numel()) >= _SMALLEST
        and "embedding.weight" not in name
    )


def optimisers(modules: Iterable[nn.Module], lr: float) -> list[torch.optim.Optimizer]:
    """Share the modules' weights between Muon and AdamW."""
    named = [
        (name, weight)
        for module in modules
        for name, weight in module.named_parameters()
        if weight.requires_grad
    ]
    matrices = [weight for name, weight in named if _suits_muon(name, weight)]
    others = [weight for name, weight in named if not _suits_muon(name, weight)]
    return [Muon(matrices, lr), torch.optim.AdamW(others, lr, betas=(0.9, 0.98), weight_decay=0.0)]
