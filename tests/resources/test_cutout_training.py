"""Cutout's training, without training: schedules, optimiser, checkpoints, tables."""

from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from torch import nn

from resources.cutout import denoiser_stage, loop
from resources.cutout.decoder_stage import _corners, _cut
from resources.cutout.evaluate import confusion, judge_scores, table
from resources.cutout.loop import Average, Budget, Stage, learning_rate
from resources.cutout.models import MAX_TOKENS, new_scheduler, new_unet, new_vae
from resources.cutout.optim import Muon, optimisers, orthogonalise
from resources.cutout.render import render
from resources.cutout.scene import ATTRIBUTES, random_rows
from resources.cutout.sheet import contact_sheet, to_bytes
from resources.cutout.vae_stage import draw, picture_loss


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("shape", [(3, 24, 24), (2, 16, 144), (2, 80, 20)])
def test_orthogonalised_matrices_stretch_nothing_much(shape: tuple[int, int, int]) -> None:
    values = torch.linalg.svdvals(orthogonalise(torch.randn(shape, generator=seeded())))
    assert values.max() < 1.4
    assert values.median() > 0.6


def test_a_step_has_the_size_of_its_learning_rate_whatever_the_gradient() -> None:
    for scale in (1e-4, 1e4):
        weight = nn.Parameter(torch.zeros(32, 16, 3, 3))
        weight.grad = scale * torch.randn(weight.shape, generator=seeded())
        Muon([weight], lr=0.01, weight_decay=0).step()
        assert 0.0005 < weight.square().mean().sqrt() < 0.01


def test_muon_takes_hidden_matrices_and_adamw_takes_the_rest() -> None:
    unet = new_unet()
    muon, adamw = optimisers([unet], 1e-3)
    taken = [sum(len(group["params"]) for group in each.param_groups) for each in (muon, adamw)]
    assert sum(taken) == len(list(unet.parameters()))
    matrices = set(muon.param_groups[0]["params"])
    assert unet.mid_block.resnets[0].conv1.weight in matrices
    assert unet.mid_block.resnets[0].conv1.bias not in matrices
    assert unet.conv_out.weight not in matrices


def test_the_learning_rate_rises_and_falls() -> None:
    rates = [learning_rate(1.0, step / 1000) for step in range(1001)]
    peak = rates.index(max(rates))
    assert 10 <= peak <= 30
    assert rates == sorted(rates[:peak]) + sorted(rates[peak:], reverse=True)
    assert rates[-1] < 0.02


def test_a_budget_counts_what_was_spent_before() -> None:
    assert Budget(1).progress < 0.01
    assert 0.5 <= Budget(1, spent=30).progress < 0.6
    assert Budget(1, spent=90).progress == 1


def test_an_average_follows() -> None:
    model = nn.Linear(2, 2)
    average = Average([model], decay=0.5)
    with torch.no_grad():
        model.weight.fill_(1)
    for step in range(100, 140):
        average.update([model], step)
    (followed,) = weights(average.models)
    assert torch.allclose(followed, model.weight, atol=1e-4)
    assert not followed.requires_grad


def weights(models: Sequence[nn.Module]) -> list[nn.Parameter]:
    return [weight for model in models for weight in model.parameters() if weight.ndim > 1]


def equal(some: Sequence[nn.Module], others: Sequence[nn.Module]) -> bool:
    return all(map(torch.equal, weights(some), weights(others)))


def stage() -> Stage:
    torch.manual_seed(3)
    models = [nn.Linear(16, 16)]
    learners = optimisers(models, 0.01)
    return Stage("toy", models, learners, minutes=1, peak=0.01, decay=0.9)


def test_a_stage_goes_on_from_its_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "BUILD", tmp_path)
    first = stage()
    first.resume()  # there is nothing yet
    assert first.steps == 0
    inputs = torch.randn(8, 16, generator=seeded())
    for _ in range(3):
        first.step(first.models[0](inputs).square().mean())
    first.save()
    second = stage()
    second.resume()
    assert second.steps == 3
    assert equal(first.models, second.models)
    assert equal(first.average.models, second.average.models)
    for each in (first, second):
        each.budget = Budget(1, spent=30)
        each.progress = 0.5
        each.step(each.models[0](inputs).square().mean())
    assert equal(first.models, second.models)
    assert [path.name for path in tmp_path.iterdir()] == ["toy.pt"]


def test_a_step_reads_whole_captions_always_and_all_tokens_at_the_end() -> None:
    lengths = {denoiser_stage.text_length(0.1, seeded(seed)) for seed in range(40)}
    assert lengths == {16, MAX_TOKENS}
    assert {denoiser_stage.text_length(0.9, seeded(seed)) for seed in range(40)} == {MAX_TOKENS}
    assert denoiser_stage.batch_size(0.1) < denoiser_stage.batch_size(0.95)
    assert denoiser_stage.noise_bias(0.1) > 1 > denoiser_stage.noise_bias(0.95)


def test_a_tenth_of_the_captions_is_left_unsaid() -> None:
    ids = torch.ones(4000, 3, dtype=torch.int64)
    empty = torch.zeros(1, 3, dtype=torch.int64)
    kept = denoiser_stage.leave_unsaid(ids, empty, seeded())
    assert (kept.sum(dim=1) % 3 == 0).all()
    assert 0.87 < kept.float().mean() < 0.93


def test_the_loss_of_a_perfect_denoiser_is_nothing() -> None:
    alphas = new_scheduler().alphas_cumprod
    latents = torch.zeros(4, 4, 16, 16)

    class Perfect(nn.Module):
        def forward(self, noisy: torch.Tensor, steps: torch.Tensor, _: torch.Tensor) -> object:
            signal = alphas[steps].view(-1, 1, 1, 1)
            velocity = noisy * (signal / (1 - signal)).sqrt()  # of latents that are all zero
            return type("Output", (), {"sample": velocity})

    class Words(nn.Module):
        def forward(self, ids: torch.Tensor) -> tuple[torch.Tensor]:
            return (ids,)

    ids = torch.zeros(4, 16, dtype=torch.int64)
    loss = denoiser_stage.denoiser_loss(Perfect(), Words(), (latents, ids), alphas, seeded())
    assert loss < 1e-9


def test_batches_begin_small_and_end_whole() -> None:
    assert draw(0.1, seeded()).images.shape[-1] == 64
    assert draw(0.9, seeded()).images.shape[-1] == 128


def test_equal_pictures_cost_nothing_and_shifted_colour_costs() -> None:
    images = draw(0.1, seeded()).images
    assert picture_loss(images, images) == 0
    assert picture_loss(images + 0.1, images) > 0.3


def test_windows_hold_the_shape() -> None:
    pictures = render(random_rows(16, seeded()), seeded())
    for corner, mask in zip(_corners(pictures.masks), pictures.masks, strict=True):
        window = _cut(mask, *corner.tolist())
        assert window.shape == (1, 80, 80)
        assert window.sum() > 0.95 * mask.sum()


def test_the_networks_have_stable_diffusions_shape() -> None:
    unet, vae = new_unet(), new_vae()
    assert unet.config.down_block_types == ("CrossAttnDownBlock2D",) * 3 + ("DownBlock2D",)
    assert unet.config.up_block_types == ("UpBlock2D",) + ("CrossAttnUpBlock2D",) * 3
    assert unet.config.layers_per_block == 2
    assert len(vae.config.block_out_channels) == 4
    assert vae.config.latent_channels == 4


def test_a_sheet_holds_all_pictures() -> None:
    images = torch.stack([torch.full((3, 20, 20), value) for value in (-1.0, 0.0, 1.0)])
    assert to_bytes(images)[:, 0, 0, 0].tolist() == [0, 128, 255]
    sheet = contact_sheet(images, columns=2)
    assert sheet.size == (2 * 32 + 12, 2 * 32 + 12)
    assert sheet.getpixel((12, 12)) == (0, 0, 0)
    assert sheet.getpixel((0, 0)) == (255, 255, 255)


def test_tables_say_what_was_asked_and_what_was_seen() -> None:
    scores = judge_scores(40)
    assert scores["renders"]["all"] == 1
    lines = table(scores).splitlines()
    assert lines[0].split() == ["renders", "shuffled"]
    assert [line.split()[0] for line in lines[1:]] == [*ATTRIBUTES, "all"]
    truth = torch.zeros(3, 5, dtype=torch.int64)
    seen = truth.clone()
    seen[0, 2] = 1
    assert confusion(seen, truth, "size").splitlines()[1].split() == ["small", "2", "1"]
