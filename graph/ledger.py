"""The ledger of a run: what of each node is known, what is due, and what it gave."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from graph.actions import BLOCKED, Digests, Entry, compare
from graph.bodies import StaleError
from graph.cache import Row
from graph.errors import MissingFileError
from graph.events import NodeFinished, Pixels, Status
from graph.reasons import Evicted, FileChanged, Forced, OutputMissing, Reason, Volatile
from graph.resolve import State, Step, Work, joined

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from graph.body import Output
    from graph.execute import Engine
    from graph.flow import Flow
    from graph.graph import Node, Source
    from graph.run import Run
    from graph.spec import NodeSpec


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
class Ledger:
    """Looks things up in the engine's tables for one run, and writes into them."""

    engine: Engine
    flow: Flow
    run: int
    force: bool
    document: str
    held: dict[str, object] = field(default_factory=dict)
    """Values that the node at hand needs, so that eviction cannot take them from under it."""

    def _spec(self, node: Node) -> NodeSpec:
        return self.engine.loaded.types[node.type].spec

    def remember(self, node: Node, step: Step) -> None:
        """Note what a node was made of, to say why it runs the next time."""
        if step.ingredients is not None:
            self.engine.last.put(f"{self.document}\0{node.id}", step.ingredients)

    def known(self, step: Step) -> Row | None:
        """Return what a node gave that need not run, and has no lists wired in; else None."""
        if self.force or step.state is not State.CLEAN or step.elements is not None:
            return None
        row = self.engine.cache.row(step.action)
        return None if row is None or self._spoilt(row) else row

    def due(self, node: Node, step: Step) -> Due | None:
        """Return what of `node` must run, and why; None when all its results are known."""
        spec = self._spec(node)
        if spec.volatile or self.force:
            works = _different(work for work in step.works() if work.action)
            reason: Reason = Volatile() if spec.volatile else Forced()
            return Due(node, step, works, (reason,)) if works else None
        if step.elements is not None:
            return self._due_elements(node, step, step.elements)
        row = self.engine.cache.row(step.action) if step.state is State.CLEAN else None
        return Due(node, step, [*step.works()], self._spoilt(row) if row else self.why(node, step))

    def _due_elements(self, node: Node, step: Step, elements: Iterable[Work]) -> Due | None:
        works: list[Work] = []
        reasons: list[Reason] = []
        for work in elements:
            row = self.engine.cache.row(work.action) if work.action else None
            spoilt = self._spoilt(row) if row is not None else ()
            if spoilt or (row is None and work.action):
                works.append(work)
                reasons += spoilt
        if not works:
            return None
        return Due(node, step, _different(works), tuple(reasons) or self.why(node, step))

    def _spoilt(self, row: Row) -> tuple[Reason, ...]:
        """Return why `row` is no answer any more: a file that it wrote or read is not as it was."""
        if not row.files and not row.reads:
            return ()
        gone = [Path(path).name for path in row.files if not Path(path).exists()]
        reads = [(Path(path), before) for path, before in row.reads]
        changed = [path.name for path, before in reads if self._fingerprint(path) != before]
        return (*map(OutputMissing, gone), *(FileChanged("", name) for name in changed))

    def _fingerprint(self, path: Path) -> str:
        """Return the fingerprint of the file at `path`; nothing when there is none."""
        try:
            return self.engine.files.fingerprint(path)
        except (OSError, MissingFileError):
            return ""

    def why(self, node: Node, step: Step) -> tuple[Reason, ...]:
        """Say how what `node` is made of now differs from the last time."""
        last = self.engine.last.get(f"{self.document}\0{node.id}")
        return () if step.ingredients is None else compare(last, step.ingredients, node.wires)

    def finished(
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

    def concluded(self, due: Due) -> tuple[Row, tuple[tuple[str, Digests], ...]]:
        """Return what a node gave whose calls were made, as one row and by element."""
        node, step, cache = due.node, due.step, self.engine.cache
        if step.elements is None:
            row = cache.row(step.action)
            assert row is not None  # noqa: S101 - it was learned a moment ago
            return row, ()
        works = [
            replace(work, digests=made.digests)
            if work.action and (made := cache.row(work.action))
            else work
            for work in step.elements
        ]
        return self.gathered(works, joined(self._spec(node), works) or ())

    def gathered(
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

    def refreshed(self, due: Due) -> Due:
        """Return `due` as it is after others ran: these may have given something else."""
        step = self.flow.resolve(due.node)
        if step.ingredients is None or step.ingredients == due.step.ingredients:
            return due
        return Due(due.node, step, [*step.works()], due.reasons, due.wanted)

    def to_make_again(self, node: Node, gone: set[str]) -> Due:
        """Return what gives the evicted values `gone` again."""
        step = self.flow.resolve(node)
        works = [*step.works()] if step.ingredients is not None else []
        giving = [work for work in works if gone & set(_flat(work.digests or ()))]
        return Due(node, step, giving or works, (Evicted(),), gone)

    def missing(self, due: Due) -> list[tuple[Node, set[str]]]:
        """Return the nodes whose outputs `due` needs and nobody holds; hold the others.

        Raises:
            StaleError: nothing makes such a value any more.
        """
        missing: dict[str, set[str]] = {}
        makers: dict[Source, dict[str, str]] = {}
        for work in due.works:
            for name, row in work.ingredients.inputs:
                for source, entry in zip(due.node.wires[name], row, strict=True):
                    for digest in _flat((entry,)):
                        if digest not in self.held and not self._hold(digest):
                            if source not in makers:
                                makers[source] = self._makers(source)
                            maker = makers[source].get(digest)
                            if maker is None:
                                raise StaleError("what is wired in was lost: run again")
                            missing.setdefault(maker, set()).add(digest)
        nodes = self.flow.graph.nodes
        return [(nodes[node_id], gone) for node_id, gone in missing.items()]

    def _hold(self, digest: str) -> bool:
        try:
            self.held[digest] = self.engine.cache.value(digest)
        except KeyError:
            return False
        return True

    def _makers(self, source: Source) -> dict[str, str]:
        """Return the node that made each value: through what hands it on, and loops gather."""
        return {
            digest: maker
            for maker in self.flow.makers(source)
            for digest in _flat(self.flow.digests.get(maker, ()))
        }

    def learn(self, due: Due, work: Work, made: list[Output], context: Run, ms: float) -> None:
        """Write down what a call gave; hold it as well where others wait for it."""
        cache = self.engine.cache
        for output in made:
            for part in output.parts:
                if due.wanted:
                    self.held[part.digest] = part.value
                cache.keep(part.digest, part.value, part.packed, output.kind, ms)
        row = Row(
            tuple(output.entry for output in made),
            ms,
            sum(output.size() for output in made),
            tuple(str(path) for path in context.files),
            tuple(context.remarks),
            self._asked_by(due.node, work),
            tuple((str(path), self._fingerprint(path)) for path in context.reads),
        )
        cache.learn(work.action, row)

    def _asked_by(self, node: Node, work: Work) -> tuple[tuple[str, str], ...]:
        """Return the chain of lazy inputs that led to this action, for others that plan."""
        spec = self._spec(node)
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


def _different(works: Iterable[Work]) -> list[Work]:
    """Return `works` without those that are equal to one before: elements of a list may be."""
    return [*{work.action: work for work in works}.values()]


def _flat(entries: Iterable[Entry]) -> Iterator[str]:
    """Yield every content digest in `entries`."""
    for entry in entries:
        for digest in (entry,) if isinstance(entry, str) else entry:
            if digest != BLOCKED:
                yield digest
