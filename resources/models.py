"""The model weights that ship with the program, by the name that graphs use for them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_CUTOUT: Final = Path(__file__).parent / "cutout"

_SHIPPED: Final[dict[str, dict[str, Path]]] = {
    "checkpoint": {"cutout": _CUTOUT / "model", "cutout-inpaint": _CUTOUT / "inpaint"},
    "controlnet": {"cutout-controlnet": _CUTOUT / "controlnet"},
    "lora": {
        name: _CUTOUT / "lora" / name
        for name in ("cutout-ink.safetensors", "cutout-torn-paper.safetensors")
    },
}


def by_kind() -> dict[str, dict[str, Path]]:
    """Return kind -> name -> file or folder of each shipped model that is there."""
    return {
        kind: {name: path for name, path in models.items() if path.exists()}
        for kind, models in _SHIPPED.items()
    }


def named() -> dict[str, Path]:
    """Return name -> file or folder of each shipped model that is there, of any kind."""
    return {name: path for models in by_kind().values() for name, path in models.items()}
