"""Folders of public models, as `save_pretrained` writes them and hubs hand them out.

They hold `config.json`, `preprocessor_config.json` and safetensors. Nothing is downloaded, pickles
are refused, and what a folder lacks is said before anything is loaded.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from nodes.errors import CheckpointError
from nodes.families.header import read_header
from nodes.families.weights import read_config

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

CONFIG = "config.json"
PREPARE = "preprocessor_config.json"


def folder_of(model: Path) -> Path:
    """Return the folder of a model that was chosen as folder, or as a file in it."""
    return model if model.is_dir() else model.parent


def verify_folder(folder: Path, types: tuple[str, ...], wanted: str) -> None:
    """Check from headers alone that the model in `folder` is whole and of one of `types`.

    Raises:
        CheckpointError: it is not; the message names the file and says what is `wanted`.
    """
    for name in (CONFIG, PREPARE):
        if not (folder / name).is_file():
            raise CheckpointError(f"{folder.name} has no {name}: {wanted}, with all its files")
    kind = read_config(folder / CONFIG).get("model_type")
    if kind not in types:
        raise CheckpointError(f"{folder.name} is a model of type {kind or 'unknown'}: {wanted}")
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        raise CheckpointError(f"{folder.name} has no .safetensors: {wanted}, saved as safetensors")
    for path in files:
        read_header(path)


def load_network(kind: Any, folder: Path) -> Any:
    """Return the model of transformers' class `kind` in `folder`, on the CPU, in full precision.

    Raises:
        CheckpointError: its weights do not fit its config.json; the keys are named.
    """
    log = logging.getLogger("transformers.modeling_utils")
    log.addFilter(_is_no_report)
    try:
        found, told = kind.from_pretrained(
            folder,
            local_files_only=True,
            use_safetensors=True,
            output_loading_info=True,
            dtype=torch.float32,
        )
    finally:
        log.removeFilter(_is_no_report)
    missing = sorted(told["missing_keys"])
    if missing:
        named = ", ".join(missing[:3])
        raise CheckpointError(
            f"{folder.name} lacks {len(missing)} of its weights ({named} ...): download it again"
        )
    return found.eval()


def _is_no_report(record: logging.LogRecord) -> bool:
    """Say whether `record` is anything but the table of weights that do not fit: we tell that."""
    return "LOAD REPORT" not in record.getMessage()


def eight_bits(picture: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return a picture from 0 to 1 as bytes, which public models are prepared from."""
    return (picture.clip(0, 1) * 255 + 0.5).astype(np.uint8)
