"""What a widget holds: the plain, immutable values that a graph file stores."""

from __future__ import annotations

import re
from typing import TypeAlias

import msgspec


class FileRef(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file that a graph needs, named so that it means the same on every machine.

    Its name is relative to a model, project or asset folder, with `/` between its parts and never
    absolute. `sha256` is the lowercase hexadecimal digest of the content (of a folder: see
    `graph.files`), or empty while it is not known.
    """

    name: str = msgspec.field(name="file")
    sha256: str = ""


Plain: TypeAlias = bool | int | float | str | FileRef | None
Param: TypeAlias = Plain | tuple[Plain, ...]


def is_portable(name: str) -> bool:
    """Say whether `name` is relative and stays below the folder that it is looked for in."""
    parts = re.split(r"[\\/]", name)
    return bool(parts[0]) and parts[0][0] != "~" and parts[0][1:2] != ":" and ".." not in parts


def show(value: Param, limit: int = 40) -> str:
    """Return `value` as a person would write it, cut to `limit` characters."""
    match value:
        case FileRef():
            text = value.name
        case float():
            text = f"{value:g}"
        case str():
            text = value.replace("\n", " ")
        case _:
            text = str(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"
