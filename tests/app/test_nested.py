"""How nodes inside nodes stand, at every level: in a run, after it, and by a plan."""

from __future__ import annotations

from app.nested import Nested
from app.runstate import Badge, NodeRun

RAN, KNOWN = NodeRun(Badge.RAN, ms=5.0), NodeRun(Badge.CACHED)
RUNNING = NodeRun(Badge.RUNNING, "why", 1, 4)


def badge(nested: Nested, path: str) -> Badge | None:
    found = nested.get(path)
    return None if found is None else found.badge


def test_every_level_above_stands_as_what_lies_in_it() -> None:
    nested = Nested()
    nested.begin(["a/b/c", "a/b/d", "a/e", "f"])
    assert nested.put("a/b/c", "a/b/c", RUNNING) == RUNNING
    assert badge(nested, "a/b") is badge(nested, "a/b/c") is Badge.RUNNING
    nested.put("a/b/c", "a/b/c", RAN)
    nested.put("a/b/d", "a/b/d", KNOWN)
    assert badge(nested, "a/b") is Badge.RAN
    assert badge(nested, "a/b/d") is Badge.CACHED
    assert badge(nested, "a") is Badge.RUNNING, "a/e is not settled"
    assert nested.put("a/e", "a/e", KNOWN) == NodeRun(Badge.RAN, ms=5.0)


def test_a_node_that_nothing_lies_in_stands_as_it_was_told() -> None:
    nested = Nested()
    nested.begin(["f"])
    assert nested.put("f", "f", RUNNING) is RUNNING
    assert nested.get("f") is None


def test_all_iterations_are_one_and_the_loop_ends_by_itself() -> None:
    nested = Nested()
    nested.begin(["a/loop", "a/last"])
    for turn in range(3):
        top = nested.put(f"a/loop/{turn}/b", "a/loop/b", RAN)
        assert top.badge is Badge.RUNNING
        assert badge(nested, "a/loop") is Badge.RUNNING
        assert badge(nested, "a/loop/b") is Badge.RAN
    nested.put("a/loop", "a/loop", KNOWN)
    assert badge(nested, "a/loop") is Badge.RAN
    assert badge(nested, "a") is Badge.RUNNING


def test_what_the_run_did_is_kept_until_it_is_forgotten() -> None:
    nested = Nested()
    nested.begin(["a/b", "a/c", "d/e"])
    nested.put("a/b", "a/b", RAN)
    nested.put("a/c", "a/c", RUNNING)
    nested.put("d/e", "d/e", KNOWN)
    nested.end()
    assert nested.after("a/b") == RAN
    assert nested.after("a/c") is None, "it did not end"
    nested.forget(["a"])
    assert nested.after("a/b") is None
    assert nested.after("d/e") == KNOWN


def test_by_a_plan_iterations_and_levels_are_folded() -> None:
    nested = Nested()
    clean, dirty = NodeRun(Badge.CLEAN), NodeRun(Badge.DIRTY, "seed: 1 → 2")
    nested.plan({"a/b/c": [clean, dirty], "a/b/d": [clean], "a/e": [clean]})
    assert nested.get("a/b/c") == dirty
    assert badge(nested, "a/b/d") is Badge.CLEAN
    assert badge(nested, "a/b") is Badge.DIRTY
    assert badge(nested, "a/e") is Badge.CLEAN
