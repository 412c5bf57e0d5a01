"""Builds the nine-channel inpainting model from the base and what is shipped as its difference.

`python -m resources.cutout.adapters.rebuild FOLDER` writes it as a whole diffusers folder, which
any program opens that opens Stable Diffusion 1.5's inpainting model.

The difference holds the first convolution whole, and for other layers two factors each, named as
peft names them: a layer's weight is the base's plus `lora_B` times `lora_A`, both flattened to
matrices. The sum is taken in 64 bits and rounded to 16 once: it comes out the same anywhere.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from diffusers import StableDiffusionInpaintPipeline, UNet2DConditionModel
from diffusers.utils import logging as diffusers_logging
from safetensors import safe_open

from resources.cutout.adapters.shipped import BASE_KEY, BASE_UNET, DIFFERENCE, INPAINT
from resources.cutout.export import forget_places, half, hashes
from resources.cutout.sampling import MODEL, Cutout

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

_DOWN: Final = ".lora_A.weight"
_UP: Final = ".lora_B.weight"
_READABLE: Final = 0o644


class WrongBaseError(ValueError):
    """The difference was taken from another base."""


def difference(folder: Path = INPAINT) -> dict[str, Tensor]:
    """Read the shipped difference, and see that it belongs to the base that is shipped."""
    path = folder / DIFFERENCE
    with safe_open(path, "pt") as file:
        belongs = (file.metadata() or {}).get(BASE_KEY)
        if belongs != hashes()[BASE_UNET]:
            message = (
                f"{path}: made for the denoiser with SHA-256 {belongs}, not for "
                f"{MODEL / BASE_UNET}; train it anew with resources.cutout.adapters.train"
            )
            raise WrongBaseError(message)
        return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (no mapping)


def apply(weights: dict[str, Tensor], change: dict[str, Tensor]) -> dict[str, Tensor]:
    """Add a difference to the base's weights: 16-bit weights of the whole."""
    result = dict(weights)
    for name, value in change.items():
        if name.endswith(_DOWN):
            layer = name.removesuffix(_DOWN)
            up = change[layer + _UP].double().flatten(1)
            base = weights[f"{layer}.weight"]
            product = (up @ value.double().flatten(1)).view(base.shape)
            result[f"{layer}.weight"] = (base.double() + product).half()
        elif not name.endswith(_UP):
            result[name] = value
    return {name: value.half().contiguous() for name, value in result.items()}


def inpainter(base: UNet2DConditionModel, folder: Path = INPAINT) -> UNet2DConditionModel:
    """Build the nine-channel denoiser on the base's, as 32-bit floats."""
    config: dict[str, Any] = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    unet = UNet2DConditionModel.from_config(config)
    unet.load_state_dict(apply(base.state_dict(), difference(folder)))
    return unet.eval()


def write(folder: Path) -> None:
    """Write the whole model as a diffusers folder."""
    diffusers_logging.disable_progress_bar()
    cutout = Cutout.load()
    pipeline = StableDiffusionInpaintPipeline(
        vae=half(cutout.vae),
        text_encoder=half(cutout.text_encoder),
        tokenizer=cutout.tokenizer,
        unet=half(inpainter(cutout.unet)),
        scheduler=cutout.scheduler,
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipeline.save_pretrained(folder, safe_serialization=True)
    for file in folder.rglob("*.safetensors"):
        file.chmod(_READABLE)
    forget_places(folder)


def main(arguments: Sequence[str] | None = None) -> None:
    """Write what the command line asks for."""
    parser = argparse.ArgumentParser(
        prog="python -m resources.cutout.adapters.rebuild", description=__doc__
    )
    parser.add_argument("folder", type=Path)
    write(parser.parse_args(arguments).folder)


if __name__ == "__main__":
    main()
