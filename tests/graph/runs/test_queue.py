"""The queue: what waits, in which order, what is taken, and when it stops by itself."""

from __future__ import annotations

from threading import Barrier, Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.events import Outcome
from graph.runs.queue import MANY_DEATHS, Order, RunQueue
from tests.graph.build import build, n
from tests.graph.runs.build import GRAPH, order


def titles(queue: RunQueue) -> str:
    return "".join(asked.title for asked in queue.waiting)


def filled(text: str = "abcd") -> tuple[RunQueue, dict[str, str]]:
    """A queue of one-letter orders, and their keys."""
    queue, keys = RunQueue(), {}
    for letter in text:
        asked = order(title=letter)
        keys[letter] = asked.key
        queue.add(asked)
    return queue, keys


def run_one(queue: RunQueue, outcome: Outcome = Outcome.DONE) -> Order:
    taken = queue.take()
    assert taken is not None
    queue.end(taken.key, outcome)
    return taken


def test_one_at_a_time_first_come_first_served() -> None:
    queue, _ = filled("ab")
    first = queue.take()
    assert first is not None
    assert first.title == "a"
    assert queue.current is first
    assert queue.take() is None, "one is under way"
    queue.end(first.key, Outcome.DONE)
    assert run_one(queue).title == "b"
    assert queue.take() is None
    assert not queue.busy


def test_an_order_in_front_is_the_next() -> None:
    queue, keys = filled("abc")
    queue.add(order(title="x"), front=True)
    assert titles(queue) == "xabc"
    queue.front([keys["c"]])
    assert titles(queue) == "cxab"


@pytest.mark.parametrize(
    ("moved", "place", "after"),
    [("a", 2, "bacd"), ("d", 0, "dabc"), ("bd", 1, "abdc"), ("ac", 4, "bdac"), ("a", 99, "bcda"),
     ("c", 2, "abcd"), ("", 1, "abcd")],
)  # fmt: skip
def test_orders_are_moved_before_a_place(moved: str, place: int, after: str) -> None:
    queue, keys = filled("abcd")
    queue.move([keys[letter] for letter in moved], place)
    assert titles(queue) == after


@given(st.lists(st.sampled_from("abcdef"), unique=True), st.integers(-2, 9))
def test_moving_keeps_every_order_and_the_order_of_the_rest(moved: list[str], place: int) -> None:
    queue, keys = filled("abcdef")
    queue.move([keys[letter] for letter in moved], place)
    after = titles(queue)
    assert sorted(after) == list("abcdef")
    assert [c for c in after if c not in moved] == [c for c in "abcdef" if c not in moved]
    assert "".join(sorted(moved)) in after, "what is moved stays together"


def test_what_is_removed_is_not_run_and_the_run_under_way_cannot_be_removed() -> None:
    queue, keys = filled("abc")
    taken = queue.take()
    assert taken is not None
    queue.remove([taken.key, keys["b"]])
    assert queue.current is taken
    assert titles(queue) == "c"


def test_a_paused_queue_takes_nothing_until_it_goes_on() -> None:
    queue, _ = filled("ab")
    first = queue.take()
    assert first is not None
    queue.pause()
    queue.end(first.key, Outcome.DONE)
    assert queue.take() is None
    assert queue.busy, "a further order would wait"
    queue.resume()
    assert run_one(queue).title == "b"


def test_every_change_is_told_and_nothing_else() -> None:
    queue, keys = filled("ab")
    heard: list[str] = []
    queue.listen(lambda: heard.append(titles(queue)))
    queue.move([keys["a"]], 0)
    assert heard == [], "it was there already"
    queue.move([keys["a"]], 2)
    queue.remove(["nobody"])
    queue.remove([keys["a"]])
    assert heard == ["ba", "b"]


def test_the_queue_pauses_after_many_deaths_of_one_graph() -> None:
    queue, _ = filled("abcd")
    for _ in range(MANY_DEATHS):
        assert not queue.paused
        run_one(queue, Outcome.DIED)
    assert queue.paused
    assert "3 times in a row" in queue.why
    assert titles(queue) == "d"
    queue.resume()
    run_one(queue, Outcome.DIED)
    assert not queue.paused, "it is counted anew"


def test_deaths_of_different_graphs_or_with_a_good_run_between_do_not_pause() -> None:
    queue = RunQueue()
    other = build(n("a", "number", value=7))
    for graph in (GRAPH, other, GRAPH, GRAPH):
        queue.add(order(graph))
        run_one(queue, Outcome.DIED)
    queue.add(order(GRAPH))
    run_one(queue, Outcome.DONE)
    queue.add(order(GRAPH))
    run_one(queue, Outcome.DIED)
    assert not queue.paused


def test_what_comes_back_is_held_and_passed_over_until_it_is_released() -> None:
    queue, _ = filled("new")
    queue.restore([order(title="1"), order(title="2")])
    assert titles(queue) == "12new"
    assert [asked.title for asked in queue.held] == ["1", "2"]
    assert run_one(queue).title == "n"
    queue.resume()
    assert not queue.held
    assert run_one(queue).title == "1"


def test_what_comes_back_can_be_discarded_or_taken_one_by_one() -> None:
    queue = RunQueue()
    old = [order(title=letter) for letter in "123"]
    queue.restore(old)
    queue.restore(old)
    assert titles(queue) == "123", "the same order comes back once"
    assert queue.take() is None
    queue.front([old[1].key])
    assert run_one(queue).title == "2"
    queue.discard_held()
    assert queue.waiting == ()


def test_many_threads_lose_and_double_nothing() -> None:
    queue = RunQueue()
    taken: list[str] = []
    barrier = Barrier(4)

    def put() -> None:
        barrier.wait()
        for number in range(50):
            queue.add(order(title=str(number)))

    def drive() -> None:
        barrier.wait()
        while len(taken) < 100:
            asked = queue.take()
            if asked is not None:
                taken.append(asked.key)
                queue.end(asked.key, Outcome.DONE)

    threads = [Thread(target=work) for work in (put, put, drive, drive)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(taken)) == len(taken) == 100
    assert queue.waiting == ()
