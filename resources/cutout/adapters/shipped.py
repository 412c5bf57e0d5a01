"""Where Cutout's adapters are shipped, and the formats that they are shipped in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

import torch
from safetensors.torch import save_file

from resources.cutout.adapters.lora_stage import RANK, factors
from resources.cutout.export import forget_places, half, hashes

if TYPE_CHECKING:
    from diffusers import ControlNetModel, UNet2DConditionModel

    from resources.cutout.adapters.styles import Style

_HERE: Final = Path(__file__).parents[1]
LORAS: Final = _HERE / "lora"
CONTROLNET: Final = _HERE / "controlnet"
INPAINT: Final = _HERE / "inpaint"
BASE_UNET: Final = "unet/diffusion_pytorch_model.safetensors"
BASE_KEY: Final = "sfumato.base_sha256"
"""Where a file's metadata names the denoiser that it was trained on."""
DIFFERENCE: Final = "difference.safetensors"
_READABLE: Final = 0o644


def export_lora(unet: UNet2DConditionModel, style: Style) -> None:
    """Write a style's factors as diffusers names them, with what loaders show of a LoRA."""
    base = hashes()[BASE_UNET]
    notes = {
        "format": "pt",
        "modelspec.title": f"Cutout {style.name}",
        "modelspec.description": style.description,
        "modelspec.trigger_phrase": style.trigger,
        "modelspec.license": "Apache-2.0",
        "ss_output_name": style.file.removesuffix(".safetensors"),
        "ss_network_module": "peft",
        "ss_network_dim": str(RANK),
        "ss_network_alpha": str(RANK),
        "ss_sd_model_name": "cutout",
        "ss_new_sd_model_hash": base,
        "ss_training_comment": f"trigger: {style.trigger}",
        BASE_KEY: base,
    }
    weights = {
        f"unet.{name}": weight.to(torch.float16).contiguous()
        for name, weight in factors(unet).items()
    }
    LORAS.mkdir(exist_ok=True)
    path = LORAS / style.file
    save_file(weights, path, notes)
    path.chmod(_READABLE)  # written for the owner alone, which a package would keep


def export_controlnet(controlnet: ControlNetModel) -> None:
    """Write the ControlNet as a diffusers folder."""
    half(controlnet).save_pretrained(CONTROLNET, safe_serialization=True)
    forget_places(CONTROLNET)
    for file in CONTROLNET.glob("*.safetensors"):
        file.chmod(_READABLE)


def export_inpaint(unet: UNet2DConditionModel) -> None:
    """Write a nine-channel denoiser as what tells it from the base's."""
    INPAINT.mkdir(exist_ok=True)
    config = {name: value for name, value in unet.config.items() if name != "_name_or_path"}
    text = json.dumps(config, indent=2)
    (INPAINT / "config.json").write_text(f"{text}\n", encoding="utf-8")
    weights = {name: weight.half().contiguous() for name, weight in factors(unet).items()}
    weights["conv_in.weight"] = unet.conv_in.weight.detach().half().contiguous()
    path = INPAINT / DIFFERENCE
    save_file(weights, path, {"format": "pt", BASE_KEY: hashes()[BASE_UNET]})
    path.chmod(_READABLE)
