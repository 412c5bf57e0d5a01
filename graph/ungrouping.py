"""Taking a subgraph apart: its inside takes the place of the node that stands for it.

Collapsing nodes (`graph.grouping`) and expanding what came of it gives the same graph.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from immutables import Map
from msgspec.structs import replace

from graph.catalog import REROUTE
from graph.edits import Edit, P, difference, fresh_id
from graph.errors import GraphError
from graph.graph import Graph, Mode, Node, Source, Subgraph, Target, with_nodes
from graph.grouping import middle
from graph.nesting import body_of, instance, pruned, rewired, settled
from graph.reroutes import reached
from graph.spec import held, refusal
from graph.subgraphs import localized

if TYPE_CHECKING:
    from graph.catalog import Catalog
    from graph.params import Param


def expand(graph: Graph, catalog: Catalog, node_id: str, *, inside: str = "") -> Edit:
    """Put what is inside the subgraph that a node stands for in the place of that node.

    Raises:
        GraphError: the node stands for no subgraph, or for one that is repeated.
    """
    body = body_of(graph, inside)
    node, subgraph = instance(graph, body, node_id)
    if subgraph.loop is not None:
        message = f"{subgraph.title or subgraph.id} is repeated: end that before you expand it"
        raise GraphError(message, node_id)
    maker = _Expand(body, localized(catalog, graph), node, subgraph)
    fresh = maker.body()
    if inside:
        around = replace(maker.around(graph.subgraphs[inside]), body=fresh)
        whole = replace(graph, subgraphs=graph.subgraphs.set(inside, around))
        whole = settled(whole, catalog, {inside})
    else:
        whole = replace(fresh, subgraphs=graph.subgraphs)
    whole = pruned(whole)
    return Edit(whole, difference(graph, whole))


class _Expand:
    """Works out one expansion."""

    def __init__(self, body: Graph, catalog: Catalog, node: Node, subgraph: Subgraph) -> None:
        self._body = body
        self._catalog = catalog
        self._node = node
        self._subgraph = subgraph
        x, y = middle(subgraph.body.nodes.values())
        self._by = (node.position[0] - x, node.position[1] - y)
        self._names = self._fresh_names()
        self._dots = self._needless_dots()

    def _fresh_names(self) -> dict[str, str]:
        inner = self._subgraph.body
        taken = {*self._body.nodes, *self._body.frames, *self._body.notes} - {self._node.id}
        names: dict[str, str] = {}
        for part_id in (*inner.nodes, *inner.frames, *inner.notes):
            free = part_id not in taken
            names[part_id] = part_id if free else fresh_id(taken, part_id.rstrip("-0123456789"))
            taken.add(names[part_id])
        return names

    def _needless_dots(self) -> dict[Source, tuple[Source, ...]]:
        """Return what comes through dots that only let one of several wires of an input in."""
        found: dict[Source, tuple[Source, ...]] = {}
        for item in self._subgraph.inputs:
            wires = self._node.wires.get(item.name, ())
            for target in item.targets if wires else ():
                inner = self._subgraph.body.nodes[target.node]
                ends = tuple(reached(self._subgraph.body, target))
                if inner.type == REROUTE.id and ends and all(self._is_multiple(e) for e in ends):
                    found[Source(inner.id, "value")] = wires
        return found

    def _is_multiple(self, end: Target) -> bool:
        spec = self._catalog.get(self._subgraph.body.nodes[end.node].type)
        item = None if spec is None else spec.input(end.input)
        return item is not None and item.multiple

    def body(self) -> Graph:
        """Return the body around the node with the inside in its place."""
        inner = self._subgraph.body
        gone = {source.node for source in self._dots}
        nodes = [self._placed(node) for key, node in inner.nodes.items() if key not in gone]
        out = {
            Source(self._node.id, item.name): self._outside(item.source)
            for item in self._subgraph.outputs
        }
        readers = self._body.readers.get(self._node.id, frozenset())
        outside = [rewired(self._body.nodes[key], out) for key in sorted(readers)]
        fresh = with_nodes(self._body, put=[*nodes, *outside], remove=[self._node.id])
        frames = {f.id: f for f in map(self._shifted, inner.frames.values())}
        notes = {n.id: n for n in map(self._shifted, inner.notes.values())}
        return replace(
            fresh, frames=self._body.frames.update(frames), notes=self._body.notes.update(notes)
        )

    def _outside(self, source: Source) -> tuple[Source, ...]:
        """Return what an output inside is called outside."""
        if source in self._dots:
            return self._dots[source]
        return (Source(self._names[source.node], source.output),)

    def _placed(self, node: Node) -> Node:
        """Return a node from inside with its new id, place and wires."""
        wires = {
            name: found
            for name, sources in node.wires.items()
            if (found := tuple(s for source in sources for s in self._outside(source)))
        }
        wires |= self._fed(node.id)
        mode = self._node.mode if node.mode is Mode.ON else node.mode
        fresh = replace(
            node, wires=Map(wires), params=node.params.update(self._values(node)), mode=mode
        )
        return self._shifted(fresh)

    def _fed(self, node_id: str) -> dict[str, tuple[Source, ...]]:
        """Return the wires that come to a node inside through what the subgraph shows."""
        return {
            target.input: wires
            for item in self._subgraph.inputs
            for target in item.targets
            if target.node == node_id and (wires := self._node.wires.get(item.name, ()))
        }

    def _values(self, node: Node) -> dict[str, Param]:
        """Return the values that the node outside gives to those of a node inside."""
        spec = self._catalog.get(node.type)
        found: dict[str, Param] = {}
        for item in self._subgraph.inputs:
            value = self._node.params.get(item.name)
            if value is None or item.name in self._node.wires:
                continue
            ends = {e for t in item.targets for e in reached(self._subgraph.body, t)}
            for end in ends:
                inner = spec.input(end.input) if spec is not None and end.node == node.id else None
                widget = inner.widget if inner is not None else None
                if widget is not None and refusal(widget, value) is None:
                    found[end.input] = held(widget, value)
        return found

    def _shifted(self, part: P) -> P:
        x, y = part.position
        place = (x + self._by[0], y + self._by[1])
        return replace(part, id=self._names[part.id], position=place)

    def around(self, subgraph: Subgraph) -> Subgraph:
        """Return the subgraph around the node, showing what the node showed of its inside."""
        inner = {item.name: item for item in self._subgraph.inputs}
        inputs = []
        for item in subgraph.inputs:
            targets: list[Target] = []
            for target in item.targets:
                if target.node != self._node.id:
                    targets.append(target)
                elif target.input in inner:
                    targets += [
                        Target(self._names[t.node], t.input) for t in inner[target.input].targets
                    ]
            inputs.append(replace(item, targets=tuple(targets)))
        sources = {item.name: item.source for item in self._subgraph.outputs}
        outputs = tuple(
            replace(item, source=Source(self._names[found.node], found.output))
            if item.source.node == self._node.id and (found := sources.get(item.source.output))
            else item
            for item in subgraph.outputs
        )
        return replace(subgraph, inputs=tuple(inputs), outputs=outputs)
