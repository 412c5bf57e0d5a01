"""Cutout's shipped adapters: open in the stock classes, belong to the base, and do their work."""

import json
from pathlib import Path

import pytest
import torch
from diffusers import ControlNetModel, StableDiffusionInpaintPipeline
from safetensors import safe_open

from resources import models
from resources.cutout.adapters import inpaint_stage, rebuild
from resources.cutout.adapters.control_stage import overlap, steered
from resources.cutout.adapters.drawing import draw_lines
from resources.cutout.adapters.evaluate import styled
from resources.cutout.adapters.judge import classify_styled
from resources.cutout.adapters.lora_stage import RANK
from resources.cutout.adapters.shipped import BASE_KEY, BASE_UNET, CONTROLNET, INPAINT, LORAS
from resources.cutout.adapters.styles import STYLES, Style
from resources.cutout.classifier import classify
from resources.cutout.export import RECORD, hashes
from resources.cutout.render import lay_out, paint, pixel_distances
from resources.cutout.sampling import MODEL, Cutout
from resources.cutout.scene import captions, random_rows

MEBIBYTE = 1024 * 1024


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="module")
def cutout() -> Cutout:
    return Cutout.load()


def test_all_weights_together_are_small() -> None:
    sizes = [path.stat().st_size for path in MODEL.parent.rglob("*") if path.is_file()]
    assert sum(sizes) < 50 * MEBIBYTE
    assert max(sizes) < 15 * MEBIBYTE


def test_graphs_find_each_by_its_name() -> None:
    kinds = models.by_kind()
    assert set(kinds["checkpoint"]) == {"cutout", "cutout-inpaint"}
    assert set(kinds["controlnet"]) == {"cutout-controlnet"}
    assert set(kinds["lora"]) == {style.file for style in STYLES.values()}
    assert len(models.named()) == 5
    assert models.named()["cutout"] == MODEL


@pytest.mark.parametrize(
    ("folder", "stages"),
    [(LORAS, STYLES), (CONTROLNET, ["control"]), (INPAINT, ["inpaint"])],
    ids=["lora", "controlnet", "inpaint"],
)
def test_each_has_a_card_and_a_record_that_names_its_base(folder: Path, stages: list[str]) -> None:
    record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    assert record["sha256"] == hashes(folder)
    for stage in stages:
        assert record[stage]["base"] == hashes()
        assert {"seed", "steps", "minutes", "hardware", "quality"} <= record[stage].keys()
    card = (folder / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert hashes()[BASE_UNET] in card


@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)
def test_a_lora_says_what_it_is(style: Style) -> None:
    with safe_open(LORAS / style.file, "pt") as file:
        notes, names = file.metadata(), set(file.keys())
    assert notes[BASE_KEY] == hashes()[BASE_UNET]
    assert notes["modelspec.trigger_phrase"] == style.trigger
    assert notes["ss_network_dim"] == notes["ss_network_alpha"] == str(RANK)
    assert all(name.startswith("unet.") and ".lora_" in name for name in names)


@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)
def test_a_lora_shows_and_colours_and_places_are_still_obeyed(style: Style, cutout: Cutout) -> None:
    rows = random_rows(4, seeded(21))
    plain = cutout.sample(captions(rows), seed=1)
    painted = styled(style).sample(captions(rows), seed=1)
    assert (style.measure(painted) > 1.3 * style.measure(plain)).sum() >= 3
    right = classify_styled(painted).right(rows).sum(dim=0)
    assert (right[[1, 3, 4]] >= 3).all(), right


def test_the_controlnet_follows_a_drawing_better_than_words_can(cutout: Cutout) -> None:
    controlnet = ControlNetModel.from_pretrained(CONTROLNET, local_files_only=True).float()
    rows = random_rows(4, seeded(31))
    layout = lay_out(rows, seeded(32))
    _, masks = paint(layout, 128)
    lines = draw_lines(pixel_distances(layout), seeded(33))[:, None].expand(-1, 3, -1, -1)
    denoiser = steered(cutout.unet, controlnet, lines)
    verdict = classify(cutout.sample(captions(rows), seed=1, denoiser=denoiser))
    plain = classify(cutout.sample(captions(rows), seed=1))
    shared = overlap(verdict.masks, masks)
    assert shared.mean() > 0.8
    assert shared.mean() > overlap(plain.masks, masks).mean() + 0.03
    assert verdict.right(rows)[:, [1, 4]].float().mean() >= 0.75


def test_the_inpainter_paints_what_is_asked_for_inside_the_mask(cutout: Cutout) -> None:
    rows = random_rows(4, seeded(41))
    holes = inpaint_stage.draw_holes(rows, seeded(42), over=True)
    wanted = inpaint_stage.other_things(rows, seeded(43))
    unet = rebuild.inpainter(cutout.unet)
    painted = inpaint_stage.fill(cutout, unet, holes, captions(wanted))
    outside = ~holes.masks.expand_as(painted)
    assert torch.equal(painted[outside], holes.images[outside])
    right = classify(inpaint_stage.only_inside(painted, holes)).right(wanted)
    assert right[:, :2].float().mean() >= 0.75


def test_the_whole_inpainting_model_opens_in_the_stock_pipeline(
    tmp_path: Path, cutout: Cutout
) -> None:
    rebuild.main([str(tmp_path)])
    pipeline = StableDiffusionInpaintPipeline.from_pretrained(tmp_path, local_files_only=True)
    assert pipeline.unet.config.in_channels == inpaint_stage.CHANNELS
    ours = rebuild.inpainter(cutout.unet).state_dict()
    assert all(torch.equal(ours[name], w) for name, w in pipeline.unet.state_dict().items())
