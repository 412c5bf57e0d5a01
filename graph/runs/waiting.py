"""The queue in the runs file: written down as it changes, taken over from programs that ended."""

from __future__ import annotations

import logging
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from graph.errors import FormatError
from graph.format import dump, parse
from graph.runs.queue import Order
from graph.runs.snapshots import drop_orphans, keep_graph, unpack_graph

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Sequence

    from graph.catalog import Catalog
    from graph.runs.database import RunDatabase
    from graph.runs.lease import Lease

_LOG = logging.getLogger(__name__)
_PUT = """
    insert or replace into queue
    values (?, ?, (select coalesce(max(place), 0) + 1 from queue), ?, ?, ?, ?, ?, ?)
"""
_ADOPT = """
    select key, data, targets, folder, document, title, added
    from queue join graphs on graph = digest where owner = ? order by place
"""


class WaitingRuns:
    """The rows of one instance; see `graph.runs.queue.Store`."""

    def __init__(self, database: RunDatabase, lease: Lease) -> None:
        """Write into `database`, in the name of `lease`."""
        self._database = database
        self._lease = lease

    def put(self, order: Order) -> None:
        """Keep a new order, behind all that are kept."""
        owner = self._lease.owner

        def job(connection: sqlite3.Connection) -> None:
            digest = keep_graph(connection, dump(order.graph))
            values = (
                order.key, owner, digest, msgspec.msgpack.encode(order.targets),
                str(order.folder), order.document, order.title, order.added,
            )  # fmt: skip
            connection.execute(_PUT, values)

        self._database.submit(job)

    def arrange(self, keys: Sequence[str]) -> None:
        """Keep this order of the orders."""
        places = [(place, key) for place, key in enumerate(keys)]
        self._database.submit(
            lambda connection: connection.executemany(
                "update queue set place = ? where key = ?", places
            )
        )

    def drop(self, keys: Iterable[str]) -> None:
        """Forget orders."""
        gone = [(key,) for key in keys]

        def job(connection: sqlite3.Connection) -> None:
            connection.executemany("delete from queue where key = ?", gone)
            drop_orphans(connection)

        self._database.submit(job)

    def take_over(self, catalog: Catalog, told: Callable[[list[Order]], None]) -> None:
        """Own what programs that ended have left, and tell it on the writer's thread.

        An order whose graph cannot be read any more is dropped.
        """
        self._database.submit(lambda connection: told(list(self._adopted(connection, catalog))))

    def _adopted(self, connection: sqlite3.Connection, catalog: Catalog) -> Iterable[Order]:
        owners = connection.execute("select distinct owner from queue order by owner").fetchall()
        for (owner,) in owners:
            if not self._lease.is_over(owner):
                continue
            for row in connection.execute(_ADOPT, (owner,)).fetchall():
                order = _order(row, catalog)
                if order is None:
                    connection.execute("delete from queue where key = ?", (row[0],))
                else:
                    yield order
            mine = (self._lease.owner, owner)
            connection.execute("update queue set owner = ? where owner = ?", mine)


def _order(row: tuple[str, bytes, bytes, str, str, str, float], catalog: Catalog) -> Order | None:
    key, data, targets, folder, document, title, added = row
    try:
        graph = parse(unpack_graph(data), file=document or "graph", catalog=catalog)
        wanted = msgspec.msgpack.decode(targets, type=tuple[str, ...] | None)
    except (FormatError, zlib.error, msgspec.DecodeError) as error:
        _LOG.info("an order of an earlier session cannot be read: %s", error)
        return None
    return Order(
        graph=graph,
        targets=wanted,
        folder=Path(folder),
        document=document,
        title=title,
        added=added,
        key=key,
    )
