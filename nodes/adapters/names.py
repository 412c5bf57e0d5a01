"""How files name the tensors of a LoRA: kohya's, PEFT's, diffusers' and LyCORIS' ways, as one.

Each name says which network it is for, which layer of it, and which factor of that layer's change.
Layers are told by their path with underscores, the only form that all ways have in common.
"""

from __future__ import annotations

from dataclasses import dataclass

from nodes.device import Part

_FACTORS = {
    ".lora_down.weight": "down",
    ".lora_up.weight": "up",
    ".lora_mid.weight": "mid",
    ".lora_A.weight": "down",
    ".lora_B.weight": "up",
    ".lora_A.default.weight": "down",
    ".lora_B.default.weight": "up",
    ".lora.down.weight": "down",
    ".lora.up.weight": "up",
    "_lora.down.weight": "down",
    "_lora.up.weight": "up",
    ".lora_linear_layer.down.weight": "down",
    ".lora_linear_layer.up.weight": "up",
    ".alpha": "alpha",
    ".dora_scale": "magnitude",
    ".lora_magnitude_vector": "magnitude",
    ".lora_magnitude_vector.weight": "magnitude",
    ".diff": "whole",
    ".diff_b": "bias",
    **{f".hada_{name}": name for name in ("w1_a", "w1_b", "w2_a", "w2_b", "t1", "t2")},
    **{f".lokr_{name}": f"k{name}" for name in ("w1", "w1_a", "w1_b", "w2", "w2_a", "w2_b", "t2")},
}
"""End of a name -> the factor; LoKr's begin with k, for LoHa's have the same names."""

_NETWORKS = (
    ("lora_unet_", Part.DENOISER),
    ("lora_te1_", Part.TEXT),
    ("lora_te_", Part.TEXT),
    ("lycoris_", Part.DENOISER),
    ("text_encoder.", Part.TEXT),
    ("unet.", Part.DENOISER),
    ("transformer.", Part.DENOISER),
    ("diffusion_model.", Part.DENOISER),
    ("", Part.DENOISER),
)
_WRAPPER = "base_model.model."
"""What PEFT puts before the names of a network that it has wrapped."""


@dataclass(frozen=True, slots=True)
class Name:
    """What the name of a tensor says."""

    part: Part
    """The network: the denoiser or the text encoder."""
    layer: str
    """Path of the layer in it, with underscores."""
    factor: str
    """Which factor of the layer's change: down, up, mid, alpha, w1_a ..."""


def read_name(name: str) -> Name | None:
    """Return what `name` says; None when it is none of a LoRA's."""
    ends = [end for end in _FACTORS if name.endswith(end)]
    if not ends:
        return None
    end = max(ends, key=len)
    path = name.removesuffix(end).removeprefix(_WRAPPER)
    start, part = next(pair for pair in _NETWORKS if path.startswith(pair[0]))
    path = path.removeprefix(start).removeprefix(_WRAPPER)
    return Name(part, flat(path), _FACTORS[end])


def flat(path: str) -> str:
    """Return the path of a layer in the form that all ways of naming have in common."""
    # Attention processors once held the factors; and text encoders had one more name around them.
    found = path.replace(".processor.", ".").replace(".", "_").removeprefix("text_model_")
    return f"{found}_0" if found.endswith("_to_out") else found
