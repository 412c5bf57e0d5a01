"""Finding parts of a document by words: titles, types, values, texts, also inside subgraphs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from graph import painted
from graph.params import FileRef
from graph.subgraphs import subgraph_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graph.catalog import Catalog
    from graph.graph import Graph, Node
    from graph.params import Param

MOST = 500
"""More are not listed: who finds so many types another letter."""


class Found(NamedTuple):
    """A part, and the nodes through which one gets to where it is."""

    path: tuple[str, ...]
    part: str
    where: str
    """What of it holds the words: "title", "type", "value" or "text"."""


def find(graph: Graph, catalog: Catalog, words: str) -> list[Found]:
    """Return the parts that hold all of `words`, titles first, then types, then values.

    `catalog` has the types of the document's subgraphs.
    """
    tokens = words.casefold().split()
    if not tokens:
        return []
    found = list(_found(graph, graph, catalog, tokens, ()))
    rank = {"title": 0, "type": 1, "text": 2, "value": 3}
    found.sort(key=lambda item: (rank[item[1].where], len(item[1].path), item[0]))
    return [item for _place, item in found[:MOST]]


def _found(
    whole: Graph, body: Graph, catalog: Catalog, tokens: list[str], path: tuple[str, ...]
) -> Iterator[tuple[tuple[float, float, str], Found]]:
    for node in body.nodes.values():
        where = _where(node, catalog, tokens)
        if where:
            x, y = node.position
            yield (y, x, node.id), Found(path, node.id, where)
        inside = subgraph_of(whole, node.type)
        if inside is not None:
            yield from _found(whole, inside.body, catalog, tokens, (*path, node.id))
    for frame in body.frames.values():
        if _holds(frame.title, tokens):
            yield (frame.position[1], frame.position[0], frame.id), Found(path, frame.id, "title")
    for note in body.notes.values():
        if _holds(note.text, tokens):
            yield (note.position[1], note.position[0], note.id), Found(path, note.id, "text")


def _where(node: Node, catalog: Catalog, tokens: list[str]) -> str:
    spec = catalog.get(node.type)
    title = node.title or (spec.title if spec is not None else "")
    if _holds(title, tokens):
        return "title"
    if _holds(f"{title} {node.type} {spec.category if spec is not None else ''} {node.id}", tokens):
        return "type"
    values = " ".join(_said(value) for value in node.params.values())
    return "value" if _holds(f"{title} {values}", tokens) else ""


def _said(value: Param) -> str:
    if isinstance(value, tuple):
        return " ".join(_said(item) for item in value)
    if isinstance(value, str) and value.startswith(painted.PREFIX):
        return ""  # pixels, in which every short word is found somewhere
    return value.name if isinstance(value, FileRef) else "" if value is None else str(value)


def _holds(text: str, tokens: list[str]) -> bool:
    folded = text.casefold()
    return all(token in folded for token in tokens)
