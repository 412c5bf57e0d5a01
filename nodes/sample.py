"""The Sample node: from noise, step by step, to a latent."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

from graph.declare import node
from graph.hints import Doc, Range, Seed
from graph.run import Run
from graph.spec import Lane
from graph.values import Conditioning, Latent, Model, Steps, TextEncoder, Vae
from nodes.errors import SampleError
from nodes.families.base import Condition, Denoiser
from nodes.guidance import classifier_free
from nodes.keeping import extra_channels
from nodes.sampling import Job, sample_latent
from nodes.schedulers import Scheduler
from nodes.solver import Solver
from nodes.steering import Steerer
from nodes.store import models
from nodes.text import encode

if TYPE_CHECKING:
    from nodes.store import ModelStore

_MOST_STEPS = 150


@node(
    "Sample",
    category="Sampling",
    synonyms=("KSampler", "denoise", "diffusion", "generate", "img2img"),
    lane=Lane.GPU,
)
def sample(
    run: Run,
    model: Annotated[Model, Doc("From Load Checkpoint.")],
    positive: Annotated[Conditioning, Doc("What the picture shows.")],
    latent: Annotated[Latent, Doc("A size (Empty Latent), or a picture to begin with.")],
    *,
    negative: Annotated[
        Conditioning | None, Doc("What it does not show; the empty prompt where not wired.")
    ] = None,
    steps: Annotated[int, Range(1, _MOST_STEPS), Doc("More are finer and slower.")] = 20,
    guidance: Annotated[
        float, Range(0, 30, step=0.5), Doc("How strictly to follow the words; 1 is not at all.")
    ] = 7.0,
    scheduler: Annotated[Scheduler, Doc("How noise is taken away.")] = Scheduler.EULER,
    seed: Annotated[int, Seed(), Doc("Which noise to begin with.")] = 0,
    denoise: Annotated[
        float,
        Range(0, 1, step=0.01),
        Doc("How much of the latent is made new: 1 all of it, 0 nothing."),
    ] = 1.0,
    start_step: Annotated[
        int, Range(0, _MOST_STEPS - 1), Doc("Skip the steps before this one.")
    ] = 0,
    end_step: Annotated[
        int, Range(1, _MOST_STEPS), Doc("Stop before this step and leave the noise in.")
    ] = _MOST_STEPS,
) -> Steps[Latent]:
    """Denoise a latent, guided by prompts.

    Begins with noise made from the seed and takes it away in steps. A latent that is a picture
    already gets as much noise as Denoise says, and is made new to that degree. With End step below
    Steps the noise that is left stays in the latent; a second Sample with the same steps, scheduler
    and seed, whose Start step is that End step, goes on: with Euler, Heun and DDIM as if there had
    been one, with the others, which look back at steps before, nearly so.
    """
    end = min(end_step, steps)
    begin = max(start_step, steps - int(steps * denoise))
    if start_step >= end:
        message = f"start step {start_step} is not before step {end}, the last: set it below {end}"
        raise SampleError(message)
    if begin >= end:
        return _untouched(latent, denoise)
    store = models(run)
    without = negative
    if without is None and guidance != 1:
        without = _empty_prompt(store, model, positive, frugal=run.frugal)
    with store.autoencoder(Vae(model.checkpoint)) as vae:
        rgb = vae.rgb
    with store.denoiser(model, frugal=run.frugal) as denoiser:
        canvas = replace(_fitted(latent, model, denoiser), rgb=rgb)
        prompts = _Prompts(model, denoiser, canvas, store)
        with Steerer(store, canvas, steps, frugal=run.frugal) as steerer:
            follow, avoid = (
                prompts.condition(each, steerer) for each in (positive, without or positive)
            )
            guide = classifier_free(follow, avoid, guidance)
            solver = Solver(scheduler, denoiser, steps, canvas.samples.shape)
            span = int(steps * denoise)
            job = Job(latent=canvas, solver=solver, begin=begin, end=end, seed=seed, span=span)
            return (yield from sample_latent(job, denoiser, guide, store.uploads))


def _empty_prompt(
    store: ModelStore, model: Model, positive: Conditioning, *, frugal: bool
) -> Conditioning:
    """Return the empty prompt, encoded and steered as `positive` is."""
    encoder = TextEncoder(model.checkpoint, model.precision, model.text_loras)
    empty = encode(store, encoder, "", frugal=frugal)
    return replace(empty, controls=positive.controls)


def _untouched(latent: Latent, denoise: float) -> Latent:
    """Return `latent`, of which nothing is to be made new."""
    if latent.empty:
        message = f"denoise {denoise:g} leaves an empty latent as it is: raise it to 1"
        raise SampleError(message)
    return latent


def _fitted(latent: Latent, model: Model, denoiser: Denoiser) -> Latent:
    """Return `latent` in the space of `denoiser`; raise when it belongs to another."""
    spec, family = denoiser.latent, model.checkpoint.family
    if latent.factor != spec.factor or (latent.family or family) != family:
        message = (
            f"the latent is of {latent.family or 'another family'} with factor {latent.factor}, "
            f"the model {model.checkpoint.path.name} of {family} with {spec.factor}: encode the "
            "picture with this model's VAE"
        )
        raise SampleError(message)
    samples = latent.samples
    if latent.empty and samples.shape[1] != spec.channels:
        samples = samples.new_zeros(len(samples), spec.channels, *samples.shape[2:])
    if samples.shape[1] != spec.channels:
        message = f"the latent has {samples.shape[1]} channels, the model takes {spec.channels}"
        raise SampleError(message)
    return replace(latent, samples=samples, family=family)


class _Prompts:
    """Makes conditions of prompts, for one sampling."""

    def __init__(self, model: Model, denoiser: Denoiser, latent: Latent, store: ModelStore) -> None:
        self._model = model
        self._denoiser = denoiser
        self._count = len(latent.samples)
        self._uploads = store.uploads
        self._extra = extra_channels(store, model, denoiser, latent)

    def condition(self, prompt: Conditioning, steerer: Steerer) -> Condition:
        """Return what `prompt` says for each latent, on the device; raise when it does not fit."""
        self._check(prompt)
        pooled = prompt.pooled
        return Condition(
            self._uploads.placed(prompt.tokens).expand(self._count, -1, -1),
            None if pooled is None else self._uploads.placed(pooled).expand(self._count, -1),
            self._extra,
            steerer.steering(prompt.controls, self._model),
        )

    def _check(self, prompt: Conditioning) -> None:
        checkpoint, denoiser = self._model.checkpoint, self._denoiser
        width = prompt.tokens.shape[-1]
        if prompt.family != checkpoint.family or width != denoiser.context:
            message = (
                f"the prompt was encoded for another model ({prompt.family}, width {width}) than "
                f"{checkpoint.path.name} ({checkpoint.family}, width {denoiser.context}): wire "
                "Encode Text to the same Load Checkpoint"
            )
            raise SampleError(message)
        if len(prompt.tokens) not in (1, self._count):
            message = (
                f"{len(prompt.tokens)} prompts do not fit {self._count} latents: give one, or as "
                "many"
            )
            raise SampleError(message)
