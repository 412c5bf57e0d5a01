"""The original names of Stable Diffusion's tensors, made from diffusers' names.

The way back is what `nodes.families` relies on diffusers for; this is our own word for the way
there, so that the two prove each other.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import torch
from safetensors.torch import save_file

if TYPE_CHECKING:
    from pathlib import Path

    from diffusers import (
        AutoencoderKL,
        ControlNetModel,
        StableDiffusionPipeline,
        UNet2DConditionModel,
    )
    from torch import Tensor


def write_single_file(pipeline: StableDiffusionPipeline, path: Path) -> None:
    """Write the pipeline with the original names of its tensors."""
    tensors = {
        **{f"model.diffusion_model.{k}": v for k, v in ldm_unet(pipeline.unet).items()},
        **{f"first_stage_model.{k}": v for k, v in ldm_vae(pipeline.vae).items()},
        **{
            f"cond_stage_model.transformer.text_model.{k.removeprefix('text_model.')}": v
            for k, v in pipeline.text_encoder.state_dict().items()
        },
        # What published files hold besides.
        "cond_stage_model.transformer.text_model.embeddings.position_ids": torch.arange(77)[None],
        "alphas_cumprod": pipeline.scheduler.alphas_cumprod.clone(),
        "model_ema.decay": torch.tensor(0.9999),
    }
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, path)


_RESNET = {
    "norm1": "in_layers.0",
    "conv1": "in_layers.2",
    "time_emb_proj": "emb_layers.1",
    "norm2": "out_layers.0",
    "conv2": "out_layers.3",
    "conv_shortcut": "skip_connection",
}
_UNET_ENDS = {
    "time_embedding.linear_1": "time_embed.0",
    "time_embedding.linear_2": "time_embed.2",
    "conv_in": "input_blocks.0.0",
    "conv_norm_out": "out.0",
    "conv_out": "out.2",
}
_LAST = 3
"""Index of the last of four levels."""


def ldm_unet(unet: UNet2DConditionModel) -> dict[str, Tensor]:
    """The U-Net's tensors by their original names, for two layers a block."""
    return {_unet_name(name): tensor for name, tensor in unet.state_dict().items()}


def ldm_control_net(network: ControlNetModel) -> dict[str, Tensor]:
    """The ControlNet's tensors by their original names, for four widths of its eyes."""
    return {f"control_model.{_control_name(n)}": t for n, t in network.state_dict().items()}


def _control_name(name: str) -> str:
    stem, _, kind = name.rpartition(".")
    eyes = re.fullmatch(r"controlnet_cond_embedding\.(?:conv_(in|out)|blocks\.(\d))", stem)
    if eyes:
        number = {"in": 0, "out": 14}.get(eyes[1], 2 * int(eyes[2] or 0) + 2)
        return f"input_hint_block.{number}.{kind}"
    zero = re.fullmatch(r"controlnet_down_blocks\.(\d+)", stem)
    if zero:
        return f"zero_convs.{zero[1]}.0.{kind}"
    return f"middle_block_out.0.{kind}" if stem == "controlnet_mid_block" else _unet_name(name)


def _unet_name(name: str) -> str:
    stem, _, kind = name.rpartition(".")
    if stem in _UNET_ENDS:
        return f"{_UNET_ENDS[stem]}.{kind}"
    match = re.match(
        r"(down|up|mid)_blocks?\.?(\d*)\.?(resnets|attentions|\w+samplers)\.(\d)\.", name
    )
    assert match
    where, block, part, index = match[1], int(match[2] or 0), match[3], int(match[4])
    return f"{_unet_place(where, block, part, index)}.{_inside(name[match.end() :], part)}"


def _unet_place(where: str, block: int, part: str, index: int) -> str:
    if where == "mid":
        return f"middle_block.{1 if part == 'attentions' else 2 * index}"
    if where == "down":
        number = 1 + block * 3 + (2 if part == "downsamplers" else index)
        return f"input_blocks.{number}.{1 if part == 'attentions' else 0}"
    if part == "upsamplers":
        # Where there is no attention the upsampler moves up to its place.
        return f"output_blocks.{block * 3 + 2}.{1 if block == 0 else 2}"
    return f"output_blocks.{block * 3 + index}.{1 if part == 'attentions' else 0}"


def _inside(rest: str, part: str) -> str:
    if part == "resnets":
        stem, _, kind = rest.partition(".")
        return f"{_RESNET[stem]}.{kind}"
    if part == "downsamplers":
        return rest.replace("conv.", "op.")
    return rest


def ldm_vae(vae: AutoencoderKL) -> dict[str, Tensor]:
    """The VAE's tensors by their original names; its attention is of 1 x 1 convolutions there."""
    renamed = {}
    for name, tensor in vae.state_dict().items():
        attention = ".attentions." in name and name.endswith("weight") and tensor.ndim == 2
        renamed[_vae_name(name)] = tensor[:, :, None, None] if attention else tensor
    return renamed


def _vae_name(name: str) -> str:
    for old, new in (
        ("mid_block.resnets.0", "mid.block_1"),
        ("mid_block.resnets.1", "mid.block_2"),
        ("mid_block.attentions.0.group_norm", "mid.attn_1.norm"),
        ("mid_block.attentions.0.to_q", "mid.attn_1.q"),
        ("mid_block.attentions.0.to_k", "mid.attn_1.k"),
        ("mid_block.attentions.0.to_v", "mid.attn_1.v"),
        ("mid_block.attentions.0.to_out.0", "mid.attn_1.proj_out"),
        ("conv_norm_out", "norm_out"),
        ("conv_shortcut", "nin_shortcut"),
        (".downsamplers.0.", ".downsample."),
        (".upsamplers.0.", ".upsample."),
        (".resnets.", ".block."),
        ("down_blocks.", "down."),
    ):
        name = name.replace(old, new)
    return re.sub(r"up_blocks\.(\d)", lambda match: f"up.{_LAST - int(match[1])}", name)
