"""What an engine is started with: the same for the command line, the app and its worker."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import platformdirs

from graph.cache import Cache, MemoryStore
from graph.execute import Engine
from graph.files import FileIndex
from graph.pack import load_packs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

BUILT_IN_PACKS = ("nodes",)

#: Kind of file -> the name of its folder below a models folder, as other programs call them.
MODEL_FOLDERS = {
    "checkpoint": "checkpoints",
    "vae": "vae",
    "lora": "loras",
    "controlnet": "controlnet",
    "tokenizer": "tokenizers",
}
MODELS_VARIABLE = "SFUMATO_MODELS"
"""Environment variable with more models folders, separated as in PATH."""


class EngineSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Packs, device, folders and limits of an engine."""

    packs: tuple[str, ...] = BUILT_IN_PACKS
    device: str = "auto"
    folders: dict[str, tuple[str, ...]] = {}
    """Folders to look for files in, by kind; the kind "" is looked in for all."""
    named: dict[str, str] = {}
    """Files that ship with the program, by the name that graphs use."""
    memory: str = ""
    """JSON file that keeps fingerprints between sessions; empty for none."""
    cache_bytes: int = 2 << 30
    """Bytes of outputs to hold in RAM."""

    def files(self) -> FileIndex:
        """Return an index over these folders."""
        return FileIndex(
            {kind: [Path(path) for path in paths] for kind, paths in self.folders.items()},
            {name: Path(path) for name, path in self.named.items()},
            Path(self.memory) if self.memory else None,
        )

    def engine(self) -> Engine:
        """Load the packs and return an engine in this process."""
        loaded = load_packs(self.packs, self.device)
        return Engine(loaded, self.files(), Cache(MemoryStore(self.cache_bytes)))


def user_settings(
    named: Mapping[str, Path], *, device: str = "auto", project: Sequence[Path] = ()
) -> EngineSettings:
    """Return the settings of this user: models folders, and the shipped files `named`.

    Files of every kind are also looked for in the folders `project`.
    """
    roots = [Path(p) for p in os.environ.get(MODELS_VARIABLE, "").split(os.pathsep) if p]
    roots.append(platformdirs.user_data_path("sfumato", appauthor=False) / "models")
    folders = {
        kind: tuple(str(root / name) for root in roots) for kind, name in MODEL_FOLDERS.items()
    }
    folders[""] = tuple(str(folder.absolute()) for folder in project)
    cache = platformdirs.user_cache_path("sfumato", appauthor=False)
    return EngineSettings(
        device=device,
        folders=folders,
        named={name: str(path) for name, path in named.items()},
        memory=str(cache / "fingerprints.json"),
    )
