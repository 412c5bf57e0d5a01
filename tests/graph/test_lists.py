"""Lists: what is behind a list runs once for each element, and only for elements that are new."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graph import edits
from graph.events import NodeFailed, NodeProgress, Outcome, RunFinished, Status
from graph.plan import State
from graph.reasons import InputChanged, Reason
from tests.graph.structure import CATALOG, Bench, graph_of

if TYPE_CHECKING:
    from graph.graph import Graph


def mapped(up_to: int = 3) -> Graph:
    return graph_of(
        {"n": ("count", {"up_to": up_to}), "add": ("add", {"b": 10}), "sum": "total"},
        "n.int > add.a",
        "add.int > sum.parts",
    )


class TestMapping:
    def test_each_element_is_a_call_and_the_outputs_are_a_list(self) -> None:
        bench = Bench()
        assert bench.run(mapped()) == ["n", "add", "add", "add", "sum"]
        assert bench.value("add") == (10, 11, 12)
        assert bench.value("sum") == 33
        assert bench.finished("add").elements[1][1] == (bench.finished("add").digests[0][1],)

    def test_again_nothing_runs(self) -> None:
        bench = Bench()
        bench.run(mapped())
        assert bench.run(mapped()) == []
        assert bench.finished("add").status is Status.CACHED
        assert bench.value("add") == (10, 11, 12)
        assert set(bench.states(mapped()).values()) == {State.CLEAN}

    def test_a_longer_list_runs_only_what_is_new(self) -> None:
        bench = Bench()
        bench.run(mapped(3))
        assert bench.states(mapped(5)) == {
            "n": State.DIRTY,
            "add": State.PENDING,
            "sum": State.PENDING,
        }
        assert bench.run(mapped(5)) == ["n", "add", "add", "sum"]
        assert bench.value("add") == (10, 11, 12, 13, 14)
        assert bench.run(mapped(2)) == ["n", "sum"]

    def test_an_element_is_the_same_work_as_a_single_value(self) -> None:
        bench = Bench()
        bench.run(mapped(3))
        single = graph_of(
            {"x": ("test/number", {"value": 2}), "y": ("add", {"b": 10})}, "x.int > y.a"
        )
        assert bench.run(single) == ["x"]
        assert bench.value("y") == 12

    def test_steps_are_counted_over_all_elements(self) -> None:
        bench = Bench()
        bench.run(mapped(3))
        steps = [e for e in bench.events if isinstance(e, NodeProgress) and e.node == "add"]
        assert [(e.done, e.total) for e in steps] == [(1, 3), (2, 3), (3, 3)]

    def test_an_empty_list_gives_empty_lists(self) -> None:
        bench = Bench()
        assert bench.run(mapped(0)) == ["n", "sum"]
        assert bench.value("add") == ()
        assert bench.value("sum") == 0

    def test_lists_of_lists_are_joined(self) -> None:
        bench = Bench()
        graph = graph_of(
            {"n": "count", "t": "twins", "a": ("add", {"b": 1})}, "n.int > t.value", "t.int > a.a"
        )
        bench.run(graph)
        assert bench.value("t") == (0, 0, 1, -1, 2, -2)
        assert bench.value("a") == (1, 1, 2, 0, 3, -1)

    def test_a_chain_of_mapped_nodes_stays_mapped(self) -> None:
        bench = Bench()
        graph = graph_of(
            {"n": "count", "a": ("add", {"b": 1}), "b": ("add", {"b": 2})},
            "n.int > a.a",
            "a.int > b.a",
        )
        bench.run(graph)
        assert bench.value("b") == (3, 4, 5)

    def test_the_reason_names_the_node_that_changed(self) -> None:
        bench = Bench()
        bench.run(mapped(3))
        bench.run(mapped(5))
        reasons: tuple[Reason, ...] = bench.finished("add").reasons
        assert reasons == (InputChanged("a", "n"),)


class TestSeveralLists:
    def test_lists_of_one_length_go_together(self) -> None:
        bench = Bench()
        graph = graph_of(
            {"n": "count", "m": ("add", {"b": 5}), "z": "add"},
            "n.int > m.a",
            "n.int > z.a",
            "m.int > z.b",
        )
        bench.run(graph)
        assert bench.value("z") == (5, 7, 9)

    def test_a_list_of_one_goes_with_all(self) -> None:
        bench = Bench()
        graph = graph_of(
            {"n": "count", "one": ("count", {"up_to": 1}), "z": "add"},
            "n.int > z.a",
            "one.int > z.b",
        )
        bench.run(graph)
        assert bench.value("z") == (0, 1, 2)

    def test_other_lengths_are_told_with_the_inputs(self) -> None:
        bench = Bench()
        graph = graph_of(
            {"n": "count", "two": ("count", {"up_to": 2}), "z": "add"},
            "n.int > z.a",
            "two.int > z.b",
        )
        bench.run(graph)
        (failed,) = [e for e in bench.events if isinstance(e, NodeFailed)]
        assert "A has 3, B has 2" in failed.problem.message
        assert bench.states(graph)["z"] is State.BROKEN

    def test_an_input_of_many_wires_takes_all_elements(self) -> None:
        bench = Bench()
        graph = graph_of(
            {"n": ("count", {"up_to": 4}), "x": ("test/number", {"value": 100}), "s": "total"},
            "n.int > s.parts",
            "x.int > s.parts",
        )
        bench.run(graph)
        assert bench.value("s") == 106


class TestFailures:
    def test_an_element_that_fails_fails_the_node_and_keeps_the_others(self) -> None:
        bench = Bench()
        graph = mapped(15)
        ran = bench.run(graph)
        assert ran.count("add") == 14
        end = bench.events[-1]
        assert isinstance(end, RunFinished)
        assert end.outcome is Outcome.PARTIAL
        assert bench.run(graph) == ["add"]  # only the one that failed is tried again

    def test_what_was_evicted_is_made_again_element_by_element(self) -> None:
        bench = Bench()
        bench.run(mapped(4))
        lost = bench.finished("add").digests[0][2]
        assert isinstance(lost, str)
        bench.engine.cache.store.drop(lost)
        changed = edits.set_param(mapped(4), CATALOG, "n", "up_to", 5).graph
        assert bench.run(changed) == ["n", "add", "add", "sum"]
        assert bench.value("sum") == 10 + 11 + 12 + 13 + 14


class TestLazyLists:
    def test_a_list_behind_a_lazy_input_maps_once_it_is_asked_for(self) -> None:
        bench = Bench()
        graph = graph_of(
            {"n": "count", "m": ("count", {"up_to": 2}), "c": "choose", "s": "total"},
            "n.int > c.a",
            "m.int > c.b",
            "c.int > s.parts",
        )
        ran = bench.run(graph)
        assert "m" not in ran
        assert bench.value("c") == (0, 1, 2)
        assert bench.run(graph) == []
        other = edits.set_param(graph, CATALOG, "c", "first", False).graph
        bench.run(other)
        assert bench.value("c") == (0, 1)
        assert bench.run(graph) == []
