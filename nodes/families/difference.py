"""Denoisers that are kept as what tells them from another one: small files for whole models.

A difference is a folder with the denoiser's `config.json` and `difference.safetensors`. That holds
some weights whole, and for other layers two factors each, named as PEFT names them: the layer's
weight is the base's plus `lora_B` times `lora_A`, both flattened to matrices, summed in 64 bits and
rounded once. Its metadata names the file of the base's denoiser by content.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from graph.params import FileRef
from nodes.errors import CheckpointError
from nodes.families.header import read_header
from nodes.families.weights import own_dtype, read_config, read_tensors

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from torch import Tensor

    from graph.files import FileIndex

FILE = "difference.safetensors"
BASE = "sfumato.base_sha256"
_DOWN, _UP = ".lora_A.weight", ".lora_B.weight"
_DENOISER = ("unet", "diffusion_pytorch_model.safetensors")


def is_difference(path: Path) -> bool:
    """Say whether `path` is the folder of a difference."""
    return (path / FILE).is_file()


def base_of(path: Path, files: FileIndex) -> Path:
    """Return the folder of the checkpoint that the difference at `path` was taken from.

    It is looked for beside the difference, and among the checkpoints that `files` knows.

    Raises:
        CheckpointError: the difference is broken, or its base is not here.
    """
    read_config(path / "config.json")
    wanted = read_header(path / FILE).metadata.get(BASE)
    for folder in _candidates(path, files):
        denoiser = folder.joinpath(*_DENOISER)
        if denoiser.is_file() and files.fingerprint(denoiser) == wanted:
            return folder
    message = (
        f"{path.name} is a difference to a checkpoint that is not here (its denoiser has the "
        f"SHA-256 {wanted}): put that checkpoint's folder beside it"
    )
    raise CheckpointError(message)


def _candidates(path: Path, files: FileIndex) -> Iterator[Path]:
    yield from sorted(each for each in path.parent.iterdir() if each.is_dir())
    for name in files.names("checkpoint", (), folders=True):
        yield files.find(FileRef(name), "checkpoint")


def changed(weights: Mapping[str, Tensor], path: Path) -> dict[str, Tensor]:
    """Return the `weights` of the base with the difference at `path` added."""
    change = read_tensors(path / FILE)
    kind = own_dtype(change)
    result = dict(weights)
    for name, value in change.items():
        if name.endswith(_DOWN):
            layer = name.removesuffix(_DOWN)
            base = weights[f"{layer}.weight"]
            up = change[layer + _UP].double().flatten(1)
            product = up @ value.double().flatten(1)
            result[f"{layer}.weight"] = (base.double() + product.view(base.shape)).to(kind)
        elif not name.endswith(_UP):
            result[name] = value
    return result
