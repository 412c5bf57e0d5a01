"""Planning: what a run would do, worked out in one pass over the graph, without running it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

from graph.actions import Digests, Ingredients, file_problem, gather, problems
from graph.errors import MissingFileError
from graph.order import ordered

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from graph.catalog import Catalog
    from graph.files import FileIndex
    from graph.graph import Graph, Node
    from graph.spec import NodeSpec


class State(StrEnum):
    """What a run would find at a node."""

    CLEAN = "clean"
    """Its result is known."""
    DIRTY = "dirty"
    """It would run."""
    PENDING = "pending"
    """Something before it would run, or cannot: whether it must run shows then."""
    BROKEN = "broken"
    """It cannot run as it is."""


class Step(msgspec.Struct, frozen=True):
    """One node of a plan."""

    node: str
    state: State
    action: str = ""
    """Empty while the digest of an input is not known."""
    digests: Digests = ()
    ingredients: Ingredients | None = None
    problems: tuple[str, ...] = ()


class Plan(msgspec.Struct, frozen=True):
    """All nodes that the targets need, in the order of computing."""

    steps: dict[str, Step]

    def count(self, *states: State) -> int:
        """Return how many nodes are in one of `states`."""
        return sum(step.state in states for step in self.steps.values())


def natural_targets(graph: Graph, catalog: Catalog) -> list[str]:
    """Return what "run everything" means: nodes with an effect, or all that nothing reads.

    A node that nothing reads and that has no effect is left alone when another has one: it is
    work in progress at the side, and must not hold up the picture.
    """
    effects = [n.id for n in graph.nodes.values() if (s := catalog.get(n.type)) and s.effect]
    return sorted(effects or (node_id for node_id in graph.nodes if node_id not in graph.readers))


def plan(
    graph: Graph,
    catalog: Catalog,
    files: FileIndex,
    environment: str,
    known: Mapping[str, Digests],
    targets: Iterable[str] | None = None,
) -> Plan:
    """Work out the state of every node that `targets` (all nodes, when None) depend on.

    `known` is the table of actions: what was computed under which name. Linear in the graph.
    """
    wanted = graph.nodes if targets is None else graph.upstream(targets)
    steps: dict[str, Step] = {}
    for node_id in ordered(graph, wanted):
        node = graph.nodes[node_id]
        steps[node_id] = _step(node, catalog, files, environment, known, graph, steps)
    return Plan(steps)


def _step(
    node: Node,
    catalog: Catalog,
    files: FileIndex,
    environment: str,
    known: Mapping[str, Digests],
    graph: Graph,
    steps: Mapping[str, Step],
) -> Step:
    spec = catalog.get(node.type)
    found = problems(node, spec)
    if spec is None or found:
        return Step(node.id, State.BROKEN, problems=found)
    inputs = input_digests(node, graph, catalog, {k: s.digests for k, s in _sources(node, steps)})
    if inputs is None:
        return Step(node.id, State.PENDING)
    return step_of(node, spec, inputs, files, environment, known)


def _sources(node: Node, steps: Mapping[str, Step]) -> Iterable[tuple[str, Step]]:
    for sources in node.wires.values():
        for source in sources:
            if source.node in steps:
                yield source.node, steps[source.node]


def input_digests(
    node: Node, graph: Graph, catalog: Catalog, digests: Mapping[str, Digests]
) -> dict[str, Digests] | None:
    """Return the content digests wired into each input of `node`; None while one is not known."""
    inputs = {}
    for name, sources in node.wires.items():
        row = []
        for source in sources:
            outputs = digests.get(source.node)
            spec = catalog.get(graph.nodes[source.node].type)
            if not outputs or spec is None:
                return None
            row.append(outputs[output_index(spec, source.output)])
        inputs[name] = tuple(row)
    return inputs


def output_index(spec: NodeSpec, name: str) -> int:
    """Return the place of the output `name` among those of `spec`."""
    return next(i for i, output in enumerate(spec.outputs) if output.name == name)


def step_of(
    node: Node,
    spec: NodeSpec,
    inputs: Mapping[str, Digests],
    files: FileIndex,
    environment: str,
    known: Mapping[str, Digests],
) -> Step:
    """Return the step of a node whose input digests are all known."""
    try:
        ingredients = gather(node, spec, inputs, files, environment)
    except (MissingFileError, OSError) as error:
        return Step(node.id, State.BROKEN, problems=(file_problem(error),))
    action = ingredients.action()
    digests = None if spec.volatile else known.get(action)
    state = State.DIRTY if digests is None else State.CLEAN
    return Step(node.id, state, action, digests or (), ingredients)
