"""The sampling loop: noise in, steps, latent out; for every family, scheduler and guidance."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from graph.values import Latent, Progress
from nodes.errors import SampleError
from nodes.keeping import Kept, begin_steps
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
    span: int = 0
    """How many of the last steps make cells new whose mask is 1; for latents with a mask."""


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
    drawn = noise.draw(job.latent.samples.shape)
    kept = _kept(job, denoiser, uploads, drawn)
    first = _first_state(job, uploads, noise, drawn, evaluations[0].time)
    state = denoiser.begin(first)
    levels = [*(each.level for each in evaluations[1:]), job.solver.level(job.end)]
    for now, after in zip(evaluations, levels, strict=True):
        scaled = job.solver.scaled(state, now.time)
        prediction = guide(denoiser, scaled, now.time, job.begin + now.before)
        clean = job.solver.clean(prediction, scaled, now.level)
        state = job.solver.step(prediction, now.time, state, noise)
        if kept is not None:
            whole = now.after > now.before
            state = denoiser.begin(
                kept.restored(denoiser.end(state), job.begin + now.after, after, between=not whole)
            )
        preview = _finished(job, denoiser.end(clean).float().cpu(), 0.0)
        yield Progress(now.after, job.end - job.begin, preview)
    sigma = job.solver.level(job.end)
    samples = job.solver.released(denoiser.end(state), sigma).float()
    return _finished(job, uploads.taken(samples), sigma)


def _finished(job: Job, samples: Tensor, sigma: float) -> Latent:
    before = job.latent if job.latent.source is None else replace(job.latent, source=None)
    if sigma > 0 and job.latent.mask is not None:
        before = replace(before, source=_original(job.latent))
    return replace(before, samples=samples, sigma=sigma, empty=False)


def _original(latent: Latent) -> Tensor:
    return latent.samples if latent.source is None else latent.source


def _kept(job: Job, denoiser: Denoiser, uploads: Uploads, drawn: Tensor) -> Kept | None:
    """Return what the latent's mask keeps; None without one, or where the model sees to it."""
    if job.latent.mask is None or denoiser.latent.extra:
        return None
    original = uploads.placed(_original(job.latent))
    begins = begin_steps(uploads.placed(job.latent.mask), job.solver.steps, job.span)
    return Kept(original, drawn.to(original.device), begins, job.solver)


def _first_state(job: Job, uploads: Uploads, noise: Noise, drawn: Tensor, time: Tensor) -> Tensor:
    samples = uploads.placed(job.latent.samples)
    if job.latent.sigma == 0:
        # What a mask selects is made new from nothing but noise, as an empty latent is.
        whole = job.begin == 0 and (job.latent.empty or job.latent.mask is not None)
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
