"""The history: pages, filters, bounds, and what it costs to read."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import numpy as np
import pytest

from graph.events import Outcome, Status
from graph.format import dump, parse
from graph.reasons import FirstRun
from graph.runs.history import History, page_query, shrink
from graph.runs.ledger import Ledger
from graph.runs.record import NodeRecord, RunRecord
from graph.runs.schema import bring_up
from tests.graph.build import CATALOG, build, n
from tests.graph.runs.build import GRAPH, order, record, remember

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def made(picture: str = "", colour: int = 0, count: int = 2) -> RunRecord:
    """A record made by hand."""
    nodes = tuple(
        NodeRecord(str(i), f"Node {i}", "test/number", Status.RAN, 5.0, reasons=(FirstRun(),))
        for i in range(count)
    )
    pixels = np.full((64, 64, 3), colour, np.uint8) if picture else None
    return RunRecord(
        outcome=Outcome.DONE, ms=12.0, message="", nodes=nodes, picture=picture, pixels=pixels
    )


def documents(ledger: Ledger, **options: object) -> list[str]:
    return [row.document for row in ledger.history.page(**options)]  # type: ignore[arg-type] # as the caller spells them


def test_a_run_is_there_while_it_runs_and_with_its_end_afterwards(ledger: Ledger) -> None:
    asked = order()
    ledger.history.begin(asked, CATALOG, 1000.0)
    assert ledger.database.flush()
    (row,) = ledger.history.page()
    assert (row.outcome, row.began, row.document) == ("running", 1000.0, "star")
    told: list[bool] = []
    ledger.history.end(asked.key, record(asked), lambda: told.append(True))
    assert ledger.database.flush()
    (row,) = ledger.history.page()
    assert (row.outcome, row.nodes, row.ran, row.failed) == ("done", 2, 2, 0)
    assert told == [True]
    assert [node.status for node in ledger.history.nodes(row.id)] == [Status.RAN] * 2
    data = ledger.history.graph(row.id)
    assert data is not None
    assert parse(data, catalog=CATALOG) == GRAPH


def test_pages_are_newest_first_and_follow_a_cursor(ledger: Ledger) -> None:
    for number in range(7):
        remember(ledger, order(document=f"d{number}"), made())
    assert documents(ledger, size=3) == ["d6", "d5", "d4"]
    last = ledger.history.page(size=3)[-1]
    remember(ledger, order(document="newer"), made())
    assert documents(ledger, size=3, before=last.id) == ["d3", "d2", "d1"], "newer ones shift none"
    assert documents(ledger, before=1) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [("star", ["a star", "Star 2"]), ("STAR 2", ["Star 2"]), ("100%", ["100% wool"]),
     ("0% w", ["100% wool"]), ("_", []), ("\\", []), ("nothing", []), ("moon", ["a star"])],
)  # fmt: skip
def test_runs_are_filtered_by_words(ledger: Ledger, text: str, found: list[str]) -> None:
    for title in ("100% wool", "Star 2", "a star"):
        asked = order(document=title, title="moon" if title == "a star" else "")
        remember(ledger, asked, made())
    assert documents(ledger, text=text) == found


def test_the_same_graph_and_the_same_picture_are_kept_once(ledger: Ledger) -> None:
    for _ in range(5):
        remember(ledger, order(), made("p1", 40))
    remember(ledger, order(build(n("x", "number"))), made("p2", 50))
    assert ledger.database.rows("select count(*) from graphs") == [(2,)]
    assert ledger.database.rows("select count(*) from pictures") == [(2,)]
    rows = ledger.history.page()
    assert len({row.picture for row in rows}) == 2
    assert all(row.picture.startswith(b"\xff\xd8") for row in rows)


def test_a_run_that_found_all_known_shows_the_picture_of_the_one_that_made_it(
    ledger: Ledger,
) -> None:
    remember(ledger, order(), made("p", 40))
    known = RunRecord(outcome=Outcome.DONE, ms=1.0, message="", nodes=(), picture="p")
    remember(ledger, order(), known)
    new, old = ledger.history.page()
    assert new.picture == old.picture != b""


def test_a_run_can_be_deleted_and_takes_along_what_only_it_had(ledger: Ledger) -> None:
    remember(ledger, order(document="a"), made("p", 40))
    remember(ledger, order(build(n("x", "number")), document="b"), made("q", 50))
    ledger.history.delete(ledger.history.page()[0].id)
    assert ledger.database.flush()
    assert documents(ledger) == ["a"]
    for table in ("graphs", "pictures", "reports"):
        assert ledger.database.rows(f"select count(*) from {table}") == [(1,)]  # noqa: S608 - ours


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Ledger]:
    """A ledger whose history holds five runs."""
    ledger = Ledger(tmp_path / "small")
    ledger.history = History(ledger.database, ledger.history._lease, most_runs=5)
    ledger.open()
    yield ledger
    ledger.close()


def test_the_oldest_runs_go_and_kept_ones_stay(small: Ledger) -> None:
    for number in range(4):
        remember(small, order(document=str(number)), made())
    small.history.keep(small.history.page()[-1].id, kept=True)
    for number in range(4, 9):
        remember(small, order(document=str(number)), made())
    assert documents(small) == ["8", "7", "6", "5", "0"]
    assert small.history.page()[-1].kept
    small.history.keep(small.history.page()[-1].id, kept=False)
    remember(small, order(document="9"), made())
    assert documents(small) == ["9", "8", "7", "6", "5"]


def test_the_history_is_bounded_in_bytes_and_the_file_shrinks(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    most = 400_000
    ledger.history = History(ledger.database, ledger.history._lease, most_bytes=most)
    ledger.open()
    noise = np.random.default_rng(3)
    for number in range(80):
        pixels = noise.integers(0, 256, (128, 128, 3), np.uint8)
        run = RunRecord(
            outcome=Outcome.DONE, ms=1.0, message="", nodes=(), picture=f"p{number}", pixels=pixels
        )
        remember(ledger, order(), run)
    count = len(ledger.history.page(size=100))
    ledger.database.submit(lambda c: c.execute("select 1"))
    ledger.close()
    assert 10 < count < 80
    assert (tmp_path / "runs.db").stat().st_size <= most * 1.1


def test_runs_that_are_all_kept_are_never_dropped_and_never_hang() -> None:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    bring_up(connection)
    connection.executemany(
        "insert into runs (key, owner, began, outcome, document, title, words, graph, kept)"
        " values (?, '', 0, 'done', '', '', '', '', 1)",
        [(str(number),) for number in range(20)],
    )
    shrink(connection, 5, 1)
    assert connection.execute("select count(*) from runs").fetchone() == (20,)
    connection.close()


def test_a_run_of_a_program_that_died_is_closed_at_the_next_start(tmp_path: Path) -> None:
    first = Ledger(tmp_path)
    first.open()
    first.history.begin(order(document="lost"), CATALOG, 1.0)
    first.close()
    second = Ledger(tmp_path)
    second.open()
    second.history.begin(order(document="mine"), CATALOG, 2.0)
    second.history.close_old()
    assert second.database.flush()
    mine, lost = second.history.page()
    assert (lost.outcome, mine.outcome) == ("died", "running")
    assert "program ended" in lost.message
    second.close()


def test_an_order_that_is_taken_up_again_has_one_row_the_newest(ledger: Ledger) -> None:
    asked = order(document="again")
    ledger.history.begin(asked, CATALOG, 1.0)
    remember(ledger, order(document="between"), made())
    ledger.history.begin(asked, CATALOG, 3.0)
    ledger.history.end(asked.key, made())
    assert ledger.database.flush()
    rows = [(row.document, row.began) for row in ledger.history.page()]
    assert rows[0] == ("again", 3.0)
    assert len(rows) == 2


@pytest.mark.parametrize("text", ["", "star"])
@pytest.mark.parametrize("before", [None, 5000])
def test_a_page_is_one_query_that_walks_the_newest_rows_and_sorts_nothing(
    ledger: Ledger, before: int | None, text: str
) -> None:
    query, values = page_query(before, text, 40)
    steps = [row[3] for row in ledger.database.rows(f"explain query plan {query}", values)]
    assert len(steps) == 2
    walk = "SEARCH runs USING INTEGER PRIMARY KEY (rowid<?)" if before else "SCAN runs"
    assert steps[0] == walk
    assert steps[1].startswith("SEARCH pictures USING INDEX")
    assert not any("TEMP B-TREE" in step for step in steps)


def test_reading_a_page_of_many_runs_touches_few_rows(ledger: Ledger) -> None:
    rows = [
        (str(number), float(number), f"d{number}", dump(GRAPH)[:8].hex())
        for number in range(10_000)
    ]
    ledger.database.submit(
        lambda connection: connection.executemany(
            "insert into runs (key, owner, began, outcome, document, title, words, graph)"
            " values (?, '', ?, 'done', ?, '', '', ?)",
            rows,
        )
    )
    assert ledger.database.flush()
    assert len(ledger.history.page(size=40)) == 40
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    reader = ledger.database._reader
    assert reader is not None
    reader.set_progress_handler(count, 100)  # called every hundred steps of SQLite's machine
    page = ledger.history.page(before=9000, size=40)
    assert page[0].document == "d8998"
    assert steps < 40, "some twenty machine steps a row, however many rows there are"


def test_what_is_not_kept_is_nothing_to_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    heard: list[str] = []
    ledger = Ledger(tmp_path / "file", heard.append)
    ledger.open()
    assert not ledger.database.wait_open()
    remember(ledger, order(), made())
    assert ledger.history.page() == []
    assert ledger.history.nodes(1) == ()
    assert ledger.history.graph(1) is None
    ledger.close()
    assert len(heard) == 1
