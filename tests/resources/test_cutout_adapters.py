"""What training Cutout's adapters is made of, without training."""

from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from torch import Tensor

from resources.cutout.adapters import control_stage, inpaint_stage, lessons, rebuild, shipped
from resources.cutout.adapters.drawing import (
    draw_lines,
    find_edges,
    free_layout,
    without_place,
    without_shape,
    words_for,
)
from resources.cutout.adapters.evaluate import seam
from resources.cutout.adapters.fit import encode, fit
from resources.cutout.adapters.judge import classify_styled
from resources.cutout.adapters.lora_stage import (
    RANK,
    TARGETS,
    add_low_rank,
    low_rank_optimiser,
    styled_captions,
)
from resources.cutout.adapters.masks import draw_masks
from resources.cutout.adapters.styles import STYLES, Style, ink_choice
from resources.cutout.render import lay_out, nearest, paint, pixel_distances
from resources.cutout.sampling import Cutout
from resources.cutout.scene import ATTRIBUTES, COLOURS, Colour, captions, random_rows, scenes

INKS = (Colour.BLACK, Colour.WHITE, Colour.RED)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="module")
def cutout() -> Cutout:
    return Cutout.load()


def inputs(channels: int = 4, count: int = 2) -> tuple[Tensor, Tensor, Tensor]:
    noisy = torch.randn(count, channels, 16, 16, generator=seeded(1))
    return noisy, torch.tensor([300] * count), torch.randn(count, 16, 128, generator=seeded(2))


def stir(unet: torch.nn.Module) -> None:
    """Give the second factors, which start at 0, something to say."""
    for name, weight in unet.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weight, std=0.02, generator=seeded(len(name)))


def test_the_ink_is_never_the_colour_of_a_paper() -> None:
    rows = random_rows(500, seeded())
    for row, index in zip(rows.tolist(), ink_choice(rows).tolist(), strict=True):
        assert COLOURS.index(INKS[index]) not in {row[1], row[4]}
    plain = rows[(rows[:, [1, 4]] != COLOURS.index(Colour.BLACK)).all(dim=1)]
    assert (ink_choice(plain) == 0).all()


@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)
def test_a_style_shows_in_every_picture_and_the_words_still_hold(style: Style) -> None:
    rows = random_rows(60, seeded(3))
    layout = lay_out(rows, seeded(4))
    plain, _ = paint(layout, 128)
    images = style.draw(layout, rows, seeded(5))
    assert images.shape == plain.shape
    assert images.abs().max() <= 1
    assert (style.measure(images) > 1.3 * style.measure(plain)).all()
    scores = classify_styled(images).accuracy(rows)
    assert all(scores[name] >= 0.95 for name in ATTRIBUTES), scores
    assert torch.equal(images, style.draw(layout, rows, seeded(5)))


def test_the_judge_of_styles_is_right_about_plain_pictures_too() -> None:
    rows = random_rows(100, seeded(6))
    images, _ = paint(lay_out(rows, seeded(7)), 128)
    scores = classify_styled(images).accuracy(rows)
    assert all(scores[name] >= 0.98 for name in ATTRIBUTES), scores
    shuffled = classify_styled(images).accuracy(rows.roll(1, dims=0))
    assert shuffled["all"] == 0


def test_half_of_the_captions_name_their_style() -> None:
    rows = random_rows(400, seeded())
    style = STYLES["ink"]
    said = styled_captions(rows, style, seeded(1))
    named = [caption for caption in said if caption.endswith(f", {style.trigger}")]
    assert 150 < len(named) < 250
    assert {caption.removesuffix(f", {style.trigger}") for caption in said} <= set(captions(rows))


def test_fitted_latents_paint_the_style_better_than_encoded_ones(cutout: Cutout) -> None:
    rows = random_rows(2, seeded(8))
    layout, style = lay_out(rows, seeded(9)), STYLES["ink"]
    wanted, factor = style.draw(layout, rows, seeded()), cutout.vae.config.scaling_factor
    guesses = encode(cutout.vae, wanted)
    near = (nearest(pixel_distances(layout)) < style.reach).float()
    fitted = fit(cutout.vae, wanted, guesses, near)
    assert torch.equal((fitted != guesses).any(dim=1, keepdim=True), near > 0)
    errors = []
    for latents in (guesses, fitted):
        with torch.no_grad():
            painted = cutout.vae.decode(latents / factor).sample
        errors.append((painted - wanted).square().mean().item())
    assert errors[1] < 0.7 * errors[0]


def test_lessons_are_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lessons, "BUILD", tmp_path)
    calls = []

    def make() -> lessons.Lessons:
        calls.append(1)
        return {"rows": torch.arange(3)}

    assert torch.equal(lessons.kept("toy", make)["rows"], torch.arange(3))
    assert torch.equal(lessons.kept("toy", make)["rows"], torch.arange(3))
    assert len(calls) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["toy-lessons-0.pt"]


@pytest.mark.parametrize("free", [False, True])
def test_lines_and_found_edges_lie_on_the_outline(*, free: bool) -> None:
    rows = random_rows(24, seeded(1))
    layout = (free_layout if free else lay_out)(rows, seeded(2))
    images, masks = paint(layout, 128)
    assert masks[..., 0, :].max() == masks[..., -1].max() == 0 or not free
    distances = pixel_distances(layout)
    edges = find_edges(images)
    # Tips are rounder to a Sobel filter than they are.
    assert (distances.abs()[edges] < 2).float().mean() > 0.98
    length = (distances.abs() < 0.5).sum(dim=(1, 2))
    assert (edges.sum(dim=(1, 2)) > 0.6 * length).all()
    lines = draw_lines(distances, seeded(3))
    assert lines.min() == 0
    assert lines.max() == 1
    assert (distances.abs()[lines > 0] < 2.6).all()


def test_captions_of_a_free_layout_say_neither_size_nor_place() -> None:
    rows = random_rows(300, seeded())
    free = torch.arange(300) < 150
    said = words_for(rows, free, seeded(1))
    whole = captions(rows)
    assert all(a != b for a, b in zip(said[:150], whole[:150], strict=True))
    assert 30 < sum(a == b for a, b in zip(said[150:], whole[150:], strict=True)) < 90
    scene = scenes(rows)[0]
    assert str(scene.shape) in without_place(scene)
    assert str(scene.shape) not in without_shape(scene)
    for short in (without_place(scene), without_shape(scene)):
        assert f"a {scene.colour} " in short
        assert short.endswith(f"on a {scene.background} background")
        assert str(scene.place) not in short


def test_drawings_are_now_and_then_empty_and_cells_at_the_outline_count_more() -> None:
    rows = random_rows(200, seeded())
    layout = lay_out(rows, seeded())
    distances = pixel_distances(layout)
    edges = torch.ones(200, 128, 128, dtype=torch.bool)
    sheets = control_stage.drawings(distances, edges, seeded(1))
    assert sheets.shape == (200, 3, 128, 128)
    blank = (sheets == 0).all(dim=(1, 2, 3)).sum()
    found = (sheets == 1).all(dim=(1, 2, 3)).sum()
    assert 1 <= blank <= 20
    assert 50 < found < 110
    focus = control_stage.focus_on(distances)
    assert focus.shape == (200, 1, 16, 16)
    assert focus[0, 0, 0, 0] < focus.max()


def test_a_fresh_controlnet_changes_nothing(cutout: Cutout) -> None:
    controlnet = control_stage.fresh_controlnet(cutout.unet)
    predict = control_stage.steered(cutout.unet, controlnet, torch.rand(1, 3, 128, 128))
    with torch.inference_mode():
        steered, plain = predict(*inputs()).sample, cutout.unet(*inputs()).sample
    assert torch.equal(steered, plain)


def test_overlap_is_what_masks_share() -> None:
    first, second = torch.zeros(1, 1, 4, 4), torch.zeros(1, 1, 4, 4)
    first[..., :2], second[..., 1:3] = 1, 1
    assert control_stage.overlap(first, first).item() == 1
    assert control_stage.overlap(first, second).item() == pytest.approx(1 / 3)


def test_masks_cover_what_they_are_aimed_at() -> None:
    centres, reach = torch.full((60, 2), 0.5), torch.full((60,), 0.2)
    masks = draw_masks(centres, reach, 128, seeded())
    step = (torch.arange(128) + 0.5) / 128 - 0.5
    disc = torch.hypot(step[None, :], step[:, None]) < 0.19
    covered = (masks & disc).sum(dim=(1, 2, 3)) / disc.sum()
    assert covered.min() > 0.9
    assert masks.float().mean(dim=(1, 2, 3)).max() < 0.5
    assert len({int(mask.sum()) for mask in masks}) > 30


def test_holes_hide_the_shape_when_they_should_and_show_grey() -> None:
    rows = random_rows(80, seeded())
    over = inpaint_stage.draw_holes(rows, seeded(1), over=True)
    assert over.covered.min() > 0.95
    assert (over.seen[over.masks.expand_as(over.seen)] == 0).all()
    mixed = inpaint_stage.draw_holes(rows, seeded(1))
    assert (mixed.covered < 0.02).any()
    assert (mixed.covered > 0.95).any()


def test_company_stands_across_on_the_same_background() -> None:
    rows = random_rows(200, seeded())
    others = inpaint_stage.beside(rows, seeded(1))
    assert (others[:, 4] == rows[:, 4]).all()
    assert (others[:, 1] != others[:, 4]).all()
    off_centre = rows[:, 3] != 4
    assert (others[:, 3] != rows[:, 3])[off_centre].all()


def test_only_what_is_hidden_is_said() -> None:
    rows = random_rows(300, seeded())
    covered = torch.tensor([1.0, 0.0, 0.5] * 100)
    said = inpaint_stage.words_for(rows, covered, seeded(1))
    whole = captions(rows)
    for index, (words, scene) in enumerate(zip(said, scenes(rows), strict=True)):
        allowed = {whole[index]}
        if index % 3 == 0:
            allowed |= {f"a {scene.size} {scene.colour} {scene.shape}"}
            allowed |= {f"a {scene.colour} {scene.shape}"}
        if index % 3 == 1:
            allowed |= {f"a {scene.background} background"}
        assert words in allowed
    assert 180 < sum(a == b for a, b in zip(said, whole, strict=True)) < 280


def test_masks_reach_the_latents_as_the_stock_pipeline_brings_them() -> None:
    masks = torch.rand(40, 1, 128, 128, generator=seeded()) > 0.9
    nearest = inpaint_stage.small_masks(masks)
    assert torch.equal(nearest, masks[..., ::8, ::8].float())
    mixed = inpaint_stage.small_masks(masks, seeded())
    assert 0.3 < (mixed == nearest).all(dim=3).all(dim=2).float().mean() < 0.7
    assert (mixed >= nearest).all()


def test_another_thing_is_asked_for_in_the_same_place() -> None:
    rows = random_rows(200, seeded())
    wanted = inpaint_stage.other_things(rows, seeded(1))
    assert torch.equal(wanted[:, 2:], rows[:, 2:])
    assert (wanted[:, 1] != wanted[:, 4]).all()
    assert (wanted[:, 0] != rows[:, 0]).float().mean() > 0.7


def test_a_fresh_inpainter_is_the_base_whatever_lies_round_the_hole(cutout: Cutout) -> None:
    noisy, moments, words = inputs()
    learner = inpaint_stage.learner(cutout.unet)
    rest = torch.randn(2, 5, 16, 16, generator=seeded(4))
    predict = inpaint_stage.filling(learner, rest[:, :1], rest[:, 1:])
    with torch.inference_mode():
        wide, plain = predict(noisy, moments, words).sample, cutout.unet(*inputs()).sample
    assert (wide - plain).abs().max() < 1e-5
    trained = {name for name, weight in learner.named_parameters() if weight.requires_grad}
    assert all("lora" in name or name == "conv_in.weight" for name in trained)
    assert "conv_in.weight" in trained


def test_the_factors_learn_at_their_own_pace(cutout: Cutout) -> None:
    learner = inpaint_stage.learner(cutout.unet)
    first, second = low_rank_optimiser(learner, 1e-3).param_groups
    assert first["pace"] < second["pace"] == 1
    counted = sum(len(group["params"]) for group in (first, second))
    assert counted == sum(weight.requires_grad for weight in learner.parameters())


def test_a_lora_comes_back_as_it_was_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shipped, "LORAS", tmp_path)
    style, taught, fresh = STYLES["torn-paper"], Cutout.load().unet, Cutout.load().unet
    add_low_rank(taught, RANK, TARGETS)
    stir(taught)
    shipped.export_lora(taught, style)
    fresh.load_lora_adapter(tmp_path / style.file, prefix="unet")
    with torch.inference_mode():
        plain = Cutout.load().unet(*inputs()).sample
        wanted, found = taught(*inputs()).sample, fresh(*inputs()).sample
    assert (found - wanted).abs().max() < 2e-3
    assert (found - plain).abs().max() > 0.05
    with safe_open(tmp_path / style.file, "pt") as file:
        notes = file.metadata()
    assert notes["modelspec.trigger_phrase"] == style.trigger
    assert notes["ss_network_dim"] == notes["ss_network_alpha"] == str(RANK)


def test_the_inpainter_is_rebuilt_from_its_difference(
    cutout: Cutout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shipped, "INPAINT", tmp_path)
    taught = inpaint_stage.learner(cutout.unet)
    stir(taught)
    with torch.no_grad():
        taught.conv_in.weight[:, 4:] = 0.1
    shipped.export_inpaint(taught)
    rebuilt = rebuild.inpainter(cutout.unet, tmp_path)
    with torch.inference_mode():
        wanted, found = taught(*inputs(9)).sample, rebuilt(*inputs(9)).sample
    assert (found - wanted).abs().max() < 0.02
    again = rebuild.inpainter(cutout.unet, tmp_path)
    assert all(map(torch.equal, rebuilt.state_dict().values(), again.state_dict().values()))


def test_a_difference_from_another_base_is_refused(
    cutout: Cutout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shipped, "INPAINT", tmp_path)
    monkeypatch.setattr(shipped, "hashes", lambda: {shipped.BASE_UNET: "0" * 64})
    shipped.export_inpaint(inpaint_stage.learner(cutout.unet))
    with pytest.raises(rebuild.WrongBaseError, match=r"difference\.safetensors: made for"):
        rebuild.difference(tmp_path)


def test_a_seam_is_a_step_across_the_border() -> None:
    images = torch.zeros(1, 3, 16, 16)
    masks = torch.zeros(1, 1, 16, 16, dtype=torch.bool)
    masks[..., 4:12, 4:12] = True
    assert seam(images, masks) == 0
    assert seam(torch.where(masks, 0.5, images), masks) == pytest.approx(0.5 * 127.5)
