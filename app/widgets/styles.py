"""Styles: pieces of prompts that the artist keeps in text files.

Each file is one style, named by the file. A text with `{prompt}` in it stands around the prompt,
any other is added at its end.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from graph.errors import MissingFileError
from graph.params import FileRef

if TYPE_CHECKING:
    from graph.files import FileIndex

KIND = "style"
_SUFFIX = ".txt"
_PLACE = "{prompt}"
_LARGEST = 64 << 10
_MOST = 200


@dataclass(frozen=True, slots=True)
class Style:
    """One style."""

    name: str
    text: str


def read_styles(files: FileIndex) -> list[Style]:
    """Return the artist's styles by name; a file that cannot be read is none."""
    found = []
    for name in files.names(KIND, (_SUFFIX,))[:_MOST]:
        try:
            path = files.find(FileRef(name), KIND)
            text = path.read_text(encoding="utf-8-sig")[:_LARGEST].strip()
        except (OSError, UnicodeDecodeError, MissingFileError):
            continue
        if text:
            found.append(Style(name.removesuffix(_SUFFIX), " ".join(text.split())))
    return found


def with_style(prompt: str, style: str) -> str:
    """Return `prompt` in that style."""
    plain = prompt.strip()
    if _PLACE in style:
        return style.replace(_PLACE, plain)
    return f"{plain.rstrip(',')}, {style}" if plain else style
