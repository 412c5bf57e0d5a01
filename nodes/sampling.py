"""The sampling loop: noise in, steps, latent out; for every family, scheduler and guidance."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from graph.values import Latent, Progress
from nodes.errors import SampleError
from nodes.noise import Noise

if TYPE_CHECKING:
    from collections.abc import Generator

    from nodes.families.base import Denoiser
    from nodes.guidance import Guidance
    from nodes.solver import Solver
    from nodes.uploads import Uploads

_TOLERANCE = 0.02
"""How far, of the whole, leftover noise may be from what a step begins with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What to sample."""

    latent: Latent
    solver: Solver
    begin: int
    """The first step, counted from 0."""
    end: int
    """The step before which it stops; noise is left over when more would follow."""
    seed: int


@torch.no_grad()
def sample_latent(
    job: Job, denoiser: Denoiser, guide: Guidance, uploads: Uploads
) -> Generator[Progress, None, Latent]:
    """Do the steps of `job`; yield after each evaluation, return the latent.

    Raises:
        SampleError: the latent brings noise that the first step does not begin with.
    """
    noise = Noise(job.seed, len(job.latent.samples))
    evaluations = job.solver.evaluations(job.begin, job.end)
    state = denoiser.begin(_first_state(job, uploads, noise, evaluations[0].time))
    for now in evaluations:
        scaled = job.solver.scaled(state, now.time)
        prediction = guide(denoiser, scaled, now.time, job.begin + now.before)
        clean = job.solver.clean(prediction, scaled, now.level)
        state = job.solver.step(prediction, now.time, state, noise)
        preview = _finished(job, denoiser.end(clean).float().cpu(), 0.0)
        yield Progress(now.after, job.end - job.begin, preview)
    sigma = job.solver.level(job.end)
    samples = job.solver.released(denoiser.end(state), sigma).float()
    return _finished(job, uploads.taken(samples), sigma)


def _finished(job: Job, samples: Tensor, sigma: float) -> Latent:
    return replace(job.latent, samples=samples, sigma=sigma, empty=False)


def _first_state(job: Job, uploads: Uploads, noise: Noise, time: Tensor) -> Tensor:
    samples = uploads.placed(job.latent.samples)
    drawn = noise.draw(samples.shape)
    if job.latent.sigma == 0:
        whole = job.latent.empty and job.begin == 0
        return job.solver.noised(samples, drawn.to(samples.device), time, whole=whole)
    _check_leftover(job)
    for _step in range(job.begin):
        # The steps before drew as much: so two samplings in a row equal one, ancestral ones too.
        noise.draw(samples.shape)
    return job.solver.held(samples, job.latent.sigma)


def _check_leftover(job: Job) -> None:
    sigma, wanted = job.latent.sigma, job.solver.level(job.begin)
    if abs(sigma - wanted) <= _TOLERANCE * wanted:
        return
    nearest = min(range(job.solver.steps), key=lambda step: abs(job.solver.level(step) - sigma))
    fits = abs(job.solver.level(nearest) - sigma) <= _TOLERANCE * sigma
    remedy = (
        f"set start step to {nearest}"
        if fits
        else "give both Sample nodes the same steps and scheduler"
    )
    message = (
        f"the latent still holds noise of deviation {sigma:.3g}, but step {job.begin} begins with "
        f"{wanted:.3g}: {remedy}"
    )
    raise SampleError(message)
