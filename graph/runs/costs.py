"""What nodes cost: learned from the runs there were, robust against the odd slow one.

A cost is known for a node of a document and for a node type, each in an environment (device,
precision, library versions). It scales with the steps that a body told of and with the pixels of
the picture at hand; the median of the last runs stands for all.
"""

from __future__ import annotations

import statistics
import time
from threading import Lock
from typing import TYPE_CHECKING

import msgspec

from graph.events import Status
from graph.order import ordered
from graph.runs.places import Places, top_of
from graph.spec import IntWidget

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping

    from graph.catalog import Catalog
    from graph.graph import Graph
    from graph.runs.database import RunDatabase
    from graph.runs.record import NodeRecord

_RECENT = 9
"""Measurements that a median is taken of: enough to outvote a few odd ones, few enough to learn."""
_MOST_KEYS = 20_000
_STEPS, _WIDTH, _HEIGHT = "steps", "width", "height"


class Sample(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One measurement."""

    ms: float
    steps: int = 0
    """Those that its widget asked for, else those that the body told of; 0 where neither did."""
    pixels: int = 0
    """0 where no size is known."""


class Load(msgspec.Struct, frozen=True, gc=False):
    """What a node's cost depends on, as far as it is known before it runs."""

    node: str
    type: str
    steps: int = 0
    pixels: int = 0


def predict(samples: Iterable[Sample], steps: int = 0, pixels: int = 0) -> float | None:
    """Return the milliseconds that work of this size takes; None without a measurement."""
    scaled = [
        sample.ms * _ratio(steps, sample.steps) * _ratio(pixels, sample.pixels)
        for sample in samples
    ]
    return statistics.median(scaled) if scaled else None


def _ratio(now: int, then: int) -> float:
    return now / then if now > 0 and then > 0 else 1.0


class Costs:
    """All that was measured; may be used from any thread."""

    def __init__(self, database: RunDatabase | None = None) -> None:
        """Know nothing; `database` keeps what is learned."""
        self._database = database
        self._lock = Lock()
        self._samples: dict[str, tuple[Sample, ...]] = {}

    def load(self) -> None:
        """Take in what is kept, on the writer's thread."""
        if self._database is not None:
            self._database.submit(self._read)

    def _read(self, connection: sqlite3.Connection) -> None:
        found = {
            key: samples
            for key, data in connection.execute("select key, samples from costs")
            if (samples := _unpack(data))
        }
        with self._lock:
            self._samples.update(found)

    def learn(
        self,
        document: str,
        environment: str,
        nodes: Iterable[NodeRecord],
        loads: Mapping[str, Load],
    ) -> None:
        """Take in what the `nodes` of a run cost; `loads` are those of its graph."""
        fresh: list[tuple[str, Sample]] = []
        for node in nodes:
            if node.status is Status.RAN:
                load = loads.get(node.node, Load(node.node, node.type))
                # What is asked for, as it is known before; a body may tell of fewer, or of others.
                sample = Sample(node.ms, load.steps or node.steps, load.pixels)
                keys = _keys(document, environment, node.node, node.type)
                fresh.extend((key, sample) for key in keys)
        with self._lock:
            for key, sample in fresh:
                self._samples[key] = (*self._samples.get(key, ()), sample)[-_RECENT:]
        if fresh and self._database is not None:
            self._database.submit(lambda connection: _write(connection, fresh))

    def of(self, document: str, environment: str, load: Load) -> float | None:
        """Return the milliseconds that a node will take; None where nothing like it ever ran."""
        for key in _keys(document, environment, load.node, load.type):
            with self._lock:
                samples = self._samples.get(key, ())
            if samples:
                return predict(samples, load.steps, load.pixels)
        return None


def _keys(document: str, environment: str, node: str, kind: str) -> tuple[str, str]:
    return f"{environment}\n{document}\n{node}\n{kind}", f"{environment}\n{kind}"


def _unpack(data: bytes) -> tuple[Sample, ...]:
    try:
        return msgspec.msgpack.decode(data, type=tuple[Sample, ...])
    except msgspec.DecodeError:
        return ()  # written by another version of the program


def _write(connection: sqlite3.Connection, fresh: Iterable[tuple[str, Sample]]) -> None:
    now = time.time()
    for key, sample in fresh:
        query = "select samples from costs where key = ?"
        found = connection.execute(query, (key,)).fetchone()
        # What other instances learned meanwhile counts too.
        samples = (*(_unpack(found[0]) if found else ()), sample)[-_RECENT:]
        row = (key, msgspec.msgpack.encode(samples), now)
        connection.execute("insert or replace into costs values (?, ?, ?)", row)
    connection.execute(
        "delete from costs where key in ("
        " select key from costs order by used limit max(0, (select count(*) from costs) - ?))",
        (_MOST_KEYS,),
    )


# What a node's cost depends on


def loads_of(graph: Graph, catalog: Catalog, paths: Iterable[str]) -> dict[str, Load]:
    """Return the load of each node in `paths`; linear in the graph."""
    places = Places(graph, catalog)
    areas = _areas(graph, places)
    loads = {}
    for path in paths:
        node = places.node(path)
        if node is not None:
            area = _area(places, path) or areas.get(top_of(path), 0)
            loads[path] = Load(path, node.type, _number(places, path, _STEPS), area)
    return loads


def _areas(graph: Graph, places: Places) -> dict[str, int]:
    """Return the pixels that each node works on: its own size, else the largest before it."""
    areas: dict[str, int] = {}
    for node_id in ordered(graph, graph.nodes):
        before = (
            areas.get(source.node, 0)
            for sources in graph.nodes[node_id].wires.values()
            for source in sources
        )
        areas[node_id] = _area(places, node_id) or max(before, default=0)
    return areas


def _area(places: Places, path: str) -> int:
    return _number(places, path, _WIDTH) * _number(places, path, _HEIGHT)


def _number(places: Places, path: str, name: str) -> int:
    """Return what a whole-number widget holds; 0 where there is none or it is wired."""
    node, spec = places.node(path), places.spec(path)
    item = spec.input(name) if spec is not None else None
    if node is None or item is None or not isinstance(item.widget, IntWidget) or name in node.wires:
        return 0
    value = node.params.get(name, item.default)
    return value if isinstance(value, int) else 0
