"""Graphs of the nodes in `structure_pack`, and an engine that runs them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from immutables import Map
from msgspec.structs import replace

from graph import edits
from graph.execute import Engine
from graph.files import FileIndex
from graph.flow import Flow
from graph.format import dump, parse
from graph.graph import (
    Graph,
    Loop,
    Source,
    Subgraph,
    SubgraphInput,
    SubgraphOutput,
    Target,
)
from graph.pack import assemble
from graph.report import Report
from graph.resolve import Known
from graph.subgraphs import localized
from tests.graph import pack, structure_pack

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graph.events import NodeFinished, RunEvent
    from graph.params import Param
    from graph.plan import State

LOADED = assemble((pack.PACK, structure_pack.PACK))
CATALOG = LOADED.catalog


def graph_of(
    nodes: Mapping[str, str | tuple[str, Mapping[str, Param]]],
    *wires: str,
    on: Graph | None = None,
) -> Graph:
    """Nodes as `{"id": "type"}` or with params; wires as "node.output > node.input"."""
    graph = on or Graph()
    for name, made in nodes.items():
        kind, params = (made, {}) if isinstance(made, str) else made
        catalog = localized(CATALOG, graph)
        full = kind if "/" in kind else f"form/{kind}"
        graph = edits.add_node(graph, catalog, full, node_id=name, params=params).graph
    for wire in wires:
        source, _, target = wire.partition(" > ")
        ends = Source(*source.split(".")), Target(*target.split("."))
        graph = edits.connect(graph, localized(CATALOG, graph), *ends).graph
    return graph


def subgraph(
    name: str,
    body: Graph,
    inputs: dict[str, list[str]],
    outputs: dict[str, str],
    loop: Loop | None = None,
) -> Subgraph:
    """A subgraph that shows `inputs` as {"name": ["node.input"]} and `outputs` likewise."""
    return Subgraph(
        id=name,
        title=name.title(),
        body=body,
        inputs=tuple(
            SubgraphInput(name=key, targets=tuple(Target(*t.split(".")) for t in targets))
            for key, targets in inputs.items()
        ),
        outputs=tuple(
            SubgraphOutput(name=key, source=Source(*s.split("."))) for key, s in outputs.items()
        ),
        loop=loop,
    )


def having(*subgraphs: Subgraph, on: Graph | None = None) -> Graph:
    """A graph with subgraphs."""
    graph = on or Graph()
    return replace(graph, subgraphs=Map({s.id: s for s in subgraphs}))


class Bench:
    """An engine, and what its last run did; each graph goes through its file first."""

    def __init__(self, files: FileIndex | None = None) -> None:
        self.engine = Engine(LOADED, files or FileIndex())
        self.events: list[RunEvent] = []

    def run(
        self, graph: Graph, *targets: str, folder: Path | None = None, force: bool = False
    ) -> list[str]:
        """Run, and return the nodes whose bodies were called to the end, in order."""
        assert parse(dump(graph), catalog=CATALOG) == graph
        self.events, self.report = [], Report(graph, CATALOG)
        pack.LOG.clear()
        output = folder or Path("output")
        for event in self.engine.run(
            graph, targets=targets or None, force=force, output_folder=output
        ):
            self.events.append(event)
            self.report.add(event)
        return list(pack.LOG)

    def finished(self, node: str) -> NodeFinished:
        """The end of `node`."""
        from graph.events import NodeFinished

        return [e for e in self.events if isinstance(e, NodeFinished) and e.node == node][-1]

    def value(self, node: str, output: int = 0) -> object:
        """What an output of `node` holds."""
        return self.engine.value(self.finished(node).digests[output])

    def states(self, graph: Graph) -> dict[str, State]:
        """What planning says of every node."""
        cache = self.engine.cache
        tables = Known(CATALOG, self.engine.files, LOADED.environment, cache.digests, cache.asked)
        flow = Flow(graph, tables)
        return {step.node: step.state for step in flow.steps(flow.graph.nodes)}
