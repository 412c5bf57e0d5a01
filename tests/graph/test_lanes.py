"""Lanes: bodies that say so overlap; what says nothing runs alone; a cancel reaches all."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest

from graph.edits import set_mode
from graph.events import (
    NodeFailed,
    NodeFinished,
    NodeProgress,
    NodeStarted,
    Outcome,
    RunFinished,
    Status,
)
from graph.files import FileIndex
from graph.flow import Flow
from graph.graph import Loop, Mode
from graph.params import FileRef
from tests.graph.structure import Bench, graph_of, having, subgraph
from tests.graph.structure_pack import FREED, HUNGRY, RELEASE, SPANS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from graph.graph import Graph, Node
    from graph.resolve import Step


@pytest.fixture
def bench() -> Iterator[Bench]:
    SPANS.clear()
    bench = Bench()
    yield bench
    bench.engine.close()


def overlap(a: str, b: str) -> bool:
    return max(SPANS[a][0], SPANS[b][0]) < min(SPANS[a][1], SPANS[b][1])


def ended(bench: Bench) -> Outcome:
    end = bench.events[-1]
    assert isinstance(end, RunFinished)
    return end.outcome


class TestOverlap:
    def test_reading_overlaps_with_rendering(self, bench: Bench) -> None:
        graph = graph_of(
            {"a": ("read_slowly", {"value": 1}), "b": ("render", {"value": 2}), "s": "total"},
            "a.int > s.parts",
            "b.int > s.parts",
        )
        bench.run(graph)
        assert overlap("a", "b")
        assert bench.value("s") == 3

    def test_what_could_overlap_begins_before_the_gpu_is_busy(self, bench: Bench) -> None:
        bench.run(graph_of({"a": ("render", {"value": 1}), "b": ("read_slowly", {"value": 2})}))
        assert overlap("a", "b")

    def test_independent_branches_overlap_to_their_ends(self, bench: Bench) -> None:
        nodes = {
            f"{branch}{i}": ("read_slowly", {"value": 10 * i + k, "seconds": 0.1})
            for k, branch in enumerate("ab")
            for i in range(3)
        }
        wires = [f"{b}{i}.int > {b}{i + 1}.value" for b in "ab" for i in range(2)]
        graph = graph_of(nodes, *wires)
        for i, name in enumerate(("a0", "b0")):
            from graph import edits
            from tests.graph.structure import CATALOG

            graph = edits.set_param(graph, CATALOG, name, "value", 100 + i).graph
        bench.run(graph)
        assert overlap("a0", "b0")
        assert overlap("a1", "b1") or overlap("a2", "b2") or overlap("a1", "b2")

    def test_what_says_nothing_runs_alone(self, bench: Bench) -> None:
        graph = graph_of(
            {"a": ("read_slowly", {"value": 1}), "b": ("plain", {"value": 2}),
             "c": ("read_slowly", {"value": 3})}
        )  # fmt: skip
        bench.run(graph)
        assert not overlap("a", "b")
        assert not overlap("b", "c")

    def test_a_chain_runs_in_order_and_on_the_main_thread(self, bench: Bench) -> None:
        graph = graph_of(
            {"a": ("read_slowly", {"seconds": 0.01}), "b": ("read_slowly", {"seconds": 0.02})},
            "a.int > b.value",
        )
        threads = threading.active_count()
        assert bench.run(graph) == ["a", "b"]
        assert threading.active_count() == threads

    def test_steps_and_words_are_those_of_the_node(self, bench: Bench) -> None:
        graph = graph_of({"a": ("think", {"value": 1}), "b": ("render", {"value": 2})})
        bench.run(graph)
        steps = {
            name: [e.done for e in bench.events if isinstance(e, NodeProgress) and e.node == name]
            for name in "ab"
        }
        assert steps == {"a": list(range(1, 11)), "b": list(range(1, 11))}
        for name in "ab":
            kinds = [type(e) for e in bench.events if getattr(e, "node", "") == name]
            assert kinds[0] is NodeStarted
            assert kinds[-1] is NodeFinished

    def test_a_node_waits_for_all_that_it_needs_whichever_lands_last(self, bench: Bench) -> None:
        graph = graph_of(
            {"a": ("read_slowly", {"value": 1, "seconds": 0.05}), "b": ("add", {"b": 10}),
             "c": ("read_slowly", {"value": 3, "seconds": 0.1}), "s": "total",
             "z": ("render", {"value": 4, "seconds": 0.4})},
            "a.int > b.a", "c.int > s.parts", "b.int > s.parts",
        )  # fmt: skip
        assert sorted(bench.run(graph)) == ["a", "b", "c", "s", "z"]
        assert bench.value("s") == 14

    def test_work_that_is_under_way_is_not_done_twice(self, bench: Bench) -> None:
        twins = {name: ("read_slowly", {"value": 7, "seconds": 0.1}) for name in "abc"}
        assert bench.run(graph_of({**twins, "z": ("render", {"value": 4})})) == ["a", "z"]
        assert bench.value("c") == 7

    def test_a_node_that_runs_alone_keeps_what_it_needs_while_others_land(
        self, bench: Bench
    ) -> None:
        graph = graph_of(
            {"n": ("test/number", {"value": 5}), "a": ("read_slowly", {"value": 1}),
             "p": ("plain", {"seconds": 0.0})},
            "n.int > p.value",
        )  # fmt: skip
        bench.run(graph)
        assert bench.value("p") == 5

    def test_what_is_muted_waits_for_nothing(self, bench: Bench) -> None:
        graph = graph_of(
            {"a": ("think", {"value": 1}), "b": ("think", {"value": 2}),
             "up": "count", "m": "add", "z": "add"},
            "up.int > m.a", "m.int > z.a",
        )  # fmt: skip
        bench.run(set_mode(graph, ["m"], Mode.MUTED).graph, "a", "b", "z")
        assert bench.finished("z").status is Status.BLOCKED

    def test_a_loop_waits_for_equal_work_outside(self, bench: Bench) -> None:
        slow = ("think", {"value": 3})
        body = graph_of({"t": slow, "p": "add"}, "t.int > p.b")
        loop = subgraph("turns", body, {"x": ["p.a"]}, {"out": "p.int"}, Loop())
        graph = graph_of(
            {"a": slow, "b": ("think", {"value": 9}),
             "g": ("subgraph/turns", {"count": 2, "x": 1}), "z": "total"},
            "g.out > z.parts", on=having(loop),
        )  # fmt: skip
        bench.run(graph)
        assert bench.value("z") == 8

    def test_who_asks_for_equal_work_that_runs_waits_quietly(self, bench: Bench) -> None:
        slow = ("think", {"value": 3, "seconds": 0.3})
        graph = graph_of(
            {"a": slow, "b": ("think", {"value": 9, "seconds": 0.3}), "t": slow, "c": "choose"},
            "t.int > c.a", "t.int > c.b",
        )  # fmt: skip
        visits = []
        resolve = Flow.resolve

        def counted(flow: Flow, node: Node) -> Step:
            visits.append(node.id)
            return resolve(flow, node)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Flow, "resolve", counted)
            bench.run(graph)
        assert bench.value("c") == 3
        assert len(visits) < 20

    def test_a_failure_leaves_the_others_to_finish(self, bench: Bench) -> None:
        graph = graph_of(
            {"a": ("read_slowly", {"value": 13}), "b": ("render", {"value": 2}),
             "behind": "add", "s": "add"},
            "a.int > behind.a", "b.int > s.a",
        )  # fmt: skip
        bench.run(graph)
        assert [e.node for e in bench.events if isinstance(e, NodeFailed)] == ["a"]
        assert ended(bench) is Outcome.PARTIAL
        assert bench.value("s") == 2

    def test_again_nothing_runs(self, bench: Bench) -> None:
        graph = graph_of({"a": ("read_slowly", {"value": 1}), "b": ("render", {"value": 2})})
        bench.run(graph)
        assert bench.run(graph) == []


class TestCancel:
    graph: Graph = graph_of(
        {"a": ("think", {"value": 1, "seconds": 3.0}),
         "b": ("render", {"value": 2, "seconds": 3.0}),
         "c": ("read_slowly", {"value": 3, "seconds": 0.05})}
    )  # fmt: skip

    def test_it_reaches_all_lanes_at_their_next_step(self, bench: Bench) -> None:
        events = bench.engine.run(self.graph)
        for event in events:
            if isinstance(event, NodeProgress) and event.node == "b":
                break
        start = time.perf_counter()
        events.close()
        assert time.perf_counter() - start < 1.5
        assert "a" not in SPANS

    def test_it_is_heard_while_nothing_but_a_silent_body_runs(self, bench: Bench) -> None:
        graph = graph_of(
            {"a": ("read_slowly", {"value": 1, "seconds": 1.5}), "b": ("read_slowly", {"value": 2})}
        )
        events = bench.engine.run(graph)
        start = time.perf_counter()
        gaps = []
        for _event in events:
            gaps.append(time.perf_counter() - start)
            start = time.perf_counter()
        assert max(gaps) < 1.0

    def test_what_had_finished_is_kept(self, bench: Bench) -> None:
        graph = graph_of(
            {"b": ("render", {"value": 2, "seconds": 1.0}), "c": ("read_slowly", {"seconds": 0.3})}
        )
        events = bench.engine.run(graph)
        for event in events:
            if isinstance(event, NodeStarted) and event.node == "b":
                break
        next(events)  # a step of b; c reads meanwhile
        events.close()
        assert "c" in SPANS
        assert bench.run(graph_of({"c": ("read_slowly", {"seconds": 0.3})})) == []


class TestMemory:
    def test_a_body_that_runs_out_is_called_once_more_with_less(self, bench: Bench) -> None:
        HUNGRY.clear()
        FREED.clear()
        graph = graph_of({"h": ("hungry", {"value": 4})})
        bench.run(graph)
        assert HUNGRY == ["plain", "frugal"]
        assert FREED == ["freed"]
        assert bench.value("h") == 4
        assert ended(bench) is Outcome.DONE

    def test_and_then_fails_with_what_was_needed(self, bench: Bench) -> None:
        HUNGRY.clear()
        bench.run(graph_of({"h": ("hungry", {"always": True})}))
        (failed,) = [e for e in bench.events if isinstance(e, NodeFailed)]
        assert failed.problem.message == "Hungry: needs 2 GB, 1 GB is free"
        assert HUNGRY == ["plain", "frugal"]


def test_threads_that_a_body_leaves_running_are_told(bench: Bench) -> None:
    try:
        bench.run(graph_of({"l": "leak"}))
    finally:
        RELEASE.set()
    assert bench.finished("l").remarks == ("left 1 thread running",)


class TestFilesUnderABody:
    def graph(self, folder: Path, times: int) -> tuple[Bench, Graph]:
        (folder / "a.txt").write_text("x")
        bench = Bench(FileIndex({"text": [folder]}))
        return bench, graph_of({"m": ("meddle", {"file": FileRef("a.txt"), "times": times})})

    def test_one_that_changed_while_it_was_read_is_read_again(self, tmp_path: Path) -> None:
        bench, graph = self.graph(tmp_path, 1)
        assert bench.run(graph) == ["m", "m"]
        assert bench.value("m") == "x!"
        assert bench.run(graph) == []

    def test_one_that_changes_all_the_time_is_told(self, tmp_path: Path) -> None:
        bench, graph = self.graph(tmp_path, 9)
        assert bench.run(graph) == ["m", "m"]
        (failed,) = [e for e in bench.events if isinstance(e, NodeFailed)]
        assert "a.txt was changed while it was read" in failed.problem.message
