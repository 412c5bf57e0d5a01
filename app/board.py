"""The board: how every node stands, by the plan, by the run that goes on, and by the last one."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.folding import fold_plan
from app.nested import Nested
from app.runstate import NOT_KNOWN, Badge, NodeRun
from app.standing import standing
from graph.plan import Plan, State
from graph.runs.places import Places, beside, top_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from app.document import Document
    from app.frames import Frames
    from graph.actions import Ingredients
    from graph.catalog import Catalog
    from graph.graph import Graph, Node
    from graph.plan import Step


class Board(QObject):
    """Holds one `NodeRun` a node.

    What is told of nodes inside a node that stands for a subgraph is folded into that node.

    Signals:
        changed(frozenset): ids of nodes that stand otherwise now; told once a frame.
    """

    changed = Signal(object)

    def __init__(self, document: Document, frames: Frames, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._frames = frames
        self._stirred: set[str] = set()
        """Nodes of which views were not told yet that they stand otherwise."""
        frames.due.connect(self._tell)
        self._runs: dict[str, NodeRun] = {}
        self._after: dict[str, NodeRun] = {}
        """How nodes stood after the last run, until an edit changes what they depend on."""
        self._last: dict[str, Ingredients] = {}
        """What the last known result of each node was made of."""
        self._plan = Plan({})
        self._certain = False
        self._nested = Nested()
        self._places = Places(document.graph, document.catalog)
        self._placed: tuple[Graph, Catalog] = document.graph, document.catalog

    @property
    def runs(self) -> Mapping[str, NodeRun]:
        """How each node stands."""
        return self._runs

    def run_of(self, node_id: str) -> NodeRun:
        """Return how a node stands; for one inside others by its path, without iterations."""
        if "/" in node_id:
            return self._nested.get(node_id) or NOT_KNOWN
        return self._runs.get(node_id, NOT_KNOWN)

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
        self._nested.begin(paths)

    def put(self, path: str, run: NodeRun) -> None:
        """Show that a node stands so, in the run that goes on."""
        plain = path if "/" not in path else self._places_now().plain(path)
        top = top_of(path)
        self._put(top, self._nested.put(path, plain, run))
        if top != path:
            # Whoever looks inside sees more than what is folded into it.
            self._stir((top,))

    def _put(self, node_id: str, run: NodeRun) -> None:
        if node_id in self._document.graph.nodes and self._runs.get(node_id) != run:
            self._runs[node_id] = run
            self._stir((node_id,))

    def _stir(self, ids: Iterable[str]) -> None:
        self._stirred.update(ids)
        self._frames.ask()

    def _tell(self) -> None:
        if self._stirred:
            ids, self._stirred = frozenset(self._stirred), set()
            self.changed.emit(ids)

    def end(self, path: str, run: NodeRun) -> None:
        """Note how a node came out of the run."""
        self.put(path, run)
        self._after[top_of(path)] = self._runs.get(top_of(path), run)

    def halt(self) -> None:
        """Show no node as running: the run is over, however it ended."""
        self._nested.end()
        for node_id, run in tuple(self._runs.items()):
            if run.badge is Badge.RUNNING:
                self._put(node_id, NodeRun(Badge.DIRTY))

    # Plans

    def edited(self, ids: Iterable[str]) -> None:
        """Forget how the last run went for nodes that depend on the nodes `ids`."""
        changed = self._document.graph.downstream(ids)
        self._nested.forget(changed)
        for node_id in changed:
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
        inside = self._plan_inside()
        nodes = self._document.graph.nodes.values()
        self._runs = {node.id: self._standing(node, inside.get(node.id, ())) for node in nodes}
        ids = before.keys() | self._runs.keys()
        self._stir(key for key in ids if before.get(key) != self._runs.get(key))

    def _plan_inside(self) -> dict[str, list[NodeRun]]:
        """Tell the plan of nodes inside others; return it by the nodes of the document."""
        tops: defaultdict[str, list[NodeRun]] = defaultdict(list)
        found: defaultdict[str, list[NodeRun]] = defaultdict(list)
        places = self._places_now()
        for path, step in self._plan.steps.items():
            node = places.node(path) if "/" in path else None
            if node is None:
                continue
            plain = places.plain(path)
            run = self._standing_by(node, step, self._nested.after(plain))
            found[plain].append(run)
            words = f"{places.title(path)}: {run.text}" if run.text else ""
            tops[top_of(path)].append(NodeRun(run.badge, words))
        self._nested.plan(found)
        return tops

    def _standing(self, node: Node, inside: Sequence[NodeRun]) -> NodeRun:
        now = self._runs.get(node.id)
        if now is not None and now.badge is Badge.RUNNING:
            return now
        after = self._after.get(node.id)
        if not inside or node.id in self._plan.steps:
            return self._standing_by(node, self._plan.steps.get(node.id), after)
        found = fold_plan(inside)
        # What came out of the run knows times too.
        return after if after is not None and after.badge is found.badge else found

    def _standing_by(self, node: Node, step: Step | None, after: NodeRun | None) -> NodeRun:
        if not self._certain and (step is None or step.state is not State.BROKEN):
            return NOT_KNOWN
        path = step.node if step is not None else node.id
        last = self._last.get(path)
        return standing(node, step, after, last, self._holding_up(path, node))

    def _holding_up(self, path: str, node: Node) -> list[str]:
        """Return the titles of the nodes wired into `node` whose results are not known."""
        names = []
        for sources in node.wires.values():
            for source in sources:
                step = self._plan.steps.get(beside(path, source.node))
                if step is not None and step.state is not State.CLEAN:
                    names.append(self.title(step.node))
        return names
