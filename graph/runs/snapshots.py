"""Graphs in the runs file: each once, by the digest of its text, compressed."""

from __future__ import annotations

import hashlib
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

_LEVEL = 6


def keep_graph(connection: sqlite3.Connection, data: bytes) -> str:
    """Keep a graph's text (see `graph.format.dump`) and return its digest."""
    digest = hashlib.blake2b(data, digest_size=16).hexdigest()
    known = connection.execute("select 1 from graphs where digest = ?", (digest,)).fetchone()
    if known is None:
        packed = zlib.compress(data, _LEVEL)
        connection.execute("insert into graphs values (?, ?)", (digest, packed))
    return digest


def unpack_graph(data: bytes) -> bytes:
    """Return the text of a graph that was kept; raise `zlib.error` when it is damaged."""
    return zlib.decompress(data)


def drop_orphans(connection: sqlite3.Connection) -> None:
    """Forget graphs and thumbnails that no run and no order names."""
    connection.execute(
        "delete from graphs where not exists (select 1 from runs where graph = digest)"
        " and not exists (select 1 from queue where graph = digest)"
    )
    connection.execute(
        "delete from pictures where not exists (select 1 from runs where picture = digest)"
    )
