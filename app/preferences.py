"""What the app remembers of its user between starts."""

from __future__ import annotations

import contextlib
from pathlib import Path

import msgspec
import platformdirs

from graph.atomic import write_atomic


class Preferences(msgspec.Struct, kw_only=True):
    """Small choices; what cannot be read begins anew, for none of it is work."""

    theme: str = "dark"
    """"dark", "light" or "system"."""
    viewer: bool = True
    """Whether the viewer is shown."""
    minimap: bool = False
    """Whether the minimap is shown."""
    snap: bool = True
    """Whether what is dragged keeps to the grid and its neighbours."""
    folder: str = ""
    """Where a graph was opened or saved last."""
    output: str = ""
    """Where pictures are written; empty for a folder of our own among the user's pictures."""
    scale: int = 100
    """Size of all that is on the screen, in percent of what the system asks for."""
    still: bool = False
    """Whether nothing is animated."""
    keys: dict[str, list[str]] = {}
    """Keys that the user gave to commands, by their names."""
    reopen: bool = False
    """Whether a start opens the files that were open when the program was left."""
    open_files: list[str] = []
    """Those files."""
    recent_nodes: list[str] = []
    """Ids of node types that were added lately, the latest first."""
    favourite_nodes: list[str] = []
    """Ids of node types that were marked."""

    @property
    def output_folder(self) -> Path:
        """Where pictures are written."""
        if self.output:
            return Path(self.output)
        return Path(platformdirs.user_pictures_path()) / "Sfumato"


def _path() -> Path:
    return Path(platformdirs.user_config_path("sfumato", appauthor=False)) / "app.json"


def read_preferences() -> Preferences:
    """Return what was remembered."""
    try:
        return msgspec.json.decode(_path().read_bytes(), type=Preferences)
    except (OSError, msgspec.DecodeError):
        return Preferences()


def keep_preferences(preferences: Preferences) -> None:
    """Remember `preferences`; a disk that refuses them is no reason to disturb anyone."""
    with contextlib.suppress(OSError):
        _path().parent.mkdir(parents=True, exist_ok=True)
        write_atomic(_path(), msgspec.json.format(msgspec.json.encode(preferences)))
