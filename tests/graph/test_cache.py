"""The memory store and the tables: bounded, least recently used out first."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.cache import Cache, MemoryStore, Row
from graph.handlers import Packed

pytestmark = pytest.mark.timeout(1200)  # thousands of examples with --full


def test_the_least_recently_used_goes_first() -> None:
    store = MemoryStore(30)
    for name in "abc":
        store.put(name, name, 10)
    assert store.get("a") == "a"
    store.put("d", "d", 10)
    assert [name for name in "abcd" if name in store] == ["a", "c", "d"]
    with pytest.raises(KeyError):
        store.get("b")


def test_putting_again_counts_as_use_and_not_twice() -> None:
    store = MemoryStore(20)
    store.put("a", 1, 10)
    store.put("b", 2, 10)
    store.put("a", 1, 10)
    assert store.size == 20
    store.put("c", 3, 10)
    assert "a" in store
    assert "b" not in store


def test_one_that_is_too_large_stays_until_the_next() -> None:
    store = MemoryStore(10)
    store.put("big", 1, 100)
    assert "big" in store
    store.put("small", 2, 1)
    assert "big" not in store
    assert store.size == 1


def test_dropping() -> None:
    store = MemoryStore()
    store.put("a", 1, 5)
    store.drop("a")
    store.drop("a")
    assert store.size == 0


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 50)), max_size=60))
def test_the_budget_is_kept_and_the_size_is_true(puts: list[tuple[str, int]]) -> None:
    store, sizes = MemoryStore(100), dict[str, int]()
    for name, size in puts:
        sizes[name] = size if name not in store else sizes[name]
        store.put(name, name, size)
        held = [key for key in "abcdef" if key in store]
        assert store.size == sum(sizes[key] for key in held)
        assert store.size <= 100
        assert name in store


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
