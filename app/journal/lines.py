"""What stands in a journal, and how a line of it is told from one that was cut off.

A line is eight hexadecimal digits, a space, JSON, a line break. The digits are the CRC-32 of the
JSON, begun with that of the line before: a line that is cut, altered or missing ends what is read.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias
from zlib import crc32

import msgspec

from app.journal.codec import Patch, encode

if TYPE_CHECKING:
    from collections.abc import Iterator

VERSION = 1
_DIGITS = 8


class Begun(msgspec.Struct, frozen=True, tag="begun", tag_field="do", omit_defaults=True):
    """The first line: the document, and the graph that its undo history begins with."""

    base: Patch
    """What turns an empty graph into it."""
    version: int = VERSION
    path: bytes = b""
    """The document's file as the system names it; empty for none."""
    digest: str = ""
    """sha256 of what was in that file when it was last read or written here."""
    template: str = ""
    clean: bool = False
    """Whether the graph is the one that is in the file."""


class Edited(msgspec.Struct, frozen=True, tag="edited", tag_field="do", omit_defaults=True):
    """An edit: a step of the undo history, or more of the last one."""

    name: str
    patch: Patch
    merged: bool = False


class Travelled(msgspec.Struct, frozen=True, tag="travelled", tag_field="do"):
    """Undo, redo, or a jump: so many steps are done now."""

    position: int


class Saved(msgspec.Struct, frozen=True, tag="saved", tag_field="do"):
    """The graph as it stands is in this file, whose content has this sha256."""

    path: bytes
    digest: str


SAVED = b'{"do":"saved"'
"""How the JSON of such a line begins."""


class Detached(msgspec.Struct, frozen=True, tag="detached", tag_field="do"):
    """The file holds something else now: what is here is not saved."""

    digest: str
    """sha256 of what is in the file and may be written over; empty when it is gone."""


Line: TypeAlias = Begun | Edited | Travelled | Saved | Detached


class Head(msgspec.Struct, frozen=True, tag="begun", tag_field="do"):
    """As much of the first line as is wanted to name the document."""

    version: int = VERSION
    path: bytes = b""
    template: str = ""


def written(line: Line, before: int = 0) -> tuple[bytes, int]:
    """Return `line` as it is written after a line with checksum `before`, and its own checksum."""
    text = encode(line)
    check = crc32(text, before)
    return b"%08x %s\n" % (check, text), check


def sound(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield the JSON of each line that is whole, where it ends in `data`, and its checksum."""
    start, check = 0, 0
    while (end := data.find(b"\n", start)) >= 0:
        digits, text = data[start : start + _DIGITS], data[start + _DIGITS + 1 : end]
        check = crc32(text, check)
        if digits != b"%08x" % check or data[start + _DIGITS : start + _DIGITS + 1] != b" ":
            return
        start = end + 1
        yield text, start, check


def path_bytes(path: Path | None) -> bytes:
    """Return `path` as a journal holds it: a name need not be text to the system."""
    return b"" if path is None else os.fsencode(path)


def bytes_path(name: bytes) -> Path | None:
    """Return the path that a journal holds as `name`."""
    return Path(os.fsdecode(name)) if name else None
