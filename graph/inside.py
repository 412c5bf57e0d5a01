"""The inside of a subgraph as a graph of its own: what it shows becomes two more nodes.

One node gives what comes in, the other takes what goes out. Any edit can be made in such a graph,
by the same functions as everywhere; `closed` reads from its wires what the subgraph shows then. So
showing an input is drawing a wire, and hiding it is cutting one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from immutables import Map
from msgspec.structs import replace

from graph.catalog import REROUTE
from graph.edits import fresh_id
from graph.graph import (
    Graph,
    Node,
    Source,
    Subgraph,
    SubgraphInput,
    SubgraphOutput,
    Target,
    with_nodes,
)
from graph.grouping import fresh_name, told_apart
from graph.reroutes import reached
from graph.sockets import ANY
from graph.spec import InputSpec, NodeSpec, OutputSpec
from graph.subgraphs import COUNT, spec_of

if TYPE_CHECKING:
    from graph.catalog import Catalog
    from graph.graph import Point

INPUTS, OUTPUTS = "graph/inputs", "graph/outputs"
"""The types of the two nodes; no file has them."""
_DOT_BESIDE = 40.0


class Inside(NamedTuple):
    """A subgraph opened: its body with the two nodes."""

    graph: Graph
    specs: tuple[NodeSpec, NodeSpec]
    inputs: str
    """The id of the node that gives what comes in."""
    outputs: str
    """The id of the node that takes what goes out."""
    new_input: str
    """The name of the socket of `inputs` from which a wire shows an input more."""
    new_output: str
    """The name of the socket of `outputs` to which a wire shows an output more."""


def opened(subgraph: Subgraph, catalog: Catalog, places: tuple[Point, Point]) -> Inside:
    """Return the inside of `subgraph`, the two nodes at `places`."""
    body = subgraph.body
    left, right = _free(body, "-inputs-"), _free(body, "-outputs-")
    shown = spec_of(subgraph, catalog)
    new_input = _free({item.name: None for item in subgraph.inputs}, "new")
    new_output = _free({item.name: None for item in subgraph.outputs}, "new")
    gives = tuple(
        OutputSpec(name=item.name, label=spec.label, type=spec.type, doc=spec.doc)
        for item, spec in zip(subgraph.inputs, shown.inputs, strict=False)
    )
    takes = tuple(
        InputSpec(name=spec.name, label=spec.label, type=spec.type) for spec in shown.outputs
    )
    specs = (
        NodeSpec(
            id=INPUTS, title="Inputs", category="",
            doc="What comes in from outside. Drag from the last socket to show one more.",
            outputs=(*gives, OutputSpec(name=new_input, label="New input", type=ANY.name)),
        ),
        NodeSpec(
            id=OUTPUTS, title="Outputs", category="",
            doc="What goes out. Drag a wire to the last socket to show one more.",
            inputs=(*takes, InputSpec(name=new_output, label="New output", type=ANY.name)),
        ),
    )  # fmt: skip
    fed: dict[str, dict[str, Source]] = {}
    for item in subgraph.inputs:
        for target in item.targets:
            fed.setdefault(target.node, {})[target.input] = Source(left, item.name)
    put = [
        replace(
            body.nodes[key], wires=body.nodes[key].wires.update({n: (s,) for n, s in w.items()})
        )
        for key, w in fed.items()
    ]
    out = {item.name: (item.source,) for item in subgraph.outputs}
    put += [
        Node(id=left, type=INPUTS, position=places[0]),
        Node(id=right, type=OUTPUTS, position=places[1], wires=Map(out)),
    ]
    return Inside(with_nodes(body, put=put), specs, left, right, new_input, new_output)


def _free(taken: object, wanted: str) -> str:
    while wanted in taken:  # type: ignore[operator] # a graph or a dictionary
        wanted += "_"
    return wanted


def closed(subgraph: Subgraph, inside: Inside, graph: Graph, catalog: Catalog) -> Subgraph:
    """Return `subgraph` with the inside that `graph` shows, which was made from `inside`.

    `catalog` has the types of all nodes inside.
    """
    reader = _Closing(subgraph, inside, graph)
    inputs = reader.inputs(catalog)
    made = replace(subgraph, body=reader.body, inputs=inputs, outputs=reader.outputs())
    return told_apart(made, catalog)


class _Closing:
    def __init__(self, subgraph: Subgraph, inside: Inside, graph: Graph) -> None:
        self._subgraph = subgraph
        self._inside = inside
        self._targets: dict[str, list[Target]] = {}
        self._dots: list[Node] = []
        self._taken = dict.fromkeys((*graph.nodes, *graph.frames, *graph.notes))
        ends = (inside.inputs, inside.outputs)
        readers = graph.readers.get(inside.inputs, frozenset()) - {inside.outputs}
        put = [self._freed(graph.nodes[key]) for key in sorted(readers)]
        taker = graph.nodes.get(inside.outputs)
        self._out = {} if taker is None else {n: self._inner(s[0]) for n, s in taker.wires.items()}
        here = [key for key in ends if key in graph.nodes]
        self.body = with_nodes(graph, put=[*put, *self._dots], remove=here)

    def _freed(self, node: Node) -> Node:
        """Return a node from inside without the wires from outside, which are noted."""
        before = self._subgraph.body.nodes.get(node.id)
        wires = node.wires
        for name, sources in node.wires.items():
            if not any(source.node == self._inside.inputs for source in sources):
                continue
            if len(sources) == 1:
                self._feed(sources[0].output, Target(node.id, name))
                wires = wires.delete(name)
            else:
                wires = wires.set(name, tuple(self._inner(s, node) for s in sources))
        freed = replace(node, wires=wires)
        return before if before is not None and before == freed else freed

    def _feed(self, name: str, target: Target) -> None:
        self._targets.setdefault(name, []).append(target)

    def _inner(self, source: Source, node: Node | None = None) -> Source:
        """Return `source`; in place of one from outside, a dot that it feeds."""
        if source.node != self._inside.inputs:
            return source
        dot_id = fresh_id(self._taken, "dot")
        self._taken[dot_id] = None
        x, y = node.position if node is not None else (0.0, 0.0)
        place = (x - _DOT_BESIDE, y + _DOT_BESIDE * len(self._dots))
        self._dots.append(Node(id=dot_id, type=REROUTE.id, position=place))
        self._feed(source.output, Target(dot_id, "value"))
        return Source(dot_id, "value")

    def inputs(self, catalog: Catalog) -> tuple[SubgraphInput, ...]:
        """Return what is shown as inputs."""
        kept = []
        for item in self._subgraph.inputs:
            found = self._targets.get(item.name, [])
            order = {target: place for place, target in enumerate(item.targets)}
            found.sort(key=lambda t: (order.get(t, len(order)), t))
            kept.append(replace(item, targets=tuple(found)))
        taken = {item.name for item in kept} | {COUNT}
        for target in self._targets.get(self._inside.new_input, ()):
            name = fresh_name(taken, self._called(target, catalog))
            taken.add(name)
            kept.append(SubgraphInput(name=name, targets=(target,)))
        return tuple(kept)

    def _called(self, target: Target, catalog: Catalog) -> str:
        end = next(reached(self.body, target), target)
        node = self.body.nodes.get(end.node)
        spec = None if node is None else catalog.get(node.type)
        item = None if spec is None else spec.input(end.input)
        return target.input if item is None else item.name

    def outputs(self) -> tuple[SubgraphOutput, ...]:
        """Return what is shown as outputs."""
        kept = [
            replace(item, source=self._out[item.name])
            for item in self._subgraph.outputs
            if item.name in self._out
        ]
        source = self._out.get(self._inside.new_output)
        if source is not None:
            name = fresh_name((item.name for item in kept), source.output)
            kept.append(SubgraphOutput(name=name, source=source))
        return tuple(kept)
