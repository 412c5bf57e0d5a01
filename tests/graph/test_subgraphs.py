"""Subgraphs and loops: the same work as if their insides lay in the graph."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from graph import edits
from graph.edits import set_mode
from graph.errors import CycleError, FormatError, UnknownNodeError
from graph.events import NodeFailed, NodeSkipped, Status
from graph.format import dump, parse
from graph.graph import Graph, Loop, Mode, Subgraph
from graph.plan import State, plan
from graph.spec import IntWidget
from graph.subgraphs import localized
from tests.graph.structure import CATALOG, Bench, graph_of, having, subgraph

STEP = subgraph(
    "step",
    graph_of({"one": ("add", {"b": 1}), "two": ("add", {"b": 2})}, "one.int > two.a"),
    {"a": ["one.a"], "b": ["two.b"]},
    {"result": "two.int", "middle": "one.int"},
)


def with_step(*wires: str, **nodes: object) -> Graph:
    return graph_of(
        {"x": ("test/number", {"value": 5}), "s": "subgraph/step", **nodes},  # type: ignore[dict-item]
        "x.int > s.a",
        *wires,
        on=having(STEP),
    )


class TestSpecification:
    def test_it_shows_what_its_first_targets_are(self) -> None:
        spec = localized(CATALOG, with_step()).require("subgraph/step")
        assert spec.title == "Step"
        a, b = spec.inputs
        assert (a.name, a.type, a.label, a.default) == ("a", "Int", "A", 0)
        assert (b.default, b.widget) == (2, a.widget)
        assert [(o.name, o.type) for o in spec.outputs] == [("result", "Int"), ("middle", "Int")]

    def test_it_takes_several_wires_where_all_that_it_feeds_does(self) -> None:
        body = graph_of({"t": "total", "p": "add"})
        shown = {"both": ["t.parts", "p.a"], "one": ["p.b"]}
        spec = localized(CATALOG, having(subgraph("s", body, shown, {}))).require("subgraph/s")
        assert [item.multiple for item in spec.inputs] == [False, False]
        body = graph_of({"t": "total"})
        for loop, multiple in ((None, True), (Loop(), True), (Loop(over="x"), False)):
            made = having(subgraph("s", body, {"x": ["t.parts"]}, {}, loop))
            item = localized(CATALOG, made).require("subgraph/s").input_by_name["x"]
            assert item.multiple is multiple

    def test_a_loop_shows_how_often_it_runs_and_lists_what_is_not_fed_back(self) -> None:
        spec = localized(CATALOG, having(grower())).require("subgraph/grow")
        assert spec.input_by_name["count"].widget == IntWidget(0, 10_000)
        assert [(o.name, o.many) for o in spec.outputs] == [("out", False), ("each", True)]


class TestFlat:
    def test_the_inside_runs_and_is_named_behind_its_parent(self) -> None:
        bench = Bench()
        graph = with_step("s.result > z.a", z=("add", {"b": 100}))
        assert bench.run(graph) == ["x", "s/one", "s/two", "z"]
        assert bench.value("z") == 108
        assert set(bench.states(graph)) == {"x", "s/one", "s/two", "z"}

    def test_it_is_the_same_work_as_without_a_subgraph(self) -> None:
        bench = Bench()
        bench.run(with_step())
        flat = graph_of(
            {"x": ("test/number", {"value": 5}), "p": ("add", {"b": 1}), "q": ("add", {"b": 2})},
            "x.int > p.a",
            "p.int > q.a",
        )
        assert bench.run(flat) == []

    def test_two_nodes_of_one_subgraph_have_their_own_values(self) -> None:
        bench = Bench()
        graph = with_step("s.result > t.a", t=("subgraph/step", {"b": 50}))
        assert bench.run(graph) == ["x", "s/one", "s/two", "t/one", "t/two"]
        assert bench.value("t/two") == 5 + 1 + 2 + 1 + 50

    def test_subgraphs_lie_in_subgraphs(self) -> None:
        inner = having(STEP)
        twice = subgraph(
            "twice",
            graph_of({"f": "subgraph/step", "g": "subgraph/step"}, "f.result > g.a", on=inner),
            {"a": ["f.a"]},
            {"out": "g.result"},
        )
        twice = replace(twice, body=replace(twice.body, subgraphs=Graph().subgraphs))
        bench = Bench()
        graph = graph_of({"t": ("subgraph/twice", {"a": 7})}, on=having(STEP, twice))
        assert bench.run(graph) == ["t/f/one", "t/f/two", "t/g/one", "t/g/two"]
        assert bench.value("t/g/two") == 7 + 3 + 3

    def test_a_list_goes_through_it_element_by_element(self) -> None:
        bench = Bench()
        graph = graph_of({"n": "count", "s": "subgraph/step"}, "n.int > s.a", on=having(STEP))
        bench.run(graph)
        assert bench.value("s/two") == (3, 4, 5)

    def test_only_what_a_target_needs_of_it_runs(self) -> None:
        bench = Bench()
        graph = with_step("s.middle > z.a", z=("add", {"b": 100}))
        assert bench.run(graph, "z") == ["x", "s/one", "z"]
        assert bench.run(graph, "s") == ["s/two"]

    def test_a_node_inside_can_be_a_target(self) -> None:
        bench = Bench()
        assert bench.run(with_step(), "s/one") == ["x", "s/one"]

    def test_what_is_not_asked_for_inside_does_not_run(self) -> None:
        either = subgraph(
            "either", graph_of({"c": "choose"}), {"a": ["c.a"], "b": ["c.b"]}, {"out": "c.int"}
        )
        graph = graph_of(
            {"p": ("test/number", {"value": 1}), "q": ("test/number", {"value": 2}),
             "s": "subgraph/either"},
            "p.int > s.a", "q.int > s.b", on=having(either),
        )  # fmt: skip
        bench = Bench()
        assert bench.run(graph) == ["p", "s/c"]

    def test_muted_and_bypassed(self) -> None:
        bench = Bench()
        graph = with_step("s.result > z.a", z=("add", {"b": 100}))
        assert bench.run(set_mode(graph, ["s"], Mode.MUTED).graph) == []
        assert bench.finished("z").status is Status.BLOCKED
        assert bench.run(set_mode(graph, ["s"], Mode.BYPASSED).graph) == ["x", "z"]
        assert bench.value("z") == 105

    def test_effects_inside_are_found_by_run_everything(self, tmp_path: object) -> None:
        inside = graph_of({"w": ("test/write", {"text": "hi"})})
        writer = subgraph("writer", inside, {"text": ["w.text"]}, {})
        bench = Bench()
        graph = graph_of({"s": "subgraph/writer", "lone": "add"}, on=having(writer))
        assert bench.run(graph, folder=tmp_path) == ["s/w"]  # type: ignore[arg-type]
        changed = edits.set_param(graph, localized(CATALOG, graph), "s", "text", "ho").graph
        assert bench.run(changed, folder=tmp_path) == ["s/w"]  # type: ignore[arg-type]

    def test_a_required_input_that_is_not_wired_is_told_for_the_node_inside(self) -> None:
        body = graph_of({"l": "layer"})
        bench = Bench()
        graph = graph_of(
            {"s": "subgraph/lay"}, on=having(subgraph("lay", body, {"i": ["l.image"]}, {}))
        )
        bench.run(graph)
        (failed,) = [e for e in bench.events if isinstance(e, NodeFailed)]
        assert failed.node == "s/l"
        assert "Image is not wired" in failed.problem.message

    @pytest.mark.parametrize("loop", [None, Loop()])
    def test_a_value_goes_through_dots(self, loop: Loop | None) -> None:
        body = graph_of(
            {"d": "graph/reroute", "e": "graph/reroute", "p": ("add", {"b": 1}), "l": "layer",
             "i": "graph/reroute"},
            "d.value > e.value", "e.value > p.a", "i.value > l.image",
        )  # fmt: skip
        shown = {"x": ["d.value"], "image": ["i.value"]}
        dotted = subgraph("dotted", body, shown, {"out": "p.int", "mean": "l.float"}, loop)
        graph = graph_of(
            {"s": ("subgraph/dotted", {"x": 7}), "z": "total"}, "s.out > z.parts", on=having(dotted)
        )
        bench = Bench()
        bench.run(graph, "s" if loop else "z")
        assert bench.value("s/0/p" if loop else "z") == 8
        if loop:
            (failed,) = [e for e in bench.events if isinstance(e, NodeFailed)]
            assert "Image is not wired" in failed.problem.message

    def test_a_dot_that_first_brings_nothing_is_of_the_type_of_what_comes_later(self) -> None:
        body = graph_of(
            {"d": "graph/reroute", "g": ("gate", {"value": 2})}, "d.value > g.value"
        )  # fmt: skip
        shown = {"out": "g.int", "through": "d.value"}
        loop = Loop(feedback=(("out", "x"),))
        fed = subgraph("fed", body, {"x": ["d.value"]}, shown, loop)
        graph = graph_of(
            {"s": ("subgraph/fed", {"count": 3}), "c": "choose"},
            "s.through > c.a", "s.through > c.b", on=having(fed),
        )  # fmt: skip
        bench = Bench()
        assert bench.run(graph, "c") == ["s/0/g", "s/1/g", "c"]
        assert not [event for event in bench.events if isinstance(event, NodeFailed)]

    @pytest.mark.parametrize(
        "target", ["zzz", "s/zzz", "s/one/x", "x/y", "l/one", "l/0", "l/a/one"]
    )
    def test_targets_that_are_not_there_are_refused(self, target: str) -> None:
        looped = replace(STEP, id="looped", loop=Loop())
        both = having(STEP, looped)
        graph = graph_of(
            {"x": "test/number", "s": "subgraph/step", "l": "subgraph/looped"}, on=both
        )
        with pytest.raises(UnknownNodeError, match=f"there is no node '{target}' in this graph"):
            Bench().run(graph, target)
        assert Bench().run(graph, "l/0/one") == ["l/0/one", "l/0/two"]

    def test_a_missing_subgraph_is_told_and_kept(self) -> None:
        graph = parse(
            b'{"sfumato": 1, "nodes": [{"id": "s", "type": "subgraph/gone"}]}', catalog=CATALOG
        )
        assert parse(dump(graph), catalog=CATALOG) == graph
        bench = Bench()
        bench.run(graph)
        (failed,) = [e for e in bench.events if isinstance(e, NodeFailed)]
        assert "its subgraph is not in this file" in failed.problem.message


def grower() -> Subgraph:
    """Each turn adds `by` to what the last one gave, and lists the double of it."""
    return subgraph(
        "grow",
        graph_of(
            {"plus": ("add", {"b": 1}), "double": ("test/fold", {"mode": "times", "b": 2})},
            "plus.int > double.a",
        ),
        {"start": ["plus.a"], "by": ["plus.b"]},
        {"out": "plus.int", "each": "double.int"},
        Loop(feedback=(("out", "start"),)),
    )


def summed() -> Subgraph:
    """Goes through a list and adds it up."""
    return subgraph(
        "summed",
        graph_of({"plus": "add"}),
        {"total": ["plus.a"], "item": ["plus.b"]},
        {"total": "plus.int"},
        Loop(over="item", feedback=(("total", "total"),)),
    )


class TestLoops:
    def growing(self, count: int = 3) -> Graph:
        return graph_of(
            {"x": ("test/number", {"value": 20}), "g": ("subgraph/grow", {"count": count}),
             "z": ("add", {"b": 0}), "s": "total"},
            "x.int > g.start", "g.out > z.a", "g.each > s.parts", on=having(grower()),
        )  # fmt: skip

    def test_it_feeds_back_and_collects(self) -> None:
        bench = Bench()
        ran = bench.run(self.growing())
        inside = [f"g/{turn}/{name}" for turn in range(3) for name in ("plus", "double")]
        assert sorted(ran) == sorted(["x", *inside, "z", "s"])
        assert bench.value("z") == 23
        assert bench.value("g", 1) == (42, 44, 46)
        assert bench.value("s") == 42 + 44 + 46

    def test_again_nothing_and_longer_only_what_is_new(self) -> None:
        bench = Bench()
        bench.run(self.growing(3))
        assert bench.run(self.growing(3)) == []
        states = bench.states(self.growing(3))
        assert set(states.values()) == {State.CLEAN}
        assert "g/2/plus" in states
        assert bench.states(self.growing(4))["g/3/plus"] is State.DIRTY
        assert bench.states(self.growing(4))["g"] is State.PENDING
        assert sorted(bench.run(self.growing(4))) == ["g/3/double", "g/3/plus", "s", "z"]

    def test_it_runs_as_often_as_a_wire_says(self) -> None:
        graph = graph_of({"n": ("test/number", {"value": 2})}, "n.int > g.count", on=self.growing())
        bench = Bench()
        bench.run(graph)
        assert bench.value("z") == 22
        assert set(bench.states(graph).values()) == {State.CLEAN}
        many = edits.set_param(graph, localized(CATALOG, graph), "n", "value", -3).graph
        bench.run(many)
        failed = [e for e in bench.events if isinstance(e, NodeFailed)]
        assert "repeats 0 to 10000 times" in failed[0].problem.message

    def test_a_number_that_a_subgraph_hands_on_is_in_bounds_too(self) -> None:
        body = graph_of({"p": "add", "g": "subgraph/grow"}, on=having(grower()))
        bare = replace(body, subgraphs=Graph().subgraphs)
        times = subgraph("times", bare, {"n": ["p.a", "g.count"]}, {"out": "g.out"})
        for count in (-1, 10**9):
            graph = graph_of({"t": ("subgraph/times", {"n": count})}, on=having(grower(), times))
            bench = Bench()
            bench.run(graph)
            failed = {e.node: e.problem.message for e in bench.events if isinstance(e, NodeFailed)}
            assert failed == {"t/g": f"Grow: would run {count} times: 0 to 10000 are possible"}

    def test_what_failed_counts_before_what_is_switched_off(self) -> None:
        graph = graph_of(
            {"off": "add", "bad": "choose", "g": "subgraph/grow"},
            "off.int > g.start", on=having(grower()),
        )  # fmt: skip
        graph = graph_of({}, "bad.int > g.by", on=set_mode(graph, ["off"], Mode.MUTED).graph)
        assert Bench().states(graph)["g"] is State.PENDING

    def test_no_turn_hands_on_what_would_have_been_fed_in(self) -> None:
        bench = Bench()
        bench.run(self.growing(0))
        assert bench.value("z") == 20
        assert bench.value("s") == 0

    def test_it_goes_through_a_list(self) -> None:
        bench = Bench()
        graph = graph_of(
            {"n": ("count", {"up_to": 5}), "l": ("subgraph/summed", {"total": 100}), "z": "add"},
            "n.int > l.item", "l.total > z.a", on=having(summed()),
        )  # fmt: skip
        bench.run(graph)
        assert bench.value("z") == 110
        assert bench.run(graph) == []
        changed = edits.set_param(graph, localized(CATALOG, graph), "n", "up_to", 6).graph
        assert bench.run(changed) == ["n", "l/5/plus", "z"]

    def test_only_what_its_outputs_take_and_ask_for_runs(self) -> None:
        body = graph_of(
            {"c": "choose", "p": ("add", {"b": 1}), "q": ("add", {"b": 2}), "idle": "add"},
            "p.int > c.a", "q.int > c.b", "q.int > idle.a",
        )  # fmt: skip
        either = subgraph(
            "either", body, {"x": ["p.a", "q.a"], "first": ["c.first"]}, {"out": "c.int"},
            Loop(feedback=(("out", "x"),)),
        )  # fmt: skip
        graph = graph_of({"g": ("subgraph/either", {"count": 2, "x": 1})}, on=having(either))
        bench = Bench()
        assert bench.run(graph) == ["g/0/p", "g/0/c", "g/1/p", "g/1/c"]
        assert bench.value("g") == 3
        assert set(bench.states(graph).values()) == {State.CLEAN}

    @pytest.mark.parametrize("target", ["g/1/idle", "g/1/inner", "g/1/inner/one", "g/1/dot"])
    def test_a_node_inside_can_be_a_target(self, target: str) -> None:
        body = graph_of(
            {"p": ("add", {"b": 5}), "idle": ("add", {"b": 9}), "inner": "subgraph/step",
             "dot": "graph/reroute", "q": ("add", {"b": 30})},
            "p.int > idle.a", "p.int > inner.a", "q.int > dot.value", on=having(STEP),
        )  # fmt: skip
        looped = subgraph(
            "looped", replace(body, subgraphs=Graph().subgraphs), {"x": ["p.a"]}, {"out": "p.int"},
            Loop(feedback=(("out", "x"),)),
        )  # fmt: skip
        graph = graph_of({"g": ("subgraph/looped", {"count": 3, "x": 1})}, on=having(STEP, looped))
        ran = Bench().run(graph, target)
        extra = {
            "g/1/idle": ["g/1/idle"], "g/1/inner": ["g/1/inner/one", "g/1/inner/two"],
            "g/1/inner/one": ["g/1/inner/one"], "g/1/dot": ["g/1/q"],
        }  # fmt: skip
        assert sorted(ran) == sorted(["g/0/p", "g/1/p", "g/2/p", *extra[target]])

    def test_inputs_of_several_wires_bring_all(self) -> None:
        body = graph_of({"t": "total", "u": "total"}, "t.int > u.parts")
        adder = subgraph("adder", body, {"x": ["t.parts"]}, {"out": "u.int"}, Loop())
        graph = graph_of(
            {"p": ("test/number", {"value": 4}), "q": ("test/number", {"value": 40}),
             "g": ("subgraph/adder", {"count": 2})},
            "p.int > g.x", "q.int > g.x", on=having(adder),
        )  # fmt: skip
        bench = Bench()
        bench.run(graph)
        assert bench.value("g") == (44, 44)

    def test_what_goes_through_dots_only_keeps_its_type(self) -> None:
        body = graph_of({"d": "graph/reroute"})
        same = subgraph("same", body, {"x": ["d.value"]}, {"out": "d.value"}, Loop())
        graph = graph_of(
            {"p": ("test/number", {"value": 4}), "g": ("subgraph/same", {"count": 2}),
             "z": "total"},
            "p.int > g.x", "g.out > z.parts", on=having(same),
        )  # fmt: skip
        bench = Bench()
        bench.run(graph)
        assert bench.value("z") == 8

    def test_loops_lie_in_loops(self) -> None:
        outer = subgraph(
            "outer",
            replace(
                graph_of({"g": ("subgraph/grow", {"count": 2})}, on=having(grower())),
                subgraphs=Graph().subgraphs,
            ),
            {"start": ["g.start"]},
            {"out": "g.out"},
            Loop(feedback=(("out", "start"),)),
        )
        graph = graph_of(
            {"x": ("test/number", {"value": 0}), "o": ("subgraph/outer", {"count": 3}), "z": "add"},
            "x.int > o.start", "o.out > z.a", on=having(grower(), outer),
        )  # fmt: skip
        bench = Bench()
        bench.run(graph)
        assert bench.value("z") == 6
        assert bench.run(graph) == []
        assert "o/2/g/1/plus" in bench.states(graph)

    def test_a_turn_that_fails_skips_what_is_behind_the_loop(self) -> None:
        graph = edits.set_param(
            self.growing(5), CATALOG, "x", "value", 11
        ).graph  # the third turn adds to 13
        bench = Bench()
        bench.run(graph)
        failed = [e.node for e in bench.events if isinstance(e, NodeFailed)]
        assert failed == ["g/2/plus"]
        skipped = {e.node for e in bench.events if isinstance(e, NodeSkipped)}
        assert {"g", "z", "s", "g/3/plus"} <= skipped

    def test_a_switched_off_input_switches_the_loop_off(self) -> None:
        graph = set_mode(self.growing(), ["x"], Mode.MUTED).graph
        bench = Bench()
        assert bench.run(graph) == []
        assert bench.finished("g").status is Status.BLOCKED
        assert bench.states(graph)["z"] is State.BLOCKED

    def test_a_long_loop_is_no_recursion(self) -> None:
        bench = Bench()
        bench.run(self.growing(1500))
        assert bench.value("z") == 1520

    def test_what_a_loop_evicted_is_made_again(self) -> None:
        bench = Bench()
        bench.run(self.growing(3))
        last = bench.finished("g/2/plus").digests[0]
        assert isinstance(last, str)
        bench.engine.cache.store.drop(last)
        changed = edits.set_param(self.growing(3), CATALOG, "z", "b", 5).graph
        assert bench.run(changed) == ["g/2/plus", "z"]
        assert bench.value("z") == 28

    def test_planning_ahead_of_a_loop_that_is_not_known_waits(self) -> None:
        graph = self.growing()
        steps = plan(graph, CATALOG, Bench().engine.files, "", {}).steps
        assert steps["g"].state is State.PENDING


class TestFiles:
    def test_a_graph_with_subgraphs_survives_its_file(self) -> None:
        graph = having(STEP, grower(), summed(), on=with_step())
        text = dump(graph)
        assert parse(text, catalog=CATALOG) == graph
        assert dump(parse(text, catalog=CATALOG)) == text

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ((b'"one.a"', b'"one.nothing"'), "shows one.nothing, which is not inside"),
            ((b'"two.b"', b'"two.a"'), "shows two.a, which is wired inside"),
            ((b'"name": "b"', b'"name": "a"'), "shows two sockets as 'a'"),
            ((b'"source": "one.int"', b'"source": "one.x"'), "shows one.x, which is not inside"),
            ((b'"b": 1', b'"b": "x"'), "nodes[0].params.b"),
        ],
    )
    def test_what_cannot_be_is_refused_with_its_place(
        self, change: tuple[bytes, bytes], words: str
    ) -> None:
        data = dump(with_step())
        assert change[0] in data
        with pytest.raises(FormatError) as error:
            parse(data.replace(*change, 1), catalog=CATALOG)
        assert "$.subgraphs[0]" in str(error.value)
        assert words in str(error.value)

    def test_a_subgraph_cannot_hold_itself(self) -> None:
        data = dump(with_step()).replace(b'"form/add"', b'"subgraph/step"', 1)
        with pytest.raises(FormatError, match="cannot hold itself: step -> step"):
            parse(data, catalog=CATALOG)
        body = replace(STEP.body, nodes=STEP.body.nodes.set(
            "one", replace(STEP.body.nodes["one"], type="subgraph/step")))  # fmt: skip
        with pytest.raises(CycleError):
            localized(CATALOG, having(replace(STEP, body=body)))
