"""The nodes against the stock diffusers pipelines on the same weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import diffusers
import numpy as np
import pytest
import torch

from graph.values import Latent
from nodes.latents import empty_latent
from nodes.loaders import load_checkpoint
from nodes.quiet import tensors_as_arrays
from nodes.sample import sample
from nodes.schedulers import Scheduler, choice_of
from nodes.store import models
from nodes.text import encode_text
from nodes.vae import vae_decode
from tests.nodes.driver import drain
from tests.nodes.tiny import without_torchvision

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from graph.run import Run
    from nodes.families.base import Component
    from nodes.loaders import LoadedCheckpoint
    from tests.nodes.conftest import Tiny

PROMPT, NEGATIVE = "a large red star at the left", "blue background"
SIDE, STEPS, GUIDANCE, SEED = 64, 5, 5.0, 7
CLOSE = 1e-4


def stock(tiny: Tiny, scheduler: Scheduler, prediction: str = "epsilon") -> object:
    """The scheduler that a user of diffusers would make."""
    choice = choice_of(scheduler)
    config = {**tiny.pipeline.scheduler.config, "prediction_type": prediction}
    return getattr(diffusers, choice.kind).from_config(config, **choice.settings)


def encoded(run: Run, parts: LoadedCheckpoint) -> dict[str, Any]:
    return {
        "positive": encode_text(run, parts.text_encoder, PROMPT),
        "negative": encode_text(run, parts.text_encoder, NEGATIVE),
    }


@pytest.mark.parametrize("scheduler", Scheduler)
def test_text_to_image(
    tiny: Tiny,
    run: Run,
    parts: LoadedCheckpoint,
    scheduler: Scheduler,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tiny.pipeline, "scheduler", tiny.pipeline.scheduler)
    with tensors_as_arrays():
        tiny.pipeline.scheduler = stock(tiny, scheduler)
        expected = tiny.pipeline(
            PROMPT,
            negative_prompt=NEGATIVE,
            width=SIDE,
            height=SIDE,
            num_inference_steps=STEPS,
            guidance_scale=GUIDANCE,
            generator=torch.Generator().manual_seed(SEED),
            output_type="np",
        ).images
    latent = drain(
        sample(
            run,
            parts.model,
            latent=empty_latent(SIDE, SIDE),
            steps=STEPS,
            guidance=GUIDANCE,
            scheduler=scheduler,
            seed=SEED,
            **encoded(run, parts),
        )
    )
    image = drain(vae_decode(run, parts.vae, latent))
    assert np.abs(image - expected).max() <= CLOSE
    assert image.shape == (1, SIDE, SIDE, 3)
    assert image.std() > 0.01


@pytest.mark.parametrize("strength", [0.45, 1.0])
@pytest.mark.parametrize(
    "scheduler",
    [
        Scheduler.EULER,
        Scheduler.EULER_ANCESTRAL,
        Scheduler.HEUN,
        Scheduler.DDIM,
        Scheduler.DPMPP_2M_KARRAS,
        Scheduler.UNIPC,
    ],
)
def test_image_to_image(
    tiny: Tiny, run: Run, parts: LoadedCheckpoint, scheduler: Scheduler, strength: float
) -> None:
    with without_torchvision():
        from diffusers import StableDiffusionImg2ImgPipeline
    generator = torch.Generator().manual_seed(1)
    start = torch.randn(1, 4, 8, 8, generator=generator)
    with tensors_as_arrays():
        components = {**tiny.pipeline.components, "scheduler": stock(tiny, scheduler)}
        pipeline = StableDiffusionImg2ImgPipeline(**components, requires_safety_checker=False)
        pipeline.set_progress_bar_config(disable=True)
        expected = pipeline(
            PROMPT,
            negative_prompt=NEGATIVE,
            image=start,
            strength=strength,
            num_inference_steps=9,
            guidance_scale=GUIDANCE,
            generator=torch.Generator().manual_seed(SEED),
            output_type="latent",
        ).images
    latent = drain(
        sample(
            run,
            parts.model,
            latent=Latent(start, "sd1"),
            steps=9,
            guidance=GUIDANCE,
            scheduler=scheduler,
            seed=SEED,
            denoise=strength,
            **encoded(run, parts),
        )
    )
    assert (latent.samples - expected).abs().max() <= CLOSE * expected.abs().max()


def test_a_model_that_predicts_velocity(
    tiny: Tiny, run: Run, parts: LoadedCheckpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tensors_as_arrays():
        monkeypatch.setattr(
            tiny.pipeline, "scheduler", stock(tiny, Scheduler.EULER, "v_prediction")
        )
        expected = tiny.pipeline(
            PROMPT,
            width=SIDE,
            height=SIDE,
            num_inference_steps=STEPS,
            guidance_scale=GUIDANCE,
            generator=torch.Generator().manual_seed(SEED),
            output_type="latent",
        ).images
    positive = encode_text(run, parts.text_encoder, PROMPT)
    with models(run).denoiser(parts.model) as denoiser:
        monkeypatch.setitem(denoiser.schedule, "prediction_type", "v_prediction")
        latent = drain(
            sample(
                run,
                parts.model,
                positive,
                empty_latent(SIDE, SIDE),
                steps=STEPS,
                guidance=GUIDANCE,
                seed=SEED,
            )
        )
    assert (latent.samples - expected).abs().max() <= CLOSE * expected.abs().max()


def test_clip_skip(tiny: Tiny, run: Run, parts: LoadedCheckpoint) -> None:
    text = tiny.pipeline.text_encoder
    ids = tiny.pipeline.tokenizer(PROMPT, padding="max_length", return_tensors="pt").input_ids
    with torch.no_grad():
        states = text(ids, output_hidden_states=True).hidden_states
        norm = getattr(text, "text_model", text).final_layer_norm
        expected = [text(ids)[0], norm(states[-2]), norm(states[-3])]
    for skip, wanted in enumerate(expected, 1):
        found = encode_text(run, parts.text_encoder, PROMPT, skip).tokens
        assert torch.equal(found, wanted)


def test_a_single_file_holds_the_same_weights(tiny_files: Tiny, run: Run) -> None:
    folder, file = (load_checkpoint(run, path) for path in (tiny_files.folder, tiny_files.file))
    store = models(run)
    lends: tuple[Callable[[LoadedCheckpoint], AbstractContextManager[Component]], ...] = (
        lambda loaded: store.denoiser(loaded.model),
        lambda loaded: store.text(loaded.text_encoder),
        lambda loaded: store.autoencoder(loaded.vae),
    )
    for lend in lends:
        with lend(folder) as one, lend(file) as other:
            ours, theirs = one.module.state_dict(), other.module.state_dict()
        assert ours.keys() == theirs.keys()
        assert all(torch.equal(ours[name], theirs[name]) for name in ours)
