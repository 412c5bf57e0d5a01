"""Planning: what a run would do, worked out in one pass over the graph, without running it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

from graph.actions import Digests, Ingredients, file_problem, gather, problems
from graph.errors import MissingFileError
from graph.order import ordered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from graph.catalog import Catalog
    from graph.files import FileIndex
    from graph.graph import Graph, Node, Source


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


class Step(msgspec.Struct, frozen=True, gc=False):
    """One node of a plan."""

    node: str
    state: State
    action: str = ""
    """Empty while the digest of an input is not known."""
    digests: Digests = ()
    ingredients: Ingredients | None = None
    problems: tuple[str, ...] = ()
    asks: str = ""
    """A lazy input that the body is known to ask for and whose content is not known yet."""


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


def eager_upstream(graph: Graph, catalog: Catalog, ids: Iterable[str]) -> set[str]:
    """Return `ids` and all that they depend on, but for what only a lazy input reads."""
    seen = {node_id for node_id in ids if node_id in graph.nodes}
    waiting = list(seen)
    while waiting:
        node = graph.nodes[waiting.pop()]
        spec = catalog.get(node.type)
        for name, sources in node.wires.items():
            if spec is not None and name in spec.lazy_inputs:
                continue
            for source in sources:
                if source.node not in seen:
                    seen.add(source.node)
                    waiting.append(source.node)
    return seen


@dataclass(frozen=True, slots=True)
class Known:
    """All that planning looks things up in."""

    catalog: Catalog
    files: FileIndex
    environment: str
    digests: Callable[[str], Digests | None]
    """Returns what was computed under an action, None when that is not known."""
    asked: Callable[[str], str | None]
    """Returns the lazy input that a body asked for after an action; see `resolve`."""
    folder: str = ""
    """Where nodes with an effect write."""


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
    """Work out the state of every node that `targets` (all nodes, when None) depend on.

    `known` is the table of actions: what was computed under which name, and `asks` that of lazy
    inputs; `folder` is where nodes with an effect write. Linear in the graph.
    """
    tables = Known(catalog, files, environment, known.get, (asks or {}).get, folder)
    wanted = graph.nodes if targets is None else eager_upstream(graph, catalog, targets)
    steps: dict[str, Step] = {}

    def digest_of(source: Source) -> str | None:
        step = steps.get(source.node)
        spec = catalog.get(graph.nodes[source.node].type)
        if step is None or spec is None or not step.digests:
            return None
        index = spec.output_index.get(source.output)
        return None if index is None else step.digests[index]

    for node_id in ordered(graph, wanted):
        steps[node_id] = resolve(graph.nodes[node_id], tables, digest_of)
    return Plan(steps)


def resolve(node: Node, tables: Known, digest_of: Callable[[Source], str | None]) -> Step:
    """Return the step of `node`, given the digest of each output that is known.

    A lazy input belongs to the action only when the body asked for it. What it asks for can depend
    on what it got before, so the asks are a chain: the action without lazy inputs leads to the
    first one asked for, the action with that one to the next, until no further is asked for.
    """
    spec = tables.catalog.get(node.type)
    found = problems(node, spec)
    if spec is None or found:
        return Step(node.id, State.BROKEN, problems=found)
    inputs = {name: _row(node.wires[name], digest_of) for name in node.wires}
    eager = inputs
    if spec.lazy_inputs:
        eager = {name: row for name, row in inputs.items() if name not in spec.lazy_inputs}
    if None in eager.values():
        return Step(node.id, State.PENDING)
    try:
        ingredients = gather(node, spec, eager, tables.files, tables.environment, tables.folder)
    except (MissingFileError, OSError) as error:
        return Step(node.id, State.BROKEN, problems=(file_problem(error),))
    action = ingredients.action()
    while (name := tables.asked(action)) is not None:
        row = inputs.get(name)
        if row is None:
            return Step(node.id, State.PENDING, action, ingredients=ingredients, asks=name)
        ingredients = ingredients.with_input(name, row)
        action = ingredients.action()
    digests = None if spec.volatile else tables.digests(action)
    state = State.DIRTY if digests is None else State.CLEAN
    return Step(node.id, state, action, digests or (), ingredients)


def _row(sources: tuple[Source, ...], digest_of: Callable[[Source], str | None]) -> Digests | None:
    """Return the content digests of what is wired into one input; None while one is not known."""
    row = []
    for source in sources:
        digest = digest_of(source)
        if digest is None:
            return None
        row.append(digest)
    return tuple(row)
