"""The sampler: windows, guidance, progress, cancel, seeds, and what it refuses."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import torch

from graph.values import Latent
from nodes.errors import SampleError
from nodes.latents import empty_latent
from nodes.sample import sample
from nodes.schedulers import Scheduler
from nodes.store import models
from nodes.text import encode_text
from tests.nodes.driver import drain, watch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graph.run import Run
    from graph.values import Conditioning
    from nodes.loaders import LoadedCheckpoint

STEPS = 6


@pytest.fixture
def positive(run: Run, parts: LoadedCheckpoint) -> Conditioning:
    return encode_text(run, parts.text_encoder, "a red star")


@pytest.fixture
def calls(run: Run, parts: LoadedCheckpoint) -> Iterator[list[int]]:
    """The batch size of each call of the denoiser."""
    sizes: list[int] = []
    with models(run).denoiser(parts.model) as denoiser:
        hook = denoiser.module.register_forward_hook(
            lambda _module, inputs, _output: sizes.append(len(inputs[0]))
        )
    yield sizes
    hook.remove()


def size(batch: int = 1) -> Latent:
    return empty_latent(64, 64, batch)


EXACT = [Scheduler.EULER, Scheduler.EULER_ANCESTRAL, Scheduler.HEUN, Scheduler.DDIM]


@pytest.mark.parametrize("scheduler", EXACT)
def test_two_samplers_in_a_row_equal_one(
    run: Run, parts: LoadedCheckpoint, positive: Conditioning, scheduler: Scheduler
) -> None:
    more: dict[str, Any] = {"steps": STEPS, "scheduler": scheduler, "seed": 3}
    whole = drain(sample(run, parts.model, positive, size(), **more))
    first = drain(sample(run, parts.model, positive, size(), **more, end_step=2))
    assert first.sigma > 0
    second = drain(sample(run, parts.model, positive, first, **more, start_step=2))
    assert second.sigma == 0
    assert torch.allclose(second.samples, whole.samples, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("scheduler", sorted(set(Scheduler) - set(EXACT)))
def test_any_sampler_goes_on_from_leftover_noise(
    run: Run, parts: LoadedCheckpoint, positive: Conditioning, scheduler: Scheduler
) -> None:
    # These remember earlier steps, so the second begins anew at first order: near, not equal.
    more: dict[str, Any] = {"steps": STEPS, "scheduler": scheduler, "guidance": 1.0}
    first = drain(sample(run, parts.model, positive, size(), **more, end_step=3))
    second = drain(sample(run, parts.model, positive, first, **more, start_step=3))
    assert first.sigma > 0
    assert second.sigma == 0
    assert torch.isfinite(second.samples).all()


def test_leftover_noise_travels_in_one_convention(
    run: Run, parts: LoadedCheckpoint, positive: Conditioning
) -> None:
    def left(scheduler: Scheduler) -> Latent:
        more: dict[str, Any] = {"steps": 10, "guidance": 1.0, "scheduler": scheduler}
        return drain(sample(run, parts.model, positive, size(), **more, end_step=1))

    exploding, preserving = left(Scheduler.EULER), left(Scheduler.DDIM)
    # One step of either is the same first-order step; they begin at slightly different noise.
    assert exploding.sigma == pytest.approx(preserving.sigma, rel=1e-3)
    assert torch.allclose(exploding.samples, preserving.samples, rtol=0.1, atol=0.1)


def test_noise_that_does_not_fit_names_the_step_that_does(
    run: Run, parts: LoadedCheckpoint, positive: Conditioning
) -> None:
    first = drain(sample(run, parts.model, positive, size(), steps=STEPS, end_step=4))
    with pytest.raises(SampleError, match="set start step to 4"):
        drain(sample(run, parts.model, positive, first, steps=STEPS))


def test_guidance_of_one_asks_once_a_step(
    run: Run, parts: LoadedCheckpoint, positive: Conditioning, calls: list[int]
) -> None:
    drain(sample(run, parts.model, positive, size(), steps=3, guidance=1.0))
    assert calls == [1, 1, 1]


def test_both_prompts_go_in_one_batch(
    run: Run, parts: LoadedCheckpoint, positive: Conditioning, calls: list[int]
) -> None:
    drain(sample(run, parts.model, positive, size(2), steps=2))
    assert calls == [4, 4]


def test_prompts_of_unequal_length_go_one_by_one(
    run: Run, parts: LoadedCheckpoint, positive: Conditioning, calls: list[int]
) -> None:
    long = encode_text(run, parts.text_encoder, "blue " * 100)
    found = drain(sample(run, parts.model, long, size(), negative=positive, steps=2))
    assert calls == [1, 1, 1, 1]
    assert torch.isfinite(found.samples).all()


def test_no_negative_means_the_empty_prompt(
    run: Run, parts: LoadedCheckpoint, positive: Conditioning
) -> None:
    empty = encode_text(run, parts.text_encoder, "")
    without = drain(sample(run, parts.model, positive, size(), steps=2))
    with_empty = drain(sample(run, parts.model, positive, size(), negative=empty, steps=2))
    assert torch.equal(without.samples, with_empty.samples)


@pytest.mark.parametrize("scheduler", [Scheduler.EULER, Scheduler.HEUN, Scheduler.PNDM])
def test_every_step_reports_progress_and_a_picture(
    run: Run, parts: LoadedCheckpoint, positive: Conditioning, scheduler: Scheduler
) -> None:
    found, reports = watch(sample(run, parts.model, positive, size(), steps=4, scheduler=scheduler))
    done = [report.done for report in reports]
    assert sorted(set(done)) in ([1, 2, 3, 4], [0, 1, 2, 3, 4])
    assert done == sorted(done)
    assert all(report.total == 4 for report in reports)
    last = reports[-1].preview
    assert isinstance(last, Latent)
    # What the last step sees is what comes out, where the last step goes to no noise.
    if scheduler is not Scheduler.PNDM:
        assert torch.allclose(last.samples, found.samples, rtol=1e-3, atol=1e-2)


def test_cancel_gives_the_model_back(
    run: Run, parts: LoadedCheckpoint, positive: Conditioning
) -> None:
    body = sample(run, parts.model, positive, size(), steps=4)
    next(body)
    store = models(run)
    assert any(shelf.lent for shelf in store._shelves.values())
    body.close()
    assert not any(shelf.lent for shelf in store._shelves.values())
    assert torch.is_grad_enabled()


def test_gradients_stay_on_outside_between_steps(
    run: Run, parts: LoadedCheckpoint, positive: Conditioning
) -> None:
    body = sample(run, parts.model, positive, size(), steps=2)
    next(body)
    assert torch.is_grad_enabled()
    body.close()


@pytest.mark.parametrize("scheduler", [Scheduler.EULER_ANCESTRAL, Scheduler.DPMPP_2M_SDE])
def test_a_picture_of_a_batch_can_be_made_again_alone(
    run: Run, parts: LoadedCheckpoint, positive: Conditioning, scheduler: Scheduler
) -> None:
    more: dict[str, Any] = {"steps": 3, "scheduler": scheduler}
    batch = drain(sample(run, parts.model, positive, size(3), **more, seed=5))
    alone = drain(sample(run, parts.model, positive, size(), **more, seed=7))
    assert torch.allclose(batch.samples[2:], alone.samples, rtol=1e-4, atol=1e-3)


def test_the_same_seed_gives_the_same_bits(
    run: Run, parts: LoadedCheckpoint, positive: Conditioning
) -> None:
    def once(seed: int) -> torch.Tensor:
        return drain(sample(run, parts.model, positive, size(), steps=2, seed=seed)).samples

    assert torch.equal(once(2**63 - 1), once(2**63 - 1))
    assert not torch.equal(once(1), once(2))


@pytest.mark.parametrize("scheduler", Scheduler)
@pytest.mark.parametrize("steps", [1, 2, 60])
def test_every_scheduler_takes_any_number_of_steps(
    run: Run, parts: LoadedCheckpoint, positive: Conditioning, scheduler: Scheduler, steps: int
) -> None:
    window = {"start_step": steps - 3} if steps > 3 else {}
    latent = Latent(torch.zeros(1, 4, 4, 4)) if window else empty_latent(32, 32)
    more: dict[str, Any] = {"steps": steps, "scheduler": scheduler, "guidance": 1.0, **window}
    found, reports = watch(sample(run, parts.model, positive, latent, **more))
    assert torch.isfinite(found.samples).all()
    assert reports[-1].done == reports[-1].total == min(steps, 3)


def test_nothing_to_make_new_is_nothing_done(
    run: Run, parts: LoadedCheckpoint, positive: Conditioning, calls: list[int]
) -> None:
    picture = Latent(torch.randn(1, 4, 8, 8), "sd1")
    found = drain(sample(run, parts.model, positive, picture, denoise=0.0))
    assert found is picture
    assert calls == []


CHANGES: list[dict[str, Any]] = [
    {"steps": 4},
    {"guidance": 3.0},
    {"scheduler": Scheduler.DDIM},
    {"seed": 1},
    {"denoise": 0.7},
    {"start_step": 1},
    {"end_step": 2},
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: next(iter(change)))
def test_every_setting_says_something(
    run: Run, parts: LoadedCheckpoint, positive: Conditioning, change: dict[str, Any]
) -> None:
    base: dict[str, Any] = {"steps": 3, "latent": Latent(torch.ones(1, 4, 4, 4), "sd1")}
    plain = drain(sample(run, parts.model, positive, **base))
    other = drain(sample(run, parts.model, positive, **{**base, **change}))
    assert not torch.equal(plain.samples, other.samples)


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"latent": size(), "denoise": 0.0}, "raise it to 1"),
    ({"latent": size(), "steps": 5, "start_step": 5}, "set it below 5"),
    ({"latent": Latent(torch.zeros(1, 4, 8, 8), factor=4)}, "encode the picture with this model"),
    ({"latent": Latent(torch.zeros(1, 4, 8, 8), "flux")}, "encode the picture with this model"),
    ({"latent": Latent(torch.zeros(1, 16, 8, 8))}, "16 channels, the model takes 4"),
]


@pytest.mark.parametrize(("settings", "message"), REFUSED)
def test_what_it_refuses(
    run: Run,
    parts: LoadedCheckpoint,
    positive: Conditioning,
    settings: dict[str, Any],
    message: str,
) -> None:
    with pytest.raises(SampleError, match=message):
        drain(sample(run, parts.model, positive, **settings))


def test_a_prompt_of_another_model_is_refused(
    run: Run, parts: LoadedCheckpoint, positive: Conditioning
) -> None:
    for foreign in (
        replace(positive, family="sdxl"),
        replace(positive, tokens=torch.zeros(1, 77, 768)),
    ):
        with pytest.raises(SampleError, match="wire Encode Text to the same Load Checkpoint"):
            drain(sample(run, parts.model, foreign, size()))


def test_an_empty_latent_takes_the_channels_of_the_model(
    run: Run, parts: LoadedCheckpoint, positive: Conditioning
) -> None:
    sixteen = Latent(torch.zeros(1, 16, 8, 8), empty=True)
    found = drain(sample(run, parts.model, positive, sixteen, steps=1, guidance=1.0))
    assert found.samples.shape == (1, 4, 8, 8)
