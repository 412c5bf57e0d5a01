"""Subgraphs as node types: their specifications, made from what they show of their inside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from graph.errors import CycleError, UnknownNodeError
from graph.reroutes import carried, reached
from graph.sockets import ANY, INT
from graph.spec import InputSpec, IntWidget, NodeSpec, OutputSpec

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from graph.catalog import Catalog
    from graph.graph import Graph, Node, Subgraph, SubgraphInput, SubgraphOutput, Target

PREFIX = "subgraph/"
"""What the types of nodes that stand for subgraphs begin with."""
COUNT = "count"
"""The input of a loop that says how often, where it goes through no list."""
MOST_ITERATIONS = 10_000
CATEGORY = "Subgraphs"


def type_of(subgraph_id: str) -> str:
    """Return the type of the nodes that stand for a subgraph."""
    return PREFIX + subgraph_id


def subgraph_of(graph: Graph, type_id: str) -> Subgraph | None:
    """Return the subgraph that nodes of `type_id` stand for, or None for other types."""
    if not type_id.startswith(PREFIX):
        return None
    return graph.subgraphs.get(type_id.removeprefix(PREFIX))


def uses(subgraph: Subgraph) -> set[str]:
    """Return the ids of the subgraphs that nodes inside `subgraph` stand for."""
    return uses_of(node.type for node in subgraph.body.nodes.values())


def uses_of(types: Iterable[str]) -> set[str]:
    """Return the ids of the subgraphs among the node types `types`."""
    return {kind.removeprefix(PREFIX) for kind in types if kind.startswith(PREFIX)}


def innermost_first(inside: Mapping[str, Collection[str]]) -> list[str]:
    """Return the ids of all subgraphs, each after those inside it, which `inside` tells.

    Raises:
        CycleError: a subgraph holds itself.
    """
    done: dict[str, None] = {}
    for start in sorted(inside):
        trail: list[str] = []
        waiting: list[tuple[str, bool]] = [(start, False)]
        while waiting:
            here, left = waiting.pop()
            if left:
                trail.pop()
                done[here] = None
            elif here in trail:
                names = " -> ".join([*trail[trail.index(here) :], here])
                message = f"a subgraph cannot hold itself: {names}"
                raise CycleError(message, *trail)
            elif here not in done and here in inside:
                trail.append(here)
                waiting.append((here, True))
                waiting += [(name, False) for name in sorted(inside[here])]
    return [*done]


def localized(catalog: Catalog, graph: Graph) -> Catalog:
    """Return `catalog` with the node types that the subgraphs of `graph` make.

    Raises:
        CycleError: a subgraph holds itself.
    """
    if not graph.subgraphs:
        return catalog
    for name in innermost_first({k: uses(v) for k, v in graph.subgraphs.items()}):
        catalog = catalog.extended([spec_of(graph.subgraphs[name], catalog)])
    return catalog


def spec_of(subgraph: Subgraph, catalog: Catalog) -> NodeSpec:
    """Return the specification of the nodes that stand for `subgraph`.

    `catalog` has the types of all nodes inside, also of subgraphs inside.
    """
    inputs = [_input(item, subgraph, catalog) for item in subgraph.inputs]
    loop = subgraph.loop
    if loop is not None and not loop.over:
        times = IntWidget(0, MOST_ITERATIONS)
        doc = "How often it runs."
        inputs.append(
            InputSpec(name=COUNT, label="Repeat", type=INT.name, widget=times, default=1, doc=doc)
        )
    fed = {output for output, _input in loop.feedback} if loop else set()
    outputs = [
        _output(item, subgraph, catalog, collected=loop is not None and item.name not in fed)
        for item in subgraph.outputs
    ]
    title = subgraph.title or subgraph.id
    return NodeSpec(
        id=type_of(subgraph.id),
        title=title,
        category=CATEGORY,
        summary=subgraph.doc.partition("\n")[0],
        doc=subgraph.doc,
        inputs=tuple(inputs),
        outputs=tuple(outputs),
        effect=any(_effects(subgraph, catalog)),
    )


def _effects(subgraph: Subgraph, catalog: Catalog) -> Iterator[bool]:
    for node in subgraph.body.nodes.values():
        spec = catalog.get(node.type)
        yield spec is not None and spec.effect


def _input(item: SubgraphInput, subgraph: Subgraph, catalog: Catalog) -> InputSpec:
    """Return the input as its first target has it, or one that takes anything."""
    plain = InputSpec(name=item.name, label=item.label or item.name, type=ANY.name)
    if not item.targets:
        return plain
    first = next(reached(subgraph.body, item.targets[0]), item.targets[0])
    node = subgraph.body.nodes.get(first.node)
    spec = None if node is None else catalog.get(node.type)
    found = None if spec is None else spec.input(first.input)
    if node is None or found is None:
        return plain
    label = item.label or found.label
    default = node.params.get(found.name, found.default)
    # One list is gone through, and one wire goes into what takes one: a dot is of these.
    gone_through = subgraph.loop is not None and subgraph.loop.over == item.name
    multiple = not gone_through and all(_takes_several(subgraph, catalog, t) for t in item.targets)
    return replace(
        found, name=item.name, label=label, default=default, lazy=False, multiple=multiple
    )


def _takes_several(subgraph: Subgraph, catalog: Catalog, target: Target) -> bool:
    node = subgraph.body.nodes.get(target.node)
    spec = None if node is None else catalog.get(node.type)
    found = None if spec is None else spec.input(target.input)
    return found is not None and found.multiple


def _output(
    item: SubgraphOutput, subgraph: Subgraph, catalog: Catalog, *, collected: bool
) -> OutputSpec:
    node = subgraph.body.nodes.get(item.source.node)
    spec = None if node is None else catalog.get(node.type)
    found = None if spec is None else spec.output(item.source.output)
    label = item.label or (found.label if found else item.name)
    return OutputSpec(
        name=item.name,
        label=label,
        type=carried(subgraph.body, catalog, item.source),
        doc=found.doc if found else "",
        many=collected or (found is not None and found.many),
        optional=found is not None and found.optional,
    )


def flaw(subgraph: Subgraph, catalog: Catalog) -> str | None:
    """Say what is wrong with what `subgraph` shows of its inside, or None."""
    names = [item.name for item in subgraph.inputs]
    outputs = [item.name for item in subgraph.outputs]
    for shown in (names, outputs):
        twice = next((name for name in shown if shown.count(name) > 1), None)
        if twice is not None:
            return f"shows two sockets as {twice!r}: name one otherwise"
    targets = [target for item in subgraph.inputs for target in item.targets]
    if len(set(targets)) < len(targets):
        return "shows one input twice"
    for target in targets:
        problem = _missing_input(subgraph, catalog, target)
        if problem is not None:
            return problem
    for item in subgraph.outputs:
        node = subgraph.body.nodes.get(item.source.node)
        spec = None if node is None else catalog.get(node.type)
        if node is None or (spec is not None and spec.output(item.source.output) is None):
            return f"shows {item.source.node}.{item.source.output}, which is not inside"
    return None if subgraph.loop is None else _loop_flaw(subgraph, names, outputs)


def _missing_input(subgraph: Subgraph, catalog: Catalog, target: Target) -> str | None:
    node = subgraph.body.nodes.get(target.node)
    spec = None if node is None else catalog.get(node.type)
    if node is None or (spec is not None and spec.input(target.input) is None):
        return f"shows {target.node}.{target.input}, which is not inside"
    if target.input in node.wires:
        return f"shows {target.node}.{target.input}, which is wired inside"
    return None


def _loop_flaw(subgraph: Subgraph, names: list[str], outputs: list[str]) -> str | None:
    loop = subgraph.loop
    assert loop is not None  # noqa: S101 - asked for loops only
    if loop.over and loop.over not in names:
        return f"goes through {loop.over!r}, which it does not show"
    if not loop.over and COUNT in names:
        return f"shows an input {COUNT!r}, which is the name for how often a loop runs"
    fed = [name for _output, name in loop.feedback]
    if len(set(fed)) < len(fed) or len(dict(loop.feedback)) < len(loop.feedback):
        return "feeds back one socket twice"
    for output, name in loop.feedback:
        if output not in outputs or name not in names or name == loop.over:
            return f"feeds {output!r} back into {name!r}, which it cannot"
    return None


def trail(graph: Graph, node_id: str) -> list[tuple[Node, int | None]]:
    """Return the nodes that lead to a node inside subgraphs, from the document's to itself.

    With each that stands for a loop goes which of its iterations is meant, from 0. What is not in
    `graph` any more is left out.
    """
    found: list[tuple[Node, int | None]] = []
    body, names = graph, node_id.split("/")[::-1]
    while names:
        node = body.nodes.get(names.pop())
        if node is None:
            break
        subgraph = subgraph_of(graph, node.type)
        looped = subgraph is not None and subgraph.loop is not None and bool(names)
        found.append((node, int(names.pop()) if looped else None))
        if subgraph is None:
            break
        body = subgraph.body
    return found


def require_path(graph: Graph, node_id: str) -> None:
    """Raise `UnknownNodeError` unless `node_id` leads to a node.

    That is `a` in the document, `a/b` inside a subgraph, `a/2/b` in a turn of a loop.
    """
    if not _leads(graph, graph, node_id.split("/")):
        raise UnknownNodeError(f"there is no node {node_id!r} in this graph", node_id)


def _leads(graph: Graph, body: Graph, names: list[str]) -> bool:
    node = body.nodes.get(names[0])
    if node is None or len(names) == 1:
        return node is not None
    subgraph = subgraph_of(graph, node.type)
    if subgraph is None:
        return False
    turn, rest = ("0", names[1:]) if subgraph.loop is None else (names[1], names[2:])
    return turn.isdecimal() and bool(rest) and _leads(graph, subgraph.body, rest)


def title_of(graph: Graph, catalog: Catalog, node_id: str) -> str:
    """Return what to call a node, with those around it where it lies inside subgraphs.

    `catalog` has the subgraphs of `graph`.
    """
    names = []
    for node, turn in trail(graph, node_id):
        spec = catalog.get(node.type)
        title = node.title or (spec.title if spec else node.type)
        names.append(title if turn is None else f"{title} {turn + 1}")
    return " / ".join(names) or node_id
