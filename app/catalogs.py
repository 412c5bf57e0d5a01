"""The catalog that the canvas begins with, before an engine is there."""

from __future__ import annotations

import contextlib
from pathlib import Path

import msgspec
import platformdirs

from graph.atomic import write_atomic
from graph.catalog import Catalog, load_catalog
from resources import catalog as shipped


def _kept() -> Path:
    return Path(platformdirs.user_cache_path("sfumato", appauthor=False)) / "catalog.json"


def first_catalog() -> Catalog:
    """Return the shipped node types, and those that the last engine brought besides."""
    base = load_catalog(shipped.read())
    try:
        last = load_catalog(_kept().read_bytes())
    except (OSError, msgspec.DecodeError):
        # A cache: without it the canvas begins with the built-in nodes.
        return base
    # The shipped types go last and win: the cache may be of an older version.
    return Catalog((*last, *base), last.sockets)


def keep_catalog(data: bytes) -> None:
    """Remember the catalog that an engine published, for the next start."""
    path = _kept()
    with contextlib.suppress(OSError):
        if not path.exists() or path.read_bytes() != data:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomic(path, data)
