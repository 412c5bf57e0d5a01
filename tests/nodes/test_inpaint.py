"""Inpainting: the stock pipelines' pictures, soft masks as strengths, and what is kept."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch

from graph.errors import ContractError
from graph.values import Latent
from nodes.errors import CheckpointError, ImageError, SampleError
from nodes.families.registry import FAMILIES
from nodes.families.sd1 import Sd1
from nodes.handlers import LatentHandler
from nodes.inpaint import Content, inpaint
from nodes.latents import empty_latent
from nodes.loaders import load_checkpoint
from nodes.quiet import tensors_as_arrays
from nodes.sample import sample
from nodes.schedulers import Scheduler
from nodes.text import encode_text
from nodes.vae import vae_encode
from tests.nodes.conftest import Tiny
from tests.nodes.driver import drain
from tests.nodes.ldm import write_single_file
from tests.nodes.test_stock import encoded
from tests.nodes.test_stock import stock as scheduler_of
from tests.nodes.tiny import make_pipeline, without_torchvision

if TYPE_CHECKING:
    from pathlib import Path

    from graph.run import Run
    from nodes.loaders import LoadedCheckpoint

PROMPT, NEGATIVE = "a large red star at the left", "blue background"
STEPS, GUIDANCE, SEED = 5, 5.0, 7
CLOSE = 1e-4


@pytest.fixture(scope="module")
def nine(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    """A checkpoint for inpainting, in both layouts."""
    root = tmp_path_factory.mktemp("nine")
    pipeline = make_pipeline(in_channels=9)
    pipeline.save_pretrained(root / "nine")
    write_single_file(pipeline, root / "nine.safetensors")
    pipeline = type(pipeline).from_pretrained(root / "nine")
    return Tiny(pipeline, root / "nine", root / "nine.safetensors")


def some(*shape: int, seed: int = 1) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def half(side: int = 8) -> torch.Tensor:
    """The right half of the cells selected."""
    mask = torch.zeros(1, 1, side, side)
    mask[..., side // 2 :] = 1
    return mask


def masked(**more: Any) -> Latent:
    settings = {"mask": half(), "masked": some(1, 4, 8, 8, seed=2), **more}
    return Latent(some(1, 4, 8, 8), "sd1", **settings)


def stock(tiny: Tiny, scheduler: Scheduler, strength: float = 1.0) -> torch.Tensor:
    """What the stock pipeline makes of `masked()`."""
    with without_torchvision():
        from diffusers import StableDiffusionInpaintPipeline
    latent = masked()
    with tensors_as_arrays():
        components = {**tiny.pipeline.components, "scheduler": scheduler_of(tiny, scheduler)}
        pipeline = StableDiffusionInpaintPipeline(**components, requires_safety_checker=False)
        pipeline.set_progress_bar_config(disable=True)
        images: torch.Tensor = pipeline(
            PROMPT,
            negative_prompt=NEGATIVE,
            image=latent.samples,
            mask_image=half(64),
            masked_image_latents=latent.masked,
            width=64,
            height=64,
            strength=strength,
            num_inference_steps=STEPS,
            guidance_scale=GUIDANCE,
            generator=torch.Generator().manual_seed(SEED),
            output_type="latent",
        ).images
    return images


def ours(
    run: Run, parts: LoadedCheckpoint, scheduler: Scheduler = Scheduler.EULER, **more: Any
) -> Latent:
    settings: dict[str, Any] = {
        "latent": masked(),
        "steps": STEPS,
        "guidance": GUIDANCE,
        "scheduler": scheduler,
        "seed": SEED,
        **encoded(run, parts),
        **more,
    }
    return drain(sample(run, parts.model, **settings))


def agree(found: torch.Tensor, expected: torch.Tensor) -> bool:
    return bool((found - expected).abs().max() <= CLOSE * expected.abs().max())


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
@pytest.mark.parametrize("strength", [1.0, 0.65])
def test_a_plain_model_inpaints_as_the_stock_pipeline(
    tiny: Tiny, run: Run, parts: LoadedCheckpoint, scheduler: Scheduler, strength: float
) -> None:
    found = ours(run, parts, scheduler, denoise=strength).samples
    expected = stock(tiny, scheduler, strength)
    assert agree(found, expected)
    assert torch.equal(found[..., :4], masked().samples[..., :4])


@pytest.mark.parametrize("scheduler", [Scheduler.EULER, Scheduler.DDIM, Scheduler.DPMPP_2M])
@pytest.mark.parametrize("strength", [1.0, 0.65])
def test_a_model_for_inpainting_does_as_the_stock_pipeline(
    nine: Tiny, run: Run, scheduler: Scheduler, strength: float
) -> None:
    parts = load_checkpoint(run, nine.folder)
    found = ours(run, parts, scheduler, denoise=strength).samples
    assert agree(found, stock(nine, scheduler, strength))


def test_nine_channels_in_a_single_file(
    tiny: Tiny, nine: Tiny, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Its settings are those of a plain one, as they are of the files of the world.
    monkeypatch.setitem(FAMILIES, "sd1", Sd1(tiny.folder))
    monkeypatch.setenv("SFUMATO_TOKENIZER", str(nine.folder / "tokenizer"))
    file, folder = (ours(run, load_checkpoint(run, path)) for path in (nine.file, nine.folder))
    assert agree(file.samples, folder.samples)


def test_editions_for_editing_are_refused(tmp_path: Path, run: Run) -> None:
    pipeline = make_pipeline(in_channels=8)
    pipeline.save_pretrained(tmp_path / "eight")
    match = r"eight takes 8 channels, as editions for editing do: choose a plain"
    with pytest.raises(CheckpointError, match=match):
        load_checkpoint(run, tmp_path / "eight")


def test_a_model_for_inpainting_makes_pictures_from_nothing_too(nine: Tiny, run: Run) -> None:
    parts = load_checkpoint(run, nine.folder)
    found = ours(run, parts, latent=empty_latent(64, 64, 2))
    assert found.samples.shape == (2, 4, 8, 8)
    # All is selected, and what is kept is a grey picture.
    grey = drain(vae_encode(run, parts.vae, np.full((1, 64, 64, 3), 0.5, np.float32)))
    whole = masked(mask=torch.ones(1, 1, 8, 8), masked=grey.samples)
    assert agree(ours(run, parts, latent=whole).samples, found.samples[:1])


def test_a_mask_without_a_picture_is_refused_by_a_model_for_inpainting(
    nine: Tiny, run: Run
) -> None:
    parts = load_checkpoint(run, nine.folder)
    with pytest.raises(SampleError, match=r"wire in the latent of an Inpaint node"):
        ours(run, parts, latent=masked(masked=None))


@pytest.mark.parametrize("scheduler", [Scheduler.EULER, Scheduler.DDIM])
@pytest.mark.parametrize("strength", [0.3, 0.6])
def test_a_soft_mask_is_a_strength_for_each_cell(
    run: Run, parts: LoadedCheckpoint, scheduler: Scheduler, strength: float
) -> None:
    settings: dict[str, Any] = {"steps": 10, "scheduler": scheduler}
    soft = ours(run, parts, latent=masked(mask=torch.full((1, 1, 8, 8), strength)), **settings)
    plain = ours(run, parts, latent=Latent(some(1, 4, 8, 8), "sd1"), denoise=strength, **settings)
    assert agree(soft.samples, plain.samples)


def test_a_mask_that_selects_nothing_changes_nothing(run: Run, parts: LoadedCheckpoint) -> None:
    nothing = masked(mask=torch.zeros(1, 1, 8, 8))
    assert torch.equal(ours(run, parts, latent=nothing).samples, nothing.samples)
    rings = masked(mask=torch.linspace(0, 1, 64).reshape(1, 1, 8, 8))
    found = ours(run, parts, latent=rings).samples
    changed = (found != rings.samples).any(dim=1).flatten()
    # With five steps a cell below a fifth takes none.
    assert changed.tolist() == [each >= 0.2 for each in torch.linspace(0, 1, 64).tolist()]


def test_sampling_can_stop_and_go_on(run: Run, parts: LoadedCheckpoint) -> None:
    whole = ours(run, parts)
    first = ours(run, parts, end_step=2)
    assert first.source is not None
    second = ours(run, parts, latent=first, start_step=2)
    assert second.source is None
    assert agree(second.samples, whole.samples)


def test_less_memory_gives_the_same(nine: Tiny, run: Run) -> None:
    parts = load_checkpoint(run, nine.folder)
    pair = replace(masked(), samples=some(2, 4, 8, 8))
    usual = ours(run, parts, latent=pair)
    assert torch.allclose(
        ours(replace(run, frugal=True), parts, latent=pair).samples, usual.samples, atol=1e-4
    )


def picture(width: int = 64, height: int = 64) -> np.ndarray[Any, np.dtype[np.float32]]:
    made = np.random.default_rng(4).random((1, height, width, 3)).astype(np.float32)
    made.flags.writeable = False
    return made


def box(width: int = 64, height: int = 64) -> np.ndarray[Any, np.dtype[np.float32]]:
    mask = np.zeros((1, height, width), np.float32)
    mask[:, 20:40, 17:33] = 1
    return mask


def test_inpaint_marks_every_cell_that_is_touched(run: Run, parts: LoadedCheckpoint) -> None:
    latent = drain(inpaint(run, parts.vae, picture(), box()))
    assert latent.mask is not None
    expected = torch.zeros(8, 8)
    expected[2:5, 2:5] = 1
    assert torch.equal(latent.mask[0, 0], expected)
    plain = drain(vae_encode(run, parts.vae, picture()))
    assert torch.equal(latent.samples, plain.samples)
    blanked = picture().copy()
    blanked[0, 20:40, 17:33] = 0.5
    assert latent.masked is not None
    assert torch.equal(latent.masked, drain(vae_encode(run, parts.vae, blanked)).samples)
    larger = drain(inpaint(run, parts.vae, picture(), box(), grow=8, feather=6))
    assert larger.mask is not None
    assert (larger.mask > 0).sum() > (latent.mask > 0).sum()
    assert ((larger.mask > 0) & (larger.mask < 1)).any()
    assert (larger.mask >= latent.mask).all()


def test_what_the_selected_part_begins_with(run: Run, parts: LoadedCheckpoint) -> None:
    flat = np.full((1, 64, 64, 3), 0.25, np.float32)
    flat[0, 20:40, 17:33] = 1
    found = {
        content: drain(inpaint(run, parts.vae, flat, box(), content)).samples for content in Content
    }
    even = drain(vae_encode(run, parts.vae, np.full((1, 64, 64, 3), 0.25, np.float32))).samples
    # What is around the hole is drawn in, so that nothing of what was there is left.
    assert torch.allclose(found[Content.FILL], even, atol=0.02 * float(even.abs().max()))
    assert not torch.allclose(found[Content.ORIGINAL], even, atol=0.02 * float(even.abs().max()))
    assert len({tensor.sum().item() for tensor in found.values()}) == len(Content)
    inside = found[Content.NOISE][..., 2:5, 2:5]
    assert 0.5 < float(inside.std()) < 1.5
    assert torch.equal(found[Content.NOISE][..., 6:], found[Content.ORIGINAL][..., 6:])


def test_sizes(run: Run, parts: LoadedCheckpoint) -> None:
    latent = drain(inpaint(run, parts.vae, picture(67, 70), box(67, 70)))
    assert run.remarks == ["cropped from 67 × 70 to 64 × 64: sizes must divide by 8"]
    assert latent.mask is not None
    assert latent.mask.shape == (1, 1, 8, 8)
    with pytest.raises(ImageError, match=r"the mask is 64 × 64 \(1\), the picture 72 × 64 \(1\)"):
        drain(inpaint(run, parts.vae, picture(72, 64), box()))


def test_a_latent_with_a_mask_packs() -> None:
    handler = LatentHandler()
    latent = handler.check(replace(masked(), source=some(1, 4, 8, 8, seed=5)))
    packed = handler.pack(latent)
    back = handler.unpack(packed)
    for name in ("samples", "mask", "masked", "source"):
        assert torch.equal(getattr(back, name), getattr(latent, name))
    assert packed.digest("Latent") != handler.pack(replace(latent, mask=None)).digest("Latent")
    assert latent.mask is not None
    latent.mask.mul_(0.5)
    with pytest.raises(ContractError, match="Latent mask was changed in place"):
        handler.verify(latent)


@pytest.mark.parametrize(
    ("more", "match"),
    [
        ({"mask": torch.full((1, 1, 8, 8), 1.5)}, "Latent mask reaches out of 0 to 1"),
        ({"mask": torch.zeros(1, 1, 4, 8)}, r"Latent mask has shape \(1, 1, 4, 8\), not"),
        ({"masked": torch.zeros(3, 4, 8, 8)}, r"Latent masked has shape \(3, 4, 8, 8\), not"),
    ],
)
def test_a_mask_must_fit(more: dict[str, Any], match: str) -> None:
    with pytest.raises(ContractError, match=match):
        LatentHandler().check(masked(**more))


def test_prompts_are_still_followed_inside(run: Run, parts: LoadedCheckpoint) -> None:
    one = ours(run, parts)
    other = ours(run, parts, positive=encode_text(run, parts.text_encoder, "a small blue circle"))
    assert not torch.equal(one.samples[..., 4:], other.samples[..., 4:])
    assert torch.equal(one.samples[..., :4], other.samples[..., :4])
