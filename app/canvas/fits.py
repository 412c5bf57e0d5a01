"""Which sockets a dragged wire may end in: by type, and without closing a circle."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from app.canvas.face import Side
from app.editing import socket_type
from graph.catalog import REROUTE
from graph.graph import Source, Target
from graph.reroutes import carried, clash

if TYPE_CHECKING:
    from app.level import Level
    from graph.spec import NodeSpec

Fits: TypeAlias = "dict[str, frozenset[tuple[Side, str]]]"


def fitting_sockets(level: Level, end: Source | Target) -> Fits:
    """Return, by node, the sockets that a wire from the open end `end` may be put into."""
    graph, catalog = level.graph, level.catalog
    forward = isinstance(end, Source)
    kind = socket_type(level, end)
    closed = graph.upstream({end.node}) if forward else graph.downstream({end.node})
    by_type: dict[str, frozenset[tuple[Side, str]]] = {}
    found: Fits = {}
    for node in graph.nodes.values():
        if node.id in closed:
            continue
        if node.type == REROUTE.id:
            sockets = _of_dot(level, end, node.id)
        else:
            known = by_type.get(node.type)
            if known is None:
                spec = catalog.get(node.type)
                known = (
                    frozenset() if spec is None else _of_type(level, spec, kind, forward=forward)
                )
                by_type[node.type] = known
            sockets = known
        if sockets:
            found[node.id] = sockets
    return found


def _of_type(
    level: Level, spec: NodeSpec, kind: str, *, forward: bool
) -> frozenset[tuple[Side, str]]:
    accepts = level.catalog.sockets.accepts
    if forward:
        return frozenset((Side.INPUT, i.name) for i in spec.inputs if accepts(i.type, kind))
    return frozenset((Side.OUTPUT, o.name) for o in spec.outputs if accepts(kind, o.type))


def _of_dot(level: Level, end: Source | Target, node_id: str) -> frozenset[tuple[Side, str]]:
    """Return the socket of a dot that fits: it takes what all behind it take."""
    graph, catalog = level.graph, level.catalog
    if isinstance(end, Source):
        fits = clash(graph, catalog, end, Target(node_id, "value")) is None
        return frozenset({(Side.INPUT, "value")} if fits else ())
    given = carried(graph, catalog, Source(node_id, "value"))
    fits = catalog.sockets.accepts(socket_type(level, end), given)
    return frozenset({(Side.OUTPUT, "value")} if fits else ())
