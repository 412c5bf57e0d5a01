"""Steering: another LoRA strength on a network of Stable Diffusion 1.5's size, and pasting back."""

from __future__ import annotations

import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.benchmarks.harness import Row, measure, row

if TYPE_CHECKING:
    from collections.abc import Iterator

RANK = 16
SECONDS = 0.2


def run() -> Iterator[Row]:
    """Measure."""
    with tempfile.TemporaryDirectory() as folder:
        yield from _another_strength(Path(folder))
    for side in (1024, 4096):
        yield from _pasting(side)


def _another_strength(folder: Path) -> Iterator[Row]:
    """From the change until the network is ready for its first step."""
    from nodes.loaders import load_checkpoint
    from nodes.lora import load_lora
    from nodes.store import ModelStore, models
    from tests.nodes.driver import make_run
    from tests.nodes.loras import kohya, make_lora, write

    pipeline = _full_size()
    pipeline.save_pretrained(folder / "sd15")
    lora = write(folder / "lora.safetensors", kohya(make_lora(pipeline, RANK)))
    yield Row("the LoRA", lora.stat().st_size / 1e6, "MB")
    del pipeline
    made = make_run(folder)
    parts = load_checkpoint(made, folder / "sd15")
    loads = []

    def begin(strength: float) -> float:
        start = time.perf_counter()
        found = load_lora(made, parts.model, parts.text_encoder, lora, strength, strength)
        text = found.text_encoder
        assert text is not None
        with models(made).denoiser(found.model), models(made).text(text):
            loads.append(made.service(ModelStore).loads)
            return time.perf_counter() - start

    yield Row("LoRA, the first time, with the model", begin(1.0), "s")
    times = [begin(strength / 10) for strength in range(1, 10)]
    yield Row("LoRA, another strength, slowest of 9", max(times), "s", SECONDS)
    yield Row("weights loaded for that", float(loads[-1] - loads[0]), "", 0)


def _full_size() -> Any:
    """A pipeline of Stable Diffusion 1.5's sizes with random weights of half precision."""
    import torch
    from diffusers import AutoencoderKL, StableDiffusionPipeline, UNet2DConditionModel
    from transformers import CLIPTextConfig, CLIPTextModel

    from nodes.families import sd1
    from tests.nodes.tiny import make_pipeline

    configs = Path(sd1.__file__).parent / "configs" / "sd1"
    read = partial(UNet2DConditionModel.load_config, local_files_only=True)
    parts = dict(make_pipeline().components)
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float16)
    try:
        parts["unet"] = UNet2DConditionModel.from_config(read(configs / "unet"))
        parts["vae"] = AutoencoderKL.from_config(read(configs / "vae"))
        told = CLIPTextConfig.from_pretrained(configs / "text_encoder", local_files_only=True)
        parts["text_encoder"] = CLIPTextModel(told)
    finally:
        torch.set_default_dtype(before)
    return StableDiffusionPipeline(**parts, requires_safety_checker=False)


def _pasting(side: int) -> Iterator[Row]:
    """A piece over half of a picture."""
    import numpy as np

    from nodes.pixels.mask_shapes import ellipse_mask
    from nodes.pixels.stitch import paste_back

    picture = np.random.default_rng(0).random((1, side, side, 3), np.float32)
    piece = picture * np.float32(0.98)
    mask = ellipse_mask(side, side, 0.1, 0.1, 0.9, 0.9)
    for words, match in (("colours left", 0.0), ("colours matched", 0.1)):
        work = partial(paste_back, picture, piece, None, mask, 0, match)
        yield row(f"paste back, {side} × {side}, {words}", measure(work, rounds=3))
