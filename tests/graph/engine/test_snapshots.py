"""Graphs on their way to the engine: what arrives is what was sent, however little of it was."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from immutables import Map

from graph.edits import add_node, connect, describe, disconnect, move, remove, set_param
from graph.engine.snapshots import Snapshot, SnapshotReader, SnapshotSender
from graph.errors import SfumatoError
from graph.format import dump
from graph.graph import Graph, Source, Target
from tests.graph.build import CATALOG, build, chain, n

if TYPE_CHECKING:
    from collections.abc import Callable

    from graph.edits import Edit

pytestmark = pytest.mark.timeout(1200)  # thousands of examples with --full


def sent(sender: SnapshotSender, reader: SnapshotReader, graph: Graph, document: str = "") -> Graph:
    """What arrives, over a border that only lets bytes through."""
    data = msgspec.msgpack.encode(sender.snapshot(graph, document))
    return reader.graph(msgspec.msgpack.decode(data, type=Snapshot), CATALOG)


def edited(graph: Graph, chance: random.Random) -> Graph:
    """`graph` after some edit."""
    names = sorted(graph.nodes)
    if not names or chance.random() < 0.2:
        new = f"m{chance.randrange(10**9)}"
        return add_node(graph, CATALOG, "test/fold", node_id=new).graph
    name = chance.choice(names)
    edits: list[Callable[[], Edit]] = [
        lambda: remove(graph, [name]),
        lambda: move(graph, {name: (chance.random(), 1.0)}),
        lambda: describe(graph, name, title=f"t{chance.random()}"),
    ]
    if graph.nodes[name].type == "test/fold":
        edits.append(lambda: set_param(graph, CATALOG, name, "b", chance.randrange(100)))
        free = [other for other in names if other not in graph.downstream([name])]
        if graph.nodes[name].wires:
            link = next(link for link in graph.links() if link.target.node == name)
            edits.append(lambda: disconnect(graph, link))
        elif free:
            source = Source(chance.choice(free), "int")
            edits.append(lambda: connect(graph, CATALOG, source, Target(name, "a")))
    return chance.choice(edits)().graph


@given(st.integers(0, 10**9), st.integers(1, 40), st.integers(1, 7))
def test_any_edits_of_any_documents_in_any_turn(seed: int, count: int, documents: int) -> None:
    chance = random.Random(seed)
    graphs = {str(i): chain(12, value=i) for i in range(documents)}
    sender, reader = SnapshotSender(), SnapshotReader()
    for _ in range(count):
        document = chance.choice(sorted(graphs))
        for _ in range(chance.randrange(4)):
            graphs[document] = edited(graphs[document], chance)
        if chance.random() < 0.05:
            sender.forget()
        arrived = sent(sender, reader, graphs[document], document)
        assert arrived == graphs[document]
        assert dump(arrived) == dump(graphs[document])


def test_only_what_changed_is_sent() -> None:
    sender, graph = SnapshotSender(), chain(200)
    whole = sender.snapshot(graph, "a")
    assert (whole.whole, whole.changed) == (dump(graph), b"")
    again = sender.snapshot(graph, "a")
    assert (again.whole, again.changed, again.removed) == (b"", b"", ())
    changed = sender.snapshot(set_param(graph, CATALOG, "n7", "b", 5).graph, "a")
    assert changed.whole == b""
    assert list(changed.wires) == ["n7"]
    assert len(changed.changed) < 400


def test_a_graph_of_which_most_is_new_is_sent_whole() -> None:
    sender = SnapshotSender()
    sender.snapshot(chain(20), "a")
    assert sender.snapshot(chain(20, value=4), "a").whole


def test_what_is_refused_is_refused_until_it_is_sent_whole() -> None:
    sender, reader = SnapshotSender(), SnapshotReader()
    graph = build(n("r", "number", value=1), *(n(f"x{i}", "number", value=i) for i in range(5)))
    sent(sender, reader, graph)
    node = msgspec.structs.replace(graph.nodes["r"], params=Map({"value": "5"}))
    wrong = msgspec.structs.replace(graph, nodes=graph.nodes.set("r", node))
    for version in (wrong, graph):  # the second is made of the first, which did not arrive
        with pytest.raises(SfumatoError, match="a whole number"):
            sent(sender, reader, version)
    sender.forget()
    assert sent(sender, reader, graph) == graph
