"""The history: every run with its graph, its outcome, what each node did and why.

Written on the runs file's own thread, read page by page, newest first. Bounded in runs and in
bytes: the oldest go first, those that people keep excepted.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any, NamedTuple

from graph.events import Outcome, Status
from graph.format import dump
from graph.runs.record import NodeRecord, pack_nodes, unpack_nodes, words_of
from graph.runs.snapshots import drop_orphans, keep_graph, unpack_graph
from graph.runs.thumbnail import thumbnail

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from graph.catalog import Catalog
    from graph.runs.database import RunDatabase
    from graph.runs.lease import Lease
    from graph.runs.queue import Order
    from graph.runs.record import RunRecord

PAGE = 40
RUNNING = "running"
"""Outcome of a run that is under way."""
_MOST_RUNS = 10_000
_MOST_BYTES = 256 << 20
_SHARE = 64
"""Of the runs there are, one in so many goes at a time while the file is too large."""
_ROW = """
    select id, key, began, outcome, ms, document, title, words, message,
           nodes, ran, failed, kept, pictures.data
    from runs left join pictures on digest = picture
"""
_BEGIN = """
    insert or replace into runs (key, owner, began, outcome, document, title, words, graph)
    values (?, ?, ?, 'running', ?, ?, ?, ?)
"""
_END = """
    update runs set outcome = ?, ms = ?, message = ?, nodes = ?, ran = ?, failed = ?, picture = ?
    where key = ?
"""
_ENDED_WITH_PROGRAM = "The program ended while it ran."


class RunRow(NamedTuple):
    """One run on a page."""

    id: int
    """Grows with time: the cursor of pages."""
    key: str
    began: float
    """Seconds since 1970."""
    outcome: str
    """A `graph.events.Outcome`, or "running"."""
    ms: float
    document: str
    title: str
    words: str
    """The prompts, to find it by."""
    message: str
    nodes: int
    """How many nodes it looked at."""
    ran: int
    failed: int
    kept: bool
    """Whether it stays, however old."""
    picture: bytes
    """A small JPEG; empty when the run made no picture."""


class History:
    """The runs of this user, of all instances; reading may be done from any thread."""

    def __init__(
        self,
        database: RunDatabase,
        lease: Lease,
        *,
        most_runs: int = _MOST_RUNS,
        most_bytes: int = _MOST_BYTES,
    ) -> None:
        """Keep runs in `database`, in the name of `lease`, within these bounds."""
        self._database = database
        self._lease = lease
        self._most_runs = most_runs
        self._most_bytes = most_bytes

    # Writing: each call returns at once

    def begin(self, order: Order, catalog: Catalog, began: float) -> None:
        """Write down that a run is under way."""
        owner = self._lease.owner

        def job(connection: sqlite3.Connection) -> None:
            words = words_of(order.graph, catalog)
            digest = keep_graph(connection, dump(order.graph))
            values = (order.key, owner, began, order.document, order.title, words, digest)
            connection.execute(_BEGIN, values)

        self._database.submit(job)

    def end(self, key: str, record: RunRecord, told: Callable[[], None] | None = None) -> None:
        """Write down how a run ended; `told` is called on the writer's thread when it is done."""
        most_runs, most_bytes = self._most_runs, self._most_bytes

        def job(connection: sqlite3.Connection) -> None:
            failed = record.count(Status.FAILED)
            values = (
                str(record.outcome), record.ms, record.message, len(record.nodes),
                record.count(Status.RAN) + failed, failed, record.picture, key,
            )  # fmt: skip
            connection.execute(_END, values)
            connection.execute(
                "insert or replace into reports select id, ? from runs where key = ?",
                (pack_nodes(record.nodes), key),
            )
            if record.picture and record.pixels is not None:
                small = (record.picture, thumbnail(record.pixels))
                connection.execute("insert or replace into pictures values (?, ?)", small)
            shrink(connection, most_runs, most_bytes)
            if told is not None:
                told()

        self._database.submit(job)

    def keep(self, run: int, *, kept: bool) -> None:
        """Let a run stay, however old; or let it go when its time comes."""
        self._database.submit(
            lambda connection: connection.execute(
                "update runs set kept = ? where id = ?", (int(kept), run)
            )
        )

    def delete(self, run: int) -> None:
        """Forget a run."""

        def job(connection: sqlite3.Connection) -> None:
            connection.execute("delete from runs where id = ?", (run,))
            drop_orphans(connection)

        self._database.submit(job)

    def close_old(self) -> None:
        """Write down as ended what programs that are no more had under way."""
        lease = self._lease

        def job(connection: sqlite3.Connection) -> None:
            query = "select distinct owner from runs where outcome = 'running'"
            for (owner,) in connection.execute(query).fetchall():
                if lease.is_over(owner):
                    values = (str(Outcome.DIED), _ENDED_WITH_PROGRAM, owner)
                    connection.execute(
                        "update runs set outcome = ?, message = ?"
                        " where outcome = 'running' and owner = ?",
                        values,
                    )

        self._database.submit(job)

    # Reading

    def page(self, before: int | None = None, text: str = "", size: int = PAGE) -> list[RunRow]:
        """Return the newest runs, or those before the run `before`, that have `text` somewhere.

        `text` is looked for in document, title and prompts; case matters in none but ASCII.
        """
        query, values = page_query(before, text, size)
        return [_row(found) for found in self._database.rows(query, values)]

    def nodes(self, run: int) -> tuple[NodeRecord, ...]:
        """Return what each node did in a run; nothing when that is not known."""
        found = self._database.rows("select data from reports where run = ?", (run,))
        return unpack_nodes(found[0][0]) if found else ()

    def graph(self, run: int) -> bytes | None:
        """Return the graph of a run, as `graph.format.dump` wrote it; None when it is gone."""
        query = "select data from runs join graphs on digest = graph where id = ?"
        found = self._database.rows(query, (run,))
        try:
            return unpack_graph(found[0][0]) if found else None
        except zlib.error:
            return None


def page_query(before: int | None, text: str, size: int) -> tuple[str, list[object]]:
    """Return the one query of a page, and its values."""
    clauses, values = [], list[object]()
    if before is not None:
        clauses.append("id < ?")
        values.append(before)
    if text:
        pattern = "".join(f"\\{c}" if c in "\\%_" else c for c in text)
        clauses.append("document || ' ' || title || ' ' || words like ? escape '\\'")
        values.append(f"%{pattern}%")
    where = f" where {' and '.join(clauses)}" if clauses else ""
    return f"{_ROW}{where} order by id desc limit ?", [*values, size]


def shrink(connection: sqlite3.Connection, most_runs: int, most_bytes: int) -> None:
    """Let the oldest runs go that nobody keeps, until both bounds hold."""
    (count,) = connection.execute("select count(*) from runs").fetchone()
    freed = False
    while count > 0 and (count > most_runs or _used(connection) > most_bytes):
        share = max(count - most_runs, count // _SHARE, 1)
        gone = connection.execute(
            "delete from runs where id in ("
            " select id from runs where not kept and outcome != 'running' order by id limit ?)",
            (share,),
        ).rowcount
        if not gone:
            break  # all that is left is kept
        count, freed = count - gone, True
        drop_orphans(connection)
    if freed:
        # Each row that is fetched frees a page.
        connection.execute("pragma incremental_vacuum").fetchall()


def _used(connection: sqlite3.Connection) -> int:
    """Return the bytes of all that is kept, without what was freed."""
    values = [
        connection.execute(f"pragma {name}").fetchone()[0]
        for name in ("page_count", "freelist_count", "page_size")
    ]
    pages, free, size = values
    return int((pages - free) * size)


def _row(found: tuple[Any, ...]) -> RunRow:
    return RunRow._make((*found[:-2], bool(found[-2]), found[-1] or b""))
