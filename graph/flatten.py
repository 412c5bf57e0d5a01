"""Flattening: what a run works on has no dots, nothing bypassed, and no subgraphs but loops.

A node `blur` inside a node `soften` that stands for a subgraph becomes `soften/blur`; ids in files
have no `/`, so these are never taken. Loops stay one node until it is known how often they run
(`graph.flow`), and what is muted stays too: it switches off what reads it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from immutables import Map
from msgspec.structs import replace

from graph.catalog import REROUTE
from graph.graph import Graph, Mode, Node, Source, Subgraph, Target, with_nodes
from graph.reroutes import reached
from graph.subgraphs import subgraph_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from graph.catalog import Catalog
    from graph.params import Param


@dataclass(frozen=True, slots=True)
class Flat:
    """A graph as a run sees it."""

    graph: Graph
    ends: Mapping[Source, Source] = field(default_factory=dict)
    """Outputs of nodes that are not there any more -> the outputs that they hand on."""


def follow(source: Source, ends: Mapping[Source, Source]) -> Source:
    """Return the output that `source` hands on: itself, where its node is still there."""
    while (end := ends.get(source)) is not None:
        source = end
    return source


@dataclass(frozen=True, slots=True)
class Given:
    """What a subgraph's input hands to an input inside: wires, or else a value."""

    sources: tuple[Source, ...] = ()
    value: Param = None
    """Counts when there are no sources; None leaves the one inside."""


def flatten(graph: Graph, catalog: Catalog) -> Flat:
    """Return `graph` flat; `catalog` has its subgraphs (`graph.subgraphs.localized`)."""
    if not graph.subgraphs and not any(_goes(node) for node in graph.nodes.values()):
        return Flat(graph)
    return unfold(graph, graph, catalog, "", {})


def _goes(node: Node) -> bool:
    return node.mode is Mode.BYPASSED or node.type == REROUTE.id


def unfold(
    body: Graph, document: Graph, catalog: Catalog, prefix: str, given: Mapping[Target, Given]
) -> Flat:
    """Return the nodes of `body` flat, each id behind `prefix`.

    `given` feeds inputs of `body`; `document` has the subgraphs.
    """
    flat: dict[str, Node] = {}
    ends: dict[Source, Source] = {}
    waiting = [(body, prefix, given)]
    while waiting:
        inside, at, fed = waiting.pop()
        for node in _placed(inside, at, fed):
            subgraph = subgraph_of(document, node.type) if node.mode is Mode.ON else None
            if subgraph is not None and subgraph.loop is None:
                waiting.append((subgraph.body, f"{node.id}/", handed_down(subgraph, node)))
                ends |= shown(subgraph, node.id, f"{node.id}/")
            elif node.mode is not Mode.MUTED and _goes(node):
                passes = dict(_passes(node, catalog))
                ends |= passes
                if not _all_pass(node, passes, catalog):
                    flat[node.id] = replace(node, mode=Mode.MUTED)
            else:
                flat[node.id] = node
    wired = [_rewired(node, ends) for node in flat.values()]
    return Flat(replace(with_nodes(Graph(), put=wired), subgraphs=document.subgraphs), ends)


def _placed(body: Graph, prefix: str, given: Mapping[Target, Given]) -> Iterator[Node]:
    """Yield the nodes of `body` with their ids behind `prefix` and what they are given."""
    by_node: dict[str, list[tuple[str, Given]]] = {}
    for target, gift in given.items():
        by_node.setdefault(target.node, []).append((target.input, gift))
    for node in body.nodes.values():
        gifts = by_node.get(node.id, ())
        if not prefix and not gifts:
            yield node
            continue
        wires = {
            name: tuple(Source(prefix + source.node, source.output) for source in sources)
            for name, sources in node.wires.items()
        }
        params = node.params
        for name, gift in gifts:
            if gift.sources:
                wires[name] = gift.sources
                continue
            wires.pop(name, None)  # from a dot that nothing comes into
            if gift.value is not None:
                params = params.set(name, gift.value)
        yield replace(node, id=prefix + node.id, wires=Map(wires), params=params)


def handed_down(subgraph: Subgraph, node: Node) -> dict[Target, Given]:
    """Return what the inputs of `node`, which stands for `subgraph`, give to those inside."""
    given: dict[Target, Given] = {}
    for item in subgraph.inputs:
        sources = node.wires.get(item.name, ())
        value = node.params.get(item.name)
        for target in item.targets:
            if sources:
                given[target] = Given(sources)
            else:
                given |= {end: Given(value=value) for end in reached(subgraph.body, target)}
    return given


def shown(subgraph: Subgraph, node_id: str, prefix: str) -> dict[Source, Source]:
    """Return which outputs inside, behind `prefix`, the outputs of the node `node_id` are."""
    return {
        Source(node_id, item.name): Source(prefix + item.source.node, item.source.output)
        for item in subgraph.outputs
    }


def _passes(node: Node, catalog: Catalog) -> Iterator[tuple[Source, Source]]:
    """Yield which output of a dot or a bypassed node is which wire that ends at it.

    Of several outputs of one type, each takes the next of the wired inputs of that type.
    """
    spec = catalog.get(node.type)
    taken: dict[str, int] = {}
    for output in spec.outputs if spec else ():
        wired = [
            node.wires[item.name][0]
            for item in spec.inputs
            if item.type == output.type and node.wires.get(item.name)
        ] if spec else []  # fmt: skip
        if wired:
            place = taken.get(output.type, 0)
            taken[output.type] = place + 1
            yield Source(node.id, output.name), wired[min(place, len(wired) - 1)]


def _all_pass(node: Node, passes: Iterable[Source], catalog: Catalog) -> bool:
    spec = catalog.get(node.type)
    known = set(passes)
    return spec is not None and all(Source(node.id, o.name) in known for o in spec.outputs)


def _rewired(node: Node, ends: Mapping[Source, Source]) -> Node:
    if not any(source in ends for sources in node.wires.values() for source in sources):
        return node
    wires = {
        name: tuple(follow(source, ends) for source in sources)
        for name, sources in node.wires.items()
    }
    return replace(node, wires=Map(wires))
