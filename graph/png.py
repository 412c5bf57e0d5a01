"""The graph inside a PNG: one uncompressed text chunk, so that every reader opens the picture.

Pillow refuses whole pictures whose compressed text inflates past 1 MiB, so the graph is written as
`tEXt` (PNG specification, 11.3.3), which is Latin-1: JSON is escaped to ASCII for it.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

SIGNATURE = b"\x89PNG\r\n\x1a\n"
KEYWORD = b"sfumato"
_HEAD = struct.Struct(">I4s")


def chunks(data: bytes) -> Iterator[tuple[bytes, bytes, int]]:
    """Yield type, content and offset of each chunk; stop at the first that is cut short."""
    offset = len(SIGNATURE)
    while data.startswith(SIGNATURE) and offset + _HEAD.size <= len(data):
        length, kind = _HEAD.unpack_from(data, offset)
        start = offset + _HEAD.size
        if start + length + 4 > len(data):
            return
        yield kind, data[start : start + length], offset
        offset = start + length + 4


def read_graph(data: bytes) -> bytes | None:
    """Return the graph file inside the PNG `data`, or None when there is none."""
    for kind, content, _offset in chunks(data):
        keyword, _, text = content.partition(b"\0")
        if kind == b"tEXt" and keyword == KEYWORD:
            return text
    return None


def with_graph(data: bytes, graph: bytes) -> bytes:
    """Return the PNG `data` with the graph file `graph` inside, before the pixels."""
    place = next(offset for kind, _content, offset in chunks(data) if kind == b"IDAT")
    return data[:place] + text_chunk(KEYWORD, ascii_json(graph)) + data[place:]


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
    content = keyword + b"\0" + text
    return (
        struct.pack(">I", len(content))
        + b"tEXt"
        + content
        + struct.pack(">I", zlib.crc32(b"tEXt" + content))
    )
