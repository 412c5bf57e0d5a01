"""What the engine can do with the values of our socket types: check, pack, unpack, preview.

Recipes are packed with the place where their weights lie set aside, so that the digest is the
identity and means the same on every machine. Tensors leave a node on the CPU, in float32,
contiguous and without gradients. PyTorch cannot make a tensor read-only, so a body that changes one
in place is not prevented; it is found out when the engine verifies what the body was given, by the
version that PyTorch counts in every tensor (writes through `.numpy()` or `.data` are not counted).
"""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import numpy as np
import PIL.Image
import torch
from torch import Tensor
from torch.utils.weak import WeakIdKeyDictionary

from graph import sockets
from graph.errors import ContractError
from graph.handlers import Handler, Packed, PictureHandler, shrink, to_pixels
from graph.values import (
    Checkpoint,
    Conditioning,
    Control,
    ControlNet,
    Difference,
    Latent,
    Lora,
    LoraUse,
    Model,
    TextEncoder,
    Vae,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graph.events import Pixels

_SMOOTH = PIL.Image.Resampling.BILINEAR

Recipe = TypeVar("Recipe", bound=Model | TextEncoder | Vae)

_DIFFERENCE = "difference"
_RANK_LATENT = 4
_RANK_TOKENS = 3
_RANK_POOLED = 2


class _Seals:
    """Remembers the version of each tensor that was handed on."""

    def __init__(self) -> None:
        self._versions = WeakIdKeyDictionary()

    def seal(self, tensor: Tensor, name: str) -> None:
        """Remember `tensor` as it is; raise when it was sealed and has changed since."""
        self.verify(tensor, name)
        self._versions[tensor] = tensor._version  # noqa: SLF001 - there is no other

    def verify(self, tensor: Tensor, name: str) -> None:
        """Raise when `tensor` was sealed and has changed since."""
        before = self._versions.get(tensor)
        if before is not None and before != tensor._version:  # noqa: SLF001
            message = f"{name} was changed in place after it left its node: a node must copy first"
            raise ContractError(message)


_SEALS = _Seals()


def _tensor(value: object, name: str, rank: int) -> Tensor:
    """Return `value` as the contract wants it; raise when it cannot be."""
    if not isinstance(value, Tensor):
        message = f"{name} must be a tensor, got {type(value).__name__}"
        raise ContractError(message)
    if value.dtype != torch.float32 or value.ndim != rank or not value.numel():
        kind = str(value.dtype).removeprefix("torch.")
        message = f"{name} must be float32 of rank {rank}, got {kind} {tuple(value.shape)}"
        raise ContractError(message)
    if not bool(torch.isfinite(value).all()):
        message = f"{name} holds NaN or infinity"
        raise ContractError(message)
    if value.requires_grad or value.device.type != "cpu" or not value.is_contiguous():
        value = value.detach().cpu().contiguous()
    _SEALS.seal(value, name)
    return value


def _array(tensor: Tensor, name: str) -> np.ndarray[Any, np.dtype[np.float32]]:
    _SEALS.seal(tensor, name)
    array: np.ndarray[Any, np.dtype[np.float32]] = tensor.numpy()
    return array


class ControlNetHandler:
    """ControlNets: small descriptions of what to load."""

    def check(self, value: object) -> ControlNet:
        """Return `value`, which is immutable."""
        if not isinstance(value, ControlNet):
            message = f"expected a ControlNet, got {type(value).__name__}"
            raise ContractError(message)
        return value

    def pack(self, value: ControlNet) -> Packed:
        """Return what the recipe says, and aside where its files lie on this machine."""
        return Packed(_packed_net(value), aside={"path": str(value.path)})

    def unpack(self, packed: Packed) -> ControlNet:
        """Return the recipe; where its files lay is a place to look."""
        return _unpacked_net(packed.meta, packed.aside["path"])

    def preview(self, value: ControlNet, side: int) -> Pixels | None:  # noqa: ARG002
        """Return None: a recipe is no picture."""
        return None


def _packed_net(net: ControlNet) -> dict[str, object]:
    return {
        "fingerprint": net.fingerprint,
        "family": net.family,
        "context": net.context,
        "precision": net.precision,
    }


def _unpacked_net(meta: Mapping[str, Any], path: str) -> ControlNet:
    return ControlNet(
        meta["fingerprint"], meta["family"], Path(path), meta["context"], meta["precision"]
    )


class RecipeHandler(Generic[Recipe]):
    """Models, text encoders and VAEs: small descriptions of what to load."""

    def __init__(self, kind: type[Recipe]) -> None:
        """Take recipes of type `kind`."""
        self._kind = kind
        names = {each.name for each in fields(kind)}
        self._lists = [name for name in ("loras", "text_loras") if name in names]

    def check(self, value: object) -> Recipe:
        """Return `value`, which is immutable."""
        if not isinstance(value, self._kind):
            message = f"expected a {self._kind.__name__}, got {type(value).__name__}"
            raise ContractError(message)
        return value

    def pack(self, value: Recipe) -> Packed:
        """Return what the recipe says, and aside where its files lie on this machine."""
        checkpoint = value.checkpoint
        meta: dict[str, object] = {
            "fingerprint": checkpoint.fingerprint,
            "family": checkpoint.family,
            "vocabulary": checkpoint.vocabulary,
            "precision": value.precision,
        }
        tokenizer = checkpoint.tokenizer
        aside: dict[str, object] = {
            "path": str(checkpoint.path),
            "tokenizer": str(tokenizer) if tokenizer else "",
        }
        for name in self._lists:
            uses = getattr(value, name)
            meta[name] = [_packed_use(use) for use in uses]
            aside[name] = [str(use.lora.path) for use in uses]
        difference = getattr(value, _DIFFERENCE, None)
        if difference is not None:
            meta[_DIFFERENCE] = difference.fingerprint
            aside[_DIFFERENCE] = str(difference.path)
        return Packed(meta, aside=aside)

    def unpack(self, packed: Packed) -> Recipe:
        """Return the recipe.

        Where its files lay is a place to look, not a promise: the model store holds what is there
        against the fingerprint before it uses it.
        """
        meta, aside = packed.meta, packed.aside
        if "path" not in aside:
            message = "it is not known where the weights of that recipe lie"
            raise ContractError(message)
        checkpoint = Checkpoint(
            meta["fingerprint"],
            meta["family"],
            Path(aside["path"]),
            Path(aside["tokenizer"]) if aside.get("tokenizer") else None,
            meta["vocabulary"],
        )
        more: dict[str, Any] = {
            name: tuple(_unpacked_use(*each) for each in zip(meta[name], aside[name], strict=True))
            for name in self._lists
        }
        if _DIFFERENCE in meta:
            more[_DIFFERENCE] = Difference(meta[_DIFFERENCE], Path(aside[_DIFFERENCE]))
        return self._kind(checkpoint, meta["precision"], **more)

    def preview(self, value: Recipe, side: int) -> Pixels | None:  # noqa: ARG002
        """Return None: a recipe is no picture."""
        return None


def _packed_use(use: LoraUse) -> list[object]:
    blocks = [list(block) for block in use.blocks]
    return [use.lora.fingerprint, use.lora.family, use.weight, blocks]


def _unpacked_use(packed: tuple[str, str, float, list[tuple[str, float]]], path: str) -> LoraUse:
    fingerprint, family, weight, blocks = packed
    parts = tuple((name, factor) for name, factor in blocks)
    return LoraUse(Lora(fingerprint, family, Path(path)), weight, parts)


_IMAGES = PictureHandler("Control image", "(N, H, W, 3)", 3)
_MASKS = PictureHandler("Control mask", "(N, H, W)", None)


def _control(control: Control) -> Control:
    """Return `control` with its pictures as the contract of images and masks wants them."""
    mask: Any = None if control.mask is None else _MASKS.check(control.mask)
    image: Any = _IMAGES.check(control.image)
    return replace(control, image=image, mask=mask)


class ConditioningHandler:
    """Encoded prompts."""

    def check(self, value: object) -> Conditioning:
        """Return `value` with its tensors normalised."""
        if not isinstance(value, Conditioning):
            message = f"expected a Conditioning, got {type(value).__name__}"
            raise ContractError(message)
        tokens = _tensor(value.tokens, "Conditioning tokens", _RANK_TOKENS)
        pooled = value.pooled
        if pooled is not None:
            pooled = _tensor(pooled, "Conditioning pooled", _RANK_POOLED)
        controls = tuple(map(_control, value.controls))
        return replace(value, tokens=tokens, pooled=pooled, controls=controls)

    def pack(self, value: Conditioning) -> Packed:
        """Return the tensors, the family and the controls, and aside where ControlNets lie."""
        arrays = {"tokens": _array(value.tokens, "Conditioning tokens")}
        if value.pooled is not None:
            arrays["pooled"] = _array(value.pooled, "Conditioning pooled")
        for i, control in enumerate(value.controls):
            arrays[f"image{i}"] = control.image
            if control.mask is not None:
                arrays[f"mask{i}"] = control.mask
        said = [
            [_packed_net(each.net), each.strength, each.start, each.end] for each in value.controls
        ]
        places = [str(each.net.path) for each in value.controls]
        return Packed({"family": value.family, "controls": said}, arrays, {"nets": places})

    def unpack(self, packed: Packed) -> Conditioning:
        """Return the conditioning."""
        arrays = packed.arrays
        pooled = arrays.get("pooled")
        rows = zip(packed.meta["controls"], packed.aside["nets"], strict=True)
        value = Conditioning(
            torch.from_numpy(arrays["tokens"].copy()),
            packed.meta["family"],
            None if pooled is None else torch.from_numpy(pooled.copy()),
            tuple(
                Control(
                    _unpacked_net(net, place),
                    arrays[f"image{i}"],
                    strength,
                    start,
                    end,
                    arrays.get(f"mask{i}"),
                )
                for i, ((net, strength, start, end), place) in enumerate(rows)
            ),
        )
        return self.check(value)

    def verify(self, value: Conditioning) -> None:
        """Raise when a tensor of `value` was changed in place."""
        _SEALS.verify(value.tokens, "Conditioning tokens")
        if value.pooled is not None:
            _SEALS.verify(value.pooled, "Conditioning pooled")

    def preview(self, value: Conditioning, side: int) -> Pixels | None:  # noqa: ARG002
        """Return None: a prompt is no picture."""
        return None


_BESIDE = ("mask", "masked", "source")
"""Tensors that a latent may have besides its own."""


def _beside(value: Latent, samples: Tensor) -> dict[str, Any]:
    """Return the other tensors of a latent, normalised; raise when they do not fit `samples`."""
    found: dict[str, Any] = {}
    for name in _BESIDE:
        tensor = getattr(value, name)
        if tensor is None:
            continue
        tensor = found[name] = _tensor(tensor, f"Latent {name}", _RANK_LATENT)
        count, channels = len(samples), 1 if name == "mask" else samples.shape[1]
        shape = (channels, *samples.shape[2:])
        if tuple(tensor.shape[1:]) != shape or len(tensor) not in (1, count):
            message = f"Latent {name} has shape {tuple(tensor.shape)}, not {(count, *shape)}"
            raise ContractError(message)
        if name == "mask" and not bool(((tensor >= 0) & (tensor <= 1)).all()):
            message = "Latent mask reaches out of 0 to 1"
            raise ContractError(message)
    return found


class LatentHandler:
    """Latents."""

    def check(self, value: object) -> Latent:
        """Return `value` with its tensor normalised."""
        if not isinstance(value, Latent):
            message = f"expected a Latent, got {type(value).__name__}"
            raise ContractError(message)
        if value.sigma < 0 or value.factor < 1:
            message = f"Latent has sigma {value.sigma:g} and factor {value.factor}: below the least"
            raise ContractError(message)
        samples = _tensor(value.samples, "Latent", _RANK_LATENT)
        if value.rgb and len(value.rgb) != value.samples.shape[1] + 1:
            message = f"Latent has {value.samples.shape[1]} channels, but {len(value.rgb)} colours"
            raise ContractError(message)
        return replace(value, samples=samples, **_beside(value, samples))

    def pack(self, value: Latent) -> Packed:
        """Return the tensor and what is known of it."""
        meta = {
            "family": value.family,
            "factor": value.factor,
            "sigma": value.sigma,
            "empty": value.empty,
            "rgb": [list(row) for row in value.rgb],
        }
        arrays = {"samples": _array(value.samples, "Latent")}
        for name in _BESIDE:
            tensor = getattr(value, name)
            if tensor is not None:
                arrays[name] = _array(tensor, f"Latent {name}")
        return Packed(meta, arrays)

    def unpack(self, packed: Packed) -> Latent:
        """Return the latent."""
        meta = packed.meta
        return self.check(
            Latent(
                torch.from_numpy(packed.arrays["samples"].copy()),
                family=meta["family"],
                factor=meta["factor"],
                sigma=meta["sigma"],
                empty=meta["empty"],
                rgb=tuple((r, g, b) for r, g, b in meta["rgb"]),
                **{
                    name: torch.from_numpy(packed.arrays[name].copy())
                    for name in _BESIDE
                    if name in packed.arrays
                },
            )
        )

    def verify(self, value: Latent) -> None:
        """Raise when a tensor of `value` was changed in place."""
        _SEALS.verify(value.samples, "Latent")
        for name in _BESIDE:
            tensor = getattr(value, name)
            if tensor is not None:
                _SEALS.verify(tensor, f"Latent {name}")

    def preview(self, value: Latent, side: int) -> Pixels | None:
        """Return the first latent through its linear colours, drawn smoothly at picture size."""
        if value.empty or not value.rgb:
            return None
        samples = value.samples[0].movedim(0, -1).numpy()
        colours = np.asarray(value.rgb, dtype=np.float32)
        picture = samples @ colours[:-1] + colours[-1]
        longest = max(picture.shape[:2])
        zoom = value.factor if side <= 0 else max(1, min(value.factor, side // longest))
        small = to_pixels(picture if zoom > 1 else shrink(picture, side))
        size = (small.shape[1] * zoom, small.shape[0] * zoom)
        large: Pixels = np.asarray(PIL.Image.fromarray(small).resize(size, _SMOOTH))
        return large


def all_handlers() -> Mapping[str, Handler]:
    """Return the handlers of all socket types that the built-in nodes bring."""
    return {
        sockets.MODEL.name: RecipeHandler(Model),
        sockets.TEXT_ENCODER.name: RecipeHandler(TextEncoder),
        sockets.VAE.name: RecipeHandler(Vae),
        sockets.CONTROL_NET.name: ControlNetHandler(),
        sockets.CONDITIONING.name: ConditioningHandler(),
        sockets.LATENT.name: LatentHandler(),
    }
