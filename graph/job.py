"""One run of one graph: which node next, why it runs, and what is told of it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, TypeAlias

from graph.actions import told_of
from graph.bodies import Bodies, Events, StaleError, Turn
from graph.events import (
    NodeFailed,
    NodeFinished,
    NodeProgress,
    NodeSkipped,
    NodeStarted,
    Outcome,
    Pixels,
    Problem,
    RunEvent,
    RunFinished,
    RunStarted,
    Status,
)
from graph.flow import Flow
from graph.lanes import Flight, News
from graph.ledger import Due, Ledger
from graph.order import ordered
from graph.resolve import Known, State, Step
from graph.spec import Lane
from graph.targets import eager_sources
from graph.values import InputAsked

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable
    from pathlib import Path

    from graph.actions import Digests
    from graph.execute import Engine
    from graph.graph import Graph, Node
    from graph.reasons import Reason
    from graph.run import Run

Needs: TypeAlias = list[str]
"""Nodes that must be settled before the node at hand can be."""

_PULSE = 0.2
"""Most seconds between two events while bodies run on other threads."""
_FAR_AHEAD = 256
"""How many nodes to come are looked at for one that could run meanwhile."""


@dataclass(slots=True)
class Job:
    """One run: visits the nodes that the targets need and yields what happens."""

    engine: Engine
    graph: Graph
    """The document, with its subgraphs; `flow` has it flat."""
    folder: Path
    force: bool
    run: int
    document: str
    flow: Flow = field(init=False)
    barred: dict[str, str] = field(default_factory=dict)
    """Nodes that could not be computed -> the title of the one that failed."""
    ledger: Ledger = field(init=False)
    bodies: Bodies = field(init=False)
    _stack: list[str] = field(default_factory=list)
    """Nodes to visit, the next one last."""
    _flying: dict[str, tuple[Flight, Due, Run]] = field(default_factory=dict)
    """Nodes whose bodies run on threads of their own."""
    _flew: bool = False
    """Whether a body ran on a thread of its own in this run."""
    _parked: dict[str, list[str]] = field(default_factory=dict)
    """Node that is not settled -> the nodes that are to be visited when it is."""
    _waiting: set[str] = field(default_factory=set)
    """All nodes that are parked."""
    _stale: set[str] = field(default_factory=set)
    """Nodes under whose bodies a file was changed."""
    _advanced: set[str] = field(default_factory=set)
    """Nodes that were visited early, to run while the GPU is busy."""
    _grounded: set[str] = field(default_factory=set)
    """Nodes whose bodies ran out of memory on a thread of their own."""
    _news: SimpleQueue[News] = field(default_factory=SimpleQueue)
    _ran: int = 0
    _failed: int = 0

    def __post_init__(self) -> None:
        """Bring together what steps are resolved by."""
        loaded, cache = self.engine.loaded, self.engine.cache
        tables = Known(
            loaded.catalog,
            self.engine.files,
            loaded.environment,
            cache.digests,
            cache.asked,
            str(self.folder),
        )
        self.flow = Flow(self.graph, tables)
        self.ledger = Ledger(self.engine, self.flow, self.run, self.force, self.document)
        self.bodies = Bodies(
            self.engine,
            self.graph,
            self.flow,
            self.folder,
            self.run,
            self._meanwhile,
            self.ledger.held,
        )

    def events(self, targets: Iterable[str] | None) -> Events:
        """Settle every node that `targets` need; what "run everything" means when None.

        The nodes wait on a stack and not in a recursion, so that no depth of graph is too deep.
        """
        start = time.perf_counter()
        flow = self.flow
        wanted = flow.natural_targets() if targets is None else flow.targets(targets)
        order = ordered(flow.graph, wanted)
        yield RunStarted(self.run, tuple(order))
        self._stack = order[::-1]
        try:
            yield from self._go()
        finally:
            self._stop_flights()
        yield RunFinished(self.run, self._outcome(), _ms(start))

    def _go(self) -> Events:
        flow, stack, digests, barred = self.flow, self._stack, self.flow.digests, self.barred
        nodes = flow.graph.nodes
        while stack or self._flying:
            if not stack:
                yield from self._land(wait=True)
                continue
            node_id = stack.pop()
            if node_id in digests or node_id in barred or node_id in self._flying:
                continue
            node = nodes.get(node_id)
            if node is None:  # from a loop that was unrolled since
                nodes = flow.graph.nodes
                node = nodes[node_id]
            # In order all that it needs is settled, unless some body took its time elsewhere.
            if self._flew and (first := self._unsettled(node)) is not None:
                self._park(node_id, first)
                continue
            step = None
            if flow.plain or not (flow.hands_in(node) or flow.is_loop(node)):
                step = flow.resolve(node)
                known = self.ledger.known(step)
                if known is not None:
                    self._settle(node, step, step.digests)
                    yield self.ledger.finished(node, step, known)
                    continue
            needs = yield from self._visit(node, step)
            if needs:
                stack.append(node_id)
                stack.extend(reversed(needs))
            if self._flying:
                yield from self._land(wait=False)

    def _outcome(self) -> Outcome:
        if not self._failed:
            return Outcome.DONE
        return Outcome.PARTIAL if self._ran else Outcome.FAILED

    def _unsettled(self, node: Node) -> str | None:
        """Return a node whose output `node` cannot do without and that is not settled yet."""
        sources = eager_sources(node, self.flow.spec(node))
        return next((s.node for s in sources if not self._is_settled(s.node)), None)

    def _is_settled(self, node_id: str) -> bool:
        return node_id in self.flow.digests or node_id in self.barred

    def _park(self, node_id: str, first: str) -> None:
        """Have a node visited when `first`, which is not settled yet, is."""
        self._parked.setdefault(first, []).append(node_id)
        self._waiting.add(node_id)

    def _wake(self, node_id: str) -> None:
        """Have the nodes visited that waited for one that is settled now."""
        if self._parked:
            woken = self._parked.pop(node_id, ())
            self._waiting.difference_update(woken)
            self._stack.extend(reversed(woken))

    def _visit(self, node: Node, step: Step | None) -> Generator[RunEvent, None, Needs]:
        """Settle `node`, or begin to; return the nodes that must be settled before it.

        Without a `step` it is part of a loop.
        """
        if step is None:
            if self.flow.is_loop(node):
                return (yield from self._visit_loop(node))
            self._hand_in(node)
            return []
        needs = self._lazy_needs(node, step.asks) if step.asks else []
        if needs is None:
            return []
        if not needs and step.state is State.DIRTY:
            needs = self._before_gpu(node)
        if not needs:
            yield from self._decide(node, step)
            if not self._is_settled(node.id) and not self._is_waiting(node.id):
                needs = [node.id]
        return needs

    def _is_waiting(self, node_id: str) -> bool:
        """Say whether a node is visited again by itself: it runs elsewhere, or waits for one."""
        return node_id in self._flying or node_id in self._waiting

    def _decide(self, node: Node, step: Step) -> Events:
        """Settle a node whose inputs are, or begin to; where a body asks for more it is not."""
        blocker = self._blocker(node, step.asks)
        if blocker is not None:
            yield self._skip(node, blocker)
        elif step.state is State.BROKEN:
            yield self._broken(node, step)
        elif step.state is State.BLOCKED:
            yield self._switch_off(node, step.digests)
        elif (due := self.ledger.due(node, step)) is not None:
            yield from self._produce(due)
        else:
            self._settle(node, step, step.digests)
            row, elements = self.ledger.gathered(step.elements or (), step.digests)
            yield self.ledger.finished(node, step, row, elements)

    # Loops

    def _hand_in(self, node: Node) -> None:
        """Settle a node that hands an iteration what it works on, or bar it."""
        if self.flow.hand_in(node):
            self._wake(node.id)
        else:
            self._bar(node, self._blocker(node, "") or self.bodies.title(node))

    def _visit_loop(self, node: Node) -> Generator[RunEvent, None, Needs]:
        flow = self.flow
        blocker = self._blocker(node, "")
        if blocker is not None:
            yield self._skip(node, blocker)
        elif not flow.is_expanded(node):
            before = flow.before_loop(node)
            if before is None:
                return flow.expand(node) or [node.id]
            if before.state is State.BLOCKED:
                yield self._switch_off(node, flow.digests[node.id])
            else:
                yield self._broken(node, before)
        elif (digests := flow.gather(node)) is not None:
            self._settle(node, None, digests)
            yield NodeFinished(self.run, node.id, Status.CACHED, "", digests)
        else:
            ends = [end for end in flow.ends_of(node) if end not in flow.digests]
            # From behind, for the last turn is the last to be settled: it is looked once.
            open_ = next((end for end in reversed(ends) if end not in self.barred), None)
            if open_ is None:
                yield self._skip(node, self.barred[ends[0]])
            else:
                self._park(node.id, open_)
        return []

    # What is wired in

    def _lazy_needs(self, node: Node, name: str) -> Needs | None:
        """Return the nodes to settle for a lazy input; None when `node` waits for those that run.

        Nothing is left to do when all are settled, be it that one failed.
        """
        open_ = self.flow.lazy_needs(node, name, self._is_settled)
        waits = next(filter(self._is_waiting, open_), None)
        if waits is not None:
            self._park(node.id, waits)
            return None
        return open_

    def _blocker(self, node: Node, asks: str) -> str | None:
        """Return the title of the failed node that `node` waits for, if there is one."""
        if not self.barred:
            return None
        sources = [*eager_sources(node, self.flow.spec(node)), *node.wires.get(asks, ())]
        return next((self.barred[s.node] for s in sorted(sources) if s.node in self.barred), None)

    # What becomes of a node

    def _settle(self, node: Node, step: Step | None, digests: Digests) -> None:
        self.flow.digests[node.id] = digests
        if step is not None:
            self.ledger.remember(node, step)
        self._wake(node.id)

    def _bar(self, node: Node, why: str) -> None:
        self.barred[node.id] = why
        self._wake(node.id)

    def _switch_off(self, node: Node, digests: Digests) -> NodeFinished:
        self._settle(node, None, digests)
        return NodeFinished(self.run, node.id, Status.BLOCKED, "", digests)

    # Computing

    def _produce(self, due: Due) -> Events:
        """Compute a node, and first again every node before it whose bytes were evicted."""
        stack = [due]
        again = False
        while stack:
            if again:
                stack[-1] = self.ledger.refreshed(stack[-1])
            at = stack[-1]
            try:
                missing = self.ledger.missing(at)
            except StaleError as error:
                yield self._fail(due.node, self.bodies.problem(due.node, error))
                break
            lost = next((self.barred[n.id] for n, _ in missing if n.id in self.barred), None)
            if lost is not None:
                yield self._skip(due.node, lost)
                break
            if missing:
                for node, gone in missing:
                    stack.append(self.ledger.to_make_again(node, gone))
                continue
            stack.pop()
            if at.wanted and at.wanted <= self.ledger.held.keys():
                continue  # computed meanwhile, for another that needs it
            if at.step.state is State.BROKEN:
                yield self._broken(at.node, at.step)
                continue
            if not stack and not again and (yield from self._leave(at)):
                break
            yield from self._compute(at)
            again = True
        self.ledger.held.clear()

    def _compute(self, due: Due) -> Events:
        """Run the calls that are due, on this thread."""
        node = due.node
        if self._flying and self.bodies.declared(node).spec.lane is Lane.ALONE:
            while self._flying:
                yield from self._land(wait=True)
        yield NodeStarted(self.run, node.id, due.reasons)
        preview: Pixels | None = None
        for place, work in enumerate(due.works):
            start = time.perf_counter()
            context = self.bodies.context(node)
            try:
                turn = Turn(node, work, place, len(due.works))
                made = yield from self.bodies.attempt(turn, context)
            except InputAsked as asked:
                self.engine.cache.learn_ask(work.action, asked.name)
                return
            except (GeneratorExit, KeyboardInterrupt):
                raise
            except BaseException as error:  # noqa: BLE001 - its failure, be it SystemExit
                if self._again(node, error):
                    return
                due.ms += _ms(start)
                yield self._fail(node, self.bodies.problem(node, error), due.ms, due.reasons)
                return
            due.ms += _ms(start)
            self.ledger.learn(due, work, made, context, _ms(start))
            preview = self.bodies.picture(node, made) if preview is None else preview
            if len(due.works) > 1:
                yield NodeProgress(self.run, node.id, place + 1, len(due.works), preview)
        yield from self._conclude(due, preview)

    def _again(self, node: Node, error: BaseException) -> bool:
        """Say whether to visit `node` once more, since a file was changed under its body."""
        if not isinstance(error, StaleError) or node.id in self._stale:
            return False
        self._stale.add(node.id)
        return True

    def _conclude(self, due: Due, preview: Pixels | None) -> Events:
        """Settle a node whose calls were made."""
        self._ran += 1
        row, elements = self.ledger.concluded(due)
        before = self.flow.digests.get(due.node.id, row.digests)
        self._settle(due.node, due.step, row.digests)
        if before != row.digests:  # made again, and it came out otherwise
            self.flow.hand_on()
        yield self.ledger.finished(due.node, due.step, row, elements, due, preview)

    # Bodies on threads of their own

    def _leave(self, due: Due) -> Generator[RunEvent, None, bool]:
        """Have `due` done on another thread, or wait where it is being done; say whether so."""
        if (other := self._in_the_air(due)) is not None:
            self._park(due.node.id, other)
            return True
        if self._may_fly(due):
            yield from self._take_off(due)
            return True
        return False

    def _in_the_air(self, due: Due) -> str | None:
        """Return the node whose body does the same work on another thread, if there is one."""
        if not self._flying:
            return None
        actions = {work.action for work in due.works}
        return next(
            (node for node, (_f, other, _c) in self._flying.items()
             if other.works[0].action in actions),
            None,
        )  # fmt: skip

    def _may_fly(self, due: Due) -> bool:
        """Say whether the body may run on a thread of its own, and something else meanwhile."""
        lane = self.bodies.declared(due.node).spec.lane
        if len(due.works) != 1 or not self.engine.lanes.takes(lane):
            return False
        if due.node.id in self._grounded:
            return False
        return bool(self._flying) or self._something_else(due.node.id)

    def _something_else(self, node_id: str) -> bool:
        """Say whether a node of those to come needs nothing that is not settled."""
        nodes = self.flow.graph.nodes
        return any(
            other != node_id and not self._is_settled(other) and self._unsettled(node) is None
            for other in self._stack[: -_FAR_AHEAD - 1 : -1]
            if (node := nodes.get(other)) is not None
        )

    def _before_gpu(self, node: Node) -> Needs:
        """Return the nodes to visit first, so that their bodies run while that of `node` does."""
        if self.bodies.declared(node).spec.lane is not Lane.GPU:
            return []
        found = []
        for other in self._stack[: -_FAR_AHEAD - 1 : -1]:
            if other in self._advanced or self._is_settled(other) or other in self._flying:
                continue
            ahead = self.flow.graph.nodes[other]
            declared = self.engine.loaded.types.get(ahead.type)
            if declared is None or not self.engine.lanes.takes(declared.spec.lane):
                continue
            if self._unsettled(ahead) is None:
                found.append(other)
        self._advanced.update(found)
        return found

    def _take_off(self, due: Due) -> Events:
        """Begin a body on a thread of its own."""
        (work,) = due.works
        node, declared = due.node, self.bodies.declared(due.node)
        context = self.bodies.context(node)
        yield NodeStarted(self.run, node.id, due.reasons)
        try:
            # What it may ask for later is held for it: others use the ledger meanwhile.
            call = self.bodies.prepare(node, work, context, dict(self.ledger.held))
        except Exception as error:  # noqa: BLE001 - what is wired in does not fit
            yield self._fail(node, self.bodies.problem(node, error), 0.0, due.reasons)
            return
        flight = Flight(
            node.id,
            call,
            lambda call: declared.function(**call.arguments),
            lambda call, result: self.bodies.checked(Turn(node, work), call, result),
            declared.steps,
        )
        self._flying[node.id] = flight, due, context
        self._flew = True
        self.engine.lanes.begin(declared.spec.lane, flight, self._news)

    def _meanwhile(self) -> Events:
        if self._flying:
            yield from self._land(wait=False)

    def _land(self, *, wait: bool) -> Events:
        """Tell what the bodies on other threads did; with `wait` at least one thing."""
        while self._flying:
            try:
                flight, progress = self._news.get(block=wait, timeout=_PULSE)
            except Empty:
                if not wait:
                    return
                # Whoever drives the run can only stop it between two events.
                waiting, _due, _context = next(iter(self._flying.values()))
                yield NodeProgress(self.run, waiting.node, *waiting.told)
                continue
            wait = False
            _flight, due, context = self._flying[flight.node]
            if progress is not None:
                event = self.bodies.progress(Turn(due.node, due.works[0]), progress)
                flight.told = event.done, event.total
                yield event
                continue
            del self._flying[flight.node]
            yield from self._arrive(flight, due, context)

    def _arrive(self, flight: Flight, due: Due, context: Run) -> Events:
        """Take in what a body on another thread gave."""
        node, (work,) = due.node, due.works
        due.ms = flight.ms
        if flight.outputs is not None:
            self.ledger.learn(due, work, flight.outputs, context, flight.ms)
            yield from self._conclude(due, self.bodies.picture(node, flight.outputs))
            return
        error = flight.error
        assert error is not None  # noqa: S101 - it landed in one way or the other
        if isinstance(error, InputAsked):
            self.engine.cache.learn_ask(work.action, error.name)
            self._stack.append(node.id)
        elif self._again(node, error):
            self._stack.append(node.id)
        elif self.bodies.is_exhausted(error) and node.id not in self._grounded:
            self._grounded.add(node.id)  # on this thread, where it can be tried with less
            self._stack.append(node.id)
        else:
            yield self._fail(node, self.bodies.problem(node, error), flight.ms, due.reasons)

    def _stop_flights(self) -> None:
        """Have the bodies on other threads stop, and wait; keep what they finished."""
        for flight, _due, _context in self._flying.values():
            flight.stop.set()
        while self._flying:
            flight, progress = self._news.get()
            if progress is not None:
                continue
            _flight, due, context = self._flying.pop(flight.node)
            if flight.outputs is not None:
                self.ledger.learn(due, due.works[0], flight.outputs, context, flight.ms)
        self.ledger.held.clear()

    # What went wrong

    def _skip(self, node: Node, blocker: str) -> NodeSkipped:
        self._bar(node, blocker)
        return NodeSkipped(self.run, node.id, f"waits for {blocker}")

    def _fail(
        self, node: Node, problem: Problem, ms: float = 0.0, reasons: tuple[Reason, ...] = ()
    ) -> NodeFailed:
        self._failed += 1
        self._bar(node, self.bodies.title(node))
        return NodeFailed(self.run, node.id, problem, ms, reasons)

    def _broken(self, node: Node, step: Step) -> NodeFailed:
        words = told_of(self.bodies.title(node), step.problems)
        return self._fail(node, Problem("Broken", words))


def _ms(start: float) -> float:
    return (time.perf_counter() - start) * 1000
