"""One run of a scheduler: which timesteps belong to which steps, and how noisy each step begins.

Steps are what an artist counts. A scheduler may evaluate the denoiser more often than once in a
step (Heun), or lay its first step out twice (PNDM); that stays in here.
"""

from __future__ import annotations

import inspect
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nodes.quiet import tensors_as_arrays
from nodes.schedulers import Scheduler, Space, choice_of, deviation, make_scheduler

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from nodes.families.base import Denoiser
    from nodes.noise import Noise


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One call of the denoiser."""

    time: Tensor
    level: float
    """The noise in what it is called with, as `graph.values.Latent.sigma`."""
    before: int
    """Steps done before it, counted from the beginning of the window."""
    after: int
    """Steps done after it."""


class Solver:
    """A scheduler set out for a number of steps; serves one sampling."""

    def __init__(
        self, choice: Scheduler, denoiser: Denoiser, steps: int, shape: Sequence[int]
    ) -> None:
        """Lay out `steps` steps for latents of `shape`."""
        self.steps = steps
        self.space = choice_of(choice).space
        with tensors_as_arrays():
            self._scheduler: Any = make_scheduler(choice, denoiser.schedule, steps)
            denoiser.set_steps(self._scheduler, steps, shape)
        self._takes_generator = "generator" in inspect.signature(self._scheduler.step).parameters
        self._doubled = choice is Scheduler.PNDM

    def level(self, step: int) -> float:
        """Return the noise at the beginning of `step`, as `graph.values.Latent.sigma`.

        `step` counts from 0; the noise after the last one is 0.
        """
        if step >= self.steps:
            return 0.0
        sigmas = getattr(self._scheduler, "sigmas", None)
        if sigmas is not None:
            return float(sigmas[step * self._scheduler.order])
        return deviation(self._scheduler.alphas_cumprod, self._distinct()[step])

    def evaluations(self, begin: int, end: int) -> list[Evaluation]:
        """Return the calls of the denoiser in the steps from `begin` to before `end`."""
        if self._doubled:
            times = self._doubled_times(begin, end)
            levels = [deviation(self._scheduler.alphas_cumprod, time) for time in times]
        else:
            order = self._scheduler.order
            first, last = begin * order, None if end >= self.steps else end * order
            if hasattr(self._scheduler, "set_begin_index"):
                self._scheduler.set_begin_index(first)
            times = list(self._scheduler.timesteps[first:last])
            levels = self._levels(times, first)
        total = end - begin
        return [
            Evaluation(time, level, i * total // len(times), (i + 1) * total // len(times))
            for i, (time, level) in enumerate(zip(times, levels, strict=True))
        ]

    def _levels(self, times: Sequence[Tensor], first: int) -> list[float]:
        sigmas = getattr(self._scheduler, "sigmas", None)
        if sigmas is None:
            return [deviation(self._scheduler.alphas_cumprod, time) for time in times]
        return [float(sigma) for sigma in sigmas[first : first + len(times)]]

    def _distinct(self) -> list[Tensor]:
        times = list(self._scheduler.timesteps)
        return [time for i, time in enumerate(times) if i == 0 or time != times[i - 1]]

    def _doubled_times(self, begin: int, end: int) -> list[Tensor]:
        """Return a window whose second time comes twice: PNDM averages its very first step so."""
        times = self._distinct()
        window = times[begin:end]
        return window if end - begin < 2 else [*window[:2], *window[1:]]  # noqa: PLR2004

    def noised(self, samples: Tensor, noise: Tensor, first: Tensor, *, whole: bool) -> Tensor:
        """Return where sampling begins: `samples` under `noise` of the timestep `first`.

        With `whole` the samples state a size only and the noise is all there is.
        """
        if whole:
            start: Tensor = noise * self._scheduler.init_noise_sigma
            return start
        times = first.reshape(1).repeat(len(samples))
        noisy: Tensor = self._scheduler.add_noise(samples, noise, times)
        return noisy

    def held(self, samples: Tensor, sigma: float) -> Tensor:
        """Return x + s·e as this scheduler holds it."""
        return samples / _size(sigma) if self.space is Space.PRESERVING else samples

    def released(self, state: Tensor, sigma: float) -> Tensor:
        """Return what this scheduler holds as x + s·e: the way latents travel on wires."""
        return state * _size(sigma) if self.space is Space.PRESERVING else state

    def scaled(self, state: Tensor, time: Tensor) -> Tensor:
        """Return `state` as the denoiser was trained to take it."""
        scaled: Tensor = self._scheduler.scale_model_input(state, time)
        return scaled

    def step(self, prediction: Tensor, time: Tensor, state: Tensor, noise: Noise) -> Tensor:
        """Take one step; ancestral schedulers draw from `noise`."""
        more = {"generator": noise.generators} if self._takes_generator else {}
        after: Tensor = self._scheduler.step(prediction, time, state, return_dict=False, **more)[0]
        return after

    def clean(self, prediction: Tensor, scaled: Tensor, sigma: float) -> Tensor:
        """Return the picture that `prediction` sees in `scaled`, for previews.

        For noise e, velocity v and picture x at a = 1/sqrt(1 + s²), b = s·a: scaled = a·x + b·e and
        v = a·e - b·x (Salimans and Ho 2022, progressive distillation).
        """
        a = 1 / _size(sigma)
        b = sigma * a
        match self._scheduler.config["prediction_type"]:
            case "v_prediction":
                return a * scaled - b * prediction
            case "sample":
                return prediction
            case _:
                return (scaled - b * prediction) / a


def _size(sigma: float) -> float:
    return math.sqrt(1 + sigma * sigma)
