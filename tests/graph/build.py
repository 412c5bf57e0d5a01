"""Graphs for tests in one line a node, and an engine that tells which bodies ran."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from graph.edits import add_node, connect
from graph.events import NodeFailed, NodeFinished, NodeSkipped, NodeStarted, RunFinished
from graph.execute import Engine
from graph.files import FileIndex
from graph.graph import Graph, Source, Target
from graph.pack import Loaded, assemble
from graph.params import Param
from graph.report import Report
from tests.graph import pack

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graph.cache import Cache
    from graph.events import RunEvent
    from graph.reasons import Reason

LOADED: Loaded = assemble((pack.PACK,))
CATALOG = LOADED.catalog


class Part(NamedTuple):
    """A node to be built."""

    id: str
    type: str
    wires: Mapping[str, str | list[str]]
    params: Mapping[str, Param]


def n(
    id_: str, type_: str, wires: Mapping[str, str | list[str]] | None = None, **params: Param
) -> Part:
    """A node `id_` of the test pack; wires as `{"input": "node.output"}`."""
    return Part(id_, f"test/{type_}", wires or {}, params)


def build(*parts: Part, on: Graph | None = None) -> Graph:
    """The graph of `parts`, made by edits."""
    graph = on or Graph()
    for part in parts:
        graph = add_node(graph, CATALOG, part.type, node_id=part.id, params=part.params).graph
    for part in parts:
        for name, sources in part.wires.items():
            for source in [sources] if isinstance(sources, str) else sources:
                graph = wired(graph, source, f"{part.id}.{name}")
    return graph


def wired(graph: Graph, source: str, target: str) -> Graph:
    """`graph` with the wire from `node.output` to `node.input`."""
    return connect(graph, CATALOG, Source(*source.split(".")), Target(*target.split("."))).graph


def chain(length: int, value: int = 1) -> Graph:
    """A number and nodes that add one to it: n0 -> n1 -> ..., no two alike."""
    parts = [n("n0", "number", value=value)]
    parts += [n(f"n{i}", "fold", {"a": f"n{i - 1}.int"}, b=1) for i in range(1, length)]
    return build(*parts)


class Session:
    """An engine over the test pack and what it did in its last run."""

    def __init__(self, cache: Cache | None = None, files: FileIndex | None = None) -> None:
        self.engine = Engine(LOADED, files or FileIndex(), cache)
        self.events: list[RunEvent] = []
        self.bodies: list[str] = []
        self.report = Report(Graph(), CATALOG)

    def run(
        self,
        graph: Graph,
        *targets: str,
        folder: Path = Path("output"),
        force: bool = False,
    ) -> list[str]:
        """Run to the end and return the nodes whose bodies ran, in order."""
        self.events, self.report = [], Report(graph, CATALOG)
        pack.LOG.clear()
        events = self.engine.run(graph, targets=targets or None, output_folder=folder, force=force)
        with contextlib.closing(events):
            for event in events:
                self.events.append(event)
                self.report.add(event)
        self.bodies = list(pack.LOG)
        return self.bodies

    def finished(self, node: str) -> NodeFinished:
        """The last end of `node`."""
        found = [e for e in self.events if isinstance(e, NodeFinished) and e.node == node]
        return found[-1]

    def failed(self, node: str) -> NodeFailed:
        """The failure of `node`."""
        return next(e for e in self.events if isinstance(e, NodeFailed) and e.node == node)

    def skipped(self) -> dict[str, str]:
        """Nodes that were skipped, and why."""
        return {e.node: e.why for e in self.events if isinstance(e, NodeSkipped)}

    def reasons(self, node: str) -> tuple[Reason, ...]:
        """Why the body of `node` ran."""
        found = [e for e in self.events if isinstance(e, NodeStarted) and e.node == node]
        return found[-1].reasons

    def value(self, node: str, output: int = 0) -> object:
        """What an output of `node` holds."""
        return self.engine.value(self.finished(node).digests[output])

    @property
    def end(self) -> RunFinished:
        """How the run ended."""
        last = self.events[-1]
        assert isinstance(last, RunFinished)
        return last


def without_order(ids: Iterable[str]) -> set[str]:
    """`ids` as a set; a body that ran twice is an error."""
    listed = list(ids)
    assert len(listed) == len(set(listed)), f"ran twice: {sorted(listed)}"
    return set(listed)
