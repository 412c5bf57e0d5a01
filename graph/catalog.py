"""The catalog: every node type that can be put into a graph, as data."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

import msgspec

from graph.errors import UnknownNodeError
from graph.sockets import ANY, SocketType, SocketTypes
from graph.spec import InputSpec, NodeSpec, OutputSpec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


REROUTE = NodeSpec(
    id="graph/reroute",
    title="Reroute",
    category="Layout",
    summary="A dot that a wire goes through.",
    doc="A dot that a wire goes through.",
    inputs=(InputSpec(name="value", label="", type=ANY.name),),
    outputs=(OutputSpec(name="value", label="", type=ANY.name),),
    synonyms=("dot",),
)
"""Known to every catalog and listed in none: dots are drawn on wires, not picked from a list."""


class Catalog:
    """Node specifications by id, and the socket types that they use; never changed once built."""

    def __init__(self, specs: Iterable[NodeSpec] = (), sockets: SocketTypes | None = None) -> None:
        """Hold `specs`, whose ids must differ."""
        self.sockets = sockets or SocketTypes()
        self._specs = {spec.id: spec for spec in specs}

    def get(self, type_id: str) -> NodeSpec | None:
        """Return the specification of `type_id`, or None for a type that is not installed."""
        return REROUTE if type_id == REROUTE.id else self._specs.get(type_id)

    def extended(self, specs: Iterable[NodeSpec]) -> Catalog:
        """Return this catalog with `specs` added, or in the place of those of the same id."""
        return Catalog((*self._specs.values(), *specs), self.sockets)

    def require(self, type_id: str) -> NodeSpec:
        """Return the specification of `type_id`; raise with the nearest name when it is unknown."""
        spec = self.get(type_id)
        if spec is None:
            near = get_close_matches(type_id, self._specs, n=1)
            hint = f": did you mean {near[0]!r}?" if near else ": install the pack that brings it"
            message = f"no node type {type_id!r}{hint}"
            raise UnknownNodeError(message)
        return spec

    def __iter__(self) -> Iterator[NodeSpec]:
        """Yield all specifications, sorted by id."""
        return iter(sorted(self._specs.values(), key=lambda spec: spec.id))

    def __len__(self) -> int:
        """Return the number of node types."""
        return len(self._specs)


class _Published(msgspec.Struct, frozen=True):
    """The catalog on disk and between processes."""

    nodes: tuple[NodeSpec, ...]
    sockets: tuple[SocketType, ...]
    conversions: tuple[tuple[str, str], ...]


def dump_catalog(catalog: Catalog) -> bytes:
    """Return `catalog` as JSON, in a stable order."""
    published = _Published(
        tuple(catalog),
        tuple(sorted(catalog.sockets.types.values(), key=lambda socket: socket.name)),
        tuple(sorted(catalog.sockets.conversions)),
    )
    return msgspec.json.format(msgspec.json.encode(published), indent=1)


def load_catalog(data: bytes) -> Catalog:
    """Return the catalog that `dump_catalog` wrote; raise `msgspec.DecodeError` when it is not."""
    published = msgspec.json.decode(data, type=_Published)
    sockets = SocketTypes(
        {socket.name: socket for socket in published.sockets}, frozenset(published.conversions)
    )
    return Catalog(published.nodes, sockets)
