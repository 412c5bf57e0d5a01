"""Graphs and what differs between two of them, as JSON that gives back exactly what went in.

The file format (`graph.format`) reads through the catalog, fills in defaults and refuses what does
not fit. A journal must give back what was there, also when a plugin is gone: it knows no catalog.
"""

from __future__ import annotations

from itertools import compress, islice
from operator import is_not
from typing import Any, TypeVar, get_args, get_origin

import msgspec
from immutables import Map

from graph.graph import Graph, with_nodes

T = TypeVar("T")

_DERIVED, _NESTED = "readers", "subgraphs"
_EMPTY = Graph()
_FIELDS = {f.name: f.type for f in msgspec.structs.fields(Graph) if f.name != _DERIVED}
_TABLES = {name: get_args(kind)[1] for name, kind in _FIELDS.items() if get_origin(kind) is Map}
"""The fields of a graph that hold parts by id, and what the parts are."""


class Patch(msgspec.Struct, frozen=True, omit_defaults=True):
    """What turns one graph into another: parts by field of the graph and id."""

    put: dict[str, dict[str, msgspec.Raw]] = {}
    """Parts that are new or otherwise than before, as JSON."""
    drop: dict[str, list[str]] = {}
    """Ids of parts that are gone."""
    fields: dict[str, msgspec.Raw] = {}
    """Fields that hold no parts by id, as JSON."""
    inside: dict[str, Patch] = {}
    """What differs inside subgraphs that were there before: those in `put` come without a body."""


def encode(value: object) -> bytes:
    """Return `value`, in which persistent maps may lie, as JSON; raise when JSON cannot hold it."""
    return msgspec.json.encode(value, enc_hook=_plain)


def decode(data: bytes | msgspec.Raw, kind: type[T]) -> T:
    """Return the value of type `kind` in `data`; raise `msgspec.DecodeError` when it is none."""
    return msgspec.json.decode(data, type=kind, dec_hook=_persistent)


def _plain(value: object) -> object:
    if isinstance(value, Map):
        return dict(value)
    raise NotImplementedError(f"no JSON for {type(value).__name__}")


def _persistent(kind: type, value: Any) -> object:
    if kind is object:
        return value  # what a newer program wrote: plain as it is
    if get_origin(kind) is not Map:
        raise NotImplementedError(f"no {kind} from JSON")
    return Map(msgspec.convert(value, dict[get_args(kind)], dec_hook=_persistent))  # type: ignore[misc] # the types are known when it runs


def difference(old: Graph, new: Graph) -> Patch:
    """Return what turns `old` into `new`; parts that both share are not looked into."""
    put: dict[str, dict[str, msgspec.Raw]] = {}
    drop: dict[str, list[str]] = {}
    inside: dict[str, Patch] = {}
    for name in _TABLES:
        before, after = getattr(old, name), getattr(new, name)
        if before is after:
            continue
        changed = [key for key in _suspects(before, after) if before.get(key) is not after[key]]
        parts = {key: after[key] for key in changed}
        if name == _NESTED:
            inside = {key: difference(before[key].body, after[key].body)
                      for key in changed if key in before}  # fmt: skip
            shells = {key: msgspec.structs.replace(after[key], body=_EMPTY) for key in inside}
            for key, shell in shells.items():
                parts[key] = shell
                if shell == msgspec.structs.replace(before[key], body=_EMPTY):
                    del parts[key]
        if parts:
            put[name] = {key: msgspec.Raw(encode(part)) for key, part in parts.items()}
        if len(before) + sum(key not in before for key in changed) > len(after):
            drop[name] = [key for key in before if key not in after]
    fields = {
        name: msgspec.Raw(encode(getattr(new, name)))
        for name in _FIELDS.keys() - _TABLES.keys()
        if getattr(old, name) != getattr(new, name)
    }
    return Patch(put, drop, fields, inside)


def _suspects(before: Map[str, T], after: Map[str, T]) -> list[str]:
    """Return the keys of `after` that may hold another part than in `before`, and seldom more.

    Maps with the same keys come in the same order, so that nearly all that both share is passed
    over at the speed of C. Where that does not hold, a key is only suspected too much: a part that
    knows its id is never held under two keys. Those that do not are few, and are all suspected.
    """
    if not hasattr(next(iter(after.values()), None), "id"):
        return list(after)
    found = list(compress(after.keys(), map(is_not, after.values(), before.values())))
    found.extend(islice(after.keys(), len(before), None))
    return found


def apply(patch: Patch, graph: Graph) -> Graph:
    """Return `graph` with `patch` made; raise `msgspec.DecodeError` when it is not for graphs."""
    changed: dict[str, Any] = {
        name: decode(raw, _FIELDS[name]) for name, raw in patch.fields.items() if name in _FIELDS
    }
    for name, kind in _TABLES.items():
        put = {key: decode(raw, kind) for key, raw in patch.put.get(name, {}).items()}
        drop = [key for key in patch.drop.get(name, ()) if key in getattr(graph, name)]
        if name == _NESTED:
            for key, inner in patch.inside.items():
                old = graph.subgraphs[key]
                put[key] = msgspec.structs.replace(put.get(key, old), body=apply(inner, old.body))
        if name == "nodes":
            graph = with_nodes(graph, put=put.values(), remove=drop)
        elif put or drop:
            table = getattr(graph, name).mutate()
            table.update(put)
            for key in drop:
                del table[key]
            changed[name] = table.finish()
    return msgspec.structs.replace(graph, **changed) if changed else graph
