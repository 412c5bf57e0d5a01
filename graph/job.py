"""One run of one graph: which node next, why it runs, and what is told of it."""

from __future__ import annotations

import logging
import time
from collections.abc import Generator, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from graph.actions import Digests, compare
from graph.body import Caller, Output, outputs, problem_of
from graph.cache import Row
from graph.errors import ContractError
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
from graph.files import FileIndex
from graph.format import dump
from graph.order import ordered
from graph.plan import Known, State, Step, eager_upstream, resolve
from graph.reasons import Evicted, Forced, OutputMissing, Reason, Volatile
from graph.run import Run
from graph.values import InputAsked, Progress

if TYPE_CHECKING:
    from graph.execute import Engine
    from graph.graph import Graph, Node, Source
    from graph.spec import NodeSpec

Events: TypeAlias = Generator[RunEvent, None, None]
Needs: TypeAlias = list[str]
"""Nodes that must be settled before the node at hand can be."""

_LOG = logging.getLogger(__name__)

PREVIEW_SIDE = 256
"""Longest side of a picture on a node's face, in pixels."""
_PREVIEW_EVERY = 0.1
"""Least seconds between two previews of a body: drawing them must not slow the work."""


@dataclass(slots=True)
class Job:
    """One run: visits the nodes that the targets need and yields what happens."""

    engine: Engine
    graph: Graph
    folder: Path
    force: bool
    run: int
    document: str
    digests: dict[str, Digests] = field(default_factory=dict)
    """Outputs of the nodes that are settled."""
    barred: dict[str, str] = field(default_factory=dict)
    """Nodes that could not be computed -> the title of the one that failed."""
    _held: dict[str, object] = field(default_factory=dict)
    """Values that the node at hand needs, so that eviction cannot take them from under it."""
    _tables: Known = field(init=False)
    _ran: int = 0
    _failed: int = 0
    _text: bytes = b""

    def __post_init__(self) -> None:
        """Bring together what steps are resolved by."""
        loaded, cache = self.engine.loaded, self.engine.cache
        self._tables = Known(
            loaded.catalog,
            self.engine.files,
            loaded.environment,
            cache.digests,
            cache.asked,
            str(self.folder),
        )

    def events(self, targets: Iterable[str]) -> Events:
        """Settle every node that `targets` need.

        The nodes wait on a stack and not in a recursion, so that no depth of graph is too deep.
        """
        start = time.perf_counter()
        order = self._order(targets)
        yield RunStarted(self.run, tuple(order))
        stack = order[::-1]
        while stack:
            node_id = stack[-1]
            needs: Needs = []
            if node_id not in self.digests and node_id not in self.barred:
                needs = yield from self._visit(self.graph.nodes[node_id])
            if needs:
                stack.extend(reversed(needs))
            else:
                stack.pop()
        yield RunFinished(self.run, self._outcome(), _ms(start))

    def _order(self, targets: Iterable[str]) -> list[str]:
        catalog = self.engine.loaded.catalog
        return ordered(self.graph, eager_upstream(self.graph, catalog, targets))

    def _outcome(self) -> Outcome:
        if not self._failed:
            return Outcome.DONE
        return Outcome.PARTIAL if self._ran else Outcome.FAILED

    def _visit(self, node: Node) -> Generator[RunEvent, None, Needs]:
        step = self._resolve(node)
        if step.asks:
            needs = self._lazy_needs(node, step.asks)
            if needs:
                return needs
        blocker = self._blocker(node, step)
        if blocker is not None:
            yield self._skip(node, blocker)
        elif step.state is State.BROKEN:
            title = self._title(node)
            yield self._fail(node, Problem("Broken", f"{title}: {'; '.join(step.problems)}"))
        elif reasons := self._reasons(node, step):
            yield from self._produce(node, step, reasons)
            if node.id not in self.digests and node.id not in self.barred:
                return [node.id]
        else:
            yield self._recall(node, step)
        return []

    def _digest_of(self, source: Source) -> str | None:
        digests = self.digests.get(source.node)
        return None if digests is None else digests[self._index(source)]

    def _index(self, source: Source) -> int:
        return self._spec(self.graph.nodes[source.node]).output_index[source.output]

    def _spec(self, node: Node) -> NodeSpec:
        return self.engine.loaded.types[node.type].spec

    def _lazy_needs(self, node: Node, name: str) -> Needs:
        sources = [source.node for source in node.wires[name]]
        return [
            node_id
            for node_id in self._order(sources)
            if node_id not in self.digests and node_id not in self.barred
        ]

    def _blocker(self, node: Node, step: Step) -> str | None:
        """Return the title of the failed node that `node` waits for, if there is one."""
        if not self.barred:
            return None
        spec = self.engine.loaded.catalog.get(node.type)
        for name in sorted(node.wires):
            if spec is not None and name in spec.lazy_inputs and name != step.asks:
                continue
            for source in node.wires[name]:
                if source.node in self.barred:
                    return self.barred[source.node]
        return None

    def _reasons(self, node: Node, step: Step) -> tuple[Reason, ...]:
        """Return why the node must run; nothing when its result is known."""
        if self._spec(node).volatile:
            return (Volatile(),)
        if self.force:
            return (Forced(),)
        row = self.engine.cache.row(step.action)
        if row is not None:
            gone = [path for path in row.files if not Path(path).exists()]
            return tuple(OutputMissing(Path(path).name) for path in gone)
        last = self.engine.last.get((self.document, node.id))
        return () if step.ingredients is None else compare(last, step.ingredients, node.wires)

    def _recall(self, node: Node, step: Step) -> NodeFinished:
        row = self.engine.cache.row(step.action)
        assert row is not None  # noqa: S101 - it is recalled because it is known
        self._settle(node, step, row)
        return self._finished(node, step, row, Status.CACHED)

    def _settle(self, node: Node, step: Step, row: Row) -> None:
        self.digests[node.id] = row.digests
        if step.ingredients is not None:
            self.engine.last[self.document, node.id] = step.ingredients

    def _finished(
        self,
        node: Node,
        step: Step,
        row: Row,
        status: Status,
        reasons: tuple[Reason, ...] = (),
    ) -> NodeFinished:
        return NodeFinished(
            self.run,
            node.id,
            status,
            step.action,
            row.digests,
            ms=row.ms if status is Status.RAN else 0.0,
            size=row.size,
            reasons=reasons,
            preview=self._picture(node, row.digests),
            files=row.files,
            remarks=row.remarks,
            asks=row.asks,
        )

    def _picture(self, node: Node, digests: Digests) -> Pixels | None:
        """Return the first output that is still held and can draw itself."""
        cache, handlers = self.engine.cache, self.engine.loaded.handlers
        for output, digest in zip(self._spec(node).outputs, digests, strict=True):
            try:
                picture = handlers[output.type].preview(cache.value(digest), PREVIEW_SIDE)
            except KeyError:
                continue
            except Exception:  # noqa: BLE001 - a plugin's drawing must not undo its node's work
                _LOG.warning("%s: cannot be drawn", self._title(node), exc_info=True)
                continue
            if picture is not None:
                return picture
        return None

    def _produce(self, node: Node, step: Step, reasons: tuple[Reason, ...]) -> Events:
        """Compute a node, and first again every node before it whose bytes were evicted."""
        stack = [(node, step, reasons)]
        again = False
        while stack:
            current, at, why = stack[-1]
            missing = self._missing(current, at)
            lost = next((self.barred[p.id] for p in missing if p.id in self.barred), None)
            if lost is not None:
                yield self._skip(node, lost)
                break
            stack.extend((p, self._resolve(p), (Evicted(),)) for p in missing)
            if missing:
                continue
            stack.pop()
            if current is not node and self._holds(current):
                continue  # computed meanwhile, for another that needs it
            # What was computed again may differ from before, and so name other work.
            yield from self._compute(current, self._resolve(current) if again else at, why)
            again = True
        self._held.clear()

    def _resolve(self, node: Node) -> Step:
        return resolve(node, self._tables, self._digest_of)

    def _holds(self, node: Node) -> bool:
        return all(digest in self._held for digest in self.digests[node.id])

    def _missing(self, node: Node, step: Step) -> list[Node]:
        """Return the nodes whose outputs `node` needs and nobody holds; hold the others."""
        missing: dict[str, Node] = {}
        wanted = dict(step.ingredients.inputs) if step.ingredients else {}
        for name in wanted:
            for source in node.wires[name]:
                digest = self.digests[source.node][self._index(source)]
                if digest in self._held:
                    continue
                try:
                    self._held[digest] = self.engine.cache.value(digest)
                except KeyError:
                    missing[source.node] = self.graph.nodes[source.node]
        return list(missing.values())

    def _compute(self, node: Node, step: Step, reasons: tuple[Reason, ...]) -> Events:
        yield NodeStarted(self.run, node.id, reasons)
        start = time.perf_counter()
        context = self._context(node)
        try:
            result = yield from self._call(node, step, context)
            made = outputs(self.engine.loaded.types[node.type], self.engine.loaded.handlers, result)
        except InputAsked as asked:
            self.engine.cache.learn_ask(step.action, asked.name)
            return
        except (GeneratorExit, KeyboardInterrupt):
            raise
        except BaseException as error:  # noqa: BLE001 - its failure, be it SystemExit
            yield self._fail(node, problem_of(self._title(node), error), _ms(start), reasons)
            return
        row = self._learn(node, step, made, context, _ms(start))
        self._settle(node, step, row)
        yield self._finished(node, step, row, Status.RAN, reasons)

    def _learn(self, node: Node, step: Step, made: list[Output], context: Run, ms: float) -> Row:
        cache = self.engine.cache
        for output in made:
            self._held[output.digest] = output.value
            cache.keep(output.digest, output.value, output.packed, output.kind, ms)
        row = Row(
            tuple(output.digest for output in made),
            ms,
            sum(output.packed.size() for output in made),
            tuple(str(path) for path in context.files),
            tuple(context.remarks),
            self._asked_by(node, step),
        )
        cache.learn(step.action, row)
        self._ran += 1
        return row

    def _asked_by(self, node: Node, step: Step) -> tuple[tuple[str, str], ...]:
        """Return the chain of lazy inputs that led to this action, for others that plan."""
        spec = self._spec(node)
        if not spec.lazy_inputs or step.ingredients is None:
            return ()
        chain = []
        inputs = dict(step.ingredients.inputs)
        eager = {name: row for name, row in inputs.items() if name not in spec.lazy_inputs}
        ingredients = step.ingredients.only(eager)
        while (name := self.engine.cache.asked(action := ingredients.action())) in inputs:
            assert name is not None  # noqa: S101 - None is no input's name
            chain.append((action, name))
            ingredients = ingredients.with_input(name, inputs[name])
        return tuple(chain)

    def _context(self, node: Node) -> Run:
        if self.engine.loaded.types[node.type].run_parameter and not self._text:
            self._text = dump(self.graph)
        services = {FileIndex: self.engine.files, **self.engine.loaded.services}
        return Run(node.id, self._title(node), self.folder, self._text, services)

    def _call(self, node: Node, step: Step, context: Run) -> Generator[RunEvent, None, object]:
        """Run the body, turning what it yields into events; return what it returns."""
        loaded = self.engine.loaded
        declared = loaded.types[node.type]
        caller = Caller(self.engine.files, loaded.handlers, self._fetch)
        ready = dict(step.ingredients.inputs) if step.ingredients else {}
        arguments = caller.arguments(node, declared, ready)
        if declared.run_parameter:
            arguments[declared.run_parameter] = context
        result = declared.function(**arguments)
        if isinstance(result, Generator) and declared.steps:
            return (yield from self._drive(node, result))
        return result

    def _fetch(self, source: Source) -> tuple[str, object]:
        index = self._index(source)
        kind = self._spec(self.graph.nodes[source.node]).outputs[index].type
        return kind, self._held[self.digests[source.node][index]]

    def _drive(
        self, node: Node, body: Generator[Progress, None, object]
    ) -> Generator[RunEvent, None, object]:
        shown = 0.0
        try:
            while True:
                try:
                    progress = next(body)
                except StopIteration as end:
                    return end.value
                if not isinstance(progress, Progress):
                    raise ContractError(f"must yield Progress, got {type(progress).__name__}")
                preview = None
                now = time.perf_counter()
                if progress.preview is not None and now - shown >= _PREVIEW_EVERY:
                    preview = self.engine.loaded.handlers.draw(progress.preview, PREVIEW_SIDE)
                    shown = now
                done, total = int(progress.done), int(progress.total)
                yield NodeProgress(self.run, node.id, done, total, preview)
        finally:
            self._close(node, body)

    def _close(self, node: Node, body: Generator[Progress, None, object]) -> None:
        try:
            body.close()
        except (Exception, SystemExit):  # noqa: BLE001 - whatever it raises
            # Nobody waits for it any more, so it must not hold up the cancel.
            _LOG.warning("%s: failed while it was stopped", self._title(node), exc_info=True)

    def _skip(self, node: Node, blocker: str) -> NodeSkipped:
        self.barred[node.id] = blocker
        return NodeSkipped(self.run, node.id, f"waits for {blocker}")

    def _fail(
        self, node: Node, problem: Problem, ms: float = 0.0, reasons: tuple[Reason, ...] = ()
    ) -> NodeFailed:
        self._failed += 1
        self.barred[node.id] = self._title(node)
        return NodeFailed(self.run, node.id, problem, ms, reasons)

    def _title(self, node: Node) -> str:
        spec = self.engine.loaded.catalog.get(node.type)
        return node.title or (spec.title if spec else node.type)


def _ms(start: float) -> float:
    return (time.perf_counter() - start) * 1000
