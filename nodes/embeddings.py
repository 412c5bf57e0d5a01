"""Textual inversion: words that an artist has learned, written `embedding:name` in a prompt.

Each is a file of one or a few vectors that stand in the prompt where tokens would (An Image is
Worth One Word, Gal et al. 2022). They lie in the folders of the kind "embedding".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from graph.errors import MissingFileError
from graph.params import FileRef
from nodes.errors import PickleError, PromptError
from nodes.families.header import read_header
from nodes.families.weights import read_tensors

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from torch import Tensor

    from graph.files import FileIndex

KIND = "embedding"
SUFFIX = ".safetensors"
_PICKLES = (".pt", ".bin")
NAME = re.compile(r"\bembedding:\s*(\w(?:[\w./-]*\w)?)")
"""How a prompt names one."""
_KEYS = ("emb_params", "clip_l")
"""What the vectors are called, where the file holds more than one tensor."""


def embedding_files(prompt: str, files: FileIndex) -> dict[str, Path]:
    """Return the file of each embedding that `prompt` names.

    Raises:
        MissingFileError: one is not here; the message says where to put it.
        PickleError: there is only one in Python's pickle format.
    """
    return {name: _file(name, files) for name in dict.fromkeys(NAME.findall(prompt))}


def _file(name: str, files: FileIndex) -> Path:
    try:
        return files.find(FileRef(name.removesuffix(SUFFIX) + SUFFIX), KIND)
    except MissingFileError:
        for suffix in _PICKLES:
            _refuse_pickle(name.removesuffix(suffix) + suffix, files)
        raise


def _refuse_pickle(name: str, files: FileIndex) -> None:
    try:
        path = files.find(FileRef(name), KIND)
    except MissingFileError:
        return
    message = (
        f"{path.name} is a Python pickle, which can run code when it is read: convert the "
        "embedding to .safetensors, or download that edition of it"
    )
    raise PickleError(message)


def read_embeddings(paths: Mapping[str, Path], width: int) -> dict[str, Tensor]:
    """Return the vectors (n, `width`) of each embedding, float32.

    Raises:
        CheckpointError: a file cannot be read.
        PromptError: it is no embedding, or one for another text encoder.
    """
    return {name: _vectors(path, width) for name, path in paths.items()}


def _vectors(path: Path, width: int) -> Tensor:
    shapes = read_header(path).shapes
    names = [name for name in _KEYS if name in shapes] or list(shapes)
    shape = shapes[names[0]] if names else ()
    if len(names) != 1 or len(shape) not in (1, 2):
        message = f"{path.name} is no textual inversion: it holds {len(shapes)} tensors"
        raise PromptError(message)
    if shape[-1] != width:
        message = (
            f"{path.name} is an embedding for a text encoder of width {shape[-1]}, this one has "
            f"{width}: choose one for this model"
        )
        raise PromptError(message)
    return read_tensors(path)[names[0]].reshape(-1, width).float()
