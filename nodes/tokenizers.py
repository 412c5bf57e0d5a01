"""Finds the tokenizer of a checkpoint on this machine; nothing is fetched without consent.

A single-file checkpoint brings no tokenizer, and the one that Stable Diffusion 1.x shares is not
shipped. It is looked for in the checkpoint's own folder, beside the checkpoint, where the artist
says, and in the Hugging Face cache, where nearly every program that runs these models leaves it.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from transformers import CLIPTokenizer

from graph.params import FileRef
from nodes.errors import TokenizerError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from graph.files import FileIndex

VARIABLE = "SFUMATO_TOKENIZER"
"""Environment variable that names a tokenizer folder."""
REPOSITORY = "openai/clip-vit-large-patch14"
_KIND = "tokenizer"
_WHOLE = "tokenizer.json"
_HALVES = ("vocab.json", "merges.txt")
_FILES = (_WHOLE, *_HALVES, "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json")
"""All that a tokenizer is read from; a folder may hold much else."""
_LENGTH = 77


def is_tokenizer(folder: Path) -> bool:
    """Say whether `folder` holds a tokenizer's files."""
    whole = (folder / _WHOLE).is_file()
    return whole or all((folder / name).is_file() for name in _HALVES)


def known_tokenizer(files: FileIndex) -> Path | None:
    """Return the first tokenizer in the artist's folders of kind "tokenizer"."""
    for name in files.names(_KIND, (_WHOLE, _HALVES[0])):
        folder = files.find(FileRef(name), _KIND).parent
        if is_tokenizer(folder):
            return folder
    return None


def own_tokenizer(checkpoint: Path) -> Path | None:
    """Return the tokenizer that lies inside the folder `checkpoint`; None when there is none."""
    folder = checkpoint / "tokenizer"
    return folder if is_tokenizer(folder) else None


def find_tokenizer(checkpoint: Path, named: Path | None = None) -> Path:
    """Return the folder of the tokenizer for `checkpoint`, a diffusers folder or a file.

    Raises:
        TokenizerError: it is nowhere; the message says which files to put where.
    """
    for folder in tokenizers_near(checkpoint, named):
        return folder
    message = (
        f"{checkpoint.name} brings no tokenizer and none was found: put {_HALVES[0]} and "
        f"{_HALVES[1]} of {REPOSITORY} into {_beside(checkpoint)}, or fetch them once with "
        "`sfumato models --fetch-tokenizer`"
    )
    raise TokenizerError(message)


def tokenizers_near(checkpoint: Path, named: Path | None = None) -> Iterator[Path]:
    """Yield every tokenizer that `checkpoint` could use, the nearest first."""
    return filter(is_tokenizer, _places(checkpoint, named))


def tokenizer_files(checkpoint: Path, named: Path | None = None) -> Iterator[Path]:
    """Yield every file, there or not, that decides which tokenizer `find_tokenizer` finds."""
    for folder in _places(checkpoint, named):
        yield from (folder / name for name in _FILES)
        if is_tokenizer(folder):
            return


def vocabulary_of(folder: Path, files: FileIndex) -> str:
    """Return the sha256 of what the tokenizer in `folder` is read from."""
    state = hashlib.sha256()
    for name in _FILES:
        if (folder / name).is_file():
            state.update(f"{name}\0{files.fingerprint(folder / name)}\n".encode())
    return state.hexdigest()


def load_clip_tokenizer(folder: Path) -> CLIPTokenizer:
    """Return the CLIP tokenizer in `folder`."""
    try:
        tokenizer = CLIPTokenizer.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError) as error:
        message = f"the tokenizer in {folder} cannot be read ({error}): copy it again"
        raise TokenizerError(message) from error
    # A folder of the two halves alone does not say how long a prompt may be.
    tokenizer.model_max_length = min(tokenizer.model_max_length, _LENGTH)
    return tokenizer


def fetch_tokenizer(*, consent: bool) -> Path:
    """Fetch the tokenizer of SD 1.x from the Hugging Face hub into its cache; return the folder.

    The one place that goes online, and only with `consent`. It does so in a process of its own, as
    this one is offline for good.

    Raises:
        TokenizerError: there is no consent, or no connection.
    """
    if not consent:
        message = f"the tokenizer ({REPOSITORY}) may be fetched only with your consent"
        raise TokenizerError(message)
    code = (
        "import huggingface_hub as hub, sys; "
        "print(hub.snapshot_download(sys.argv[1], allow_patterns=sys.argv[2:]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, REPOSITORY, _WHOLE, "tokenizer_config.json", *_HALVES],
        env={**os.environ, "HF_HUB_OFFLINE": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        why = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        message = f"the tokenizer could not be fetched ({why}): check the connection and try again"
        raise TokenizerError(message)
    return Path(done.stdout.strip().splitlines()[-1])


def _beside(checkpoint: Path) -> Path:
    return checkpoint.parent / "tokenizer"


def _places(checkpoint: Path, named: Path | None) -> Iterator[Path]:
    if checkpoint.is_dir():
        yield checkpoint / "tokenizer"
    yield checkpoint.with_suffix("") / "tokenizer"
    yield _beside(checkpoint)
    if named is not None:
        yield named
    if VARIABLE in os.environ:
        yield Path(os.environ[VARIABLE]).expanduser()
    yield from _cached()


def _cached() -> Iterable[Path]:
    """Yield places in the Hugging Face cache: the tokenizer's own repository, then SD 1.x ones."""
    from huggingface_hub.constants import HF_HUB_CACHE

    root = Path(HF_HUB_CACHE)
    own = f"models--{REPOSITORY.replace('/', '--')}"
    yield from sorted(root.glob(f"{own}/snapshots/*"))
    yield from sorted(root.glob("models--*stable-diffusion-v1*/snapshots/*/tokenizer"))
