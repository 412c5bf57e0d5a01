"""What the names and shapes of tensors say besides the kind of a model: family, layout, purpose."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nodes.families.header import Header


class Layout(StrEnum):
    """A way to name the tensors of one kind of model."""

    NONE = ""
    ORIGINAL = "original"
    """As the model's first authors did."""
    DIFFUSERS = "diffusers"
    PEFT = "PEFT"
    KOHYA = "kohya"
    LYCORIS = "LyCORIS"


NAMES = {
    "sd1": "Stable Diffusion 1",
    "sd2": "Stable Diffusion 2",
    "sdxl": "Stable Diffusion XL",
    "sd3": "Stable Diffusion 3",
    "flux": "Flux",
}
"""Family -> its name for people."""
WIDTHS = {768: "sd1", 1024: "sd2", 2048: "sdxl"}
"""Width of the text that cross-attention takes -> family."""
PURPOSES = {8: " for editing", 9: " for inpainting"}
"""Channels that a denoiser takes -> what it is for, where it is not a plain one."""

_MARKS = {
    "sdxl": ("lora_te2_", "text_encoder_2."),
    "sd3": ("joint_blocks",),
    "flux": ("double_blocks", "single_transformer_blocks"),
}
"""Family -> what only its LoRAs mention."""
_LORAS = {
    Layout.PEFT: (".lora_A.",),
    Layout.DIFFUSERS: (".lora.down.", "_lora.down."),
    Layout.KOHYA: (".lora_down.",),
    Layout.LYCORIS: ("hada_w1", "lokr_w"),
}
_FROM_TEXT = re.compile(
    r"attn2[._](processor\.)?to_k(_lora)?\.((lora_down|lora_A(\.default)?|lora\.down|down)\.)?weight"
)
"""A tensor whose second axis is as wide as the text, in a network or in a LoRA for one."""
_FIRST = ("model.diffusion_model.input_blocks.0.0.weight", "input_blocks.0.0.weight",
          "conv_in.weight")  # fmt: skip


def text_width(header: Header) -> int:
    """Return the width of the text that a network takes; 0 where not told."""
    for name, shape in header.shapes.items():
        if _FROM_TEXT.search(name) and len(shape) > 1:
            return shape[1]
    return 0


def family_by_text(header: Header) -> str:
    """Return the family by the width of the text that a network takes; empty where not told."""
    return WIDTHS.get(text_width(header), "")


def lora_family(header: Header) -> str:
    """Return the family that a LoRA is for; empty where not told."""
    marked = (family for family, marks in _MARKS.items() if header.mentions(*marks))
    return next(marked, "") or family_by_text(header)


def lora_layout(header: Header) -> Layout:
    """Return how a LoRA names its tensors; `Layout.NONE` for what is no LoRA."""
    return next(
        (layout for layout, marks in _LORAS.items() if header.mentions(*marks)), Layout.NONE
    )


def channels_of(header: Header) -> int:
    """Return how many channels a denoiser takes; 0 where not told."""
    shapes = (header.shapes.get(name, ()) for name in _FIRST)
    return next((shape[1] for shape in shapes if len(shape) > 1), 0)
