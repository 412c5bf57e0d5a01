"""Edits inside subgraphs, and what they show of their inside."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from graph import edits
from graph.copies import gathered, independent, insert
from graph.edits import Change
from graph.errors import CycleError, GraphError, SocketError, UnknownNodeError
from graph.format import dump, parse
from graph.graph import Frame, Graph, Link, Loop, Note, Source, Target
from graph.grouping import collapse
from graph.inside import Inside, closed, opened
from graph.nesting import remove, within
from graph.showing import (
    describe,
    feedback_pairs,
    hide,
    hide_target,
    label,
    put,
    redirect_output,
    set_loop,
    shift,
    show_input,
    show_output,
)
from graph.subgraphs import localized
from tests.graph.build import CATALOG, build, n
from tests.graph.test_grouping import is_sound

if TYPE_CHECKING:
    from collections.abc import Callable

    from graph.catalog import Catalog


@pytest.fixture
def graph() -> Graph:
    """A box with two nodes in it, between two others."""
    made = build(
        n("one", "number"),
        n("sum", "fold", {"a": "one.int"}, b=2),
        n("odd", "parity", {"value": "sum.int"}),
        n("all", "total", {"parts": ["odd.int"]}),
    )
    return collapse(made, CATALOG, ["sum", "odd"], title="box").graph


def inputs(graph: Graph, name: str = "box") -> dict[str, tuple[Target, ...]]:
    return {item.name: item.targets for item in graph.subgraphs[name].inputs}


def outputs(graph: Graph, name: str = "box") -> dict[str, Source]:
    return {item.name: item.source for item in graph.subgraphs[name].outputs}


class TestWithin:
    def test_a_move_inside_changes_no_result(self, graph: Graph) -> None:
        edit = within(graph, CATALOG, "box", lambda body: edits.move(body, {"sum": (8, 8)}))
        assert edit.graph.subgraphs["box"].body.nodes["sum"].position == (8.0, 8.0)
        assert edit.change == Change(subgraphs=frozenset({"box"}))

    def test_outside_of_subgraphs_it_is_the_edit(self, graph: Graph) -> None:
        edit = within(graph, CATALOG, "", lambda body: edits.move(body, {"one": (8, 8)}))
        assert edit.graph.nodes["one"].position == (8.0, 8.0)

    def test_a_subgraph_that_is_not_there_is_named(self, graph: Graph) -> None:
        with pytest.raises(UnknownNodeError, match="no subgraph 'nowhere'"):
            within(graph, CATALOG, "nowhere", lambda body: edits.move(body, {}))

    def test_what_is_removed_inside_is_shown_no_more(self, graph: Graph) -> None:
        edit = within(graph, CATALOG, "box", lambda body: edits.remove(body, ["odd"]))
        is_sound(edit.graph)
        assert outputs(edit.graph) == {}
        assert not edit.graph.nodes["all"].wires
        assert edit.change.nodes >= {"all", "box"}

    def test_an_input_that_feeds_nothing_stays_with_its_wire(self, graph: Graph) -> None:
        made = remove(graph, CATALOG, ["sum"], inside="box").graph
        is_sound(made)
        assert inputs(made) == {"a": ()}
        assert made.nodes["box"].wires["a"] == (Source("one", "int"),)

    def test_an_input_that_is_wired_inside_is_fed_from_there(self, graph: Graph) -> None:
        made = within(
            graph, CATALOG, "box", lambda b: edits.add_node(b, CATALOG, "test/number")
        ).graph
        made = within(
            made, CATALOG, "box",
            lambda b: edits.connect(b, CATALOG, Source("number", "int"), Target("sum", "a")),
        ).graph  # fmt: skip
        is_sound(made)
        assert inputs(made) == {"a": ()}

    def test_a_subgraph_cannot_hold_itself(self, graph: Graph) -> None:
        known = localized(CATALOG, graph)
        with pytest.raises(CycleError, match="a subgraph cannot hold itself"):
            within(graph, CATALOG, "box", lambda b: edits.add_node(b, known, "subgraph/box"))

    def test_the_last_one_takes_its_subgraphs_along(self, graph: Graph) -> None:
        made = collapse(graph, CATALOG, ["sum"], inside="box", title="inner").graph
        assert not remove(made, CATALOG, ["box"]).graph.subgraphs
        left = remove(made, CATALOG, ["inner"], inside="box")
        assert set(left.graph.subgraphs) == {"box"}
        assert left.change.subgraphs == {"box", "inner"}

    def test_what_shows_through_two_levels_is_mended_in_both(self, graph: Graph) -> None:
        made = collapse(graph, CATALOG, ["box"], title="outer").graph
        made = remove(made, CATALOG, ["odd"], inside="box").graph
        is_sound(made)
        assert outputs(made, "outer") == {}
        assert "parts" not in made.nodes["all"].wires


class TestShowing:
    def test_a_value_inside_becomes_one_outside(self, graph: Graph) -> None:
        edit = show_input(graph, CATALOG, "box", Target("sum", "b"))
        is_sound(edit.graph)
        assert inputs(edit.graph)["b"] == (Target("sum", "b"),)
        assert edit.graph.nodes["box"].params["b"] == 2
        assert "box" in edit.change.nodes

    def test_it_may_join_what_is_shown(self, graph: Graph) -> None:
        made = show_input(graph, CATALOG, "box", Target("sum", "b"), join="a").graph
        assert inputs(made) == {"a": (Target("sum", "a"), Target("sum", "b"))}

    def test_only_what_fits_joins(self, graph: Graph) -> None:
        made = within(graph, CATALOG, "box", lambda b: edits.add_node(b, CATALOG, "test/dim")).graph
        with pytest.raises(SocketError, match="is Int, but Image takes Image"):
            show_input(made, CATALOG, "box", Target("dim", "image"), join="a")

    def test_a_wire_inside_gives_way(self, graph: Graph) -> None:
        made = show_input(graph, CATALOG, "box", Target("odd", "value")).graph
        is_sound(made)
        assert not made.subgraphs["box"].body.nodes["odd"].wires

    def test_what_is_not_inside_is_refused(self, graph: Graph) -> None:
        with pytest.raises(SocketError, match="Fold has no input 'x'"):
            show_input(graph, CATALOG, "box", Target("sum", "x"))
        with pytest.raises(SocketError, match="Fold has no output 'x'"):
            show_output(graph, CATALOG, "box", Source("sum", "x"))
        with pytest.raises(SocketError, match="shows no 'x'; it shows: a"):
            hide(graph, CATALOG, "box", "inputs", "x")

    def test_an_output_is_shown_once(self, graph: Graph) -> None:
        made = show_output(graph, CATALOG, "box", Source("sum", "int")).graph
        is_sound(made)
        assert outputs(made)["int_2"] == Source("sum", "int")
        with pytest.raises(SocketError, match="shown already"):
            show_output(made, CATALOG, "box", Source("sum", "int"))

    def test_hiding_takes_the_wires_outside(self, graph: Graph) -> None:
        made = hide(graph, CATALOG, "box", "outputs", "int").graph
        assert "parts" not in made.nodes["all"].wires
        made = hide(made, CATALOG, "box", "inputs", "a").graph
        assert not made.nodes["box"].wires
        is_sound(made)

    def test_a_target_goes_alone(self, graph: Graph) -> None:
        made = show_input(graph, CATALOG, "box", Target("sum", "b"), join="a").graph
        made = hide_target(made, CATALOG, "box", Target("sum", "a")).graph
        assert inputs(made) == {"a": (Target("sum", "b"),)}

    def test_another_output_takes_its_place(self, graph: Graph) -> None:
        made = redirect_output(graph, CATALOG, "box", "int", Source("sum", "int")).graph
        assert outputs(made) == {"int": Source("sum", "int")}
        assert made.nodes["all"].wires["parts"] == (Source("box", "int"),)

    def test_wires_of_another_type_go(self, graph: Graph) -> None:
        made = within(
            graph, CATALOG, "box", lambda b: edits.add_node(b, CATALOG, "test/draw")
        ).graph
        made = redirect_output(made, CATALOG, "box", "int", Source("draw", "image")).graph
        is_sound(made)
        assert not made.nodes["all"].wires

    def test_labels_and_order(self, graph: Graph) -> None:
        made = show_input(graph, CATALOG, "box", Target("sum", "b")).graph
        made = label(made, CATALOG, "box", "inputs", "b", " Second ").graph
        made = shift(made, CATALOG, "box", "inputs", "b", 0).graph
        is_sound(made)
        spec = localized(CATALOG, made).require("subgraph/box")
        assert [item.label for item in spec.inputs] == ["Second", "A"]

    def test_titles(self, graph: Graph) -> None:
        made = describe(graph, CATALOG, "box", title="Box of sums", doc="Adds.\nMore.").graph
        spec = localized(CATALOG, made).require("subgraph/box")
        assert (spec.title, spec.summary) == ("Box of sums", "Adds.")
        with pytest.raises(GraphError, match="cannot hold"):
            describe(graph, CATALOG, "box", title="\ud800")

    def test_loops(self, graph: Graph) -> None:
        assert feedback_pairs(graph, CATALOG, "box") == [("int", "a")]
        made = set_loop(graph, CATALOG, "box", Loop(feedback=(("int", "a"),))).graph
        is_sound(made)
        assert made.nodes["box"].params["count"] == 1
        with pytest.raises(GraphError, match="does not show"):
            set_loop(graph, CATALOG, "box", Loop(over="x"))
        gone = hide(made, CATALOG, "box", "inputs", "a").graph
        assert gone.subgraphs["box"].loop == Loop()
        is_sound(gone)
        assert "count" not in set_loop(made, CATALOG, "box", None).graph.nodes["box"].params


class TestCopies:
    def test_subgraphs_come_along_and_stay_linked(self, graph: Graph) -> None:
        part = gathered(graph, ["box", "one"])
        assert parse(dump(part), catalog=CATALOG) == part
        edit, ids = insert(graph, CATALOG, part, (10, 20))
        is_sound(edit.graph)
        assert set(ids) == {"box-2", "one-2"}
        assert edit.graph.nodes["box-2"].wires["a"] == (Source("one-2", "int"),)
        assert set(edit.graph.subgraphs) == {"box"}
        x, y = graph.nodes["box"].position
        assert edit.graph.nodes["box-2"].position == (x + 10, y + 20)

    def test_into_another_document(self, graph: Graph) -> None:
        part = gathered(collapse(graph, CATALOG, ["box"], title="outer").graph, ["outer"])
        edit, _ids = insert(Graph(), CATALOG, part, (0, 0))
        is_sound(edit.graph)
        assert set(edit.graph.subgraphs) == {"box", "outer"}

    def test_another_inside_under_the_same_id_is_another_subgraph(self, graph: Graph) -> None:
        nested = collapse(graph, CATALOG, ["box"], title="outer").graph
        part = gathered(nested, ["outer"])
        changed = within(nested, CATALOG, "box", lambda b: edits.move(b, {"sum": (800, 0)})).graph
        edit, _ids = insert(changed, CATALOG, part, (0, 0))
        is_sound(edit.graph)
        assert set(edit.graph.subgraphs) == {"box", "outer", "box-2", "outer-2"}
        assert edit.graph.nodes["outer-2"].type == "subgraph/outer-2"
        inner = edit.graph.subgraphs["outer-2"].body.nodes["box"]
        assert inner.type == "subgraph/box-2"

    def test_not_into_itself(self, graph: Graph) -> None:
        with pytest.raises(CycleError, match="cannot hold itself"):
            insert(graph, CATALOG, gathered(graph, ["box"]), (0, 0), inside="box")

    def test_frames_and_notes_too(self) -> None:
        made = edits.put_frame(Graph(), Frame(id="f", title="A")).graph
        made = edits.put_note(made, Note(id="n", text="hello")).graph
        edit, ids = insert(made, CATALOG, gathered(made, ["f", "n"]), (1, 1))
        assert ids == ("f-2", "n-2")
        assert edit.graph.notes["n-2"].text == "hello"

    def test_wires_from_beside_stay_where_they_can(self, graph: Graph) -> None:
        part = Graph(nodes=graph.nodes.delete("one"), subgraphs=graph.subgraphs)
        edit, _ids = insert(graph, CATALOG, part, (0, 0))
        assert edit.graph.nodes["box-2"].wires["a"] == (Source("one", "int"),)
        other, _ids = insert(Graph(), CATALOG, part, (0, 0))
        assert not other.graph.nodes["box"].wires

    def test_an_independent_one_changes_alone(self, graph: Graph) -> None:
        made, _ids = insert(graph, CATALOG, gathered(graph, ["box"]), (0, 0))
        own = independent(made.graph, CATALOG, ["box-2"]).graph
        is_sound(own)
        assert own.nodes["box-2"].type == "subgraph/box-2"
        changed = remove(own, CATALOG, ["odd"], inside="box-2").graph
        assert outputs(changed, "box")
        assert not outputs(changed, "box-2")


class TestInside:
    """A subgraph opened: what it shows is two more nodes, and their wires say what it shows."""

    PLACES = ((-400.0, 0.0), (800.0, 0.0))

    def closed_after(self, graph: Graph, make: Callable[[Graph, Inside, Catalog], Graph]) -> Graph:
        """`graph` after an edit inside the box."""
        known = localized(CATALOG, graph)
        inside = opened(graph.subgraphs["box"], known, self.PLACES)
        catalog = known.extended(inside.specs)
        fresh = closed(
            graph.subgraphs["box"], inside, make(inside.graph, inside, catalog), known
        )  # fmt: skip
        made = put(graph, CATALOG, fresh).graph
        is_sound(made)
        return made

    def test_opened_and_closed_it_is_the_same(self, graph: Graph) -> None:
        made = self.closed_after(graph, lambda g, _inside, _catalog: g)
        assert made == graph

    def test_a_wire_from_the_last_socket_shows_an_input(self, graph: Graph) -> None:
        made = self.closed_after(
            graph,
            lambda g, inside, catalog: (
                edits.connect(
                    g, catalog, Source(inside.inputs, inside.new_input), Target("sum", "b")
                ).graph
            ),
        )
        assert inputs(made) == {"a": (Target("sum", "a"),), "b": (Target("sum", "b"),)}

    def test_a_wire_to_the_last_socket_shows_an_output(self, graph: Graph) -> None:
        made = self.closed_after(
            graph,
            lambda g, inside, catalog: (
                edits.connect(
                    g, catalog, Source("sum", "int"), Target(inside.outputs, inside.new_output)
                ).graph
            ),
        )
        assert outputs(made) == {"int": Source("odd", "int"), "int_2": Source("sum", "int")}

    def test_cutting_the_wire_of_an_output_hides_it(self, graph: Graph) -> None:
        made = self.closed_after(
            graph,
            lambda g, inside, _catalog: (
                edits.disconnect(g, Link(Source("odd", "int"), Target(inside.outputs, "int"))).graph
            ),
        )
        assert outputs(made) == {}
        assert "parts" not in made.nodes["all"].wires

    def test_cutting_the_wire_of_an_input_keeps_it_for_another(self, graph: Graph) -> None:
        made = self.closed_after(
            graph,
            lambda g, inside, _catalog: (
                edits.disconnect(g, Link(Source(inside.inputs, "a"), Target("sum", "a"))).graph
            ),
        )
        assert inputs(made) == {"a": ()}

    def test_straight_through_goes_through_a_dot(self, graph: Graph) -> None:
        made = self.closed_after(
            graph,
            lambda g, inside, catalog: (
                edits.connect(
                    g,
                    catalog,
                    Source(inside.inputs, "a"),
                    Target(inside.outputs, inside.new_output),
                ).graph
            ),
        )
        assert outputs(made)["value"] == Source("dot", "value")
        assert inputs(made)["a"] == (Target("sum", "a"), Target("dot", "value"))

    def test_beside_other_wires_it_goes_through_a_dot(self, graph: Graph) -> None:
        def make(body: Graph, inside: Inside, catalog: Catalog) -> Graph:
            body = edits.add_node(body, catalog, "test/total").graph
            parts = Target("total", "parts")
            body = edits.connect(body, catalog, Source("sum", "int"), parts).graph
            return edits.connect(body, catalog, Source(inside.inputs, "a"), parts).graph

        made = self.closed_after(graph, make)
        body = made.subgraphs["box"].body
        assert body.nodes["total"].wires["parts"] == (Source("sum", "int"), Source("dot", "value"))

    def test_another_output_may_take_the_socket(self, graph: Graph) -> None:
        made = self.closed_after(
            graph,
            lambda g, inside, catalog: (
                edits.connect(g, catalog, Source("sum", "int"), Target(inside.outputs, "int")).graph
            ),
        )
        assert outputs(made) == {"int": Source("sum", "int")}
