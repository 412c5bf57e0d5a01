"""The graph inside a PNG: one uncompressed text chunk, so that every reader opens the picture.

Pillow refuses whole pictures whose compressed text inflates past 1 MiB, so the graph is written as
`tEXt` (PNG specification, 11.3.3), which is Latin-1: JSON is escaped to ASCII for it.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

from graph.errors import SfumatoError

if TYPE_CHECKING:
    from collections.abc import Iterator

SIGNATURE = b"\x89PNG\r\n\x1a\n"
KEYWORD = b"sfumato"
_HEAD = struct.Struct(">I4s")
_CHECK = 4
"""Bytes of the checksum at the end of a chunk."""


def chunks(data: bytes) -> Iterator[tuple[bytes, bytes, int]]:
    """Yield type, content and offset of each chunk; stop at the first that is cut short."""
    offset = len(SIGNATURE)
    while data.startswith(SIGNATURE) and offset + _HEAD.size <= len(data):
        length, kind = _HEAD.unpack_from(data, offset)
        start = offset + _HEAD.size
        if start + length + _CHECK > len(data):
            return
        yield kind, data[start : start + length], offset
        offset = start + length + _CHECK


def read_graph(data: bytes) -> bytes | None:
    """Return the graph file inside the PNG `data`, or None when there is none."""
    for kind, content, _offset in chunks(data):
        keyword, _, text = content.partition(b"\0")
        if kind == b"tEXt" and keyword == KEYWORD:
            return text
    return None


def with_graph(data: bytes, graph: bytes) -> bytes:
    """Return the PNG `data` with the graph file `graph` inside, before the pixels.

    A graph that is there already gives way to it.
    """
    parts = [SIGNATURE]
    for kind, content, offset in chunks(data):
        last = offset + _HEAD.size + len(content) + _CHECK
        if kind == b"IDAT":
            return b"".join([*parts, text_chunk(KEYWORD, ascii_json(graph)), data[offset:]])
        if not (kind == b"tEXt" and content.startswith(KEYWORD + b"\0")):
            parts.append(data[offset:last])
    raise SfumatoError("this is not a PNG with pixels, so no graph can be put into it")


def ascii_json(text: bytes) -> bytes:
    """Return JSON text with every character beyond ASCII escaped."""
    # JSON has such characters only inside strings, where \uXXXX stands for them.
    plain = text.decode()
    if plain.isascii():
        return text
    escaped = (c if c.isascii() else _escape(c) for c in plain)
    return "".join(escaped).encode("ascii")


def _escape(character: str) -> str:
    units = character.encode("utf-16-be")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))


def text_chunk(keyword: bytes, text: bytes) -> bytes:
    """Return a `tEXt` chunk."""
    return chunk(b"tEXt", keyword + b"\0" + text)


def chunk(kind: bytes, content: bytes) -> bytes:
    """Return a chunk: length, kind, content and checksum."""
    check = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + check
