"""The specifications of the built-in nodes, so that the canvas is there before the engine is.

`sfumato nodes --publish` writes the file from the nodes; a test proves that it is current.
"""

from __future__ import annotations

from pathlib import Path

PATH = Path(__file__).parent / "catalog.json"


def read() -> bytes:
    """Return the built-in catalog, as `graph.catalog.load_catalog` takes it."""
    return PATH.read_bytes()
