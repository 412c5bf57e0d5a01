"""The files behind a recipe: where they lie now, and whether they still are what it names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from graph.params import FileRef
from graph.values import Checkpoint, ControlNet, Difference, Lora
from nodes.errors import CheckpointError, TokenizerError
from nodes.tokenizers import known_tokenizer, own_tokenizer, tokenizers_near, vocabulary_of

if TYPE_CHECKING:
    from pathlib import Path

    from graph.files import FileIndex


class Source(Protocol):
    """What names weights on disk by their content."""

    @property
    def fingerprint(self) -> str:
        """sha256 of the file or folder."""

    @property
    def path(self) -> Path:
        """Where they lay when the recipe was made."""


_KINDS: Final[dict[type, str]] = {
    Checkpoint: "checkpoint",
    ControlNet: "controlnet",
    Difference: "checkpoint",
    Lora: "lora",
}
"""What the folders are called that files of a kind are looked for in."""


def find_weights(source: Source, files: FileIndex | None) -> Path:
    """Return where the weights of `source` lie; without `files` the place is taken on trust.

    Raises:
        CheckpointError: they are gone, or another file is in their place.
    """
    path, kind = source.path, _KINDS[type(source)]
    if files is not None and not path.exists():
        path = _moved(source, kind, files)
    if not path.exists():
        message = f"{path} is gone: put it back, or choose another {kind}"
        raise CheckpointError(message)
    if files is not None and files.fingerprint(path) != source.fingerprint:
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


def _moved(source: Source, kind: str, files: FileIndex) -> Path:
    """Return where else a file of the same name and content lies, or where it was."""
    for name in files.names(kind, (".safetensors",), folders=True):
        path = files.find(FileRef(name), kind)
        if path.name == source.path.name and files.fingerprint(path) == source.fingerprint:
            return path
    return source.path
