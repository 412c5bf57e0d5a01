"""The model weights that ship with the program, by the name that graphs use for them."""

from __future__ import annotations

from pathlib import Path


def named() -> dict[str, Path]:
    """Return name -> folder of each shipped model that is there."""
    models = {"cutout": Path(__file__).parent / "cutout" / "model"}
    return {name: path for name, path in models.items() if path.is_dir()}
