"""Bookmarks: numbered places of a document, kept in its file under `bookmarks`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from graph.edits import Change, Edit

if TYPE_CHECKING:
    from graph.graph import Graph

KEY = "bookmarks"
DIGITS = "123456789"


class Bookmark(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where one looks: the middle of the view, the zoom, and the way into subgraphs."""

    at: tuple[float, float]
    zoom: float = 1.0
    path: tuple[str, ...] = ()


def bookmarks(graph: Graph) -> dict[str, Bookmark]:
    """Return the bookmarks of a document by their digits; what cannot be read is passed over."""
    kept = graph.extra.get(KEY)
    if not isinstance(kept, dict):
        return {}
    found: dict[str, Bookmark] = {}
    for digit, value in kept.items():
        if digit in DIGITS:
            try:
                found[digit] = msgspec.convert(value, Bookmark)
            except msgspec.ValidationError:
                continue
    return found


def set_bookmark(graph: Graph, digit: str, bookmark: Bookmark | None) -> Edit:
    """Set the bookmark `digit`, or take it away."""
    if digit not in DIGITS:
        message = f"bookmarks are numbered 1 to 9, not {digit!r}"
        raise ValueError(message)
    kept = bookmarks(graph) | ({digit: bookmark} if bookmark is not None else {})
    if bookmark is None:
        kept.pop(digit, None)
    # As a file would give them back.
    plain = {key: msgspec.json.decode(msgspec.json.encode(kept[key])) for key in sorted(kept)}
    extra = graph.extra.delete(KEY) if KEY in graph.extra else graph.extra
    if plain:
        extra = extra.set(KEY, plain)
    return Edit(msgspec.structs.replace(graph, extra=extra), Change())
