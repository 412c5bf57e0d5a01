"""The memory store and the tables: bounded, and what is worth least goes first."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.cache import ENTRY, Cache, MemoryStore, Recent, Row
from graph.handlers import Packed

pytestmark = pytest.mark.timeout(1200)  # thousands of examples with --full

NAMES = "abcdefgh"


def test_of_equal_worth_the_least_recently_used_goes_first() -> None:
    store = MemoryStore(3 * (10 + ENTRY))
    for name in "abc":
        store.put(name, name, 10, ms=5.0)
    assert store.get("a") == "a"
    store.put("d", "d", 10, ms=5.0)
    assert [name for name in "abcd" if name in store] == ["a", "c", "d"]
    with pytest.raises(KeyError):
        store.get("b")


def test_what_is_quickest_to_compute_for_its_bytes_goes_first() -> None:
    store = MemoryStore(10_000 + 3 * ENTRY)
    store.put("dear", 1, 4000, ms=9000.0)
    store.put("small", 2, 100, ms=100.0)
    store.put("cheap", 3, 4000, ms=10.0)
    store.put("new", 4, 4000, ms=1.0)
    assert [n for n in ("dear", "small", "cheap", "new") if n in store] == ["dear", "small", "new"]


def test_what_nobody_uses_grows_old_however_dear_it_was() -> None:
    store = MemoryStore(10 * (1000 + ENTRY))
    store.put("dear", 1, 1000, ms=50.0)
    for i in range(2000):
        store.put(f"n{i}", i, 1000, ms=1.0)
    assert "dear" not in store


def test_putting_again_counts_as_use_and_not_twice() -> None:
    store = MemoryStore(2 * (10 + ENTRY))
    store.put("a", 1, 10)
    store.put("b", 2, 10)
    store.put("a", 1, 10)
    assert store.size == 2 * (10 + ENTRY)
    store.put("c", 3, 10)
    assert "a" in store
    assert "b" not in store


def test_one_that_is_too_large_stays_until_the_next() -> None:
    store = MemoryStore(ENTRY + 10)
    store.put("big", 1, 100, ms=1e9)
    assert "big" in store
    store.put("small", 2, 1)
    assert "big" not in store
    assert store.size == 1 + ENTRY


def test_dropping() -> None:
    store = MemoryStore()
    store.put("a", 1, 5)
    store.drop("a")
    store.drop("a")
    assert store.size == 0


@dataclass
class Model:
    """GreedyDual-Size as it is written down: every key looked at each time."""

    budget: int
    age: float = 0.0
    uses: int = 0
    held: dict[str, tuple[int, float]] = field(default_factory=dict)
    keys: dict[str, tuple[float, int]] = field(default_factory=dict)

    def use(self, name: str) -> None:
        size, ms = self.held[name]
        self.uses += 1
        self.keys[name] = (self.age + ms / size, self.uses)

    def put(self, name: str, size: int, ms: float) -> None:
        if name not in self.held:
            self.held[name] = (size + ENTRY, ms)
            while self.size > self.budget and len(self.held) > 1:
                worst = min((key, other) for other, key in self.keys.items())
                assert worst[0][0] >= self.age  # what grows old only grows
                self.age = worst[0][0]
                self.drop(worst[1])
        self.use(name)

    def drop(self, name: str) -> None:
        self.held.pop(name, None)
        self.keys.pop(name, None)

    @property
    def size(self) -> int:
        return sum(size for size, _ms in self.held.values())


operations = st.one_of(
    st.tuples(
        st.just("put"), st.sampled_from(NAMES), st.integers(0, 2000), st.sampled_from([0, 1, 9, 99])
    ),
    st.tuples(st.sampled_from(["get", "drop"]), st.sampled_from(NAMES), st.just(0), st.just(0)),
)


@given(st.lists(operations, max_size=200))
def test_it_holds_what_the_method_says(steps: list[tuple[str, str, int, int]]) -> None:
    budget = 3000 + 4 * ENTRY
    store, model = MemoryStore(budget), Model(budget)
    for step, name, size, ms in steps:
        if step == "put":
            store.put(name, name, size, ms)
            model.put(name, size, ms)
        elif step == "drop":
            store.drop(name)
            model.drop(name)
        elif name in model.held:
            model.use(name)
            assert store.get(name) == name
        assert {key for key in NAMES if key in store} == set(model.held)
        assert store.size == model.size
        assert store.size <= budget or len(model.held) == 1


def test_a_use_and_an_eviction_cost_the_same_however_many_are_held() -> None:
    def seconds(count: int) -> float:
        store = MemoryStore(count * (1000 + ENTRY))
        for i in range(count):
            store.put(f"n{i}", i, 1000, ms=i % 7)
        best = 9.0
        for turn in range(3):
            start = time.thread_time()
            for i in range(2000):
                store.put(f"{turn}-{i}", i, 1000, ms=3.0)
                store.get(f"{turn}-{i}")
            best = min(best, time.thread_time() - start)
        return best

    assert seconds(50_000) < 5 * seconds(500)


def test_a_store_used_from_several_threads_keeps_its_size() -> None:
    store = MemoryStore(50 * (100 + ENTRY))

    def work(seed: int) -> None:
        for i in range(2000):
            name = f"{seed}-{i % 90}"
            store.put(name, i, 100, ms=i % 5)
            if i % 7 == 0:
                store.drop(name)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    held = sum(f"{seed}-{i}" in store for seed in range(4) for i in range(90))
    assert store.size == held * (100 + ENTRY) <= 50 * (100 + ENTRY)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 30)), max_size=300), st.integers(2, 20))
def test_the_last_half_of_a_table_is_there_and_it_is_bounded(
    steps: list[tuple[bool, int]], limit: int
) -> None:
    table: Recent[int] = Recent(limit)
    used: list[int] = []
    for write, number in steps:
        if write:
            table.put(str(number), number)
            used.append(number)
        elif table.get(str(number)) is not None:
            used.append(number)
        assert len(table) <= limit
        last = list(dict.fromkeys(reversed(used)))[: limit // 2]
        for recent in last[:1]:
            assert table.get(str(recent)) == recent
    for recent in list(dict.fromkeys(reversed(used)))[: limit // 2]:
        assert table._young.get(str(recent), table._old.get(str(recent))) == recent


def test_rows_are_bounded_without_a_disk() -> None:
    cache = Cache()
    cache._rows = Recent(100)
    for i in range(1000):
        cache.learn(str(i), Row((f"digest-{i}",)))
    assert len(cache._rows) <= 100
    assert cache.digests("999") == ("digest-999",)
    assert cache.row("0") is None


def test_rows_outlive_bytes() -> None:
    cache = Cache(MemoryStore(10))
    for name in "ab":
        cache.learn(name, Row((f"digest-{name}",)))
        cache.keep(f"digest-{name}", name, Packed({}, {}), "Text", 1.0)
    cache.store.drop("digest-a")
    assert cache.digests("a") == ("digest-a",)
    assert cache.row("none") is None
    assert cache.value("digest-b") == "b"
    with pytest.raises(KeyError):
        cache.value("digest-a")
    cache.close()


def test_without_a_disk_nobody_waits_for_it() -> None:
    told: list[int] = []
    Cache().after(lambda: told.append(1))
    assert told == [1]
