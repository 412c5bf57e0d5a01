"""The queue on disk: it outlives a crash, and two programs do not step on each other."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

from graph.format import dump
from graph.runs.ledger import Ledger
from graph.runs.queue import RunQueue
from tests.graph.build import CATALOG
from tests.graph.runs.build import GRAPH, order

if TYPE_CHECKING:
    from graph.runs.queue import Order

ROOT = Path(__file__).parents[3]
CHILD = """
    import os, sys
    from pathlib import Path
    from graph.runs.ledger import Ledger
    from graph.runs.queue import RunQueue
    from tests.graph.runs.build import order

    ledger = Ledger(Path(sys.argv[1]))
    ledger.open()
    queue = RunQueue(ledger.waiting)
    for title in ("a", "b", "c", "d"):
        queue.add(order(title=title))
    queue.take()
    queue.move([queue.waiting[-1].key], 0)
    assert ledger.database.flush()
    print("ready", flush=True)
    sys.stdin.readline()
    os._exit(9)
"""


def child(folder: Path) -> subprocess.Popen[str]:
    """A program that queues four runs, takes one, moves the last one forward, and waits."""
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(CHILD), str(folder)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def crash(process: subprocess.Popen[str]) -> None:
    """Let the program end without a word."""
    process.kill()
    process.communicate()


def taken_over(ledger: Ledger) -> list[Order]:
    found: list[Order] = []
    ledger.waiting.take_over(CATALOG, found.extend)
    assert ledger.database.flush()
    return found


def test_after_a_crash_the_run_under_way_is_the_first_again(tmp_path: Path) -> None:
    crash(child(tmp_path))
    ledger = Ledger(tmp_path)
    ledger.open()
    found = taken_over(ledger)
    assert [asked.title for asked in found] == ["a", "d", "b", "c"]
    assert dump(found[0].graph) == dump(GRAPH)
    assert found[0].document == "star"
    assert found[0].targets is None
    assert taken_over(ledger) == [], "they are ours now"
    ledger.close()


def test_what_a_living_program_queued_is_left_to_it(tmp_path: Path) -> None:
    process = child(tmp_path)
    ledger = Ledger(tmp_path)
    ledger.open()
    assert taken_over(ledger) == []
    crash(process)
    assert len(taken_over(ledger)) == 4
    ledger.close()
    assert not list(tmp_path.glob("*.lock")), "no lock file is left behind"


def test_what_still_waits_at_the_end_comes_back_at_the_next_start(tmp_path: Path) -> None:
    first = Ledger(tmp_path)
    first.open()
    queue = RunQueue(first.waiting)
    for title in "abc":
        queue.add(order(title=title))
    queue.remove([queue.waiting[1].key])
    first.close()
    second = Ledger(tmp_path)
    second.open()
    assert [asked.title for asked in taken_over(second)] == ["a", "c"]
    second.close()


def test_an_order_that_cannot_be_read_is_dropped_and_the_others_come(tmp_path: Path) -> None:
    first = Ledger(tmp_path)
    first.open()
    queue = RunQueue(first.waiting)
    queue.add(order(title="a"))
    first.database.submit(lambda connection: connection.execute("update graphs set data = x'00'"))
    queue.add(order(GRAPH.__class__(), title="b"))
    first.close()
    second = Ledger(tmp_path)
    second.open()
    assert [asked.title for asked in taken_over(second)] == ["b"]
    second.close()


def test_one_graph_queued_often_is_kept_once_and_goes_with_the_last(ledger: Ledger) -> None:
    queue = RunQueue(ledger.waiting)
    for _ in range(5):
        queue.add(order())
    ledger.database.flush()
    assert ledger.database.rows("select count(*) from graphs") == [(1,)]
    queue.remove([asked.key for asked in queue.waiting])
    ledger.database.flush()
    assert ledger.database.rows("select count(*) from graphs") == [(0,)]
