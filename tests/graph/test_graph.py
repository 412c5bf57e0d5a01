"""The graph as a value: its index of readers, its walks, and what its versions share."""

from __future__ import annotations

import gc
import tracemalloc
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import given

from graph.edits import difference, set_param
from graph.format import dump, parse
from graph.graph import Graph, Source, links_into, sources_of, with_nodes
from graph.order import find_cycle, ordered
from tests.graph.build import CATALOG, build, chain, n
from tests.graph.random_edits import all_types, applied, history

if TYPE_CHECKING:
    from tests.graph.random_edits import Make

pytestmark = pytest.mark.timeout(1200)  # thousands of examples with --full


def readers_by_the_wires(graph: Graph) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for node in graph.nodes.values():
        for source in sources_of(node):
            found.setdefault(source.node, set()).add(node.id)
    return found


@given(history(5))
def test_whatever_is_edited_the_graph_stays_sound(steps: list[Make]) -> None:
    graph = all_types()
    for edit in steps:
        before, text = graph, dump(graph)
        graph = applied(graph, edit)
        assert {key: set(value) for key, value in graph.readers.items()} == readers_by_the_wires(
            graph
        )
        assert not find_cycle(graph)
        assert dump(before) == text
        assert parse(dump(graph), catalog=CATALOG) == graph


@given(history(1, 15))
def test_the_difference_names_each_part_that_differs(
    steps: list[Make],
) -> None:
    old = new = all_types()
    for edit in steps:
        new = applied(new, edit)
    found = difference(old, new)
    differing = {k for k in {*old.nodes, *new.nodes} if old.nodes.get(k) != new.nodes.get(k)}
    assert differing <= found.nodes
    assert found.frames >= {k for k in new.frames if old.frames.get(k) != new.frames[k]}
    assert found.notes >= {k for k in new.notes if old.notes.get(k) != new.notes[k]}
    old_links, new_links = set(old.links()), set(new.links())
    assert found.wires == (old_links != new_links)
    ends = {end for wire in old_links ^ new_links for end in (wire.source.node, wire.target.node)}
    assert ends <= found.nodes


@given(history(1, 6))
def test_an_edit_tells_all_that_it_changed(steps: list[Make]) -> None:
    graph = all_types()
    for edit in steps:
        after = applied(graph, edit)
        if after is not graph:
            told = edit(graph).change
            found = difference(graph, after)
            assert found.nodes <= told.nodes
            assert told.nodes <= {*graph.nodes, *after.nodes}
            assert (found.frames, found.notes) == (told.frames, told.notes) or not (
                found.frames or found.notes
            )
            assert found.wires <= told.wires
            assert found.semantic <= told.semantic
        graph = after


def test_a_part_cannot_be_assigned() -> None:
    graph = chain(2)
    for value in (graph, graph.nodes["n0"], Source("a", "b")):
        name = value.__struct_fields__[0]
        with pytest.raises(AttributeError, match="immutable"):
            setattr(value, name, None)


def test_versions_share_what_an_edit_leaves_alone() -> None:
    before = chain(50)
    after = set_param(before, CATALOG, "n7", "b", 2).graph
    assert after.readers == before.readers
    assert all(after.nodes[k] is before.nodes[k] for k in before.nodes if k != "n7")
    assert after.nodes["n7"].wires is before.nodes["n7"].wires


def test_a_thousand_undo_steps_of_a_large_graph_are_cheap() -> None:
    graph = chain(2000)
    gc.collect()
    tracemalloc.start()
    steps = [graph]
    for i in range(1000):
        steps.append(set_param(steps[-1], CATALOG, f"n{1 + i}", "b", i).graph)
    grown, _peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert grown / 1000 < 6000, f"{grown / 1000:.0f} bytes an undo step"
    assert [step.nodes["n3"].params["b"] for step in steps[2:5]] == [1, 2, 2]


class TestWalks:
    def test_downstream_and_upstream(self) -> None:
        graph = build(
            n("a", "number"),
            n("b", "parity", {"value": "a.int"}),
            n("c", "parity", {"value": "b.int"}),
            n("d", "number"),
        )
        assert graph.downstream(["b"]) == {"b", "c"}
        assert graph.upstream(["b"]) == {"a", "b"}
        assert graph.upstream(["nobody"]) == set()
        assert graph.downstream(["d"]) == {"d"}

    def test_links_of_tells_each_wire_once(self) -> None:
        graph = chain(4)
        found = list(graph.links_of(["n1", "n2"]))
        assert sorted(found) == sorted(link for i in (1, 2, 3) for link in
                                       links_into(graph.nodes[f"n{i}"]))  # fmt: skip
        assert list(graph.links_of(["nobody"])) == []

    def test_a_part_is_in_the_graph_by_its_id(self) -> None:
        assert "n0" in chain(1)
        assert "n1" not in chain(1)


class TestOrder:
    def test_what_is_read_comes_first_and_ties_go_by_id(self) -> None:
        graph = build(
            n("z", "number"),
            n("m", "parity", {"value": "z.int"}),
            n("a", "parity", {"value": "m.int"}),
            n("b", "number"),
            n("c", "number"),
        )
        assert ordered(graph, graph.nodes) == ["b", "c", "z", "m", "a"]
        assert ordered(graph, ["a", "m"]) == ["m", "a"]

    def test_no_chain_is_too_deep(self) -> None:
        graph = chain(5000)
        assert ordered(graph, graph.nodes) == [f"n{i}" for i in range(5000)]

    def test_two_wires_from_one_node_are_one_dependence(self) -> None:
        graph = build(n("x", "number"), n("y", "fold", {"a": "x.int", "b": "x.int"}))
        assert ordered(graph, graph.nodes) == ["x", "y"]

    def test_a_cycle_is_named_in_order(self) -> None:
        graph = chain(3)
        node = graph.nodes["n0"]
        loop = msgspec.structs.replace(
            node, type="test/parity", wires=node.wires.set("value", (Source("n2", "int"),))
        )
        assert find_cycle(with_nodes(graph, put=[loop])) == ["n0", "n1", "n2", "n0"]
        assert find_cycle(graph) == []
