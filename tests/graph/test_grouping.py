"""Making subgraphs and taking them apart: each undoes the other, and files hold what comes out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph import edits
from graph.errors import CycleError, GraphError
from graph.events import NodeFinished
from graph.execute import Engine
from graph.files import FileIndex
from graph.format import dump, parse
from graph.graph import Frame, Graph, Loop, Mode, Source, Target
from graph.grouping import collapse
from graph.healing import reroute
from graph.nesting import instance, remove, within
from graph.showing import set_loop, show_input
from graph.subgraphs import localized
from graph.ungrouping import expand
from tests.graph.build import CATALOG, LOADED, build, n
from tests.graph.random_edits import IDS, all_types, applied, history

if TYPE_CHECKING:
    from tests.graph.random_edits import Make


def is_sound(graph: Graph) -> None:
    """A file holds it: what is read back is equal."""
    assert parse(dump(graph), catalog=CATALOG) == graph


def computed(graph: Graph, node_id: str) -> object:
    """What comes out of a node."""
    engine = Engine(LOADED, FileIndex())
    ends = [e for e in engine.run(graph, targets=[node_id]) if isinstance(e, NodeFinished)]
    digest = next(e for e in ends if e.node == node_id).digests[0]
    assert isinstance(digest, str)
    return engine.value(digest)


@pytest.fixture
def graph() -> Graph:
    """one, two -> sum -> odd, half; both read outside."""
    made = build(
        n("one", "number", value=3),
        n("two", "number", value=4),
        n("sum", "fold", {"a": "one.int", "b": "two.int"}),
        n("odd", "parity", {"value": "sum.int"}),
        n("all", "total", {"parts": ["odd.int", "sum.int", "one.int"]}),
    )
    places = {"one": (0.0, 0.0), "two": (0.0, 80.0), "sum": (160.0, 0.0), "odd": (320.0, 80.0)}
    return edits.move(made, places).graph


class TestCollapse:
    def test_crossing_wires_become_what_it_shows(self, graph: Graph) -> None:
        edit = collapse(graph, CATALOG, ["sum", "odd"], title="Add up")
        made = edit.graph
        is_sound(made)
        node, subgraph = instance(made, made, "add-up")
        assert subgraph.title == "Add up"
        assert set(subgraph.body.nodes) == {"sum", "odd"}
        assert {item.name: item.targets for item in subgraph.inputs} == {
            "a": (Target("sum", "a"),),
            "b": (Target("sum", "b"),),
        }
        assert {item.name: item.source for item in subgraph.outputs} == {
            "int": Source("sum", "int"),
            "int_2": Source("odd", "int"),
        }
        assert dict(node.wires) == {"a": (Source("one", "int"),), "b": (Source("two", "int"),)}
        assert made.nodes["all"].wires["parts"] == (
            Source("add-up", "int_2"),
            Source("add-up", "int"),
            Source("one", "int"),
        )
        assert node.position == (240.0, 40.0)  # the middle
        assert edit.change.subgraphs == {"add-up"}
        assert edit.change.nodes >= {"sum", "odd", "add-up", "all"}

    def test_sockets_that_would_read_alike_are_told_apart(self, graph: Graph) -> None:
        named = edits.describe(graph, "odd", title="Odd one").graph
        made = collapse(named, CATALOG, ["sum", "odd"]).graph
        spec = localized(CATALOG, made).require("subgraph/subgraph")
        assert [item.label for item in spec.outputs] == ["Fold int", "Odd one int"]

    def test_one_wire_to_two_inputs_of_a_type_is_one_input(self) -> None:
        made = build(n("x", "number"), n("y", "fold", {"a": "x.int", "b": "x.int"}))
        made = collapse(made, CATALOG, ["y"]).graph
        (item,) = made.subgraphs["subgraph"].inputs
        assert item.targets == (Target("y", "a"), Target("y", "b"))
        is_sound(made)

    def test_wires_of_one_input_from_inside_and_outside_keep_their_order(
        self, graph: Graph
    ) -> None:
        made = collapse(graph, CATALOG, ["odd", "all"]).graph
        is_sound(made)
        assert expand(made, CATALOG, "subgraph").graph == graph

    def test_it_computes_the_same(self, graph: Graph) -> None:
        made = collapse(graph, CATALOG, ["sum", "odd"]).graph
        assert computed(graph, "all") == computed(made, "all") == 11

    def test_a_node_left_out_between_two_is_named(self, graph: Graph) -> None:
        with pytest.raises(CycleError, match="Parity lies between the chosen nodes") as caught:
            collapse(graph, CATALOG, ["sum", "all"])
        assert caught.value.nodes == ("odd",)

    def test_nothing_is_no_subgraph(self, graph: Graph) -> None:
        with pytest.raises(GraphError, match="choose the nodes"):
            collapse(graph, CATALOG, ["nobody"])

    def test_the_title_of_a_frame_that_goes_in_is_the_title(self, graph: Graph) -> None:
        framed = edits.put_frame(graph, Frame(id="frame", title="Sums")).graph
        made = collapse(framed, CATALOG, ["frame", "sum"]).graph
        assert made.subgraphs["sums"].title == "Sums"
        assert set(made.subgraphs["sums"].body.frames) == {"frame"}
        assert not made.frames

    def test_in_a_subgraph_it_shows_through(self, graph: Graph) -> None:
        made = collapse(graph, CATALOG, ["sum", "odd"], title="outer").graph
        made = collapse(made, CATALOG, ["sum"], inside="outer", title="inner").graph
        is_sound(made)
        outer, inner = made.subgraphs["outer"], made.subgraphs["inner"]
        assert set(outer.body.nodes) == {"inner", "odd"}
        assert [item.targets for item in outer.inputs] == [
            (Target("inner", "a"),),
            (Target("inner", "b"),),
        ]
        assert outer.outputs[0].source == Source("inner", "int")
        assert set(inner.body.nodes) == {"sum"}
        assert computed(made, "all") == 11
        back = expand(made, CATALOG, "inner", inside="outer").graph
        assert back == collapse(graph, CATALOG, ["sum", "odd"], title="outer").graph


class TestExpand:
    def test_values_given_outside_are_kept(self) -> None:
        made = build(n("x", "number", value=2), n("y", "fold", {"a": "x.int"}, b=5))
        made = collapse(made, CATALOG, ["y"], title="g").graph
        made = show_input(made, CATALOG, "g", Target("y", "b")).graph
        made = edits.set_param(made, localized(CATALOG, made), "g", "b", 9).graph
        back = expand(made, CATALOG, "g").graph
        assert back.nodes["y"].params["b"] == 9
        assert not back.subgraphs

    def test_ids_that_are_taken_get_others(self) -> None:
        made = collapse(build(n("x", "number")), CATALOG, ["x"], title="g").graph
        made = edits.add_node(made, CATALOG, "test/number", node_id="x").graph
        back = expand(made, CATALOG, "g").graph
        assert set(back.nodes) == {"x", "x-2"}
        is_sound(back)

    def test_the_inside_lands_where_the_node_is(self, graph: Graph) -> None:
        made = collapse(graph, CATALOG, ["sum", "odd"], title="g").graph
        x, y = made.nodes["g"].position
        made = edits.move(made, {"g": (x + 100, y + 50)}).graph
        back = expand(made, CATALOG, "g").graph
        assert back.nodes["sum"].position == (260.0, 50.0)
        assert back.nodes["odd"].position == (420.0, 130.0)

    def test_a_muted_one_gives_muted_nodes(self, graph: Graph) -> None:
        made = collapse(graph, CATALOG, ["sum"], title="g").graph
        made = edits.set_mode(made, ["g"], Mode.MUTED).graph
        assert expand(made, CATALOG, "g").graph.nodes["sum"].mode is Mode.MUTED

    def test_another_that_stands_for_it_keeps_its_inside(self, graph: Graph) -> None:
        made = collapse(graph, CATALOG, ["sum"], title="g").graph
        made = edits.add_node(made, localized(CATALOG, made), "subgraph/g").graph
        back = expand(made, CATALOG, "g").graph
        assert set(back.subgraphs) == {"g"}
        is_sound(back)

    def test_loops_and_plain_nodes_are_refused(self, graph: Graph) -> None:
        made = collapse(graph, CATALOG, ["sum"], title="g").graph
        with pytest.raises(GraphError, match="does not stand for a subgraph"):
            expand(made, CATALOG, "odd")
        made = set_loop(made, CATALOG, "g", Loop()).graph
        with pytest.raises(GraphError, match="is repeated"):
            expand(made, CATALOG, "g")


@given(history(20, 60), st.sets(st.sampled_from(IDS), min_size=1))
def test_expanding_undoes_collapsing(makes: list[Make], ids: set[str]) -> None:
    graph = all_types()
    for make in makes:
        graph = applied(graph, make)
    try:
        made = collapse(graph, CATALOG, ids).graph
    except GraphError:
        return
    is_sound(made)
    assert expand(made, CATALOG, "subgraph").graph == graph


@given(history(15, 40), st.sets(st.sampled_from(IDS), min_size=1), history(5, 20))
def test_edits_inside_never_leave_what_a_file_cannot_hold(
    before: list[Make], ids: set[str], inside: list[Make]
) -> None:
    graph = all_types()
    for make in before:
        graph = applied(graph, make)
    try:
        graph = collapse(graph, CATALOG, ids, title="box").graph
    except GraphError:
        return
    for make in inside:
        graph = applied(graph, lambda g, make=make: within(g, CATALOG, "box", make))  # type: ignore[misc] # a default binds the loop's value
        is_sound(graph)
    is_sound(expand(graph, CATALOG, "box").graph)
    assert not remove(graph, CATALOG, ["box"]).graph.subgraphs


def test_through_dots_it_goes_as_well(graph: Graph) -> None:
    link = next(link for link in graph.links() if link.target == Target("odd", "value"))
    dotted = reroute(graph, link, (240, 40))[0].graph
    made = collapse(dotted, CATALOG, ["dot", "odd"]).graph
    is_sound(made)
    (item,) = made.subgraphs["subgraph"].inputs
    assert item.name == "value"
    spec = localized(CATALOG, made).require("subgraph/subgraph")
    assert spec.inputs[0].type == "Int"
    assert expand(made, CATALOG, "subgraph").graph == dotted


def test_a_wire_to_a_list_input_may_be_added_outside() -> None:
    made = build(n("x", "number"), n("y", "number"), n("t", "total", {"parts": ["x.int"]}))
    made = collapse(made, CATALOG, ["t"], title="g").graph
    made = edits.connect(
        made, localized(CATALOG, made), Source("y", "int"), Target("g", "parts")
    ).graph
    is_sound(made)
    back = expand(made, CATALOG, "g").graph
    assert back.nodes["t"].wires["parts"] == (Source("x", "int"), Source("y", "int"))
