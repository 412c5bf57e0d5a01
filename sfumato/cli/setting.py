"""What every command starts from: this user's folders, the shipped models, the shipped catalog."""

from __future__ import annotations

from pathlib import Path

from graph.assets import document_folders
from graph.catalog import Catalog, load_catalog
from graph.engine.settings import EngineSettings, user_settings
from resources import catalog, models, templates


def settings(device: str = "auto", document: str = "") -> EngineSettings:
    """Return the settings of this user; files are also looked for beside the graph `document`."""
    path = Path(document)
    places = document_folders(path) if document and path.is_file() else ()
    return user_settings(models.by_kind(), device=device, project=[*places, templates.folder()])


def built_in_catalog() -> Catalog:
    """Return the specifications of the built-in nodes, without loading a node."""
    return load_catalog(catalog.read())
