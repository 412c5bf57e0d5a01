"""Finds and reads the weights of a checkpoint: a diffusers folder, or one safetensors file."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, TypeVar

import torch
from safetensors import safe_open
from torch import nn

from nodes.errors import CheckpointError, PickleError
from nodes.families.header import read_header

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from torch import Tensor

    from nodes.families.base import Config

M = TypeVar("M", bound=nn.Module)

_PRECISIONS = (torch.float32, torch.float16, torch.bfloat16)


def read_config(path: Path) -> Config:
    """Return the JSON object at `path`; raise `CheckpointError` when it is none."""
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        message = f"{path} cannot be read ({error}): download or copy it again"
        raise CheckpointError(message) from error
    if not isinstance(config, dict):
        message = f"{path} is no configuration: download or copy it again"
        raise CheckpointError(message)
    return config


def find_variant(folder: Path, stem: str) -> str | None:
    """Return which edition of the weights `stem` lies in `folder`: None is the plain one.

    The plain edition is taken if it is there, else the first of the named ones, such as "fp16".

    Raises:
        PickleError: there are only pickles.
        CheckpointError: there are no weights, or they are cut off.
    """
    whole = sorted(folder.glob(f"{stem}*.safetensors"))
    if not whole:
        _refuse(folder, stem)
    for path in whole:
        read_header(path)
    names = [path.name.removeprefix(stem).removesuffix(".safetensors") for path in whole]
    # Shards are called stem-00001-of-00002; an edition is stem.fp16.
    editions = {name.removeprefix(".").partition("-")[0] for name in names}
    return None if "" in editions else min(editions)


def weight_files(folder: Path, stem: str) -> list[Path]:
    """Return the files of one edition of the weights `stem` in `folder`, shards in order."""
    variant = find_variant(folder, stem)
    name = stem if variant is None else f"{stem}.{variant}"
    whole = folder / f"{name}.safetensors"
    return [whole] if whole.is_file() else sorted(folder.glob(f"{name}-*.safetensors"))


def _refuse(folder: Path, stem: str) -> None:
    if any(folder.glob(f"{stem}*.bin")):
        message = (
            f"{folder} holds its weights as Python pickles only, which can run code when they are "
            "read: convert them to .safetensors, or download that edition of the model"
        )
        raise PickleError(message)
    message = f"{folder} holds no {stem}.safetensors: download or copy the model again"
    raise CheckpointError(message)


def read_tensors(path: Path, prefix: str = "") -> dict[str, Tensor]:
    """Return the tensors of the safetensors file at `path` whose names start with `prefix`.

    They are mapped from the file, not read: nothing is copied until it is used.
    """
    with safe_open(path, framework="pt") as file:
        return {name: file.get_tensor(name) for name in file.keys() if name.startswith(prefix)}  # noqa: SIM118 - no mapping


def own_dtype(tensors: Mapping[str, Tensor]) -> torch.dtype:
    """Return the precision that most of `tensors` have; float32 where it is none to compute in."""
    counted = Counter(t.dtype for t in tensors.values() if t.is_floating_point())
    most = max(counted, key=counted.__getitem__, default=torch.float32)
    return most if most in _PRECISIONS else torch.float32


def refuse_gaps(path: Path, absent: Iterable[str]) -> None:
    """Raise `CheckpointError` when there are `absent` weights, which would be left at random."""
    names = sorted(absent)
    if names:
        message = (
            f"{path.name} lacks {len(names)} weights, such as {names[0]}: download it again, or "
            "choose a full checkpoint"
        )
        raise CheckpointError(message)


def settle(module: M, path: Path) -> M:
    """Return `module` in evaluation mode and without gradients; raise when weights are missing."""
    refuse_gaps(path, (name for name, value in module.state_dict().items() if value.is_meta))
    module.requires_grad_(requires_grad=False)
    return module.eval()
