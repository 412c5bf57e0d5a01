"""Calling the bodies of one run's nodes, and turning what they do into events."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from graph.body import Call, Caller, Output, outputs, problem_of
from graph.errors import ContractError, SfumatoError
from graph.events import NodeProgress, Pixels, Problem, RunEvent
from graph.files import FileIndex
from graph.format import dump
from graph.graph import Node
from graph.params import FileRef
from graph.resolve import Work
from graph.run import Run
from graph.speaker import speaking_for
from graph.spec import FileWidget
from graph.values import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from graph.declare import NodeType
    from graph.execute import Engine
    from graph.flow import Flow
    from graph.graph import Graph

Events: TypeAlias = Generator[RunEvent, None, None]

_LOG = logging.getLogger(__name__)

PREVIEW_SIDE = 256
"""Longest side of a picture on a node's face, in pixels."""
_PREVIEW_EVERY = 0.1
"""Least seconds between two previews of a body: drawing them must not slow the work."""


class StaleError(SfumatoError):
    """What a body gave is not what its action names: a file was changed while it ran."""


class Turn(NamedTuple):
    """One call of a body among those of its node."""

    node: Node
    work: Work
    place: int = 0
    """Which call it is, of `calls`."""
    calls: int = 1


@dataclass(slots=True)
class Bodies:
    """Calls bodies for one run."""

    engine: Engine
    graph: Graph
    """The document, for bodies that put it into files."""
    flow: Flow
    folder: Path
    run: int
    meanwhile: Callable[[], Events]
    """Tells what happened elsewhere, between the steps of a body."""
    held: dict[str, object] = field(default_factory=dict)
    """Values that the node at hand needs, so that eviction cannot take them from under it."""
    _shown: float = 0.0
    """When the last preview was drawn."""
    _text: bytes = b""

    def declared(self, node: Node) -> NodeType:
        """Return the node type behind `node`, which is installed."""
        return self.engine.loaded.types[node.type]

    def title(self, node: Node) -> str:
        """Return what to call `node`."""
        spec = self.flow.spec(node)
        return node.title or (spec.title if spec else node.type)

    def attempt(self, turn: Turn, context: Run) -> Generator[RunEvent, None, list[Output]]:
        """Call the body; once more, with less memory, where the device's ran out."""
        try:
            return (yield from self._call(turn, context))
        except Exception as error:
            if not self.is_exhausted(error):
                raise
            _LOG.info("%s: out of memory, trying with less", self.title(turn.node))
        for relief in self.engine.loaded.reliefs:
            relief.free()
        context.frugal = True
        context.files.clear()
        context.reads.clear()
        context.remarks.clear()
        return (yield from self._call(turn, context))

    def is_exhausted(self, error: BaseException) -> bool:
        """Say whether a body failed because the device's memory is full."""
        return any(relief.exhausted(error) for relief in self.engine.loaded.reliefs)

    def problem(self, node: Node, error: BaseException) -> Problem:
        """Return what to tell of an error in the body of `node`."""
        words = [relief.exhausted(error) for relief in self.engine.loaded.reliefs]
        return problem_of(self.title(node), error, filter(None, words))

    def _call(self, turn: Turn, context: Run) -> Generator[RunEvent, None, list[Output]]:
        """Run the body, turning what it yields into events; return what it gave."""
        node = turn.node
        declared = self.declared(node)
        threads = threading.active_count()
        with speaking_for(node.id):
            call = self.prepare(node, turn.work, context)
            result = declared.function(**call.arguments)
        if isinstance(result, Generator) and declared.steps:
            result = yield from self._drive(turn, result)
        with speaking_for(node.id):
            made = self.checked(turn, call, result)
        # None of the lanes' own threads begins while a body runs here.
        left = threading.active_count() - threads
        if left > 0:
            context.remarks.append(f"left {left} thread{'s' * (left > 1)} running")
        return made

    def prepare(
        self, node: Node, work: Work, context: Run, held: Mapping[str, object] | None = None
    ) -> Call:
        """Return what the body is called with; `held` has its values, `self.held` when None."""
        declared, handlers = self.declared(node), self.engine.loaded.handlers
        values = self.held if held is None else held
        caller = Caller(self.engine.files, handlers, self.flow.kind_of, values.__getitem__)
        call = caller.call(node, declared, dict(work.ingredients.inputs))
        if declared.run_parameter:
            call.arguments[declared.run_parameter] = context
        return call

    def checked(self, turn: Turn, call: Call, result: object) -> list[Output]:
        """Return what a body gave, checked.

        Raises:
            ContractError: it gave or did what it must not.
            StaleError: a file that it read was changed meanwhile.
        """
        handlers, declared = self.engine.loaded.handlers, self.declared(turn.node)
        call.verify(handlers)
        made = outputs(declared, handlers, result)
        for name, fingerprint in turn.work.ingredients.files:
            self._refuse_stale(turn.node, declared, name, fingerprint)
        return made

    def _refuse_stale(self, node: Node, declared: NodeType, name: str, fingerprint: str) -> None:
        widget, value = declared.spec.input_by_name[name].widget, node.params.get(name)
        if not (isinstance(widget, FileWidget) and isinstance(value, FileRef)):
            return
        files = self.engine.files
        if files.fingerprint(files.find(value, widget.kind)) != fingerprint:
            raise StaleError(f"{value.name} was changed while it was read: run again")

    def context(self, node: Node) -> Run:
        """Return what the body of `node` may ask of the engine."""
        if self.declared(node).run_parameter and not self._text:
            self._text = dump(self.graph)
        services = {FileIndex: self.engine.files, **self.engine.loaded.services}
        return Run(node.id, self.title(node), self.folder, self._text, services)

    def picture(self, node: Node, made: list[Output]) -> Pixels | None:
        """Return the first output that can draw itself."""
        handlers = self.engine.loaded.handlers
        for output in made:
            for part in output.parts[:1]:
                try:
                    picture = handlers[output.kind].preview(part.value, PREVIEW_SIDE)
                except Exception:  # noqa: BLE001 - drawing must not undo the node's work
                    _LOG.warning("%s: cannot be drawn", self.title(node), exc_info=True)
                    continue
                if picture is not None:
                    return picture
        return None

    def _drive(
        self, turn: Turn, body: Generator[Progress, None, object]
    ) -> Generator[RunEvent, None, object]:
        try:
            while True:
                try:
                    with speaking_for(turn.node.id):
                        progress = next(body)
                except StopIteration as end:
                    return end.value
                if not isinstance(progress, Progress):
                    raise ContractError(f"must yield Progress, got {type(progress).__name__}")
                yield self.progress(turn, progress)
                yield from self.meanwhile()
        finally:
            self._close(turn.node, body)

    def progress(self, turn: Turn, progress: Progress) -> NodeProgress:
        """Return the event of a step of a body."""
        preview = None
        now = time.perf_counter()
        if progress.preview is not None and now - self._shown >= _PREVIEW_EVERY:
            preview = self.engine.loaded.handlers.draw(progress.preview, PREVIEW_SIDE)
            self._shown = now
        total = int(progress.total)
        done = turn.place * total + int(progress.done)
        return NodeProgress(self.run, turn.node.id, done, turn.calls * total, preview)

    def _close(self, node: Node, body: Generator[Progress, None, object]) -> None:
        try:
            with speaking_for(node.id):
                body.close()
        except (Exception, SystemExit):  # noqa: BLE001 - whatever it raises
            # Nobody waits for it any more, so it must not hold up the cancel.
            _LOG.warning("%s: failed while it was stopped", self.title(node), exc_info=True)
