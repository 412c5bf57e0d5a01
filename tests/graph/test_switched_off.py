"""What is switched off takes nothing with it but what needs it, and is no error."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from graph import edits
from graph.edits import set_mode
from graph.errors import SocketError
from graph.events import Outcome, RunFinished, Status
from graph.graph import Graph, Mode, Source, Target
from graph.plan import State
from tests.graph.structure import CATALOG, Bench, graph_of

if TYPE_CHECKING:
    from pathlib import Path


def outcome(bench: Bench) -> Outcome:
    end = bench.events[-1]
    assert isinstance(end, RunFinished)
    return end.outcome


def statuses(bench: Bench) -> dict[str, str]:
    return {node: row["status"] for node, row in bench.report.nodes.items()}


class TestByABody:
    def test_a_closed_gate_switches_off_what_is_behind_it(self) -> None:
        bench = Bench()
        graph = graph_of(
            {
                "g": ("gate", {"value": 4, "is_open": False}),
                "a": ("add", {"b": 1}),
                "z": ("add", {"b": 2}),
            },
            "g.int > a.a",
            "a.int > z.a",
        )
        assert bench.run(graph) == ["g"]
        assert statuses(bench) == {"g": "ran", "a": "blocked", "z": "blocked"}
        assert outcome(bench) is Outcome.DONE
        assert bench.states(graph) == {"g": State.CLEAN, "a": State.BLOCKED, "z": State.BLOCKED}
        assert bench.run(graph) == []

    def test_of_two_ways_one_is_open(self) -> None:
        bench = Bench()
        graph = graph_of(
            {"r": ("route", {"value": 4}), "e": ("add", {"b": 1}), "o": ("add", {"b": 2})},
            "r.even > e.a",
            "r.odd > o.a",
        )
        assert bench.run(graph) == ["r", "e"]
        odd = edits.set_param(graph, CATALOG, "r", "value", 5).graph
        assert bench.run(odd) == ["r", "o"]
        assert statuses(bench)["e"] == "blocked"

    def test_an_optional_input_is_as_if_nothing_were_wired(self) -> None:
        bench = Bench()
        graph = graph_of(
            {"i": ("shade", {"level": 0.25}), "m": ("shade", {"level": 0.75}), "l": "layer"},
            "i.image > l.image",
            "m.image > l.over",
        )
        bench.run(graph)
        assert bench.value("l") == 0.5
        off = edits.set_param(graph, CATALOG, "m", "on", False).graph
        assert bench.run(off) == ["m", "l"]
        assert bench.value("l") == 0.25

    def test_of_many_wires_the_open_ones_count(self) -> None:
        bench = Bench()
        graph = graph_of(
            {"g": ("gate", {"is_open": False}), "x": ("test/number", {"value": 3}), "s": "total"},
            "g.int > s.parts",
            "x.int > s.parts",
        )
        bench.run(graph)
        assert bench.value("s") == 3

    def test_elements_of_a_list_can_be_switched_off(self) -> None:
        bench = Bench()
        graph = graph_of(
            {"n": ("count", {"up_to": 4}), "r": "route", "a": ("add", {"b": 10}), "s": "total"},
            "n.int > r.value",
            "r.even > a.a",
            "a.int > s.parts",
        )
        bench.run(graph)
        assert bench.value("s") == 10 + 12
        assert bench.run(graph) == []

    def test_a_lazy_input_that_is_switched_off_blocks_only_if_it_is_asked_for(self) -> None:
        bench = Bench()
        graph = graph_of(
            {"g": ("gate", {"is_open": False}), "x": ("test/number", {"value": 3}), "c": "choose"},
            "g.int > c.a",
            "x.int > c.b",
        )
        bench.run(graph)
        assert statuses(bench)["c"] == "blocked"
        other = edits.set_param(graph, CATALOG, "c", "first", False).graph
        bench.run(other)
        assert bench.value("c") == 3


class TestByTheArtist:
    graph = graph_of(
        {"x": ("test/number", {"value": 3}), "a": ("add", {"b": 1}), "z": ("add", {"b": 2})},
        "x.int > a.a",
        "a.int > z.a",
    )

    def test_a_muted_node_and_what_needs_it_do_not_run(self) -> None:
        bench = Bench()
        graph = set_mode(self.graph, ["a"], Mode.MUTED).graph
        assert bench.run(graph) == []
        assert statuses(bench) == {"a": "blocked", "z": "blocked"}  # nothing asks for x
        assert bench.run(self.graph) == ["x", "a", "z"]
        assert bench.run(graph) == []

    def test_a_bypassed_node_hands_on_what_is_wired_in(self) -> None:
        bench = Bench()
        graph = set_mode(self.graph, ["a"], Mode.BYPASSED).graph
        assert bench.run(graph) == ["x", "z"]
        assert bench.value("z") == 5

    def test_bypassed_with_nothing_wired_in_is_switched_off(self) -> None:
        bench = Bench()
        graph = graph_of({"a": ("add", {"b": 1}), "z": ("add", {"b": 2})}, "a.int > z.a")
        bench.run(set_mode(graph, ["a"], Mode.BYPASSED).graph)
        assert statuses(bench)["z"] == "blocked"

    def test_muted_nodes_are_no_targets(self, tmp_path: Path) -> None:
        bench = Bench()
        graph = graph_of(
            {"w": ("test/write", {"text": "hi"}), "v": ("test/write", {"text": "ho", "name": "v"})}
        )
        bench.run(set_mode(graph, ["w"], Mode.MUTED).graph, folder=tmp_path)
        assert [path.name for path in tmp_path.iterdir()] == ["v.txt"]

    def test_a_muted_node_of_an_unknown_type_is_no_error(self) -> None:
        from graph.format import parse

        data = (
            b'{"sfumato": 1, "nodes": [{"id": "a", "type": "no/such", "mode": "muted"},'
            b'{"id": "z", "type": "form/add", "inputs": {"a": "a.int"}}]}'
        )
        bench = Bench()
        bench.run(parse(data, catalog=CATALOG))
        assert statuses(bench)["z"] == "blocked"
        assert outcome(bench) is Outcome.DONE


class TestDots:
    def graph(self) -> Graph:
        return graph_of(
            {
                "x": ("test/number", {"value": 3}),
                "d": "graph/reroute",
                "e": "graph/reroute",
                "z": ("add", {"b": 2}),
            },
            "x.int > d.value",
            "d.value > e.value",
            "e.value > z.a",
        )

    def test_a_dot_is_not_there_for_the_engine(self) -> None:
        bench = Bench()
        assert bench.run(self.graph()) == ["x", "z"]
        assert bench.value("z") == 5
        straight = graph_of(
            {"x": ("test/number", {"value": 3}), "z": ("add", {"b": 2})}, "x.int > z.a"
        )
        assert bench.run(straight) == []

    def test_a_target_behind_a_dot_is_what_it_leads_to(self) -> None:
        bench = Bench()
        assert bench.run(self.graph(), "d") == ["x"]

    def test_a_dot_that_leads_from_nowhere_switches_off(self) -> None:
        bench = Bench()
        graph = graph_of({"d": "graph/reroute", "z": "add"}, "d.value > z.a")
        bench.run(graph)
        assert statuses(bench)["z"] == "blocked"

    def test_types_are_checked_through_dots(self) -> None:
        graph = graph_of(
            {"d": "graph/reroute", "l": "layer", "x": "test/number"}, "d.value > l.image"
        )
        with pytest.raises(SocketError, match="Int, but Image of Layer takes Image"):
            edits.connect(graph, CATALOG, Source("x", "int"), Target("d", "value"))


def test_a_switched_off_node_is_told_as_blocked() -> None:
    bench = Bench()
    bench.run(set_mode(TestByTheArtist.graph, ["a"], Mode.MUTED).graph)
    assert bench.finished("z").status is Status.BLOCKED
