"""The files that were picked last, by kind; only a convenience, so damage is passed over."""

from __future__ import annotations

import contextlib
from pathlib import Path

import msgspec
import platformdirs

from graph.atomic import write_atomic

MOST = 6


def _path() -> Path:
    return Path(platformdirs.user_cache_path("sfumato", appauthor=False)) / "recent-files.json"


def recent(kind: str) -> list[str]:
    """Return the names of the files of `kind` that were picked last, the newest first."""
    return _read().get(kind, [])


def remember(kind: str, name: str) -> None:
    """Note that a file was picked."""
    known = _read()
    known[kind] = list(dict.fromkeys([name, *known.get(kind, [])]))[:MOST]
    with contextlib.suppress(OSError, UnicodeEncodeError):
        _path().parent.mkdir(parents=True, exist_ok=True)
        write_atomic(_path(), msgspec.json.encode(known))


def _read() -> dict[str, list[str]]:
    try:
        return msgspec.json.decode(_path().read_bytes(), type=dict[str, list[str]])
    except (OSError, msgspec.DecodeError):
        return {}
