"""Which sockets a dragged wire may end in: by type, and without closing a circle."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from app.canvas.face import Side
from app.editing import socket_type
from graph.graph import Source

if TYPE_CHECKING:
    from app.document import Document
    from graph.graph import Target

Fits: TypeAlias = "dict[str, frozenset[tuple[Side, str]]]"


def fitting_sockets(document: Document, end: Source | Target) -> Fits:
    """Return, by node, the sockets that a wire from the open end `end` may be put into."""
    graph, catalog = document.graph, document.catalog
    carried = socket_type(document, end)
    accepts = catalog.sockets.accepts
    forward = isinstance(end, Source)
    closed = graph.upstream({end.node}) if forward else graph.downstream({end.node})
    by_type: dict[str, frozenset[tuple[Side, str]]] = {}
    for spec in catalog:
        if forward:
            sockets = [(Side.INPUT, i.name) for i in spec.inputs if accepts(i.type, carried)]
        else:
            sockets = [(Side.OUTPUT, o.name) for o in spec.outputs if accepts(carried, o.type)]
        by_type[spec.id] = frozenset(sockets)
    return {
        node.id: by_type[node.type]
        for node in graph.nodes.values()
        if node.id not in closed and by_type.get(node.type)
    }
