"""Nodes as text on the clipboard: the same JSON as a graph file, readable and mailable."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from PySide6.QtGui import QGuiApplication

from graph.errors import FormatError
from graph.format import dump, parse
from graph.graph import Graph, Node, with_nodes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graph.catalog import Catalog

_MOST = 64 << 20
"""Characters of pasted text that are looked at."""


def copy_nodes(graph: Graph, ids: Iterable[str]) -> bool:
    """Put the nodes `ids` and the wires among them on the clipboard; say whether there were any."""
    chosen = {node_id for node_id in ids if node_id in graph.nodes}
    if not chosen:
        return False
    part = with_nodes(Graph(), put=[_alone(graph.nodes[key], chosen) for key in sorted(chosen)])
    QGuiApplication.clipboard().setText(dump(part).decode())
    return True


def _alone(node: Node, chosen: set[str]) -> Node:
    wires = node.wires
    for name, sources in node.wires.items():
        kept = tuple(source for source in sources if source.node in chosen)
        wires = wires.set(name, kept) if kept else wires.delete(name)
    return msgspec.structs.replace(node, wires=wires)


def pasted_nodes(catalog: Catalog) -> list[Node]:
    """Return the nodes on the clipboard.

    Raises:
        FormatError: What is there is not a graph; the text says why.
    """
    text = QGuiApplication.clipboard().text()
    if len(text) > _MOST:
        raise FormatError("is too large", file="clipboard")
    graph = parse(text.encode(), file="clipboard", catalog=catalog)
    return [graph.nodes[key] for key in sorted(graph.nodes)]
