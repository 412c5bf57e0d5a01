"""Template graphs: graphs that ship with the program, each a file `NAME.json` in this folder."""

from __future__ import annotations

from pathlib import Path

_FOLDER = Path(__file__).parent


def names() -> tuple[str, ...]:
    """Return the names of all templates, sorted."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.json")))


def read(name: str) -> bytes:
    """Return the graph file of the template `name`; raise `KeyError` when there is none."""
    if name not in names():
        raise KeyError(name)
    return (_FOLDER / f"{name}.json").read_bytes()


def folder() -> Path:
    """Return the folder in which the pictures lie that templates name."""
    return _FOLDER / "files"
