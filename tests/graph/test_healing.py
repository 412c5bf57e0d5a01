"""Wires that mend: nodes put on a wire and taken out of one, dots, cuts, wires moved together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph import edits
from graph.errors import GraphError, SocketError
from graph.format import dump, parse
from graph.graph import Graph, Link, Source, Target
from graph.healing import (
    can_move,
    cut,
    detach,
    insert_on,
    links_at,
    move_wires,
    reroute,
    take_out,
    way_through,
)
from tests.graph.build import CATALOG, build, n
from tests.graph.random_edits import IDS, all_types, applied, history
from tests.graph.test_edits import link

if TYPE_CHECKING:
    from tests.graph.random_edits import Make


@pytest.fixture
def graph() -> Graph:
    return build(
        n("paint", "draw"),
        n("dark", "dim", {"image": "paint.image"}),
        n("light", "invert", {"image": "dark.image"}),
        n("other", "invert"),
    )


class TestInsert:
    def test_a_node_dropped_on_a_wire_is_in_it(self, graph: Graph) -> None:
        edit = insert_on(graph, CATALOG, link("dark.image", "light.image"), "other")
        assert edit.graph.nodes["other"].wires["image"] == (Source("dark", "image"),)
        assert edit.graph.nodes["light"].wires["image"] == (Source("other", "image"),)
        assert edit.change.wires

    def test_in_a_list_it_takes_the_place_of_the_wire(self) -> None:
        made = build(
            n("one", "number"), n("two", "number"), n("odd", "parity"),
            n("all", "total", {"parts": ["one.int", "two.int"]}),
        )  # fmt: skip
        made = insert_on(made, CATALOG, link("one.int", "all.parts"), "odd").graph
        assert made.nodes["all"].wires["parts"] == (Source("odd", "int"), Source("two", "int"))

    def test_what_does_not_fit_is_refused(self, graph: Graph) -> None:
        made = edits.add_node(graph, CATALOG, "test/number").graph
        with pytest.raises(SocketError, match="Number does not fit on this wire"):
            insert_on(made, CATALOG, link("dark.image", "light.image"), "number")
        with pytest.raises(SocketError, match="does not fit"):
            insert_on(graph, CATALOG, link("dark.image", "light.image"), "dark")

    def test_sockets_come_before_values(self, graph: Graph) -> None:
        spec = CATALOG.require("test/dim")
        assert way_through(graph, CATALOG, spec, link("dark.image", "light.image")) == (
            "image",
            "image",
        )


class TestTakeOut:
    def test_the_wire_is_healed(self, graph: Graph) -> None:
        made = take_out(graph, CATALOG, ["dark"]).graph
        assert "dark" not in made.nodes
        assert made.nodes["light"].wires["image"] == (Source("paint", "image"),)

    def test_a_row_is_healed_as_one(self, graph: Graph) -> None:
        made = build(n("end", "invert", {"image": "light.image"}), on=graph)
        made = take_out(made, CATALOG, ["dark", "light"]).graph
        assert made.nodes["end"].wires["image"] == (Source("paint", "image"),)

    def test_where_nothing_passes_the_wire_goes(self, graph: Graph) -> None:
        made = take_out(graph, CATALOG, ["paint"]).graph
        assert not made.nodes["dark"].wires

    def test_shaken_out_it_stays_unwired(self, graph: Graph) -> None:
        made = detach(graph, CATALOG, ["dark"]).graph
        assert not made.nodes["dark"].wires
        assert made.nodes["light"].wires["image"] == (Source("paint", "image"),)

    def test_wires_among_those_taken_out_stay(self, graph: Graph) -> None:
        made = build(n("end", "invert", {"image": "light.image"}), on=graph)
        made = detach(made, CATALOG, ["dark", "light"]).graph
        assert made.nodes["light"].wires["image"] == (Source("dark", "image"),)
        assert made.nodes["end"].wires["image"] == (Source("paint", "image"),)

    def test_inserting_and_shaking_out_is_nothing(self, graph: Graph) -> None:
        made = insert_on(graph, CATALOG, link("dark.image", "light.image"), "other").graph
        assert detach(made, CATALOG, ["other"]).graph == graph

    @given(history(10, 25), st.sets(st.sampled_from(IDS), min_size=1))
    def test_what_is_left_is_sound(self, makes: list[Make], ids: set[str]) -> None:
        graph = all_types()
        for make in makes:
            graph = applied(graph, make)
        for edit in (take_out(graph, CATALOG, ids), detach(graph, CATALOG, ids)):
            assert parse(dump(edit.graph), catalog=CATALOG) == edit.graph


class TestDots:
    def test_a_dot_lies_in_the_wire(self, graph: Graph) -> None:
        edit, dot = reroute(graph, link("dark.image", "light.image"), (5, 6))
        node = edit.graph.nodes[dot]
        assert (node.type, node.position) == ("graph/reroute", (5.0, 6.0))
        assert edit.graph.nodes["light"].wires["image"] == (Source(dot, "value"),)
        assert node.wires["value"] == (Source("dark", "image"),)
        assert take_out(edit.graph, CATALOG, [dot]).graph == graph

    def test_only_where_there_is_a_wire(self, graph: Graph) -> None:
        with pytest.raises(SocketError, match="no such wire"):
            reroute(graph, link("paint.image", "light.image"), (0, 0))


class TestWires:
    def test_a_cut_takes_several(self, graph: Graph) -> None:
        gone = [link("paint.image", "dark.image"), link("dark.image", "light.image")]
        edit = cut(graph, [*gone, gone[0]])
        assert not list(edit.graph.links())
        assert edit.change.nodes == {"paint", "dark", "light"}

    def test_all_wires_of_an_output_move(self, graph: Graph) -> None:
        made = build(n("end", "dim", {"image": "dark.image"}), on=graph)
        links = links_at(made, Source("dark", "image"))
        assert len(links) == 2
        made = move_wires(made, CATALOG, links, Source("paint", "image")).graph
        assert made.nodes["end"].wires["image"] == (Source("paint", "image"),)
        assert made.nodes["light"].wires["image"] == (Source("paint", "image"),)

    def test_all_wires_of_an_input_move(self) -> None:
        made = build(
            n("one", "number"), n("two", "number"),
            n("all", "total", {"parts": ["one.int", "two.int"]}), n("sum", "total"),
        )  # fmt: skip
        links = links_at(made, Target("all", "parts"))
        made = move_wires(made, CATALOG, links, Target("sum", "parts")).graph
        assert made.nodes["sum"].wires["parts"] == (Source("one", "int"), Source("two", "int"))
        assert not made.nodes["all"].wires

    def test_all_or_none(self, graph: Graph) -> None:
        links = links_at(graph, Source("dark", "image"))
        assert not can_move(graph, CATALOG, links, Source("light", "image"))
        with pytest.raises(GraphError):
            move_wires(graph, CATALOG, links, Source("light", "image"))
        assert links_at(graph, Source("nobody", "x")) == []
        assert Link(Source("dark", "image"), Target("light", "image")) in links
