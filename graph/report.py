"""The report of a run, made from its events: what `sfumato run --report` writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graph.events import (
    NodeFailed,
    NodeFinished,
    NodeSkipped,
    Outcome,
    RunEvent,
    RunFinished,
    Status,
)
from graph.reasons import explain_all
from graph.subgraphs import localized, title_of, trail

if TYPE_CHECKING:
    from graph.catalog import Catalog
    from graph.graph import Graph


class Report:
    """Takes in the events of one run of `graph`."""

    def __init__(self, graph: Graph, catalog: Catalog) -> None:
        """Begin with no node done."""
        self._graph = graph
        self._catalog = localized(catalog, graph)
        self.nodes: dict[str, dict[str, Any]] = {}
        self.files: list[str] = []
        """Files that this run wrote."""
        self.kept: list[str] = []
        """Files that an earlier run wrote and that are still what this one would write."""
        self.errors: list[str] = []
        self.remarks: list[str] = []
        self.outcome = Outcome.CANCELLED
        self.ms = 0.0

    def add(self, event: RunEvent) -> None:
        """Take in one event."""
        match event:
            case NodeFinished():
                self._note(event.node, event.status, event.ms, explain_all(event.reasons))
                title = self.nodes[event.node]["title"]
                self.remarks.extend(f"{title}: {remark}" for remark in event.remarks)
                (self.files if event.status is Status.RAN else self.kept).extend(event.files)
            case NodeFailed():
                self._note(event.node, Status.FAILED, event.ms, event.problem.message)
                self.errors.append(event.problem.message)
            case NodeSkipped():
                self._note(event.node, Status.SKIPPED, 0.0, event.why)
            case RunFinished():
                self.outcome, self.ms = event.outcome, event.ms
            case _:
                pass

    def _note(self, node_id: str, status: Status, ms: float, reason: str) -> None:
        way = trail(self._graph, node_id)
        self.nodes[node_id] = {
            "title": title_of(self._graph, self._catalog, node_id),
            "type": way[-1][0].type if way else "",
            "status": str(status),
            "ms": round(ms, 3),
            "reason": reason,
        }

    def ran(self) -> list[str]:
        """Return the ids of the nodes whose bodies ran."""
        return [n for n, row in self.nodes.items() if row["status"] == Status.RAN]

    def as_dict(self) -> dict[str, Any]:
        """Return the report as JSON has it."""
        return {
            "outcome": str(self.outcome),
            "nodes": self.nodes,
            "ms": round(self.ms, 3),
            "files": self.files,
        }
