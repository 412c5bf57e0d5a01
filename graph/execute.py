"""Execution: compute what is missing, in order, and tell every step.

A run is a generator of events. Whoever drives it may stop between any two events by closing it:
the running body is closed too, so that its `finally` runs, and all that was finished stays known.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from graph.actions import Digests, Ingredients, compare, problems
from graph.cache import Cache, Row
from graph.errors import ContractError, SfumatoError
from graph.events import (
    NodeFailed,
    NodeFinished,
    NodeProgress,
    NodeSkipped,
    NodeStarted,
    Outcome,
    Problem,
    RunEvent,
    RunFinished,
    RunStarted,
    Status,
)
from graph.files import FileIndex
from graph.format import dump
from graph.order import ordered
from graph.params import FileRef
from graph.plan import State, Step, input_digests, natural_targets, output_index, step_of
from graph.reasons import Evicted, Forced, OutputMissing, Reason, Volatile
from graph.run import Run
from graph.spec import FileWidget
from graph.values import Lazy, Progress

if TYPE_CHECKING:
    from graph.declare import NodeType
    from graph.graph import Graph, Node, Source
    from graph.pack import Loaded

Events: TypeAlias = Generator[RunEvent, None, None]

PREVIEW_SIDE = 256
"""Longest side of a picture on a node's face, in pixels."""
_PREVIEW_EVERY = 0.1
"""Least seconds between two previews of a body: drawing them must not slow the work."""


class Engine:
    """Runs graphs with the nodes that were loaded, and keeps what is known between runs."""

    def __init__(self, loaded: Loaded, files: FileIndex, cache: Cache | None = None) -> None:
        """Start with `cache`, or with nothing known."""
        self.loaded = loaded
        self.files = files
        self.cache = cache or Cache()
        self._last: dict[tuple[str, str], Ingredients] = {}

    def run(
        self,
        graph: Graph,
        *,
        targets: Iterable[str] | None = None,
        output_folder: Path = Path("output"),
        force: bool = False,
        run_id: int = 0,
        document: str = "",
    ) -> Events:
        """Compute `targets` (see `natural_targets` when None) and yield what happens.

        With `force` nothing that is known is used. `document` keeps apart what was last done in
        which document, for the reasons. Errors of nodes are events, not exceptions.
        """
        # Effects go to a folder, so a run into another folder is other work.
        job = _Job(
            self, graph, output_folder.absolute(), force=force, run=run_id, document=document
        )
        wanted = natural_targets(graph, self.loaded.catalog) if targets is None else list(targets)
        yield from job.events(wanted)

    def value(self, digest: str) -> object:
        """Return a value by its content digest; raise `KeyError` when it is not held."""
        return self.cache.store.get(digest)


@dataclass(slots=True)
class _Job:
    """One run."""

    engine: Engine
    graph: Graph
    folder: Path
    force: bool
    run: int
    document: str
    digests: dict[str, Digests] = field(default_factory=dict)
    steps: dict[str, Step] = field(default_factory=dict)
    barred: dict[str, str] = field(default_factory=dict)
    """Nodes that could not be computed -> their title, for those behind them."""
    held: dict[str, object] = field(default_factory=dict)
    """Values that the node at hand needs, so that eviction cannot take them from under it."""
    ran: int = 0
    failed: int = 0
    text: bytes = b""

    def events(self, targets: Iterable[str]) -> Events:
        start = time.perf_counter()
        order = ordered(self.graph, self.graph.upstream(targets))
        yield RunStarted(self.run, tuple(order))
        for node_id in order:
            yield from self._visit(self.graph.nodes[node_id])
        ms = (time.perf_counter() - start) * 1000
        outcome = Outcome.DONE
        if self.failed:
            outcome = Outcome.PARTIAL if self.ran else Outcome.FAILED
        yield RunFinished(self.run, outcome, ms)

    def _visit(self, node: Node) -> Events:
        blocker = next((s for s in _sources(node) if s.node in self.barred), None)
        if blocker is not None:
            self.barred[node.id] = self.barred[blocker.node]
            yield NodeSkipped(self.run, node.id, f"waits for {self.barred[blocker.node]}")
            return
        step = self._step(node)
        self.steps[node.id] = step
        if step.state is State.BROKEN:
            yield self._fail(node, Problem("Broken", self._where(node, "; ".join(step.problems))))
            return
        reasons = self._reasons(node, step)
        if reasons:
            yield from self._produce(node.id, reasons)
        else:
            yield self._recall(node, step)

    def _step(self, node: Node) -> Step:
        catalog = self.engine.loaded.catalog
        spec = catalog.get(node.type)
        found = problems(node, spec)
        if spec is None or found:
            return Step(node.id, State.BROKEN, problems=found)
        inputs = input_digests(node, self.graph, catalog, self.digests)
        if inputs is None:
            return Step(node.id, State.BROKEN, problems=("an input of it has no content",))
        environment = self.engine.loaded.environment
        if spec.effect:
            environment = f"{environment}|{self.folder}"
        known = self.engine.cache.known
        return step_of(node, spec, inputs, self.engine.files, environment, known)

    def _reasons(self, node: Node, step: Step) -> tuple[Reason, ...]:
        """Return why the node must run; nothing when its result is known."""
        spec = self.engine.loaded.catalog.require(node.type)
        if spec.volatile:
            return (Volatile(),)
        if self.force:
            return (Forced(),)
        row = self.engine.cache.rows.get(step.action)
        if row is None:
            assert step.ingredients is not None  # noqa: S101 - only a broken step has none
            last = self.engine._last.get((self.document, node.id))  # noqa: SLF001 - its own job
            return compare(last, step.ingredients, node.wires)
        gone = [path for path in row.files if not Path(path).exists()]
        return tuple(OutputMissing(Path(path).name) for path in gone)

    def _recall(self, node: Node, step: Step) -> NodeFinished:
        row = self.engine.cache.rows[step.action]
        self._done(node, step, row)
        return NodeFinished(
            self.run,
            node.id,
            Status.CACHED,
            step.action,
            row.digests,
            size=row.size,
            preview=self._picture(node, row.digests),
            files=row.files,
            remarks=row.remarks,
        )

    def _picture(self, node: Node, digests: Digests) -> Any:
        """Return the first output that is still held and can draw itself."""
        spec = self.engine.loaded.catalog.require(node.type)
        store, handlers = self.engine.cache.store, self.engine.loaded.handlers
        for output, digest in zip(spec.outputs, digests, strict=True):
            if digest in store:
                picture = handlers[output.type].preview(store.get(digest), PREVIEW_SIDE)
                if picture is not None:
                    return picture
        return None

    def _done(self, node: Node, step: Step, row: Row) -> None:
        self.digests[node.id] = row.digests
        if step.ingredients is not None:
            self.engine._last[self.document, node.id] = step.ingredients  # noqa: SLF001

    def _produce(self, node_id: str, reasons: tuple[Reason, ...]) -> Events:
        """Compute a node, and first again every node before it whose bytes were evicted."""
        stack: list[tuple[str, tuple[Reason, ...]]] = [(node_id, reasons)]
        while stack:
            current, why = stack[-1]
            missing = self._missing(self.graph.nodes[current])
            if missing:
                stack.extend((producer, (Evicted(),)) for producer in missing)
                continue
            stack.pop()
            yield from self._compute(self.graph.nodes[current], why)
            if current in self.barred:
                self.barred[node_id] = self.barred[current]
                break
        self.held.clear()

    def _missing(self, node: Node) -> list[str]:
        """Return the nodes whose outputs `node` needs and nobody holds; hold the others."""
        missing = []
        store = self.engine.cache.store
        for source in _sources(node):
            digest = self._digest(source)
            if digest in self.held:
                continue
            if digest in store:
                self.held[digest] = store.get(digest)
            elif source.node not in missing:
                missing.append(source.node)
        return missing

    def _digest(self, source: Source) -> str:
        spec = self.engine.loaded.catalog.require(self.graph.nodes[source.node].type)
        return self.digests[source.node][output_index(spec, source.output)]

    def _compute(self, node: Node, reasons: tuple[Reason, ...]) -> Events:
        yield NodeStarted(self.run, node.id, reasons)
        start = time.perf_counter()
        context = self._context(node)
        try:
            result = yield from self._call(node, context)
            outputs = self._outputs(node, result)
        except Exception as error:  # noqa: BLE001 - whatever a body raises is its node's failure
            yield self._fail(node, _problem(self._where, node, error), _ms(start), reasons)
            return
        ms = _ms(start)
        step = self.steps[node.id]
        files = tuple(str(path) for path in context.files)
        row = Row(
            tuple(digest for digest, _value, _size in outputs),
            ms,
            sum(size for _digest, _value, size in outputs),
            files,
            tuple(context.remarks),
        )
        for digest, value, size in outputs:
            self.held[digest] = value
            self.engine.cache.store.put(digest, value, size)
        self.engine.cache.learn(step.action, row)
        self._done(node, step, row)
        self.ran += 1
        yield NodeFinished(
            self.run,
            node.id,
            Status.RAN,
            step.action,
            row.digests,
            ms=ms,
            size=row.size,
            reasons=reasons,
            preview=self._picture(node, row.digests),
            files=files,
            remarks=row.remarks,
        )

    def _context(self, node: Node) -> Run:
        if not self.text:
            self.text = dump(self.graph)
        spec = self.engine.loaded.catalog.require(node.type)
        services = {FileIndex: self.engine.files, **self.engine.loaded.services}
        return Run(node.id, node.title or spec.title, self.folder, self.text, services)

    def _call(self, node: Node, context: Run) -> Generator[RunEvent, None, object]:
        """Run the body, turning what it yields into events; return what it returns."""
        declared = self.engine.loaded.types[node.type]
        arguments = self._arguments(node, declared)
        if declared.run_parameter:
            arguments[declared.run_parameter] = context
        result = declared.function(**arguments)
        if not declared.steps:
            return result
        assert isinstance(result, Generator)  # noqa: S101 - `steps` says so
        return (yield from self._drive(node, result))

    def _drive(
        self, node: Node, body: Generator[Progress, None, object]
    ) -> Generator[RunEvent, None, object]:
        shown = 0.0
        handlers = self.engine.loaded.handlers
        try:
            while True:
                try:
                    progress = next(body)
                except StopIteration as end:
                    return end.value
                preview = None
                now = time.perf_counter()
                if progress.preview is not None and now - shown >= _PREVIEW_EVERY:
                    preview, shown = handlers.draw(progress.preview, PREVIEW_SIDE), now
                yield NodeProgress(self.run, node.id, progress.done, progress.total, preview)
        finally:
            body.close()

    def _arguments(self, node: Node, declared: NodeType) -> dict[str, Any]:
        arguments: dict[str, Any] = {}
        for item in declared.spec.inputs:
            sources = node.wires.get(item.name)
            if sources is None:
                if item.widget is not None:
                    arguments[item.name] = self._widget(node, item.name, declared)
                elif item.multiple:
                    arguments[item.name] = []
                continue
            values = [self._wired(source, item.type) for source in sources]
            value: Any = values if item.multiple else values[0]
            if item.lazy:
                value = Lazy(_constant(value))
            elif item.name in declared.enums:
                value = declared.enums[item.name](value)
            arguments[item.name] = value
        return arguments

    def _widget(self, node: Node, name: str, declared: NodeType) -> Any:
        item = declared.spec.input(name)
        assert item is not None  # noqa: S101 - the name comes from the specification
        value = node.params.get(name, item.default)
        if isinstance(item.widget, FileWidget) and isinstance(value, FileRef):
            return self.engine.files.find(value, item.widget.kind)
        return declared.enums[name](value) if name in declared.enums else value

    def _wired(self, source: Source, wanted: str) -> object:
        spec = self.engine.loaded.catalog.require(self.graph.nodes[source.node].type)
        given = spec.outputs[output_index(spec, source.output)].type
        value = self.held[self._digest(source)]
        return self.engine.loaded.handlers.convert(given, wanted, value)

    def _outputs(self, node: Node, result: object) -> list[tuple[str, object, int]]:
        """Return digest, value and size of each output, checked against its contract."""
        declared = self.engine.loaded.types[node.type]
        specs = declared.spec.outputs
        values = _as_tuple(result, declared)
        outputs = []
        for output, value in zip(specs, values, strict=True):
            handler = self.engine.loaded.handlers[output.type]
            try:
                checked = handler.check(value)
            except ContractError as error:
                message = f"output {output.label}: {error}"
                raise ContractError(message) from error
            packed = handler.pack(checked)
            outputs.append((packed.digest(output.type), checked, packed.size()))
        return outputs

    def _fail(
        self,
        node: Node,
        problem: Problem,
        ms: float = 0.0,
        reasons: tuple[Reason, ...] = (),
    ) -> NodeFailed:
        self.failed += 1
        self.barred[node.id] = self._title(node)
        return NodeFailed(self.run, node.id, problem, ms, reasons)

    def _title(self, node: Node) -> str:
        spec = self.engine.loaded.catalog.get(node.type)
        return node.title or (spec.title if spec else node.type)

    def _where(self, node: Node, message: str) -> str:
        return f"{self._title(node)}: {message}"


def _sources(node: Node) -> Iterator[Source]:
    for name in sorted(node.wires):
        yield from node.wires[name]


def _as_tuple(result: object, declared: NodeType) -> tuple[object, ...]:
    count = len(declared.spec.outputs)
    if count == 0:
        return ()
    if not declared.tuple_output:
        return (result,)
    if isinstance(result, tuple) and len(result) == count:
        return result
    message = f"must return {count} outputs, got {type(result).__name__}"
    raise ContractError(message)


def _constant(value: object) -> Callable[[], object]:
    return lambda: value


def _ms(start: float) -> float:
    return (time.perf_counter() - start) * 1000


def _problem(where: Callable[[Node, str], str], node: Node, error: Exception) -> Problem:
    """Turn what a body raised into data: ours in its own words, others with their kind."""
    text = str(error) if isinstance(error, SfumatoError) else _foreign(error)
    detail = "".join(traceback.format_exception(error))
    return Problem(type(error).__name__, where(node, text), detail)


def _foreign(error: Exception) -> str:
    try:
        text = str(error).strip()
    except Exception:  # noqa: BLE001 - an exception may fail to describe itself
        text = ""
    kind = type(error).__name__
    return f"{kind}: {text}" if text else kind


def collect(events: Iterable[RunEvent]) -> Mapping[str, RunEvent]:
    """Return the last event of each node of a run, by node id."""
    found: dict[str, RunEvent] = {}
    for event in events:
        if isinstance(event, NodeFinished | NodeFailed | NodeSkipped):
            found[event.node] = event
    return found
