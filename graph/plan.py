"""Planning: what a run would do, worked out in one pass over the graph, without running it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from graph.actions import problems
from graph.files import FileIndex
from graph.flow import Flow
from graph.graph import Mode
from graph.resolve import Known, State, Step
from graph.targets import eager_upstream, natural_targets

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from graph.actions import Digests
    from graph.catalog import Catalog
    from graph.graph import Graph

__all__ = [
    "Known",
    "Plan",
    "State",
    "Step",
    "eager_upstream",
    "natural_targets",
    "plan",
    "wiring_problems",
]


class Plan(msgspec.Struct, frozen=True):
    """All nodes that the targets need, in the order of computing.

    Nodes inside a node that stands for a subgraph have their ids behind its own and a `/`.
    """

    steps: dict[str, Step]

    def count(self, *states: State) -> int:
        """Return how many nodes are in one of `states`."""
        return sum(step.state in states for step in self.steps.values())


def plan(  # noqa: PLR0913 - what `Known` holds, for callers that have it in parts
    graph: Graph,
    catalog: Catalog,
    files: FileIndex,
    environment: str,
    known: Mapping[str, Digests],
    targets: Iterable[str] | None = None,
    *,
    asks: Mapping[str, str] | None = None,
    folder: str = "",
) -> Plan:
    """Return what is due for `targets` (all nodes when None), given the table `known`.

    `asks` says which lazy input a body asked for after which action, `folder` where nodes with an
    effect write.

    Raises:
        CycleError: a subgraph holds itself.
    """
    tables = Known(catalog, files, environment, known.get, (asks or {}).get, folder)
    flow = Flow(graph, tables)
    wanted = flow.graph.nodes if targets is None else flow.targets(targets)
    return Plan({step.node: step for step in flow.steps(wanted)})


def wiring_problems(graph: Graph, catalog: Catalog) -> list[tuple[str, str]]:
    """Return what keeps "run everything" from running, node by node, as far as wires tell.

    Raises:
        CycleError: a subgraph holds itself.
    """
    tables = Known(catalog, FileIndex(), "", lambda _action: None, lambda _action: None)
    flow = Flow(graph, tables)
    wanted = sorted(flow.natural_targets())
    nodes = [flow.graph.nodes[node_id] for node_id in wanted]
    return [
        (node.id, problem)
        for node in nodes
        if node.mode is Mode.ON
        for problem in problems(node, flow.spec(node))
    ]
