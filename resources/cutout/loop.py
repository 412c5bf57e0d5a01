"""What both training stages share: a budget of minutes, the pace, averages, checkpoints."""

from __future__ import annotations

import copy
import math
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypedDict

import torch
from torch import distributed, nn

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from contextlib import AbstractContextManager

BUILD: Final = Path(__file__).parents[2] / "build" / "cutout"
"""Where checkpoints and logs go; git ignores it."""


class Checkpoint(TypedDict):
    """A stage in the middle of its training."""

    steps: int
    seconds: float
    models: list[dict[str, Any]]
    averages: list[dict[str, Any]]
    optimisers: list[dict[str, Any]]


class Budget:
    """Wall time that is spent once, across resumptions."""

    def __init__(self, minutes: float, spent: float = 0.0) -> None:
        """Start the clock with `spent` seconds already gone."""
        self.seconds = minutes * 60
        self._began = time.monotonic() - spent

    @property
    def spent(self) -> float:
        """Seconds gone."""
        return time.monotonic() - self._began

    @property
    def progress(self) -> float:
        """Share gone, 0 to 1."""
        return min(1.0, self.spent / self.seconds)


def learning_rate(peak: float, progress: float, warm_up: float = 0.02) -> float:
    """Rise evenly, then fall along half a cosine to a hundredth of the peak."""
    if progress < warm_up:
        return peak * (progress / warm_up) + peak * 0.01
    return peak * (
        0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * (progress - warm_up) / (1 - warm_up)))
    )


def autocast(device: torch.device, *, on_cpu: bool) -> AbstractContextManager[None]:
    """Compute in bfloat16 on a GPU; on a CPU only where that was measured to be quicker.

    And only on one that has instructions for it: others spend more than ten times as long.
    """
    able = torch.cpu.get_capabilities()
    quick = on_cpu and bool(able.get("avx512_bf16") or able.get("amx_bf16"))
    enabled = quick or device.type != "cpu"
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=enabled)


class Average:
    """An exponential moving average of models, in models of its own."""

    def __init__(self, models: Sequence[nn.Module], decay: float) -> None:
        """Start from the models as they are."""
        self.models = [
            copy.deepcopy(model).eval().requires_grad_(requires_grad=False) for model in models
        ]
        self._decay = decay

    @torch.no_grad()
    def update(self, models: Sequence[nn.Module], steps: int) -> None:
        """Move towards the models; quickly at first, to forget the first guesses."""
        weight = 1 - min(self._decay, (1 + steps) / (10 + steps))
        for average, model in zip(self.models, models, strict=True):
            for mean, latest in zip(average.parameters(), model.parameters(), strict=True):
                mean.lerp_(latest, weight)


def share_gradients(models: Sequence[nn.Module]) -> None:
    """Average gradients between the processes, if there are several.

    Two cores do a third more as two processes of one thread than as one process of two: Cutout's
    layers are too small to be split.
    """
    if not distributed.is_initialized():
        return
    gradients = [w.grad for model in models for w in model.parameters() if w.grad is not None]
    flat = torch.cat([gradient.reshape(-1) for gradient in gradients])
    distributed.all_reduce(flat)
    means = (flat / distributed.get_world_size()).split([g.numel() for g in gradients])
    for gradient, mean in zip(gradients, means, strict=True):
        gradient.copy_(mean.view(gradient.shape))


def share_progress(progress: float) -> float:
    """Take the first process's clock for all, so that they stop at the same step."""
    if not distributed.is_initialized():
        return progress
    shared = torch.tensor(progress)
    distributed.broadcast(shared, src=0)
    return shared.item()


def rank() -> int:
    """Number this process: 0 speaks and saves."""
    return distributed.get_rank() if distributed.is_initialized() else 0


def choose_device(name: str) -> torch.device:
    """Choose a device: `auto` takes a GPU if there is one."""
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(name)


def join() -> None:
    """Join the processes that torchrun started, if it did."""
    if "WORLD_SIZE" in os.environ:
        torch.set_num_threads(1)
        distributed.init_process_group("gloo")


def wait() -> None:
    """Let the first process write before another reads."""
    if distributed.is_initialized():
        distributed.barrier()


def save(path: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint so that a crash leaves the old one or the new one whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    torch.save(checkpoint, partial)
    partial.replace(path)


class Stage:
    """Models in training, with their average, their optimisers and their place in the budget."""

    def __init__(
        self,
        name: str,
        models: Sequence[nn.Module],
        optimisers: Sequence[torch.optim.Optimizer],
        *,
        minutes: float,
        peak: float,
        decay: float,
    ) -> None:
        """Gather a fresh stage; `peak` is the highest learning rate."""
        self.path = BUILD / f"{name}.pt"
        self.models = models
        self.optimisers = optimisers
        self.average = Average(models, decay)
        self.budget = Budget(minutes)
        self.steps = 0
        self.progress = 0.0
        self._peak = peak
        self._minutes = minutes

    def resume(self) -> None:
        """Go on from the checkpoint, if there is one."""
        if not self.path.exists():
            return
        checkpoint: Checkpoint = torch.load(self.path, weights_only=True)
        self.steps = checkpoint["steps"]
        self.budget = Budget(self._minutes, checkpoint["seconds"])
        self.progress = share_progress(self.budget.progress)
        _load(self.models, checkpoint["models"])
        _load(self.average.models, checkpoint["averages"])
        for optimiser, state in zip(self.optimisers, checkpoint["optimisers"], strict=True):
            optimiser.load_state_dict(state)

    def save(self) -> None:
        """Write the checkpoint."""
        if rank() > 0:
            return
        save(
            self.path,
            {
                "steps": self.steps,
                "seconds": self.budget.spent,
                "models": [model.state_dict() for model in self.models],
                "averages": [model.state_dict() for model in self.average.models],
                "optimisers": [optimiser.state_dict() for optimiser in self.optimisers],
            },
        )

    def step(self, loss: torch.Tensor) -> None:
        """Learn from one loss."""
        rate = learning_rate(self._peak, self.progress)
        loss.backward()
        share_gradients(self.models)
        nn.utils.clip_grad_norm_(
            (weight for model in self.models for weight in model.parameters()), 1.0
        )
        for optimiser in self.optimisers:
            for group in optimiser.param_groups:
                group["lr"] = rate * group.get("pace", 1.0)
            optimiser.step()
            optimiser.zero_grad()
        self.steps += 1
        self.average.update(self.models, self.steps)
        self.progress = share_progress(self.budget.progress)


def _load(models: Iterable[nn.Module], states: Iterable[dict[str, Any]]) -> None:
    """Fill models from states, pairwise."""
    for model, state in zip(models, states, strict=True):
        model.load_state_dict(state)
