"""Making a subgraph of some nodes: what their wires cross becomes what it shows.

It works in the document or inside a subgraph (`inside`). `graph.ungrouping` takes one apart again.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from immutables import Map
from msgspec.structs import replace

from graph.catalog import REROUTE
from graph.edits import Edit, T, difference, fresh_id
from graph.errors import CycleError, GraphError
from graph.graph import (
    Graph,
    Node,
    Point,
    Source,
    Subgraph,
    SubgraphInput,
    SubgraphOutput,
    Target,
    with_nodes,
)
from graph.nesting import body_of, rewired, settled
from graph.reroutes import reached
from graph.subgraphs import localized, spec_of, type_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graph.catalog import Catalog

_GRID = 8.0
_LONGEST_NAME = 70
Feed: TypeAlias = "tuple[tuple[Source, ...], str]"
"""What tells one input to be shown from another: the wires that come, and what it is about."""


class _Entry(NamedTuple):
    """An input to be shown: the wires from outside, and the inputs inside that they feed."""

    sources: tuple[Source, ...]
    targets: list[Target]
    shown: str = ""
    """The input of the subgraph around it that feeds them, instead of wires."""


def collapse(
    graph: Graph, catalog: Catalog, ids: Iterable[str], *, inside: str = "", title: str = ""
) -> Edit:
    """Put nodes (frames and notes with them) into a new subgraph, one node in their place.

    What their wires cross becomes what the subgraph shows.

    Raises:
        GraphError: there is no node among `ids`.
        CycleError: a node that is not chosen lies between two that are.
    """
    body = body_of(graph, inside)
    wanted = frozenset(ids)
    chosen = frozenset(key for key in wanted if key in body.nodes)
    if not chosen:
        raise GraphError("choose the nodes that shall be in the subgraph")
    _check_between(body, catalog, chosen)
    known = localized(catalog, graph)
    name = title.strip() or _title_of(body, wanted)
    subgraph_id = fresh_id(graph.subgraphs, name)
    node_id = fresh_id(body, subgraph_id)
    maker = _Collapse(body, known, chosen, graph.subgraphs.get(inside))
    subgraph = maker.subgraph(subgraph_id, name, wanted)
    node = maker.instance(node_id, subgraph, middle(body.nodes[key] for key in chosen))
    put = [node, *maker.readers(node_id)]
    fresh = with_nodes(body, put=put, remove=sorted(chosen))
    fresh = replace(
        fresh,
        frames=_without(body.frames, wanted),
        notes=_without(body.notes, wanted),
    )
    parts = graph.subgraphs.set(subgraph_id, subgraph)
    if inside:
        around = replace(maker.around(node_id), body=fresh)
        whole = replace(graph, subgraphs=parts.set(inside, around))
    else:
        whole = replace(fresh, subgraphs=parts)
    whole = settled(whole, catalog, {subgraph_id, inside} - {""})
    return Edit(whole, difference(graph, whole))


def _without(parts: Map[str, T], ids: frozenset[str]) -> Map[str, T]:
    for key in ids:
        parts = parts.delete(key) if key in parts else parts
    return parts


def _title_of(body: Graph, ids: Iterable[str]) -> str:
    """Return what the artist called what is chosen: the title of a frame among it."""
    titles = sorted(body.frames[key].title for key in ids if key in body.frames)
    return next((title for title in titles if title.strip()), "Subgraph")


def middle(nodes: Iterable[Node]) -> Point:
    """Return the place in the middle of the places of `nodes`, on the grid.

    Dots do not count, where there is something else: collapsing may add some.
    """
    every = list(nodes)
    places = [node.position for node in every if node.type != REROUTE.id]
    places = places or [node.position for node in every]
    if not places:
        return (0.0, 0.0)
    across, down = [x for x, _ in places], [y for _, y in places]
    return _on_grid((min(across) + max(across)) / 2), _on_grid((min(down) + max(down)) / 2)


def _on_grid(length: float) -> float:
    return round(length / _GRID) * _GRID


def _check_between(body: Graph, catalog: Catalog, chosen: frozenset[str]) -> None:
    """Raise when a path leaves the chosen nodes and comes back to them."""
    outside = {r for key in chosen for r in body.readers.get(key, frozenset())} - chosen
    between = (body.downstream(outside) & body.upstream(chosen)) - chosen
    if between:
        node = body.nodes[min(between)]
        spec = catalog.get(node.type)
        title = node.title or (spec.title if spec else node.id)
        message = f"{title} lies between the chosen nodes: choose it as well"
        raise CycleError(message, *sorted(between))


class _Collapse:
    """Works out one collapse: what crosses the border, and what each side looks like after it."""

    def __init__(
        self, body: Graph, catalog: Catalog, chosen: frozenset[str], around: Subgraph | None
    ) -> None:
        self._body = body
        self._catalog = catalog
        self._chosen = chosen
        self._around = around
        self._entries: dict[Feed, _Entry] = {}
        self._inner: dict[str, Node] = {}
        self._names: dict[Feed, str] = {}
        self._exits: dict[Source, str] = {}
        for node_id in sorted(chosen, key=self._place):
            self._take(body.nodes[node_id])
        if around is not None:
            self._take_shown(around)
        self._name_entries()
        self._name_exits()

    def _place(self, node_id: str) -> tuple[float, float, str]:
        x, y = self._body.nodes[node_id].position
        return y, x, node_id

    def _take(self, node: Node) -> None:
        """Part the wires of a chosen node into those inside and those that come from outside."""
        spec = self._catalog.get(node.type)
        wires = node.wires
        order = {item.name: place for place, item in enumerate(spec.inputs if spec else ())}
        for name in sorted(node.wires, key=lambda key: (order.get(key, len(order)), key)):
            sources = node.wires[name]
            outside = tuple(s for s in sources if s.node not in self._chosen)
            if not outside:
                continue
            target = Target(node.id, name)
            item = None if spec is None else spec.input(name)
            if len(sources) == 1 and not (item is not None and item.multiple):
                self._enter(outside, self._type(target), target)
                wires = wires.delete(name)
            elif len(outside) == len(sources) and item is not None:
                self._enter(outside, f"{node.id}.{name}", target)
                wires = wires.delete(name)
            else:
                wires = wires.set(name, self._through_dots(node, name, sources))
        self._inner[node.id] = replace(node, wires=wires)

    def _through_dots(
        self, node: Node, name: str, sources: tuple[Source, ...]
    ) -> tuple[Source, ...]:
        """Return `sources`, those from outside through dots: some wires of the input are inside."""
        mixed = []
        for place, source in enumerate(sources):
            if source.node in self._chosen:
                mixed.append(source)
                continue
            dot_id = fresh_id({**self._body.nodes, **self._inner}, "dot")
            x, y = node.position
            dot = Node(id=dot_id, type=REROUTE.id, position=(x - 5 * _GRID, y + 3 * _GRID * place))
            self._inner[dot_id] = dot
            self._enter((source,), f"{node.id}.{name}", Target(dot_id, "value"))
            mixed.append(Source(dot_id, "value"))
        return tuple(mixed)

    def _type(self, target: Target) -> str:
        """Return the type of an input; for a dot, that of the first input behind it."""
        end = next(reached(self._body, target), target)
        node = self._body.nodes.get(end.node)
        spec = None if node is None else self._catalog.get(node.type)
        item = None if spec is None else spec.input(end.input)
        return "" if item is None else item.type

    def _enter(self, sources: tuple[Source, ...], about: str, target: Target) -> None:
        self._entries.setdefault((sources, about), _Entry(sources, [])).targets.append(target)

    def _take_shown(self, around: Subgraph) -> None:
        """Show what the subgraph around it shows of the chosen nodes."""
        for item in around.inputs:
            ends = [target for target in item.targets if target.node in self._chosen]
            if ends:
                self._entries[(), item.name] = _Entry((), ends, item.name)

    def _name_entries(self) -> None:
        taken: set[str] = set()
        for key, entry in self._entries.items():
            end = next(reached(self._inside(), entry.targets[0]), entry.targets[0])
            self._names[key] = fresh_name(taken, end.input)
            taken.add(self._names[key])

    def _name_exits(self) -> None:
        taken: set[str] = set()
        shown = {item.source for item in self._around.outputs} if self._around else set()
        for node_id in sorted(self._chosen, key=self._place):
            readers = self._body.readers.get(node_id, frozenset()) - self._chosen
            read = {
                s
                for reader in readers
                for sources in self._body.nodes[reader].wires.values()
                for s in sources
                if s.node == node_id
            } | {source for source in shown if source.node == node_id}
            spec = self._catalog.get(self._body.nodes[node_id].type)
            order = spec.output_index if spec else {}
            for source in sorted(read, key=lambda s: (order.get(s.output, len(order)), s.output)):
                self._exits[source] = fresh_name(taken, source.output)
                taken.add(self._exits[source])

    def _inside(self) -> Graph:
        return with_nodes(Graph(), put=self._inner.values())

    def subgraph(self, subgraph_id: str, title: str, ids: frozenset[str]) -> Subgraph:
        """Return the subgraph that they become."""
        body = replace(
            self._inside(),
            frames=Map({k: v for k, v in self._body.frames.items() if k in ids}),
            notes=Map({k: v for k, v in self._body.notes.items() if k in ids}),
        )
        inputs = tuple(
            SubgraphInput(name=self._names[key], targets=tuple(entry.targets))
            for key, entry in self._entries.items()
        )
        outputs = tuple(
            SubgraphOutput(name=name, source=source) for source, name in self._exits.items()
        )
        made = Subgraph(id=subgraph_id, title=title, body=body, inputs=inputs, outputs=outputs)
        return told_apart(made, self._catalog)

    def instance(self, node_id: str, subgraph: Subgraph, position: Point) -> Node:
        """Return the node that stands for `subgraph`, wired as they were."""
        wires = {
            self._names[key]: entry.sources for key, entry in self._entries.items() if entry.sources
        }
        values = spec_of(subgraph, self._catalog).defaults()
        return Node(
            id=node_id,
            type=type_of(subgraph.id),
            params=Map(values),
            wires=Map(wires),
            position=position,
        )

    def readers(self, node_id: str) -> list[Node]:
        """Return the nodes outside that read from inside, reading from the node `node_id`."""
        outside = {
            r for key in self._chosen for r in self._body.readers.get(key, frozenset())
        } - self._chosen  # fmt: skip
        return [rewired(self._body.nodes[key], self._out(node_id)) for key in sorted(outside)]

    def _out(self, node_id: str) -> dict[Source, tuple[Source, ...]]:
        return {source: (Source(node_id, name),) for source, name in self._exits.items()}

    def around(self, node_id: str) -> Subgraph:
        """Return the subgraph around them, showing the node `node_id` where it showed them."""
        around = self._around
        assert around is not None  # noqa: S101 - asked for inside a subgraph only
        inputs = []
        for item in around.inputs:
            targets = [t for t in item.targets if t.node not in self._chosen]
            if ((), item.name) in self._entries:
                targets.append(Target(node_id, self._names[(), item.name]))
            inputs.append(replace(item, targets=tuple(targets)))
        out = self._out(node_id)
        outputs = tuple(
            replace(item, source=out.get(item.source, (item.source,))[0])
            for item in around.outputs
        )  # fmt: skip
        return replace(around, inputs=tuple(inputs), outputs=outputs)


def fresh_name(taken: Iterable[str], wanted: str) -> str:
    """Return `wanted` as the name of a socket that is not in `taken`: `text`, `text_2` ..."""
    stem = re.sub(r"\W+", "_", wanted, flags=re.ASCII)[:_LONGEST_NAME].strip("_") or "value"
    stem = f"_{stem}" if stem[0].isdigit() else stem
    used = frozenset(taken)
    name, number = stem, 1
    while name in used:
        number += 1
        name = f"{stem}_{number}"
    return name


def told_apart(subgraph: Subgraph, catalog: Catalog) -> Subgraph:
    """Return `subgraph` with labels where two of what it shows would read alike."""
    spec = spec_of(subgraph, catalog)
    labels = [item.label for item in spec.inputs]
    inputs = tuple(
        replace(item, label=_label(subgraph.body, catalog, item.targets[0].node, shown.label))
        if not item.label and item.targets and labels.count(shown.label) > 1
        else item
        for item, shown in zip(subgraph.inputs, spec.inputs, strict=False)
    )
    labels = [item.label for item in spec.outputs]
    outputs = tuple(
        replace(item, label=_label(subgraph.body, catalog, item.source.node, shown.label))
        if not item.label and labels.count(shown.label) > 1
        else item
        for item, shown in zip(subgraph.outputs, spec.outputs, strict=True)
    )
    return replace(subgraph, inputs=inputs, outputs=outputs)


def _label(body: Graph, catalog: Catalog, node_id: str, label: str) -> str:
    node = body.nodes[node_id]
    spec = catalog.get(node.type)
    title = node.title or (spec.title if spec else node.id)
    return f"{title} {label[:1].lower()}{label[1:]}".strip()
