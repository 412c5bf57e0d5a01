"""Says what a model file or folder is, from its headers alone.

Names of tensors are the only thing that model files agree on. The rules below are tried in order;
the first that fits wins. They name kinds that this version cannot run as well, because "this is a
LoRA" helps an artist more than "wrong file".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

from nodes.errors import CheckpointError
from nodes.families.header import Header, read_header

if TYPE_CHECKING:
    from pathlib import Path


class Kind(StrEnum):
    """What a model file is for."""

    CHECKPOINT = "checkpoint"
    DENOISER = "denoiser"
    VAE = "vae"
    TEXT_ENCODER = "text encoder"
    LORA = "lora"
    CONTROL_NET = "controlnet"
    ADAPTER = "adapter"
    EMBEDDING = "embedding"
    UPSCALER = "upscaler"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Found:
    """What a file or folder turned out to be."""

    kind: Kind
    title: str
    """In words, with its article: "a LoRA", "a Stable Diffusion XL checkpoint"."""
    family: str = ""
    """Name of the model family, where the names of the tensors tell it."""


_UNKNOWN = Found(Kind.UNKNOWN, "a file of unknown kind")
_LDM = "model.diffusion_model."


def _sd1(header: Header) -> bool:
    return header.has("cond_stage_model.transformer.") or _context(header) == 768  # noqa: PLR2004


def _sd2(header: Header) -> bool:
    return header.has("cond_stage_model.model.") or _context(header) == 1024  # noqa: PLR2004


def _context(header: Header) -> int | None:
    """Return the width of the text that the first cross-attention takes."""
    for name, shape in header.shapes.items():
        if name.startswith(_LDM) and name.endswith("attn2.to_k.weight"):
            return shape[1]
    return None


def _is_denoiser_folder_file(header: Header) -> bool:
    return header.has("down_blocks.") and header.has("time_embedding.")


Rule = tuple[Callable[[Header], bool], Found]

_RULES: tuple[Rule, ...] = (
    (
        lambda h: h.mentions(".lora_down.", ".lora_A.", ".lora.down.", "hada_w1", "lokr_w"),
        Found(Kind.LORA, "a LoRA"),
    ),
    (
        lambda h: h.mentions("controlnet_cond_embedding.", "input_hint_block.", "control_model."),
        Found(Kind.CONTROL_NET, "a ControlNet"),
    ),
    (lambda h: h.mentions("ip_adapter."), Found(Kind.ADAPTER, "an IP-Adapter")),
    (
        lambda h: h.mentions("motion_modules.") and not h.has(_LDM),
        Found(Kind.ADAPTER, "a motion module"),
    ),
    (
        lambda h: h.mentions("time_stack.") and h.has(_LDM),
        Found(Kind.CHECKPOINT, "a Stable Video Diffusion checkpoint", "svd"),
    ),
    (
        lambda h: h.has("conditioner.embedders.") and h.has(_LDM),
        Found(Kind.CHECKPOINT, "a Stable Diffusion XL checkpoint", "sdxl"),
    ),
    (
        lambda h: h.has(_LDM + "joint_blocks."),
        Found(Kind.CHECKPOINT, "a Stable Diffusion 3 checkpoint", "sd3"),
    ),
    (
        lambda h: h.has(_LDM + "double_blocks."),
        Found(Kind.CHECKPOINT, "a Flux checkpoint", "flux"),
    ),
    (
        lambda h: h.has(_LDM + "input_blocks.") and _sd2(h),
        Found(Kind.CHECKPOINT, "a Stable Diffusion 2 checkpoint", "sd2"),
    ),
    (
        lambda h: h.has(_LDM + "input_blocks.") and _sd1(h),
        Found(Kind.CHECKPOINT, "a Stable Diffusion 1 checkpoint", "sd1"),
    ),
    (lambda h: h.has(_LDM), Found(Kind.DENOISER, "a denoiser alone")),
    (lambda h: h.has("double_blocks."), Found(Kind.DENOISER, "a Flux denoiser alone", "flux")),
    (lambda h: h.has("joint_blocks."), Found(Kind.DENOISER, "an SD 3 denoiser alone", "sd3")),
    (lambda h: h.has("input_blocks."), Found(Kind.DENOISER, "a denoiser alone")),
    (_is_denoiser_folder_file, Found(Kind.DENOISER, "a denoiser alone")),
    (
        lambda h: h.has("transformer_blocks.") or h.has("single_transformer_blocks."),
        Found(Kind.DENOISER, "a denoiser alone"),
    ),
    (
        lambda h: h.has("first_stage_model.") or (h.has("encoder.down") and h.has("decoder.up")),
        Found(Kind.VAE, "a VAE"),
    ),
    (
        lambda h: (
            h.has("text_model.encoder.")
            or h.has("text_model.embeddings.")
            or h.has("encoder.block.0.layer.0.SelfAttention.")
            or h.has("embeddings.token_embedding.")
        ),
        Found(Kind.TEXT_ENCODER, "a text encoder"),
    ),
    (
        lambda h: set(h.shapes) <= {"emb_params", "clip_l", "clip_g", "<token>"},
        Found(Kind.EMBEDDING, "a textual inversion"),
    ),
    (
        lambda h: h.has("conv_first.") or h.mentions(".rdb1.", ".RDB1."),
        Found(Kind.UPSCALER, "an upscaler"),
    ),
)

_PIPELINES = {
    "StableDiffusionXL": ("a Stable Diffusion XL folder", "sdxl"),
    "StableDiffusion3": ("a Stable Diffusion 3 folder", "sd3"),
    "StableVideoDiffusion": ("a Stable Video Diffusion folder", "svd"),
    "StableDiffusion": ("a Stable Diffusion folder", "sd1"),
    "Flux": ("a Flux folder", "flux"),
}
"""First letters of a pipeline's class; longer names stand before those they begin with."""


class _Class(msgspec.Struct):
    """What a diffusers JSON says about itself."""

    name: str = msgspec.field(name="_class_name", default="")


def inspect(path: Path) -> Found:
    """Say what the file or folder at `path` is.

    Raises:
        CheckpointError: it is missing, broken, a pickle, or no model at all.
    """
    if path.is_dir():
        return _inspect_folder(path)
    if not path.exists():
        message = f"{path} is missing: put it back or choose another file"
        raise CheckpointError(message)
    return classify(read_header(path))


def classify(header: Header) -> Found:
    """Say what a file with `header` is."""
    if not header.shapes:
        return Found(Kind.UNKNOWN, "a safetensors file without tensors")
    return next((found for fits, found in _RULES if fits(header)), _UNKNOWN)


def _inspect_folder(path: Path) -> Found:
    index = path / "model_index.json"
    if index.is_file():
        name = class_name(index)
        for start, (title, family) in _PIPELINES.items():
            if name.startswith(start):
                return Found(Kind.CHECKPOINT, title, family)
        return Found(Kind.CHECKPOINT, f"a folder for {name or 'an unnamed pipeline'}")
    if (path / "config.json").is_file():
        name = class_name(path / "config.json")
        return Found(Kind.UNKNOWN, f"the folder of one part ({name or 'unnamed'})")
    return Found(Kind.UNKNOWN, "a folder without model_index.json")


def class_name(path: Path) -> str:
    """Return the class that the diffusers JSON at `path` was written for."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Class).name
    except (OSError, msgspec.DecodeError) as error:
        message = f"{path} cannot be read ({error}): download or copy it again"
        raise CheckpointError(message) from error
