"""What a subgraph shows of its inside: sockets and values, their names, their order, its loop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias, TypeVar

from msgspec.structs import replace

from graph import edits
from graph.edits import Edit, difference
from graph.errors import GraphError, SocketError
from graph.graph import (
    Graph,
    Loop,
    Subgraph,
    SubgraphInput,
    SubgraphOutput,
    with_nodes,
)
from graph.grouping import fresh_name, told_apart
from graph.nesting import check_nesting, require_subgraph, settled
from graph.reroutes import carried, reached
from graph.sockets import ANY
from graph.subgraphs import COUNT, flaw, localized

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graph.catalog import Catalog
    from graph.graph import Source, Target
    from graph.spec import InputSpec

Side: TypeAlias = Literal["inputs", "outputs"]
Shown = TypeVar("Shown", SubgraphInput, SubgraphOutput)


def put(graph: Graph, catalog: Catalog, subgraph: Subgraph) -> Edit:
    """Put `subgraph` in the place of the one of its id, and mend all that stands for it."""
    whole = replace(graph, subgraphs=graph.subgraphs.set(subgraph.id, subgraph))
    check_nesting(whole)
    whole = settled(whole, catalog, {subgraph.id})
    return Edit(whole, difference(graph, whole))


def show_input(
    graph: Graph, catalog: Catalog, subgraph_id: str, target: Target, *, join: str = ""
) -> Edit:
    """Show an input inside, socket or value; with `join`, feed it from what is shown as that.

    A wire that ends at it inside gives way, and so does another input that showed it.

    Raises:
        SocketError: there is no such input, or it takes another type than what it shall join.
    """
    subgraph = require_subgraph(graph, subgraph_id)
    node = edits.require_node(subgraph.body, target.node)
    known = localized(catalog, graph)
    spec = known.get(node.type)
    if spec is not None and spec.input(target.input) is None:
        message = f"{spec.title} has no input {target.input!r}"
        raise SocketError(message, node.id)
    if target.input in node.wires:
        freed = replace(node, wires=node.wires.delete(target.input))
        subgraph = replace(subgraph, body=with_nodes(subgraph.body, put=[freed]))
    inputs = [_let_go(item, target) for item in subgraph.inputs]
    if join:
        inputs = [_joined(item, target, join, subgraph, known) for item in inputs]
    else:
        name = _name_for(subgraph, known, target, [item.name for item in inputs])
        inputs.append(SubgraphInput(name=name, targets=(target,)))
    fresh = replace(subgraph, inputs=tuple(inputs))
    return put(graph, catalog, told_apart(fresh, known))


def _let_go(item: SubgraphInput, target: Target) -> SubgraphInput:
    return replace(item, targets=tuple(t for t in item.targets if t != target))


def _joined(
    item: SubgraphInput, target: Target, join: str, subgraph: Subgraph, catalog: Catalog
) -> SubgraphInput:
    if item.name != join:
        return item
    if item.targets:
        one = _spec(subgraph, catalog, item.targets[0])
        other = _spec(subgraph, catalog, target)
        given = one.type if one is not None else ANY.name
        if other is not None and not catalog.sockets.accepts(other.type, given):
            message = f"{item.label or item.name} is {given}, but {other.label} takes {other.type}"
            raise SocketError(message, target.node)
    return replace(item, targets=(*item.targets, target))


def _spec(subgraph: Subgraph, catalog: Catalog, target: Target) -> InputSpec | None:
    end = next(reached(subgraph.body, target), target)
    node = subgraph.body.nodes.get(end.node)
    spec = None if node is None else catalog.get(node.type)
    return None if spec is None else spec.input(end.input)


def _name_for(
    subgraph: Subgraph, catalog: Catalog, target: Target, taken: Sequence[str]
) -> str:  # fmt: skip
    item = _spec(subgraph, catalog, target)
    loop = subgraph.loop is not None and not subgraph.loop.over
    reserved = (COUNT,) if loop else ()
    return fresh_name((*taken, *reserved), item.name if item is not None else target.input)


def show_output(graph: Graph, catalog: Catalog, subgraph_id: str, source: Source) -> Edit:
    """Show an output inside; one that is shown already stays shown once.

    Raises:
        SocketError: there is no such output.
    """
    subgraph = require_subgraph(graph, subgraph_id)
    _check_output(graph, catalog, subgraph, source)
    if any(item.source == source for item in subgraph.outputs):
        raise SocketError("it is shown already", source.node)
    name = fresh_name((item.name for item in subgraph.outputs), source.output)
    item = SubgraphOutput(name=name, source=source)
    fresh = replace(subgraph, outputs=(*subgraph.outputs, item))
    return put(graph, catalog, told_apart(fresh, localized(catalog, graph)))


def _check_output(graph: Graph, catalog: Catalog, subgraph: Subgraph, source: Source) -> None:
    node = edits.require_node(subgraph.body, source.node)
    spec = localized(catalog, graph).get(node.type)
    if spec is not None and spec.output(source.output) is None:
        message = f"{spec.title} has no output {source.output!r}"
        raise SocketError(message, node.id)


def redirect_output(
    graph: Graph, catalog: Catalog, subgraph_id: str, name: str, source: Source
) -> Edit:
    """Let what is shown as `name` be another output inside; wires that do not fit it go.

    Raises:
        SocketError: there is no such output inside, or none is shown as `name`.
    """
    subgraph = require_subgraph(graph, subgraph_id)
    _check_output(graph, catalog, subgraph, source)
    _require_shown(subgraph, "outputs", name)
    outputs = tuple(
        replace(item, source=source) if item.name == name else item for item in subgraph.outputs
    )
    return put(graph, catalog, replace(subgraph, outputs=outputs))


def hide(graph: Graph, catalog: Catalog, subgraph_id: str, side: Side, name: str) -> Edit:
    """Show an input or output no longer; wires at it outside go."""
    subgraph = require_subgraph(graph, subgraph_id)
    _require_shown(subgraph, side, name)
    if side == "inputs":
        inputs = tuple(item for item in subgraph.inputs if item.name != name)
        fresh = replace(subgraph, inputs=inputs)
    else:
        outputs = tuple(item for item in subgraph.outputs if item.name != name)
        fresh = replace(subgraph, outputs=outputs)
    return put(graph, catalog, fresh)


def hide_target(graph: Graph, catalog: Catalog, subgraph_id: str, target: Target) -> Edit:
    """Feed an input inside no longer from outside; what fed it stays, for something else."""
    subgraph = require_subgraph(graph, subgraph_id)
    inputs = tuple(_let_go(item, target) for item in subgraph.inputs)
    return put(graph, catalog, replace(subgraph, inputs=inputs))


def label(
    graph: Graph, catalog: Catalog, subgraph_id: str, side: Side, name: str, text: str
) -> Edit:
    """Give what is shown as `name` another label; an empty one brings back that of its inside.

    The name, by which files know it, stays: wires outside are not touched.
    """
    subgraph = require_subgraph(graph, subgraph_id)
    _require_shown(subgraph, side, name)
    words = text.strip()
    if side == "inputs":
        fresh = replace(subgraph, inputs=_labelled(subgraph.inputs, name, words))
    else:
        fresh = replace(subgraph, outputs=_labelled(subgraph.outputs, name, words))
    return put(graph, catalog, fresh)


def _labelled(items: tuple[Shown, ...], name: str, words: str) -> tuple[Shown, ...]:
    return tuple(replace(item, label=words) if item.name == name else item for item in items)


def shift(
    graph: Graph, catalog: Catalog, subgraph_id: str, side: Side, name: str, place: int
) -> Edit:
    """Put what is shown as `name` at another place among its side: 0 is the top."""
    subgraph = require_subgraph(graph, subgraph_id)
    _require_shown(subgraph, side, name)
    if side == "inputs":
        fresh = replace(subgraph, inputs=_shifted(subgraph.inputs, name, place))
    else:
        fresh = replace(subgraph, outputs=_shifted(subgraph.outputs, name, place))
    return put(graph, catalog, fresh)


def _shifted(items: tuple[Shown, ...], name: str, place: int) -> tuple[Shown, ...]:
    moved = next(item for item in items if item.name == name)
    others = [item for item in items if item.name != name]
    others.insert(max(0, min(place, len(others))), moved)
    return tuple(others)


def _require_shown(subgraph: Subgraph, side: Side, name: str) -> None:
    shown = subgraph.inputs if side == "inputs" else subgraph.outputs
    if all(item.name != name for item in shown):
        names = ", ".join(item.name for item in shown) or "nothing"
        message = f"{subgraph.title or subgraph.id} shows no {name!r}; it shows: {names}"
        raise SocketError(message, subgraph.id)


def describe(
    graph: Graph, catalog: Catalog, subgraph_id: str, *, title: str | None = None,
    doc: str | None = None,
) -> Edit:  # fmt: skip
    """Give a subgraph another title or another text that says what it is for."""
    subgraph = require_subgraph(graph, subgraph_id)
    fresh = replace(
        subgraph,
        title=subgraph.title if title is None else title.strip(),
        doc=subgraph.doc if doc is None else doc.strip(),
    )
    try:
        (fresh.title + fresh.doc).encode()
    except UnicodeEncodeError:
        raise GraphError("this text has characters that a file cannot hold", subgraph_id) from None
    return put(graph, catalog, fresh)


def set_loop(graph: Graph, catalog: Catalog, subgraph_id: str, loop: Loop | None) -> Edit:
    """Let a subgraph run again and again, or once.

    Raises:
        GraphError: it goes through, or feeds back, what the subgraph does not show.
    """
    subgraph = require_subgraph(graph, subgraph_id)
    fresh = replace(subgraph, loop=loop)
    problem = flaw(fresh, localized(catalog, graph))
    if problem is not None:
        message = f"{subgraph.title or subgraph_id}: {problem}"
        raise GraphError(message, subgraph_id)
    return put(graph, catalog, fresh)


def feedback_pairs(graph: Graph, catalog: Catalog, subgraph_id: str) -> list[tuple[str, str]]:
    """Return the pairs of an output and an input of one type that a loop could feed back.

    Those of one name come first; each socket is in one pair at most.
    """
    subgraph = require_subgraph(graph, subgraph_id)
    known = localized(catalog, graph)
    kinds = {
        item.name: carried(subgraph.body, known, item.source) for item in subgraph.outputs
    }  # fmt: skip
    wanted = {
        item.name: found.type
        for item in subgraph.inputs
        if item.targets and (found := _spec(subgraph, known, item.targets[0])) is not None
    }
    fits = [
        (output, name)
        for output, kind in kinds.items()
        for name, type_ in wanted.items()
        if kind == type_
    ]
    fits.sort(key=lambda pair: pair[0] != pair[1])
    pairs: list[tuple[str, str]] = []
    for output, name in fits:
        if all(output != pair[0] and name != pair[1] for pair in pairs):
            pairs.append((output, name))
    return pairs
