"""Who speaks: each thread for its own node, and the one before again afterwards."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from graph.speaker import speaker, speaking_for


def test_nobody_speaks_outside_of_bodies() -> None:
    assert speaker() == ""


def test_the_inner_speaker_ends_before_the_outer() -> None:
    with speaking_for("a"):
        with speaking_for("b"):
            assert speaker() == "b"
        assert speaker() == "a"
    assert speaker() == ""


def test_each_thread_speaks_for_its_own_node() -> None:
    together = Barrier(2)

    def work(node: str) -> str:
        with speaking_for(node):
            together.wait(5)
            said = speaker()
            together.wait(5)
        return said + speaker()

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(work, ["a", "b"])) == ["a", "b"]
