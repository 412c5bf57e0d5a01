"""The files behind a recipe: where they lie now, and whether they still are what it names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graph.params import FileRef
from nodes.errors import CheckpointError, TokenizerError
from nodes.tokenizers import known_tokenizer, own_tokenizer, tokenizers_near, vocabulary_of

if TYPE_CHECKING:
    from pathlib import Path

    from graph.files import FileIndex
    from graph.values import Checkpoint


def find_weights(checkpoint: Checkpoint, files: FileIndex | None) -> Path:
    """Return where the weights of `checkpoint` lie; without `files` the place is taken on trust.

    Raises:
        CheckpointError: they are gone, or another file is in their place.
    """
    path = checkpoint.path
    if files is not None and not path.exists():
        path = _moved(checkpoint, files)
    if not path.exists():
        message = f"{path} is gone: put it back, or choose another checkpoint"
        raise CheckpointError(message)
    if files is not None and files.fingerprint(path) != checkpoint.fingerprint:
        message = f"{path} was replaced by another file after this run began: run again"
        raise CheckpointError(message)
    return path


def is_intact(path: Path, fingerprint: str, files: FileIndex) -> bool:
    """Say whether weights mapped from `path` can be relied on: it is unchanged, or it is gone.

    A file that is deleted or moved stays mapped as it was; one that is written to does not.
    """
    try:
        return files.fingerprint(path) == fingerprint
    except OSError:
        return True


def find_vocabulary(checkpoint: Checkpoint, path: Path, files: FileIndex | None) -> Path:
    """Return the folder of the tokenizer of `checkpoint`, whose weights lie at `path`.

    Raises:
        TokenizerError: the one that it was opened with is nowhere any more.
    """
    if not checkpoint.vocabulary:
        return own_tokenizer(path) or path / "tokenizer"
    if checkpoint.tokenizer is not None and files is None:
        return checkpoint.tokenizer
    if files is not None:
        for folder in tokenizers_near(path, checkpoint.tokenizer or known_tokenizer(files)):
            if vocabulary_of(folder, files) == checkpoint.vocabulary:
                return folder
    message = (
        f"the tokenizer that {path.name} was opened with ({checkpoint.tokenizer}) is gone or was "
        "replaced: run again, or put it back"
    )
    raise TokenizerError(message)


def _moved(checkpoint: Checkpoint, files: FileIndex) -> Path:
    """Return where else a file of the same name and content lies, or where it was."""
    for name in files.names("checkpoint", (".safetensors",), folders=True):
        path = files.find(FileRef(name), "checkpoint")
        if path.name == checkpoint.path.name and files.fingerprint(path) == checkpoint.fingerprint:
            return path
    return checkpoint.path
