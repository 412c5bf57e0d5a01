"""Estimates: nodes and seconds of a run before it starts, and what is left while it goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.events import NodeFinished, NodeStarted
from graph.files import FileIndex
from graph.plan import Plan, State, Step, plan
from graph.runs.estimate import Remaining, estimate
from tests.graph.build import CATALOG, LOADED, build, n

if TYPE_CHECKING:
    from graph.runs.costs import Load

CHAIN = build(
    n("a", "number"), n("b", "fold", {"a": "a.int"}), n("c", "fold", {"a": "b.int"}),
    n("d", "fold", {"a": "c.int"}),
)  # fmt: skip
COSTS = {"a": 1000.0, "b": 2000.0, "c": 4000.0, "d": 8000.0}


def planned(**states: State) -> Plan:
    return Plan({node: Step(node, state) for node, state in states.items()})


def cost_of(load: Load) -> float | None:
    return COSTS.get(load.node)


def test_what_is_dirty_runs_and_what_waits_may() -> None:
    found = estimate(
        planned(a=State.CLEAN, b=State.DIRTY, c=State.PENDING, d=State.PENDING),
        CHAIN, CATALOG, ["d"], cost_of,
    )  # fmt: skip
    assert (found.certain, found.most, found.unknown) == (1, 3, 0)
    assert found.seconds == 14.0


def test_what_the_targets_do_not_need_does_not_count() -> None:
    dirty = planned(**dict.fromkeys("abcd", State.DIRTY))
    assert estimate(dirty, CHAIN, CATALOG, ["b"], cost_of).most == 2


@pytest.mark.parametrize("state", [State.BROKEN, State.BLOCKED])
def test_what_waits_for_a_node_that_cannot_run_does_not_count(state: State) -> None:
    found = estimate(
        planned(a=State.DIRTY, b=state, c=State.PENDING, d=State.PENDING),
        CHAIN, CATALOG, ["d"], cost_of,
    )  # fmt: skip
    assert (found.certain, found.most) == (1, 1)


def test_nodes_that_never_ran_are_counted_apart() -> None:
    found = estimate(
        planned(a=State.DIRTY, b=State.DIRTY), CHAIN, CATALOG, ["b"],
        lambda load: 500.0 if load.node == "a" else None,
    )  # fmt: skip
    assert (found.most, found.unknown, found.seconds) == (2, 1, 0.5)


def test_the_side_of_a_switch_that_is_not_read_does_not_hold_up() -> None:
    graph = build(
        n("a", "number"), n("bad", "number"), n("s", "switch", {"a": "a.int", "b": "bad.int"})
    )
    states = planned(a=State.DIRTY, bad=State.BROKEN, s=State.PENDING).steps
    asking = Step("s", State.PENDING, asks="a")
    found = estimate(Plan({**states, "s": asking}), graph, CATALOG, ["s"], cost_of)
    assert set(found.expected) == {"a", "s"}
    assert set(estimate(Plan(states), graph, CATALOG, ["s"], cost_of).expected) == {"s"}


def test_the_estimate_agrees_with_what_a_real_run_does() -> None:
    from graph.execute import Engine

    engine = Engine(LOADED, FileIndex())
    events = list(engine.run(CHAIN))
    known = {event.action: event.digests for event in events if isinstance(event, NodeFinished)}
    edited = build(
        n("a", "number"), n("b", "fold", {"a": "a.int"}, b=5), n("c", "fold", {"a": "b.int"}),
        n("d", "fold", {"a": "c.int"}),
    )  # fmt: skip
    found = plan(edited, CATALOG, FileIndex(), LOADED.environment, known)
    said = estimate(found, edited, CATALOG, ["d"], cost_of)
    ran = [event for event in engine.run(edited) if isinstance(event, NodeStarted)]
    assert said.certain <= len(ran) <= said.most


@given(st.lists(st.sampled_from(list(State)), min_size=4, max_size=4), st.integers(0, 3))
def test_one_more_dirty_node_never_takes_less(states: list[State], at: int) -> None:
    def said(chosen: list[State]) -> tuple[int, int, float]:
        found = estimate(
            planned(**dict(zip("abcd", chosen, strict=True))), CHAIN, CATALOG, ["d"], cost_of
        )
        return found.certain, found.most, found.seconds

    before = said(states)
    after = said([*states[:at], State.DIRTY, *states[at + 1 :]])
    assert all(now >= then for now, then in zip(after, before, strict=True))
    assert 0 <= before[0] <= before[1]


# While it runs


def test_the_time_that_is_left_falls_to_nothing_as_nodes_end() -> None:
    left = Remaining({"a": 1000.0, "b": 2000.0})
    assert left.seconds(0) == 3.0
    left.started("a", 0)
    assert left.seconds(0.4) == pytest.approx(2.6)
    assert left.seconds(5) == 2.0, "one that takes longer than ever is due any moment"
    left.settled("a")
    left.started("b", 6)
    left.progressed("b", 5, 10, 7)
    assert left.seconds(7) == pytest.approx(1.0)
    left.settled("b")
    assert left.seconds(7) == 0.0


def test_steps_correct_what_was_expected() -> None:
    left = Remaining({"s": 1000.0})
    left.started("s", 0)
    for done, now in ((1, 3.0), (3, 7.0), (5, 11.0), (7, 15.0)):  # loading took its time
        left.progressed("s", done, 10, now)
    assert left.seconds(15.0) == pytest.approx(6.0), "three steps of two seconds"
    assert left.seconds(16.5) == pytest.approx(4.5)
    assert left.seconds(99.0) == pytest.approx(4.0), "not past the step that is due"


def test_one_step_that_stalls_changes_nothing() -> None:
    left = Remaining({"s": 2000.0})
    left.started("s", 0)
    left.progressed("s", 1, 20, 0.1)
    left.progressed("s", 2, 20, 5.1)
    assert left.seconds(5.1) == pytest.approx(1.8)


def test_a_node_that_never_ran_is_known_from_its_first_step_on() -> None:
    left = Remaining({"a": None})
    assert not left.knows_all()
    left.started("a", 0)
    left.progressed("a", 1, 4, 2.0)
    assert left.knows_all()
    assert left.seconds(2.0) == pytest.approx(6.0)


def test_what_is_learned_late_counts_only_for_what_is_left() -> None:
    left = Remaining({})
    left.settled("a")
    left.started("b", 0)
    left.expect({"a": 1000.0, "b": 2000.0, "c": 500.0})
    assert left.seconds(1.0) == pytest.approx(1.5)


def test_a_result_that_was_lost_is_waited_for_again() -> None:
    left = Remaining({"a": 1000.0})
    left.settled("a")
    left.started("a", 5)
    left.expect({"a": 1000.0})
    assert left.seconds(5) == 1.0


@given(
    st.lists(st.floats(0, 100), min_size=1, max_size=6),
    st.lists(st.floats(0.01, 50), min_size=1, max_size=30),
)
def test_time_alone_never_adds_and_a_run_that_ends_leaves_nothing(
    seconds: list[float], ticks: list[float]
) -> None:
    left = Remaining({str(i): s * 1000 for i, s in enumerate(seconds)})
    now, last = 0.0, left.seconds(0.0)
    for place in range(len(seconds)):
        left.started(str(place), now)
        for tick in ticks:
            now += tick
            assert 0 <= left.seconds(now) <= last + 1e-6
            last = left.seconds(now)
        left.settled(str(place))
        assert left.seconds(now) <= last + 1e-6
        last = left.seconds(now)
    assert last == 0.0


@given(st.integers(1, 60), st.floats(0.001, 10))
def test_even_steps_count_down_evenly(total: int, step: float) -> None:
    left = Remaining({"s": total * step * 1000})
    left.started("s", 0.0)
    last = left.seconds(0.0)
    for done in range(1, total + 1):
        left.progressed("s", done, total, done * step)
        now = left.seconds(done * step)
        assert now == pytest.approx((total - done) * step, abs=1e-6)
        assert now <= last + 1e-6
        last = now
