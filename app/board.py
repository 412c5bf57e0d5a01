"""The board: how every node stands, by the plan, by the run that goes on, and by the last one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.runstate import NOT_KNOWN, Badge, NodeRun
from app.standing import standing
from graph.plan import Plan, State

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from app.document import Document
    from graph.actions import Ingredients
    from graph.graph import Node


class Board(QObject):
    """Holds one `NodeRun` a node.

    Signals:
        changed(frozenset): ids of nodes that stand otherwise now.
    """

    changed = Signal(object)

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._runs: dict[str, NodeRun] = {}
        self._after: dict[str, NodeRun] = {}
        """How nodes stood after the last run, until an edit changes what they depend on."""
        self._last: dict[str, Ingredients] = {}
        """What the last known result of each node was made of."""
        self._plan = Plan({})
        self._certain = False

    @property
    def runs(self) -> Mapping[str, NodeRun]:
        """How each node stands."""
        return self._runs

    def run_of(self, node_id: str) -> NodeRun:
        """Return how a node stands."""
        return self._runs.get(node_id, NOT_KNOWN)

    def count(self, *badges: Badge) -> int:
        """Return how many nodes ended the last run with one of `badges`; all, without any."""
        return sum(not badges or run.badge in badges for run in self._after.values())

    def title(self, node_id: str) -> str:
        """Return what a node is called on the screen."""
        node = self._document.graph.nodes.get(node_id)
        if node is None:
            return node_id
        spec = self._document.catalog.get(node.type)
        return node.title or (spec.title if spec else node.type)

    # The run that goes on

    def begin(self) -> None:
        """Forget the last run: another begins."""
        self._after.clear()

    def put(self, node_id: str, run: NodeRun) -> None:
        """Show that a node stands so, in the run that goes on."""
        if node_id in self._document.graph.nodes and self._runs.get(node_id) != run:
            self._runs[node_id] = run
            self.changed.emit(frozenset({node_id}))

    def end(self, node_id: str, run: NodeRun) -> None:
        """Note how a node came out of the run."""
        self._after[node_id] = run
        self.put(node_id, run)

    def halt(self) -> None:
        """Show no node as running: the run is over, however it ended."""
        for node_id, run in tuple(self._runs.items()):
            if run.badge is Badge.RUNNING:
                self.put(node_id, NodeRun(Badge.DIRTY))

    # Plans

    def edited(self, ids: Iterable[str]) -> None:
        """Forget how the last run went for nodes that depend on the nodes `ids`."""
        for node_id in self._document.graph.downstream(ids):
            self._after.pop(node_id, None)

    def show_plan(self, plan: Plan, *, certain: bool) -> None:
        """Show what a run would do now; while that is not `certain`, only what stands in its way.

        It is certain once the engine has told its environment, which is part of every action.
        """
        self._plan, self._certain = plan, certain
        for node_id, step in plan.steps.items():
            if step.state is State.CLEAN and step.ingredients is not None:
                self._last[node_id] = step.ingredients
        before = self._runs
        nodes = self._document.graph.nodes.values()
        self._runs = {node.id: self._standing(node) for node in nodes}
        ids = before.keys() | self._runs.keys()
        differs = frozenset(key for key in ids if before.get(key) != self._runs.get(key))
        if differs:
            self.changed.emit(differs)

    def _standing(self, node: Node) -> NodeRun:
        now = self._runs.get(node.id)
        if now is not None and now.badge is Badge.RUNNING:
            return now
        step = self._plan.steps.get(node.id)
        if not self._certain and (step is None or step.state is not State.BROKEN):
            return NOT_KNOWN
        return standing(
            node,
            step,
            self._after.get(node.id),
            self._last.get(node.id),
            self._holding_up(node),
        )

    def _holding_up(self, node: Node) -> list[str]:
        """Return the titles of the nodes wired into `node` whose results are not known."""
        names = []
        for sources in node.wires.values():
            for source in sources:
                step = self._plan.steps.get(source.node)
                if step is not None and step.state is not State.CLEAN:
                    names.append(self.title(source.node))
        return names
