"""Planning: what a run would do, known without running it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest
from immutables import Map

from graph.catalog import Catalog
from graph.edits import set_param
from graph.events import NodeFinished
from graph.files import FileIndex
from graph.graph import Graph, Node, Source, with_nodes
from graph.params import FileRef
from graph.plan import Plan, State, natural_targets, plan
from tests.graph.build import CATALOG, Session, build, chain, n

if TYPE_CHECKING:
    from graph.actions import Digests


def heard(session: Session, graph: Graph, folder: Path = Path("output")) -> dict[str, Digests]:
    """The table of actions as the window has it: from the events of a run."""
    session.run(graph, folder=folder)
    return {e.action: e.digests for e in session.events if isinstance(e, NodeFinished)}


def planned(graph: Graph, known: dict[str, Digests] | None = None, *targets: str) -> Plan:
    return plan(graph, CATALOG, FileIndex(), "", known or {}, targets or None)


def states(found: Plan) -> dict[str, State]:
    return {node: step.state for node, step in found.steps.items()}


GRAPH = build(
    n("one", "number", value=1),
    n("sum", "fold", {"a": "one.int"}),
    n("loose", "invert"),
    n("behind", "mean", {"image": "loose.image"}),
)


def test_nothing_is_known_at_first() -> None:
    assert states(planned(GRAPH)) == {
        "loose": State.BROKEN,
        "behind": State.PENDING,
        "one": State.DIRTY,
        "sum": State.PENDING,
    }


def test_what_ran_is_clean() -> None:
    found = planned(GRAPH, heard(Session(), GRAPH))
    assert states(found) == {
        "loose": State.BROKEN,
        "behind": State.PENDING,
        "one": State.CLEAN,
        "sum": State.CLEAN,
    }
    assert found.count(State.CLEAN) == 2
    assert found.count(State.BROKEN, State.PENDING) == 2


def test_an_edit_makes_dirty_and_what_is_behind_pending() -> None:
    known = heard(Session(), GRAPH)
    edited = set_param(GRAPH, CATALOG, "one", "value", 3).graph
    found = planned(edited, known, "sum")
    assert states(found) == {"one": State.DIRTY, "sum": State.PENDING}
    assert states(planned(GRAPH, known, "sum")) == {"one": State.CLEAN, "sum": State.CLEAN}


def test_a_step_tells_what_it_is_made_of_and_what_is_wrong() -> None:
    steps = planned(GRAPH).steps
    assert steps["one"].ingredients is not None
    assert steps["one"].ingredients.params == (("value", 1),)
    assert steps["loose"].problems == ("Image is not wired: connect a Image to it",)


def test_the_plan_names_work_as_the_run_does(tmp_path: Path) -> None:
    graph = build(n("t", "words", text="x"), n("w", "write", {"text": "t.text"}))
    known = heard(Session(), graph, tmp_path)
    found = plan(graph, CATALOG, FileIndex(), "", known, folder=str(tmp_path))
    assert found.count(State.CLEAN) == 2
    assert plan(graph, CATALOG, FileIndex(), "", known, folder="/else").count(State.DIRTY) == 1
    assert plan(graph, CATALOG, FileIndex(), "cuda", known).count(State.CLEAN) == 0


def test_a_volatile_node_is_always_dirty() -> None:
    graph = build(n("d", "dice"))
    assert planned(graph, heard(Session(), graph)).steps["d"].state is State.DIRTY


def test_lazy_inputs_are_planned_by_what_was_asked_for() -> None:
    graph = build(
        n("a", "number", value=1),
        n("b", "number", value=2),
        n("s", "switch", {"a": "a.int", "b": "b.int"}),
    )
    session = Session()
    session.run(graph, "s")
    ends = [e for e in session.events if isinstance(e, NodeFinished)]
    known = {e.action: e.digests for e in ends}
    asks = dict(pair for e in ends for pair in e.asks)
    found = plan(graph, CATALOG, FileIndex(), "", known, ["s", "a"], asks=asks)
    assert states(found) == {"a": State.CLEAN, "s": State.CLEAN}
    edited = set_param(graph, CATALOG, "b", "value", 9).graph
    again = plan(edited, CATALOG, FileIndex(), "", known, ["s", "a"], asks=asks)
    assert states(again) == states(found)
    assert states(plan(graph, CATALOG, FileIndex(), "", {}, ["s"])) == {"s": State.DIRTY}


def test_a_missing_file_is_a_broken_node(tmp_path: Path) -> None:
    graph = build(n("r", "read", file=FileRef("a.txt")))
    step = planned(graph).steps["r"]
    assert step.state is State.BROKEN
    assert "is not here" in step.problems[0]
    long = build(n("r", "read", file=FileRef("a" * 400)))
    found = plan(long, CATALOG, FileIndex({"text": [tmp_path]}), "", {}).steps["r"]
    assert found.state is State.BROKEN


def test_a_node_that_changed_under_the_graph_is_no_traceback() -> None:
    fold = CATALOG.require("test/fold")
    changed = msgspec.structs.replace(
        fold, inputs=fold.inputs[1:], outputs=(msgspec.structs.replace(fold.outputs[0], name="x"),)
    )
    catalog = Catalog([CATALOG.require("test/number"), changed], CATALOG.sockets)
    graph = build(n("one", "number"), n("sum", "fold", {"a": "one.int"}),
                  n("end", "fold", {"b": "sum.int"}))  # fmt: skip
    known = heard(Session(), graph)
    found = plan(graph, catalog, FileIndex(), "", known)
    assert states(found) == {"one": State.CLEAN, "sum": State.BROKEN, "end": State.PENDING}
    fresh = with_nodes(
        graph, put=[Node(id="sum", type="test/fold", wires=Map(b=(Source("one", "int"),)))]
    )
    assert plan(fresh, catalog, FileIndex(), "", known).steps["end"].state is State.PENDING


class TestTargets:
    def test_nodes_with_an_effect(self) -> None:
        graph = build(n("w", "write"), n("a", "number"), n("b", "write", name="b"))
        assert natural_targets(graph, CATALOG) == ["b", "w"]

    def test_what_nothing_reads(self) -> None:
        assert natural_targets(GRAPH, CATALOG) == ["behind", "sum"]

    def test_unknown_ones_are_left_out(self) -> None:
        assert planned(GRAPH, None, "nobody").steps == {}


@pytest.mark.parametrize("length", [2000])
def test_no_chain_is_too_deep(length: int) -> None:
    found = planned(chain(length))
    assert (found.count(State.DIRTY), found.count(State.PENDING)) == (1, length - 1)
