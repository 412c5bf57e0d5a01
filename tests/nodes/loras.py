"""LoRAs with random weights, written as the tools of the world write them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from diffusers import StableDiffusionPipeline

Pairs = dict[str, tuple[Tensor, Tensor]]
"""Path of a layer -> its down and up factors."""


@dataclass(frozen=True)
class Made:
    """The factors of a LoRA for a pipeline."""

    unet: Pairs
    text: Pairs
    alpha: float


def make_lora(
    pipeline: StableDiffusionPipeline, rank: int = 4, alpha: float = 2.0, seed: int = 5
) -> Made:
    """Factors for all attention and convolution layers of the U-Net, and for the text encoder."""
    generator = torch.Generator().manual_seed(seed)
    return Made(
        _pairs(pipeline.unet, ("to_q", "to_k", "to_v", "to_out.0", "proj_in", "conv1", "ff.net.2"),
               rank, generator),
        _pairs(pipeline.text_encoder, ("q_proj", "k_proj", "v_proj", "out_proj", "fc1"), rank,
               generator),
        alpha,
    )  # fmt: skip


def _pairs(
    network: nn.Module, ends: tuple[str, ...], rank: int, generator: torch.Generator
) -> Pairs:
    found = {}
    for name, layer in network.named_modules():
        if name.endswith(ends) and isinstance(layer, (nn.Linear, nn.Conv2d)):
            shape = layer.weight.shape
            ones = (1,) * (layer.weight.ndim - 2)
            found[name.removeprefix("text_model.")] = (
                0.3 * torch.randn(rank, *shape[1:], generator=generator),
                0.3 * torch.randn(shape[0], rank, *ones, generator=generator),
            )
    return found


def kohya(made: Made) -> dict[str, Tensor]:
    """As kohya's trainer names them."""
    tensors = {}
    for start, pairs in (("lora_unet_", made.unet), ("lora_te_text_model_", made.text)):
        for layer, (down, up) in pairs.items():
            name = start + layer.replace(".", "_")
            tensors[f"{name}.lora_down.weight"] = down
            tensors[f"{name}.lora_up.weight"] = up
            tensors[f"{name}.alpha"] = torch.tensor(made.alpha)
    return tensors


def peft(made: Made) -> dict[str, Tensor]:
    """As diffusers writes PEFT's."""
    return _dotted(made, ".lora_A.weight", ".lora_B.weight", ".lora_A.weight", ".lora_B.weight")


def old_diffusers(made: Made) -> dict[str, Tensor]:
    """As diffusers wrote them before PEFT."""
    return _dotted(
        made, ".lora.down.weight", ".lora.up.weight", ".lora_linear_layer.down.weight",
        ".lora_linear_layer.up.weight",
    )  # fmt: skip


def _dotted(made: Made, *ends: str) -> dict[str, Tensor]:
    tensors: dict[str, Tensor] = {}
    for layer, factors in made.unet.items():
        tensors |= {f"unet.{layer}{end}": t for end, t in zip(ends[:2], factors, strict=True)}
    for layer, factors in made.text.items():
        name = f"text_encoder.text_model.{layer}"
        tensors |= {f"{name}{end}": t for end, t in zip(ends[2:], factors, strict=True)}
    return tensors


def peft_metadata(made: Made, rank: int = 4) -> dict[str, str]:
    """What diffusers writes beside, as far as it matters."""
    said: dict[str, object] = {
        f"{part}.{name}": value
        for part, pairs in (("unet", made.unet), ("text_encoder", made.text))
        for name, value in (
            ("r", rank),
            ("lora_alpha", made.alpha),
            ("alpha_pattern", {}),
            ("target_modules", list(pairs)),
        )
    }
    return {"format": "pt", "lora_adapter_metadata": json.dumps(said)}


def write(
    path: Path, tensors: Mapping[str, Tensor], metadata: Mapping[str, str] | None = None
) -> Path:
    """Write `tensors` as a safetensors file."""
    save_file({name: t.contiguous() for name, t in tensors.items()}, path, dict(metadata or {}))
    return path
