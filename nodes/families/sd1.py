"""Stable Diffusion 1.x: one CLIP text encoder, a U-Net on four channels, a VAE of factor 8.

Comes as a diffusers folder or as one safetensors file with the original names of the tensors (High-
Resolution Image Synthesis with Latent Diffusion Models, Rombach et al. 2022). The file says nothing
of its networks' settings, so those that all SD 1.x checkpoints share are shipped in `configs/sd1`.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import torch
from diffusers import AutoencoderKL, ControlNetModel, UNet2DConditionModel
from torch import nn
from transformers import CLIPTextConfig, CLIPTextModel

from nodes.device import Part
from nodes.errors import CheckpointError
from nodes.families.base import Config, LatentSpec
from nodes.families.clip import ClipText
from nodes.families.difference import changed
from nodes.families.header import read_header
from nodes.families.kl import KlAutoencoder
from nodes.families.unet import UNetControl, UNetDenoiser
from nodes.families.weights import (
    find_variant,
    own_dtype,
    read_config,
    read_tensors,
    refuse_gaps,
    settle,
    weight_files,
)
from nodes.tokenizers import load_clip_tokenizer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

CONFIGS = Path(__file__).with_name("configs") / "sd1"

WORDS = "words.json"
"""In a checkpoint's folder: `{"words": [...]}`, all that its captions were made of."""

_CHANNELS = 4
_INPAINTING = 9
"""Channels of editions for inpainting: the latent, a mask, and the latent of what is kept."""
_UNET, _VAE, _CLIP = "model.diffusion_model.", "first_stage_model.", "cond_stage_model.transformer."
_PREFIXES = {_UNET: "denoiser", _VAE: "VAE", _CLIP: "text encoder"}
_STEM = "diffusion_pytorch_model"
_STEMS = {"unet": _STEM, "vae": _STEM, "text_encoder": "model"}
_WITH_LAYERS = ("unet", "text_encoder")
"""Parts that a LoRA may change."""
_CONTROL = "control_model."
"""What the names in some files begin with."""


M = TypeVar("M", bound=nn.Module)


class Sd1:
    """The family "sd1"."""

    name = "sd1"
    title = "Stable Diffusion 1.x"

    def __init__(self, configs: Path = CONFIGS) -> None:
        """Take the settings of single-file checkpoints from the folder `configs`."""
        self._configs = configs

    def verify(self, path: Path) -> None:
        """Check from headers alone that the checkpoint at `path` is whole and can be run."""
        channels = _verify_folder(path) if path.is_dir() else _verify_file(path)
        if channels not in (_CHANNELS, _INPAINTING):
            message = (
                f"{path.name} takes {channels} channels, as editions for editing do: choose a "
                f"plain {self.title} checkpoint ({_CHANNELS} channels) or one for inpainting "
                f"({_INPAINTING})"
            )
            raise CheckpointError(message)

    def layers(self, path: Path) -> Mapping[Part, Mapping[str, tuple[int, ...]]]:
        """Return the layers of the U-Net and the text encoder."""
        root = path if path.is_dir() else self._configs
        configs = (json.dumps(read_config(root / part / "config.json")) for part in _WITH_LAYERS)
        return _layers_of(*configs)

    def load_denoiser(self, path: Path, difference: Path | None = None) -> UNetDenoiser:
        """Load the U-Net and its noise schedule."""
        unet = self._unet(path) if difference is None else self._changed(path, difference)
        extra = unet.config["in_channels"] - _CHANNELS
        spec = LatentSpec(_CHANNELS, self._factor(path), extra)
        return UNetDenoiser(unet, self._schedule(path), spec)

    def _unet(self, path: Path) -> UNet2DConditionModel:
        more = {} if path.is_dir() else {"in_channels": _verify_file(path)}
        return self._load(UNet2DConditionModel, path, "unet", _UNET, **more)

    def _changed(self, path: Path, difference: Path) -> UNet2DConditionModel:
        with torch.device("meta"):
            unet = UNet2DConditionModel.from_config(read_config(difference / "config.json"))
        weights = changed(self._unet(path).state_dict(), difference)
        unet.load_state_dict(weights, assign=True)
        return settle(unet, difference)

    def verify_control_net(self, path: Path) -> None:
        """Check that a ControlNet's folder holds all its weights, and that a file can be read."""
        if path.is_dir():
            with torch.device("meta"):
                whole = ControlNetModel.from_config(read_config(path / "config.json"))
            headers = [read_header(file) for file in weight_files(path, _STEM)]
            there = {name for header in headers for name in header.shapes}
            refuse_gaps(path, whole.state_dict().keys() - there)
        else:
            read_header(path)

    def load_control_net(self, path: Path) -> UNetControl:
        """Load a ControlNet."""
        if path.is_dir():
            network = _from_folder(ControlNetModel, path)
        else:
            tensors = {name.removeprefix(_CONTROL): t for name, t in read_tensors(path).items()}
            network = ControlNetModel.from_single_file(
                tensors, config=str(self._configs / "controlnet"), torch_dtype=own_dtype(tensors)
            )
        return UNetControl(settle(network, path))

    def load_vae(self, path: Path) -> KlAutoencoder:
        """Load the VAE."""
        return KlAutoencoder(self._load(AutoencoderKL, path, "vae", _VAE))

    def load_text(self, path: Path, tokenizer: Path) -> ClipText:
        """Load the text encoder and its tokenizer."""
        reader = load_clip_tokenizer(tokenizer)
        if path.is_dir():
            folder = path / "text_encoder"
            tensors = _in_folder(folder, _STEMS["text_encoder"])
        else:
            folder = self._configs / "text_encoder"
            tensors = {k.removeprefix(_CLIP): t for k, t in read_tensors(path, _CLIP).items()}
        encoder = _clip(CLIPTextConfig.from_pretrained(folder), tensors, path)
        return ClipText(settle(encoder, path), reader, _words(path))

    def _load(self, kind: type[M], path: Path, part: str, prefix: str, **more: int) -> M:
        module: M
        if path.is_dir():
            module = _from_folder(kind, path / part)
        else:
            tensors = read_tensors(path, prefix)
            module = kind.from_single_file(  # type: ignore[attr-defined]
                tensors, config=str(self._configs / part), torch_dtype=own_dtype(tensors), **more
            )
        return settle(module, path)

    def _schedule(self, path: Path) -> Config:
        root = path if path.is_dir() else self._configs
        return read_config(root / "scheduler" / "scheduler_config.json")

    def _factor(self, path: Path) -> int:
        root = path if path.is_dir() else self._configs
        levels = len(read_config(root / "vae" / "config.json")["block_out_channels"])
        return 1 << (levels - 1)


def _from_folder(kind: type[M], folder: Path) -> M:
    module: M = kind.from_pretrained(  # type: ignore[attr-defined]
        folder,
        torch_dtype=own_dtype(_in_folder(folder, _STEM)),
        variant=find_variant(folder, _STEM),
        use_safetensors=True,
        local_files_only=True,
    )
    return module


@lru_cache(maxsize=8)
def _layers_of(unet: str, text: str) -> Mapping[Part, Mapping[str, tuple[int, ...]]]:
    """Return the layers of networks with these configurations.

    They are laid out without weights, which takes a quarter of a second: too long for each turn of
    a LoRA's strength.
    """
    with torch.device("meta"):
        denoiser = UNet2DConditionModel.from_config(json.loads(unet))
        encoder = CLIPTextModel(CLIPTextConfig.from_dict(json.loads(text)))
    return {Part.DENOISER: _layers(denoiser), Part.TEXT: _layers(encoder)}


def _layers(network: nn.Module) -> dict[str, tuple[int, ...]]:
    return {
        name: tuple(layer.weight.shape)
        for name, layer in network.named_modules()
        if isinstance(layer, (nn.Linear, nn.Conv2d))
    }


def _clip(config: CLIPTextConfig, tensors: dict[str, Tensor], path: Path) -> CLIPTextModel:
    """Return the text encoder with the weights of `tensors`; raise when some are missing."""
    with torch.device("meta"):
        wanted = CLIPTextModel(config).state_dict().keys()
    # Files have an inner prefix that transformers has dropped since 5.6, and old ones have more in
    # them than weights; given as they are, either would be reported on standard error.
    bare = {name.removeprefix("text_model."): tensor for name, tensor in tensors.items()}
    refuse_gaps(path, wanted - bare.keys())
    weights = {name: bare[name] for name in wanted}
    encoder: CLIPTextModel = CLIPTextModel.from_pretrained(
        None, config=config, state_dict=weights, dtype=own_dtype(weights)
    )
    return encoder


def _in_folder(folder: Path, stem: str) -> dict[str, Tensor]:
    files = weight_files(folder, stem)
    return {name: tensor for file in files for name, tensor in read_tensors(file).items()}


def _words(path: Path) -> frozenset[str]:
    """Return the words that the checkpoint was trained on, if it lists them in `words.json`."""
    listed = path / WORDS
    if not listed.is_file():
        return frozenset()
    return frozenset(map(str, read_config(listed).get("words", ())))


def _verify_folder(path: Path) -> int:
    """Check the folder's parts; return how many channels its denoiser takes."""
    for part, stem in _STEMS.items():
        folder = path / part
        if not (folder / "config.json").is_file():
            message = f"{path} lacks {part}/config.json: download or copy the model again"
            raise CheckpointError(message)
        find_variant(folder, stem)
    read_config(path / "scheduler" / "scheduler_config.json")
    channels: int = read_config(path / "unet" / "config.json").get("in_channels", _CHANNELS)
    return channels


def _verify_file(path: Path) -> int:
    """Check that the file holds all three networks; return how many channels its denoiser takes."""
    header = read_header(path)
    missing = [name for prefix, name in _PREFIXES.items() if not header.has(prefix)]
    if missing:
        message = f"{path.name} lacks the {' and the '.join(missing)}: choose a full checkpoint"
        raise CheckpointError(message)
    shape = header.shapes.get(f"{_UNET}input_blocks.0.0.weight", (0, _CHANNELS))
    channels: int = shape[1]
    return channels
