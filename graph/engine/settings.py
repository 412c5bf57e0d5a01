"""What an engine is started with: the same for the command line, the app and its worker."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import platformdirs

from graph.atomic import write_atomic
from graph.cache import Cache, MemoryStore
from graph.errors import SfumatoError
from graph.execute import Engine
from graph.files import FileIndex
from graph.pack import load_packs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

BUILT_IN_PACKS = ("nodes",)

#: Kind of file -> its folders below a models folder, as ComfyUI and A1111 call them.
MODEL_FOLDERS: Mapping[str, tuple[str, ...]] = {
    "checkpoint": ("checkpoints", "Stable-diffusion", "diffusers"),
    "vae": ("vae", "VAE"),
    "lora": ("loras", "Lora"),
    "controlnet": ("controlnet", "ControlNet"),
    "embedding": ("embeddings",),
    "depth": ("depth",),
    "normal": ("normal",),
    "pose": ("pose",),
    "detection": ("detection",),
    "tokenizer": ("tokenizers",),
    "wildcard": ("wildcards",),
    "style": ("styles",),
}
MODELS_VARIABLE = "SFUMATO_MODELS"
"""Environment variable with more models folders, separated as in PATH."""


class SettingsError(SfumatoError):
    """The settings file of the user cannot be read."""


class EngineSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Packs, device, folders and limits of an engine."""

    packs: tuple[str, ...] = BUILT_IN_PACKS
    device: str = "auto"
    folders: dict[str, tuple[str, ...]] = {}
    """Folders to look for files in, by kind; the kind "" is looked in for all."""
    named: dict[str, str] = {}
    """Files that ship with the program, by the name that graphs use."""
    kinds: dict[str, str] = {}
    """Of what kind each named file is; a checkpoint where it is not said."""
    memory: str = ""
    """JSON file that keeps fingerprints between sessions; empty for none."""
    cache_bytes: int = 2 << 30
    """Bytes of outputs to hold in RAM."""
    cache_folder: str = ""
    """Where finished work is kept on disk; empty for nowhere."""
    disk_bytes: int = 16 << 30
    """Bytes of outputs to keep on disk."""

    def files(self) -> FileIndex:
        """Return an index over these folders."""
        return FileIndex(
            {kind: [Path(path) for path in paths] for kind, paths in self.folders.items()},
            {name: Path(path) for name, path in self.named.items()},
            Path(self.memory) if self.memory else None,
            self.kinds,
        )

    def engine(self) -> Engine:
        """Load the packs and return an engine in this process."""
        loaded = load_packs(self.packs, self.device)
        disk = None
        if self.cache_folder:
            # The window, which only hands these settings on, need not load it.
            from graph.disk import DiskCache

            disk = DiskCache(Path(self.cache_folder), loaded.handlers, self.disk_bytes)
        return Engine(loaded, self.files(), Cache(MemoryStore(self.cache_bytes), disk))


class UserFile(msgspec.Struct, kw_only=True):
    """What the user's settings file holds."""

    models: list[str] = []
    """Models folders, such as that of another program: their files are read, never changed."""
    cache_bytes: int = 0
    """Bytes of outputs to hold in RAM; 0 for what the engine comes with."""
    disk_bytes: int = 0
    """Bytes of outputs to keep on disk; 0 as above."""


def user_file() -> Path:
    """Return where the user's settings file lies."""
    return platformdirs.user_config_path("sfumato", appauthor=False) / "settings.json"


def read_user_file() -> UserFile:
    """Return the user's settings; raise `SettingsError` when the file is damaged."""
    path = user_file()
    try:
        return msgspec.json.decode(path.read_bytes(), type=UserFile)
    except FileNotFoundError:
        return UserFile()
    except (OSError, msgspec.DecodeError) as error:
        raise SettingsError(f"{path}: {error}; mend or delete it") from error


def write_user_file(user: UserFile) -> None:
    """Keep the user's settings."""
    path = user_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(path, msgspec.json.format(msgspec.json.encode(user)) + b"\n")


def models_folders() -> list[Path]:
    """Return the models folders of this user: from the environment, the settings, and our own."""
    named = os.environ.get(MODELS_VARIABLE, "").split(os.pathsep)
    own = platformdirs.user_data_path("sfumato", appauthor=False) / "models"
    paths = [Path(path) for path in (*named, *read_user_file().models) if path]
    return list(dict.fromkeys(path.expanduser().absolute() for path in (*paths, own)))


def user_settings(
    shipped: Mapping[str, Mapping[str, Path]],
    *,
    device: str = "auto",
    project: Sequence[Path] = (),
) -> EngineSettings:
    """Return the settings of this user: models folders, and the `shipped` files by kind and name.

    Files of every kind are also looked for in the folders `project`.
    """
    roots = models_folders()
    folders = {
        kind: tuple(str(root / name) for root in roots for name in names)
        for kind, names in MODEL_FOLDERS.items()
    }
    folders[""] = tuple(str(folder.absolute()) for folder in project)
    cache = platformdirs.user_cache_path("sfumato", appauthor=False)
    user, first = read_user_file(), EngineSettings()
    return EngineSettings(
        device=device,
        folders=folders,
        named={name: str(path) for files in shipped.values() for name, path in files.items()},
        kinds={name: kind for kind, files in shipped.items() for name in files},
        memory=str(cache / "fingerprints.json"),
        cache_folder=str(cache / "outputs"),
        cache_bytes=user.cache_bytes or first.cache_bytes,
        disk_bytes=user.disk_bytes or first.disk_bytes,
    )
