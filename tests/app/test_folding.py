"""Nodes inside a subgraph brought to one: in a run, and by a plan."""

from __future__ import annotations

import pytest

from app.folding import Inside, fold_plan
from app.runstate import Badge, NodeRun

RAN, KNOWN = NodeRun(Badge.RAN, ms=5.0), NodeRun(Badge.CACHED)


def inside(expected: int, *runs: NodeRun) -> NodeRun:
    found = Inside(f"a/{place}" for place in range(expected))
    for place, run in enumerate(runs):
        found.put(f"a/{place}", run)
    return found.whole()


def test_it_runs_from_the_first_to_the_last() -> None:
    assert inside(2).badge is Badge.PENDING
    assert inside(2, KNOWN).badge is Badge.PENDING, "nothing ran yet"
    assert inside(2, NodeRun(Badge.RUNNING, "first run")) == NodeRun(Badge.RUNNING, "first run")
    assert inside(2, RAN).badge is Badge.RUNNING, "between two of them"
    assert inside(2, RAN, KNOWN).badge is Badge.RAN


def test_steps_and_times_are_added_up() -> None:
    whole = inside(
        3,
        NodeRun(Badge.RUNNING, "x", 5, 20),
        NodeRun(Badge.RUNNING, "y", 2, 4),
        NodeRun(Badge.RAN, ms=7.0),
    )
    assert (whole.done, whole.total, whole.ms, whole.text) == (7, 24, 7.0, "y")


@pytest.mark.parametrize(
    ("runs", "badge"),
    [
        ([KNOWN, KNOWN], Badge.CACHED),
        ([RAN, NodeRun(Badge.SKIPPED, "waits")], Badge.SKIPPED),
        ([NodeRun(Badge.SKIPPED), NodeRun(Badge.FAILED, "no"), RAN], Badge.FAILED),
        ([NodeRun(Badge.BLOCKED), KNOWN], Badge.CACHED),
        ([NodeRun(Badge.BLOCKED)], Badge.BLOCKED),
    ],
)
def test_in_the_end_it_shows_what_went_worst(runs: list[NodeRun], badge: Badge) -> None:
    assert inside(len(runs), *runs).badge is badge


def test_a_node_that_is_told_again_counts_once() -> None:
    found = Inside(["a/b"])
    for done in (1, 2, 3):
        found.put("a/b", NodeRun(Badge.RUNNING, "why", done, 4))
    assert (found.whole().done, found.whole().total) == (3, 4)
    found.put("a/b", NodeRun(Badge.FAILED, "B: no", ms=3.0))
    assert found.whole() == NodeRun(Badge.FAILED, "B: no", ms=3.0)


def test_a_loop_runs_until_its_own_end_comes_and_shows_what_its_iterations_did() -> None:
    found = Inside(["a"])
    for turn in range(3):
        found.put(f"a/{turn}/b", RAN)
        assert found.whole().badge is Badge.RUNNING
    found.put("a", KNOWN)
    assert found.whole() == NodeRun(Badge.RAN, ms=15.0)


def test_more_nodes_than_were_known_are_no_trouble() -> None:
    found = Inside()
    for turn in range(1000):
        found.put(f"loop/{turn}/b", NodeRun(Badge.FAILED, f"{turn}: no"))
    assert len(found.whole().text.splitlines()) == 4, "not a thousand lines"


@pytest.mark.parametrize(
    ("badges", "badge"),
    [
        ([Badge.CLEAN, Badge.CLEAN], Badge.CLEAN),
        ([Badge.CLEAN, Badge.PENDING], Badge.PENDING),
        ([Badge.PENDING, Badge.DIRTY, Badge.CLEAN], Badge.DIRTY),
        ([Badge.DIRTY, Badge.BROKEN], Badge.BROKEN),
        ([Badge.BLOCKED, Badge.CLEAN], Badge.CLEAN),
        ([Badge.BLOCKED], Badge.BLOCKED),
        ([], Badge.UNKNOWN),
    ],
)
def test_by_a_plan_it_stands_as_what_would_be_due_first(badges: list[Badge], badge: Badge) -> None:
    assert fold_plan(NodeRun(found, found.value) for found in badges).badge is badge
    assert fold_plan(NodeRun(found, "") for found in badges).text == ""
