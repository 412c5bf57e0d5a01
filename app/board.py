"""The board: how every node stands, by the plan, by the run that goes on, and by the last one."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.folding import Inside, fold_plan
from app.runstate import NOT_KNOWN, Badge, NodeRun
from app.standing import ENDED_BADLY, KEPT, WAITING, standing
from graph.plan import Plan, State
from graph.runs.places import Places, top_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from app.document import Document
    from graph.actions import Ingredients
    from graph.catalog import Catalog
    from graph.graph import Graph, Node
    from graph.plan import Step


class Board(QObject):
    """Holds one `NodeRun` a node.

    What is told of nodes inside a node that stands for a subgraph is folded into that node.

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
        self._inside: dict[str, Inside] = {}
        """How the nodes inside a node stand, in the run that goes on."""
        self._announced: frozenset[str] = frozenset()
        """Nodes of the document that the run announced."""
        self._places = Places(document.graph, document.catalog)
        self._placed: tuple[Graph, Catalog] = document.graph, document.catalog

    @property
    def runs(self) -> Mapping[str, NodeRun]:
        """How each node stands."""
        return self._runs

    def run_of(self, node_id: str) -> NodeRun:
        """Return how a node, or one inside a node, stands."""
        top = top_of(node_id)
        inside = self._inside.get(top) if top != node_id else None
        return (inside and inside.get(node_id)) or self._runs.get(top, NOT_KNOWN)

    def count(self, *badges: Badge) -> int:
        """Return how many nodes ended the last run with one of `badges`; all, without any."""
        return sum(not badges or run.badge in badges for run in self._after.values())

    def title(self, node_id: str) -> str:
        """Return what a node is called on the screen, also one inside others."""
        return self._places_now().title(node_id)

    def _places_now(self) -> Places:
        now = self._document.graph, self._document.catalog
        if now[0] is not self._placed[0] or now[1] is not self._placed[1]:
            self._placed, self._places = now, Places(*now)
        return self._places

    # The run that goes on

    def begin(self, paths: Iterable[str] = ()) -> None:
        """Forget the last run: another begins, which looks at the nodes `paths`."""
        self._after.clear()
        paths = tuple(paths)
        inside = Counter(top_of(path) for path in paths if "/" in path)
        self._inside = {top: Inside(count) for top, count in inside.items()}
        self._announced = frozenset(path for path in paths if "/" not in path)

    def put(self, path: str, run: NodeRun) -> None:
        """Show that a node stands so, in the run that goes on."""
        top = top_of(path)
        if top != path and top not in self._inside:
            # A loop: its iterations come one by one, and its own end comes last.
            self._inside[top] = Inside(last=top if top in self._announced else "")
        inside = self._inside.get(top)
        if inside is not None:
            inside.put(path, run)
            run = inside.whole()
        if top in self._document.graph.nodes and self._runs.get(top) != run:
            self._runs[top] = run
            self.changed.emit(frozenset({top}))

    def end(self, path: str, run: NodeRun) -> None:
        """Note how a node came out of the run."""
        self.put(path, run)
        top = top_of(path)
        inside = self._inside.get(top)
        self._after[top] = run if inside is None else inside.whole()

    def halt(self) -> None:
        """Show no node as running: the run is over, however it ended."""
        self._inside.clear()
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
        inside: defaultdict[str, list[Step]] = defaultdict(list)
        for path, step in plan.steps.items():
            if "/" in path:
                inside[top_of(path)].append(step)
        nodes = self._document.graph.nodes.values()
        self._runs = {node.id: self._standing(node, inside.get(node.id, ())) for node in nodes}
        ids = before.keys() | self._runs.keys()
        differs = frozenset(key for key in ids if before.get(key) != self._runs.get(key))
        if differs:
            self.changed.emit(differs)

    def _standing(self, node: Node, inside: Sequence[Step]) -> NodeRun:
        now = self._runs.get(node.id)
        if now is not None and now.badge is Badge.RUNNING:
            return now
        if inside and node.id not in self._plan.steps:
            return self._standing_inside(node, inside)
        return self._standing_by(node, self._plan.steps.get(node.id), self._after.get(node.id))

    def _standing_inside(self, node: Node, inside: Sequence[Step]) -> NodeRun:
        """Return how a node stands whose inside was planned."""
        found = fold_plan([self._inner_standing(step) for step in inside])
        after = self._after.get(node.id)
        if after is not None and found.badge is Badge.CLEAN and after.badge in KEPT:
            return after
        if after is not None and after.badge in ENDED_BADLY and found.badge in WAITING:
            return after
        return found

    def _inner_standing(self, step: Step) -> NodeRun:
        node = self._places_now().node(step.node)
        if node is None:
            return NOT_KNOWN
        found = self._standing_by(node, step, None)
        words = f"{self.title(step.node)}: {found.text}" if found.text else ""
        return NodeRun(found.badge, words)

    def _standing_by(self, node: Node, step: Step | None, after: NodeRun | None) -> NodeRun:
        if not self._certain and (step is None or step.state is not State.BROKEN):
            return NOT_KNOWN
        last = self._last.get(step.node if step is not None else node.id)
        return standing(node, step, after, last, self._holding_up(node))

    def _holding_up(self, node: Node) -> list[str]:
        """Return the titles of the nodes wired into `node` whose results are not known."""
        names = []
        for sources in node.wires.values():
            for source in sources:
                step = self._plan.steps.get(source.node)
                if step is not None and step.state is not State.CLEAN:
                    names.append(self.title(source.node))
        return names
