"""`sfumato models`: which model files graphs can name, and the folders they lie in."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from graph.engine.settings import (
    MODEL_FOLDERS,
    SettingsError,
    models_folders,
    read_user_file,
    write_user_file,
)
from sfumato.cli.setting import settings

if TYPE_CHECKING:
    from pathlib import Path


def models(add: Path | None, *, fetch: bool = False) -> int:
    """Print models folders and what is in them, after adding the folder `add`.

    With `fetch` the tokenizer that single-file checkpoints lack is fetched first.
    """
    if add is not None:
        _add(add)
    if fetch:
        # By name, as the engine loads nodes: the command line imports none of them.
        tokenizers = importlib.import_module("nodes.tokenizers")
        print(f"tokenizer: {tokenizers.fetch_tokenizer(consent=True)}")
    files = settings().files()
    print("Folders (the files in them are read, never changed):")
    for folder in models_folders():
        print(f"  {folder}{'' if folder.is_dir() else '  (not there yet)'}")
    for kind in MODEL_FOLDERS:
        names = files.names(kind, (".safetensors",), folders=True)
        if names:
            print(f"{kind}:")
            print("\n".join(f"  {name}" for name in names))
    return 0


def _add(folder: Path) -> None:
    if not folder.is_dir():
        raise SettingsError(f"{folder}: no such folder; name the one that holds checkpoints/")
    user = read_user_file()
    path = str(folder.absolute())
    if path not in user.models:
        user.models.append(path)
        write_user_file(user)
