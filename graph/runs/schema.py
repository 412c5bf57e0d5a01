"""The tables of the runs file, and how an older file becomes one of today's.

Rows that are looked through by the thousand (`runs`) are narrow; what is large lies in tables of
its own: graphs and thumbnails once a content digest, reports once a run.
"""

from __future__ import annotations

import sqlite3
from typing import Final

#: One script a version: a file of version N is brought on by the scripts from N on. Scripts that
#: were released never change; what they made is changed by a further one.
MIGRATIONS: Final = (
    """
    create table graphs (digest text primary key, data blob not null);
    create table pictures (digest text primary key, data blob not null);
    create table runs (
        id integer primary key autoincrement,
        key text not null unique,
        owner text not null,
        began real not null,
        outcome text not null,
        ms real not null default 0,
        document text not null,
        title text not null,
        words text not null,
        message text not null default '',
        nodes integer not null default 0,
        ran integer not null default 0,
        failed integer not null default 0,
        kept integer not null default 0,
        graph text not null,
        picture text not null default ''
    );
    create index runs_by_graph on runs (graph);
    create index runs_by_picture on runs (picture);
    create index runs_under_way on runs (owner) where outcome = 'running';
    create table reports (
        run integer primary key references runs (id) on delete cascade,
        data blob not null
    );
    create table queue (
        key text primary key,
        owner text not null,
        place integer not null,
        graph text not null,
        targets blob not null,
        folder text not null,
        document text not null,
        title text not null,
        added real not null
    );
    create index queue_by_owner on queue (owner, place);
    create index queue_by_graph on queue (graph);
    create table costs (
        key text primary key, samples blob not null, used real not null
    ) without rowid;
    create index costs_by_use on costs (used);
    """,
)


class NewerError(sqlite3.DatabaseError):
    """The file was written by a newer version of the program."""


def bring_up(connection: sqlite3.Connection) -> None:
    """Give the file behind `connection` today's tables; raise `NewerError` for a newer file.

    Two processes may do this at once: the second waits, and finds nothing left to do.
    """
    connection.execute("begin immediate")
    try:
        for script in MIGRATIONS[_version(connection) :]:
            for statement in _statements(script):
                connection.execute(statement)
        connection.execute(f"pragma user_version = {len(MIGRATIONS)}")
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        raise


def _version(connection: sqlite3.Connection) -> int:
    (version,) = connection.execute("pragma user_version").fetchone()
    if version > len(MIGRATIONS):
        raise NewerError(f"version {version} is newer than {len(MIGRATIONS)}")
    return int(version)


def _statements(script: str) -> list[str]:
    # Not `executescript`, which would commit first and so give the lock away.
    return [statement for part in script.split(";") if (statement := part.strip())]
