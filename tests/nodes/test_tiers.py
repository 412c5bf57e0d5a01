"""Tiers of memory: what is worth least leaves first, one tier down, and then for good."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from nodes.tiers import Item, Tiers

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(slots=True, eq=False, kw_only=True)
class Thing(Item):
    name: str = ""


class Bench:
    """Tiers, and a note of what had to leave for where."""

    def __init__(self, *budgets: int) -> None:
        self.tiers: Tiers[Thing] = Tiers(budgets, self._move)
        self.left: list[tuple[str, int | None]] = []
        self.full: int | None = -1

    def _move(self, item: Thing, tier: int | None) -> bool:
        self.left.append((item.name, tier))
        return tier != self.full

    def use(self, item: Thing, tier: int = 0) -> bool:
        item.lent += 1
        moved = self.tiers.claim(item, tier)
        item.lent -= 1
        self.tiers.trim()
        return moved


def things(*sizes: int, seconds: float = 1.0) -> list[Thing]:
    return [Thing(size=size, load_seconds=seconds, name=f"{i}") for i, size in enumerate(sizes)]


def test_what_fits_stays() -> None:
    bench = Bench(10)
    one, other = things(4, 6)
    assert [bench.use(item) for item in (one, other, one, other)] == [True, True, False, False]
    assert bench.left == []
    assert bench.tiers.held() == 10


def test_what_is_quick_to_get_back_leaves_before_what_is_slow() -> None:
    bench = Bench(10)
    slow = Thing(size=4, load_seconds=9, name="slow")
    quick = Thing(size=4, load_seconds=1, name="quick")
    for item in (slow, quick, things(4)[0]):
        bench.use(item)
    assert bench.left == [("quick", None)]


def test_what_is_dear_but_never_used_ages() -> None:
    bench = Bench(8)
    dear = Thing(size=4, load_seconds=3, name="dear")
    bench.use(dear)
    for item in things(*[4] * 8):
        bench.use(item)
    assert ("dear", None) in bench.left
    assert dear.tier is None


def test_for_each_byte() -> None:
    """Two seconds for a large thing are worth less than one second for a small one."""
    bench = Bench(10)
    large = Thing(size=8, load_seconds=2, name="large")
    small = Thing(size=2, load_seconds=1, name="small")
    for item in (small, large, things(4)[0]):
        bench.use(item)
    assert bench.left == [("large", None)]


def test_one_tier_down_and_back_up() -> None:
    bench = Bench(4, 8)
    one, two, three, four = things(4, 4, 4, 4)
    for item in (one, two, three):
        bench.use(item)
    assert [item.tier for item in (one, two, three)] == [1, 1, 0]
    assert bench.use(one)
    assert [item.tier for item in (one, two, three)] == [0, 1, 1]
    bench.use(four)  # the two below are full: the older one of them goes for good
    assert [item.tier for item in (one, two, three, four)] == [1, None, 1, 0]
    assert (bench.tiers.held(0), bench.tiers.held(1)) == (4, 8)


def test_what_is_lent_stays_over_any_budget() -> None:
    bench = Bench(4, 4)
    one, two = things(4, 4)
    one.lent = 1
    bench.use(one)
    bench.use(two)
    assert (one.tier, two.tier) == (0, 1)
    bench.tiers.clear()
    assert (one.tier, two.tier) == (0, None)


def test_what_is_too_large_for_the_tier_below_leaves_nothing_there_alone() -> None:
    bench = Bench(8, 4)
    small, large = things(4, 8)
    bench.use(small, 1)
    bench.use(large)
    bench.use(things(8)[0])
    assert (small.tier, large.tier) == (1, None)


def test_what_cannot_be_moved_is_dropped() -> None:
    bench = Bench(4, 8)
    bench.full = 1
    one, two = things(4, 4)
    bench.use(one)
    bench.use(two)
    assert (one.tier, two.tier) == (None, 0)
    assert bench.left == [("0", 1), ("0", None)]


def test_room_can_be_made_for_what_is_not_counted_here() -> None:
    bench = Bench(12, 12)
    items = things(4, 4, 4)
    for item in items:
        bench.use(item)
    bench.tiers.spare(5)
    assert [item.tier for item in items] == [1, 1, 0]
    items[2].lent = 1
    bench.tiers.spare(100)
    assert items[2].tier == 0


@given(
    st.lists(st.integers(1, 9), min_size=1, max_size=6),
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 1)), max_size=40),
)
def test_budgets_hold_and_nothing_is_counted_twice(
    sizes: list[int], steps: Sequence[tuple[int, int]]
) -> None:
    bench = Bench(10, 12)
    items = things(*sizes)
    for index, tier in steps:
        item = items[index % len(items)]
        before = item.tier
        assert bench.use(item, tier) == (before != tier)
        # Each fits alone, so the one used last is where it was wanted.
        assert item.tier == tier
        for each, budget in enumerate((10, 12)):
            held = sum(other.size for other in items if other.tier == each)
            assert bench.tiers.held(each) == held <= budget
