"""What every command starts from: this user's folders, the shipped models, the shipped catalog."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graph.catalog import Catalog, load_catalog
from graph.engine.settings import EngineSettings, user_settings
from resources import catalog, models, templates

if TYPE_CHECKING:
    from pathlib import Path


def settings(device: str = "auto", folder: Path | None = None) -> EngineSettings:
    """Return the settings of this user; files are also looked for in `folder`, the graph's own."""
    places = [templates.folder(), *([folder] if folder else [])]
    return user_settings(models.named(), device=device, project=places)


def built_in_catalog() -> Catalog:
    """Return the specifications of the built-in nodes, without loading a node."""
    return load_catalog(catalog.read())
