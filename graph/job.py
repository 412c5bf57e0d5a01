"""One run of one graph: which node next, why it runs, and what is told of it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, TypeAlias

from msgspec.structs import replace

from graph.actions import BLOCKED, Digests, Entry, compare
from graph.bodies import Bodies, Events, StaleError, Turn
from graph.cache import Row
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
from graph.order import ordered
from graph.reasons import Evicted, Forced, OutputMissing, Reason, Volatile
from graph.resolve import Known, State, Step, Work, joined
from graph.spec import Lane
from graph.targets import eager_upstream
from graph.values import InputAsked

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

    from graph.body import Output
    from graph.execute import Engine
    from graph.graph import Graph, Node, Source
    from graph.run import Run

Needs: TypeAlias = list[str]
"""Nodes that must be settled before the node at hand can be."""

_FAR_AHEAD = 256
"""How many nodes to come are looked at for one that could run meanwhile."""


@dataclass(slots=True)
class Due:
    """A node that must run: which calls of its body, and why."""

    node: Node
    step: Step
    works: list[Work]
    reasons: tuple[Reason, ...]
    wanted: set[str] = field(default_factory=set)
    """Values that were evicted and are needed again."""
    ms: float = 0.0


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
    bodies: Bodies = field(init=False)
    _stack: list[str] = field(default_factory=list)
    """Nodes to visit, the next one last."""
    _flying: dict[str, tuple[Flight, Due, Run]] = field(default_factory=dict)
    """Nodes whose bodies run on threads of their own."""
    _flew: bool = False
    """Whether a body ran on a thread of its own in this run."""
    _parked: dict[str, list[str]] = field(default_factory=dict)
    """Node that is not settled -> the nodes that are to be visited when it is."""
    _stale: set[str] = field(default_factory=set)
    """Nodes under whose bodies a file was changed."""
    _advanced: set[str] = field(default_factory=set)
    """Nodes that were visited early, to run while the GPU is busy."""
    _grounded: set[str] = field(default_factory=set)
    """Nodes whose bodies ran out of memory on a thread of their own."""
    _news: SimpleQueue[News] = field(default_factory=SimpleQueue)
    _prefix: str = ""
    """What tells the nodes of this document from those of others in what the engine remembers."""
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
        self._prefix = f"{self.document}\0"
        self.bodies = Bodies(
            self.engine, self.graph, self.flow, self.folder, self.run, self._meanwhile
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
                self._parked.setdefault(first, []).append(node_id)
                continue
            step = None
            if flow.plain or not (flow.hands_in(node) or flow.is_loop(node)):
                step = flow.resolve(node)
                known = self._known(step)
                if known is not None:
                    self._settle(node, step, step.digests)
                    yield self._finished(node, step, known)
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
        spec = self.flow.spec(node)
        for name, sources in node.wires.items():
            if spec is not None and name in spec.lazy_inputs:
                continue
            for source in sources:
                if not self._is_settled(source.node):
                    return source.node
        return None

    def _is_settled(self, node_id: str) -> bool:
        return node_id in self.flow.digests or node_id in self.barred

    def _wake(self, node_id: str) -> None:
        """Have the nodes visited that waited for one that is settled now."""
        if self._parked:
            self._stack.extend(reversed(self._parked.pop(node_id, ())))

    def _known(self, step: Step) -> Row | None:
        """Return what a node gave that need not run, and has no lists wired in; else None."""
        if self.force or step.state is not State.CLEAN or step.elements is not None:
            return None
        row = self.engine.cache.row(step.action)
        return None if row is None or (row.files and _gone(row)) else row

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
            if not self._is_settled(node.id) and node.id not in self._flying:
                needs = [node.id]
        return needs

    def _decide(self, node: Node, step: Step) -> Events:
        """Settle a node whose inputs are, or begin to; where a body asks for more it is not."""
        blocker = self._blocker(node, step.asks)
        if blocker is not None:
            yield self._skip(node, blocker)
        elif step.state is State.BROKEN:
            yield self._broken(node, step)
        elif step.state is State.BLOCKED:
            yield self._switch_off(node, step.digests)
        elif (due := self._due(node, step)) is not None:
            yield from self._produce(due)
        else:
            self._settle(node, step, step.digests)
            row, elements = self._gathered(step.elements or (), step.digests)
            yield self._finished(node, step, row, elements)

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
            inside = f"{node.id}/"
            if self._flying and any(n.startswith(inside) for n in self._flying):
                flying = next(n for n in self._flying if n.startswith(inside))
                self._parked.setdefault(flying, []).append(node.id)
                return []
            lost = next((why for n, why in self.barred.items() if n.startswith(inside)), "")
            yield self._skip(node, lost)
        return []

    # What is wired in

    def _lazy_needs(self, node: Node, name: str) -> Needs | None:
        """Return the nodes to settle for a lazy input; None when `node` waits for those that run.

        Nothing is left to do when all are settled, be it that one failed.
        """
        flow = self.flow
        sources = [source.node for source in node.wires[name]]
        wanted = eager_upstream(flow.graph, flow.catalog, sources)
        open_ = [n for n in ordered(flow.graph, wanted) if not self._is_settled(n)]
        if open_ and self._flying:
            waits = [n for n in open_ if n in self._flying]
            if waits:
                self._parked.setdefault(waits[0], []).append(node.id)
                return None
        return open_

    def _blocker(self, node: Node, asks: str) -> str | None:
        """Return the title of the failed node that `node` waits for, if there is one."""
        if not self.barred:
            return None
        spec = self.flow.spec(node)
        for name in sorted(node.wires):
            if spec is not None and name in spec.lazy_inputs and name != asks:
                continue
            for source in node.wires[name]:
                if source.node in self.barred:
                    return self.barred[source.node]
        return None

    # What is due

    def _due(self, node: Node, step: Step) -> Due | None:
        """Return what of `node` must run, and why; None when all its results are known."""
        spec = self.bodies.declared(node).spec
        if spec.volatile or self.force:
            works = _different(work for work in step.works() if work.action)
            reason: Reason = Volatile() if spec.volatile else Forced()
            return Due(node, step, works, (reason,)) if works else None
        if step.elements is not None:
            return self._due_elements(node, step, step.elements)
        row = self.engine.cache.row(step.action) if step.state is State.CLEAN else None
        return Due(node, step, [*step.works()], _gone(row) if row else self._why(node, step))

    def _due_elements(self, node: Node, step: Step, elements: Iterable[Work]) -> Due | None:
        works: list[Work] = []
        reasons: list[Reason] = []
        for work in elements:
            row = self.engine.cache.row(work.action) if work.action else None
            gone = _gone(row) if row is not None else ()
            if gone or (row is None and work.action):
                works.append(work)
                reasons += gone
        if not works:
            return None
        return Due(node, step, _different(works), tuple(reasons) or self._why(node, step))

    def _why(self, node: Node, step: Step) -> tuple[Reason, ...]:
        last = self.engine.last.get(self._prefix + node.id)
        return () if step.ingredients is None else compare(last, step.ingredients, node.wires)

    # What becomes of a node

    def _settle(self, node: Node, step: Step | None, digests: Digests) -> None:
        self.flow.digests[node.id] = digests
        if step is not None and step.ingredients is not None:
            self.engine.last.put(self._prefix + node.id, step.ingredients)
        self._wake(node.id)

    def _bar(self, node: Node, why: str) -> None:
        self.barred[node.id] = why
        self._wake(node.id)

    def _switch_off(self, node: Node, digests: Digests) -> NodeFinished:
        self._settle(node, None, digests)
        return NodeFinished(self.run, node.id, Status.BLOCKED, "", digests)

    def _finished(
        self,
        node: Node,
        step: Step,
        row: Row,
        elements: tuple[tuple[str, Digests], ...] = (),
        due: Due | None = None,
        preview: Pixels | None = None,
    ) -> NodeFinished:
        """Return the event of a node whose calls gave `row`; it ran if `due`."""
        return NodeFinished(
            self.run,
            node.id,
            Status.CACHED if due is None else Status.RAN,
            step.action,
            row.digests,
            0.0 if due is None else due.ms,
            row.size,
            () if due is None else due.reasons,
            preview,
            row.files,
            row.remarks,
            row.asks,
            elements,
        )

    def _gathered(
        self, works: Iterable[Work], digests: Digests
    ) -> tuple[Row, tuple[tuple[str, Digests], ...]]:
        """Return what the calls of a mapped node gave, as one row and each for itself."""
        cache = self.engine.cache
        rows = {work.action: row for work in works if (row := cache.row(work.action)) is not None}
        whole = Row(
            digests,
            sum(row.ms for row in rows.values()),
            sum(row.size for row in rows.values()),
            tuple(path for row in rows.values() for path in row.files),
            tuple(dict.fromkeys(text for row in rows.values() for text in row.remarks)),
            tuple(dict.fromkeys(ask for row in rows.values() for ask in row.asks)),
        )
        return whole, tuple((action, row.digests) for action, row in rows.items())

    # Computing

    def _produce(self, due: Due) -> Events:
        """Compute a node, and first again every node before it whose bytes were evicted."""
        stack = [due]
        again = False
        while stack:
            if again:
                stack[-1] = self._refreshed(stack[-1])
            at = stack[-1]
            missing = self._missing(at)
            lost = next((self.barred[n.id] for n, _ in missing if n.id in self.barred), None)
            if lost is not None:
                yield self._skip(due.node, lost)
                break
            if missing:
                for node, gone in missing:
                    stack.append(self._to_make_again(node, gone))
                continue
            stack.pop()
            if at.wanted and at.wanted <= self.bodies.held.keys():
                continue  # computed meanwhile, for another that needs it
            if at.step.state is State.BROKEN:
                yield self._broken(at.node, at.step)
                continue
            if not stack and not again and self._may_fly(at):
                yield from self._take_off(at)
                break
            yield from self._compute(at)
            again = True
        self.bodies.held.clear()

    def _refreshed(self, due: Due) -> Due:
        """Return `due` as it is after others ran: these may have given something else."""
        step = self.flow.resolve(due.node)
        if step.ingredients is None or step.ingredients == due.step.ingredients:
            return due
        return Due(due.node, step, [*step.works()], due.reasons)

    def _to_make_again(self, node: Node, gone: set[str]) -> Due:
        """Return what gives the evicted values `gone` again."""
        step = self.flow.resolve(node)
        works = [*step.works()] if step.ingredients is not None else []
        giving = [work for work in works if gone & set(_flat(work.digests or ()))]
        return Due(node, step, giving or works, (Evicted(),), gone)

    def _missing(self, due: Due) -> list[tuple[Node, set[str]]]:
        """Return the nodes whose outputs `due` needs and nobody holds; hold the others."""
        missing: dict[str, set[str]] = {}
        for work in due.works:
            for name, row in work.ingredients.inputs:
                for source, entry in zip(due.node.wires[name], row, strict=True):
                    for digest in _flat((entry,)):
                        if digest not in self.bodies.held and not self._hold(digest):
                            for maker in self._makers(source, digest):
                                missing.setdefault(maker, set()).add(digest)
        nodes = self.flow.graph.nodes
        return [(nodes[node_id], gone) for node_id, gone in missing.items()]

    def _hold(self, digest: str) -> bool:
        try:
            self.bodies.held[digest] = self.engine.cache.value(digest)
        except KeyError:
            return False
        return True

    def _makers(self, source: Source, digest: str) -> Iterable[str]:
        """Return the node that made a value: through what hands it on, and loops gather."""
        makers = [*self.flow.makers(source)]
        known = [n for n in makers if digest in _flat(self.flow.digests.get(n, ()))]
        return known[:1] or makers

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
            self._learn(node, work, made, context, _ms(start))
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
        node, step, cache = due.node, due.step, self.engine.cache
        elements: tuple[tuple[str, Digests], ...] = ()
        if step.elements is None:
            row = cache.row(step.action)
            assert row is not None  # noqa: S101 - it was learned a moment ago
        else:
            works = [
                replace(work, digests=made.digests)
                if work.action and (made := cache.row(work.action))
                else work
                for work in step.elements
            ]
            digests = joined(self.bodies.declared(node).spec, works) or ()
            row, elements = self._gathered(works, digests)
        self._settle(node, step, row.digests)
        yield self._finished(node, step, row, elements, due, preview)

    def _learn(self, node: Node, work: Work, made: list[Output], context: Run, ms: float) -> None:
        cache = self.engine.cache
        for output in made:
            for part in output.parts:
                self.bodies.held[part.digest] = part.value
                cache.keep(part.digest, part.value, part.packed, output.kind, ms)
        row = Row(
            tuple(output.entry for output in made),
            ms,
            sum(output.size() for output in made),
            tuple(str(path) for path in context.files),
            tuple(context.remarks),
            self._asked_by(node, work),
        )
        cache.learn(work.action, row)

    def _asked_by(self, node: Node, work: Work) -> tuple[tuple[str, str], ...]:
        """Return the chain of lazy inputs that led to this action, for others that plan."""
        spec = self.bodies.declared(node).spec
        if not spec.lazy_inputs:
            return ()
        chain = []
        inputs = dict(work.ingredients.inputs)
        eager = {name: row for name, row in inputs.items() if name not in spec.lazy_inputs}
        ingredients = work.ingredients.only(eager)
        while (name := self.engine.cache.asked(action := ingredients.action())) in inputs:
            assert name is not None  # noqa: S101 - None is no input's name
            chain.append((action, name))
            ingredients = ingredients.with_input(name, inputs[name])
        return tuple(chain)

    # Bodies on threads of their own

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
            call = self.bodies.prepare(node, work, context)
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
                flight, progress = self._news.get(block=wait)
            except Empty:
                return
            wait = False
            _flight, due, context = self._flying[flight.node]
            if progress is not None:
                yield self.bodies.progress(Turn(due.node, due.works[0]), progress)
                continue
            del self._flying[flight.node]
            yield from self._arrive(flight, due, context)

    def _arrive(self, flight: Flight, due: Due, context: Run) -> Events:
        """Take in what a body on another thread gave."""
        node, (work,) = due.node, due.works
        due.ms = flight.ms
        if flight.outputs is not None:
            self._learn(node, work, flight.outputs, context, flight.ms)
            self.bodies.held.clear()
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
                self._learn(due.node, due.works[0], flight.outputs, context, flight.ms)
        self.bodies.held.clear()

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
        words = "; ".join(step.problems)
        return self._fail(node, Problem("Broken", f"{self.bodies.title(node)}: {words}"))


def _different(works: Iterable[Work]) -> list[Work]:
    """Return `works` without those that are equal to one before: elements of a list may be."""
    return [*{work.action: work for work in works}.values()]


def _gone(row: Row) -> tuple[Reason, ...]:
    """Return the files that are not there any more, of those that were written."""
    gone = [path for path in row.files if not Path(path).exists()]
    return tuple(OutputMissing(Path(path).name) for path in gone)


def _flat(entries: Iterable[Entry]) -> Iterator[str]:
    """Yield every content digest in `entries`."""
    for entry in entries:
        for digest in (entry,) if isinstance(entry, str) else entry:
            if digest != BLOCKED:
                yield digest


def _ms(start: float) -> float:
    return (time.perf_counter() - start) * 1000
