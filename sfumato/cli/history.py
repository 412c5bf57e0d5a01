"""`sfumato history`: the runs there were, with what ran in each and why."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

import msgspec

from graph.errors import SfumatoError
from graph.events import Status
from graph.reasons import explain_all
from graph.runs.ledger import Ledger, runs_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graph.runs.history import History, RunRow
    from graph.runs.record import NodeRecord

_QUIET = (Status.CACHED, Status.BLOCKED)
"""What happened to nodes of which there is nothing to tell."""


class HistoryError(SfumatoError):
    """The history cannot be read."""


def history(limit: int, *, as_json: bool) -> int:
    """Print the newest `limit` runs, the newest first; return the exit status."""
    heard: list[str] = []
    ledger = Ledger(runs_folder(), heard.append)
    ledger.open()
    try:
        if not ledger.database.wait_open():
            raise HistoryError("; ".join(heard) or f"{ledger.database.path} cannot be opened")
        ledger.database.flush()  # runs that a program left open are closed by now
        runs = list(_runs(ledger.history, limit))
    finally:
        ledger.close()
    for words in heard:
        print(f"sfumato: {words}", file=sys.stderr)
    if as_json:
        print(msgspec.json.format(msgspec.json.encode([_data(*run) for run in runs])).decode())
    else:
        print("\n\n".join(_text(*run) for run in runs) or "No runs yet.")
    return 0


def _runs(history: History, limit: int) -> Iterator[tuple[RunRow, tuple[NodeRecord, ...]]]:
    before = None
    while limit > 0:
        page = history.page(before, size=min(limit, 100))
        for row in page:
            yield row, history.nodes(row.id)
        if not page:
            return
        limit -= len(page)
        before = page[-1].id


def _text(row: RunRow, nodes: tuple[NodeRecord, ...]) -> str:
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(row.began))
    took = "" if row.outcome == "running" else f" in {row.ms / 1000:.1f} s"
    lines = [f"{when}  {row.document}: {row.outcome}{took}, {row.ran} of {row.nodes} nodes ran"]
    words = row.title or row.words.partition("\n")[0]
    lines += [f"  {text}" for text in (words, row.message) if text]
    lines += [f"  - {_node(node)}" for node in nodes if node.status not in _QUIET]
    lines += [f"  {file}" for node in nodes for file in node.files]
    return "\n".join(lines)


def _node(node: NodeRecord) -> str:
    took = "" if node.status is Status.SKIPPED else f" in {node.ms:.0f} ms"
    why = node.error or explain_all(node.reasons)
    return f"{node.title}: {node.status}{took}" + (f": {why}" if why else "")


def _data(row: RunRow, nodes: tuple[NodeRecord, ...]) -> dict[str, Any]:
    plain = {key: value for key, value in row._asdict().items() if key not in ("picture", "nodes")}
    return plain | {"looked_at": row.nodes, "nodes": [_node_data(node) for node in nodes]}


def _node_data(node: NodeRecord) -> dict[str, Any]:
    data: dict[str, Any] = msgspec.to_builtins(node)
    return data | {"why": node.error or explain_all(node.reasons)}
