"""Says what a model file or folder is, from its headers alone.

Names of tensors are the only thing that model files agree on. The rules below are tried in order;
the first that fits wins. They name kinds that this version cannot run as well, because "this is a
LoRA" helps an artist more than "wrong file".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

from nodes.errors import CheckpointError
from nodes.families.header import Header, read_header
from nodes.families.traits import (
    NAMES,
    PURPOSES,
    WIDTHS,
    Layout,
    channels_of,
    family_by_text,
    lora_family,
    lora_layout,
)

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
    layout: Layout = Layout.NONE
    """How its tensors are named, where several ways are in use."""
    channels: int = 0
    """Channels that a denoiser takes: 4 is plain, 9 for inpainting; 0 where that is not told."""


_UNKNOWN = Found(Kind.UNKNOWN, "a file of unknown kind")
_LDM = "model.diffusion_model."


def _sd1(header: Header) -> bool:
    return header.has("cond_stage_model.transformer.") or family_by_text(header) == "sd1"


def _sd2(header: Header) -> bool:
    return header.has("cond_stage_model.model.") or family_by_text(header) == "sd2"


def _is_denoiser_folder_file(header: Header) -> bool:
    return header.has("down_blocks.") and header.has("time_embedding.")


def _detailed(found: Found, header: Header) -> Found:
    """Return `found` with what else `header` says of a file of that kind."""
    match found.kind:
        case Kind.LORA:
            return _made_for(lora_family(header), replace(found, layout=lora_layout(header)))
        case Kind.CONTROL_NET:
            original = header.mentions("input_hint_block.")
            layout = Layout.ORIGINAL if original else Layout.DIFFUSERS
            return _made_for(family_by_text(header), replace(found, layout=layout))
        case Kind.CHECKPOINT | Kind.DENOISER:
            return _taking(channels_of(header), found)
        case _:
            return found


def _made_for(family: str, found: Found) -> Found:
    title = f"{found.title} for {NAMES[family]}" if family else found.title
    return replace(found, title=title, family=family)


def _taking(channels: object, found: Found) -> Found:
    if not isinstance(channels, int):
        return found
    return replace(found, title=found.title + PURPOSES.get(channels, ""), channels=channels)


Rule = tuple[Callable[[Header], bool], Found]

_RULES: tuple[Rule, ...] = (
    (
        lambda h: h.mentions("lora_controlnet"),
        Found(Kind.ADAPTER, "a Control-LoRA"),
    ),
    (lambda h: lora_layout(h) is not Layout.NONE, Found(Kind.LORA, "a LoRA")),
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


class _Config(msgspec.Struct):
    """What a diffusers JSON says about itself, as far as it matters here."""

    name: str = msgspec.field(name="_class_name", default="")
    in_channels: object = 0
    cross_attention_dim: object = None


_PARTS = {
    "ControlNetModel": Found(Kind.CONTROL_NET, "a ControlNet folder", layout=Layout.DIFFUSERS),
    "UNet2DConditionModel": Found(Kind.DENOISER, "the folder of a denoiser alone"),
    "AutoencoderKL": Found(Kind.VAE, "the folder of a VAE alone"),
}
"""Classes of parts that come in folders of their own."""
_WANTED = {
    Kind.CHECKPOINT: "a full checkpoint",
    Kind.CONTROL_NET: "a ControlNet (.safetensors, or a folder with a config.json)",
    Kind.LORA: "a LoRA (.safetensors, of kohya's, PEFT's or diffusers' kind)",
    Kind.VAE: "a VAE",
}


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
    return _detailed(next((found for fits, found in _RULES if fits(header)), _UNKNOWN), header)


def require(path: Path, kind: Kind, families: Iterable[str] = ()) -> Found:
    """Return what the file or folder at `path` is, which must be of `kind`.

    Where `families` are given and the file tells its own, it must be one of them.

    Raises:
        CheckpointError: it is not; the message says what it is and what was expected.
    """
    found, known = inspect(path), tuple(families)
    wanted = _WANTED.get(kind, f"a model of kind {kind}")
    if known:
        wanted += f" for {' or '.join(NAMES[family] for family in known)}"
    if found.kind is not kind or (known and found.family and found.family not in known):
        message = f"{path.name} is {found.title}: choose {wanted}"
        raise CheckpointError(message)
    return found


def _inspect_folder(path: Path) -> Found:
    index, config = path / "model_index.json", path / "config.json"
    if index.is_file():
        return _inspect_pipeline(path, _read(index).name)
    if config.is_file():
        return _inspect_part(_read(config))
    return Found(Kind.UNKNOWN, "a folder without model_index.json")


def _inspect_pipeline(path: Path, name: str) -> Found:
    for start, (title, family) in _PIPELINES.items():
        if name.startswith(start):
            found = Found(Kind.CHECKPOINT, title, family)
            denoiser = path / "unet" / "config.json"
            return _taking(_read(denoiser).in_channels if denoiser.is_file() else 0, found)
    return Found(Kind.CHECKPOINT, f"a folder for {name or 'an unnamed pipeline'}")


def _inspect_part(config: _Config) -> Found:
    found = _PARTS.get(config.name)
    if found is None:
        return Found(Kind.UNKNOWN, f"the folder of one part ({config.name or 'unnamed'})")
    width = config.cross_attention_dim
    found = _made_for(WIDTHS.get(width, "") if isinstance(width, int) else "", found)
    return _taking(config.in_channels, found) if found.kind is Kind.DENOISER else found


def _read(path: Path) -> _Config:
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Config)
    except (OSError, msgspec.DecodeError) as error:
        message = f"{path} cannot be read ({error}): download or copy it again"
        raise CheckpointError(message) from error
