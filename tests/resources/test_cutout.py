"""Cutout: the renderer tells the truth, the judge sees it, the shipped model obeys."""

import json
from pathlib import Path

import pytest
import torch
from diffusers import StableDiffusionPipeline
from hypothesis import given
from hypothesis import strategies as st

from resources.cutout.classifier import classify
from resources.cutout.export import RECORD, hashes
from resources.cutout.render import PAPER, palette, render, render_crops
from resources.cutout.sampling import MODEL, Cutout, token_ids
from resources.cutout.scene import (
    ATTRIBUTES,
    COLOURS,
    PLACES,
    SHAPES,
    SIZES,
    CaptionError,
    Colour,
    Place,
    Scene,
    Shape,
    Size,
    captions,
    random_rows,
)
from resources.cutout.tokenizer import GRAMMAR, build_tokenizer

MEBIBYTE = 1024 * 1024
EXAMPLE = "a large red star at the left on a blue background"


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@st.composite
def any_scene(draw: st.DrawFn) -> Scene:
    colour, background = draw(st.permutations(COLOURS))[:2]
    return Scene(
        draw(st.sampled_from(SHAPES)),
        colour,
        draw(st.sampled_from(SIZES)),
        draw(st.sampled_from(PLACES)),
        background,
    )


@pytest.fixture(scope="module")
def cutout() -> Cutout:
    return Cutout.load()


@given(any_scene())
def test_a_caption_says_its_scene_and_a_row_counts_it(scene: Scene) -> None:
    assert Scene.from_caption(scene.caption) == scene
    assert Scene.from_row(torch.tensor(scene.row)) == scene


def test_the_standing_example_is_in_the_grammar() -> None:
    scene = Scene.from_caption(EXAMPLE)
    assert scene == Scene(Shape.STAR, Colour.RED, Size.LARGE, Place.LEFT, Colour.BLUE)
    assert scene.caption == EXAMPLE


@pytest.mark.parametrize(
    "caption",
    [
        "",
        "a red star",
        EXAMPLE.upper(),
        EXAMPLE + ".",
        EXAMPLE.replace("star", "boat"),
        EXAMPLE.replace("left", "centre"),
        EXAMPLE.replace("blue", "red"),
    ],
)
def test_anything_else_is_refused(caption: str) -> None:
    with pytest.raises(CaptionError):
        Scene.from_caption(caption)


def test_every_word_is_drawn_and_no_shape_has_its_backgrounds_colour() -> None:
    rows = random_rows(4000, seeded())
    for column, words in enumerate((SHAPES, COLOURS, SIZES, PLACES, COLOURS)):
        counts = rows[:, column].bincount(minlength=len(words))
        assert len(counts) == len(words)
        assert counts.min() > 0.7 * 4000 / len(words)
    assert (rows[:, 1] != rows[:, 4]).all()


@pytest.mark.parametrize("size", [64, 128, 200])
def test_equal_seeds_give_equal_pictures(size: int) -> None:
    rows = random_rows(8, seeded())
    first, again, other = (render(rows, seeded(seed), size) for seed in (1, 1, 2))
    assert first.images.shape == (8, 3, size, size)
    assert torch.equal(first.images, again.images)
    assert torch.equal(first.masks, again.masks)
    assert not torch.equal(first.images, other.images)
    assert first.images.abs().max() <= 1


def test_the_mask_is_where_the_shape_is() -> None:
    rows = random_rows(64, seeded())
    pictures = render(rows, seeded())
    papers = palette()
    for paper, inside in ((1, pictures.masks > 0.999), (4, pictures.masks < 0.001)):
        colours = papers[rows[:, paper]][:, :, None, None].expand_as(pictures.images)
        misses = (pictures.images - colours).abs().amax(dim=1, keepdim=True)
        assert misses[inside].max() < 0.1
    assert pictures.scenes[3].caption == captions(rows)[3]
    covered = pictures.masks.mean(dim=(1, 2, 3))
    assert covered.min() > 0.02
    assert covered.max() < 0.25


def test_a_crop_shows_the_shape_and_the_mask_follows() -> None:
    rows = random_rows(16, seeded())
    pictures = render_crops(rows, seeded(), 64)
    assert pictures.images.shape == (16, 3, 64, 64)
    assert pictures.masks.mean(dim=(1, 2, 3)).min() > 0.05


def test_papers_are_told_apart() -> None:
    assert tuple(PAPER) == COLOURS
    distances = torch.cdist(palette(), palette()) + 9 * torch.eye(len(COLOURS))
    assert distances.min() > 0.6


@pytest.mark.parametrize("size", [64, 128])
def test_the_judge_is_right_about_fresh_renders(size: int) -> None:
    rows = random_rows(400, seeded(5))
    pictures = render(rows, seeded(6), size)
    verdict = classify(pictures.images)
    scores = verdict.accuracy(rows)
    assert all(scores[name] >= 0.99 for name in ATTRIBUTES), scores
    assert (verdict.masks - pictures.masks).abs().mean() < 0.01


def test_the_judge_is_near_chance_when_captions_are_shuffled() -> None:
    rows = random_rows(600, seeded(7))
    verdict = classify(render(rows, seeded(8), 64).images)
    scores = verdict.accuracy(rows.roll(1, dims=0))
    chances = {"shape": 1 / 8, "colour": 0.1, "size": 0.5, "place": 0.2, "background": 0.1}
    for name, chance in chances.items():
        assert abs(scores[name] - chance) < 0.08, (name, scores)


def test_the_judge_bears_a_picture_that_shows_nothing() -> None:
    assert classify(torch.zeros(2, 3, 128, 128)).rows.shape == (2, 5)


def test_the_folder_is_small() -> None:
    sizes = {path: path.stat().st_size for path in MODEL.rglob("*") if path.is_file()}
    assert sum(sizes.values()) <= 16 * MEBIBYTE
    assert max(sizes.values()) <= 15 * MEBIBYTE


def test_the_record_names_the_weights_that_are_shipped() -> None:
    record = json.loads((MODEL / RECORD).read_text(encoding="utf-8"))
    assert record["sha256"] == hashes()
    for stage in ("vae", "denoiser"):
        assert {"seed", "steps", "minutes", "hardware", "quality"} <= record[stage].keys()


def test_the_folder_opens_as_a_pipeline_without_network_and_in_silence(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from diffusers.utils import logging as diffusers_logging
    from transformers.utils import logging as transformers_logging

    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    diffusers_logging.disable_progress_bar()
    transformers_logging.disable_progress_bar()
    pipeline = StableDiffusionPipeline.from_pretrained(MODEL, local_files_only=True)
    pipeline.set_progress_bar_config(disable=True)
    captured = capfd.readouterr()
    assert captured.err == ""
    assert pipeline.safety_checker is None
    assert pipeline.vae_scale_factor == 8
    image = pipeline(EXAMPLE, num_inference_steps=2, generator=seeded()).images[0]
    assert image.size == (128, 128)


def test_the_tokenizer_knows_its_words_and_bears_any_text(cutout: Cutout) -> None:
    tokenizer = cutout.tokenizer
    assert tokenizer.model_max_length == 77
    assert tokenizer.eos_token_id == cutout.text_encoder.config.eos_token_id != 2
    assert tokenizer.bos_token_id == cutout.text_encoder.config.bos_token_id
    assert len(tokenizer) == cutout.text_encoder.config.vocab_size
    assert all(len(tokenizer(str(word)).input_ids) == 3 for word in GRAMMAR)
    assert token_ids(tokenizer, ["", EXAMPLE, "猫 🎨 naïve " * 99]).shape == (3, 77)


def test_the_shipped_tokenizer_is_the_one_that_the_code_builds(cutout: Cutout) -> None:
    assert build_tokenizer().get_vocab() == cutout.tokenizer.get_vocab()


@given(st.text(max_size=60))
def test_no_text_breaks_the_tokenizer(text: str) -> None:
    ids = token_ids(_TOKENIZER, [text])
    assert ids.shape == (1, 77)
    assert ids.max() < len(_TOKENIZER)


_TOKENIZER = build_tokenizer()


def test_the_autoencoder_keeps_what_is_shown(cutout: Cutout) -> None:
    rows = random_rows(24, seeded(9))
    images = render(rows, seeded(10)).images
    with torch.inference_mode():
        latents = cutout.vae.encode(images).latent_dist.mode()
        decoded = cutout.vae.decode(latents).sample
    assert latents.shape == (24, 4, 16, 16)
    assert 0.8 < (latents * cutout.vae.config.scaling_factor).std() < 1.25
    assert (decoded - images).square().mean() < 4 * 10 ** (-3.0)
    scores = classify(decoded).accuracy(rows)
    assert all(scores[name] >= 0.95 for name in ATTRIBUTES), scores


def test_the_shipped_model_paints_the_standing_example(cutout: Cutout) -> None:
    images = cutout.sample([EXAMPLE] * 5, seed=1)
    truth = torch.tensor(Scene.from_caption(EXAMPLE).row).expand(5, -1)
    right = classify(images).right(truth).sum(dim=0)
    assert (right >= 3).all(), dict(zip(ATTRIBUTES, right.tolist(), strict=True))


def test_the_card_is_shipped() -> None:
    card = (Path(MODEL).parent / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert EXAMPLE in card
    assert "python -m resources.cutout.train" in card
