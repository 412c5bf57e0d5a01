"""A graph on its way through a plan or a run: flat, with what is known of each node so far.

Planning and running go through the same flow, so that they cannot disagree. It grows while it is
gone through: a loop becomes its iterations once it is known how many there are. Iteration 2 of a
loop `grow` has the nodes `grow/2/blur`, and a node `grow/2` that hands in what the iteration works
on; these hand on what they get and never run.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from immutables import Map
from msgspec.structs import replace

from graph.actions import BLOCKED, Digests, Entry
from graph.errors import SfumatoError
from graph.flatten import flatten, follow, handed_down, unfold
from graph.graph import Graph, Mode, Node, Source, sources_of, with_nodes
from graph.handlers import BUILT_IN
from graph.order import ordered
from graph.resolve import Known, State, Step, resolve, switched_off
from graph.sockets import BOOL, INT
from graph.spec import NodeSpec, OutputSpec
from graph.subgraphs import COUNT, MOST_ITERATIONS, localized, subgraph_of
from graph.targets import eager_upstream, natural_targets

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from graph.graph import Subgraph

_HAND_IN = "graph/iteration"


class LoopError(SfumatoError):
    """A loop cannot be gone through."""


class Flow:
    """A graph and what is known of its nodes."""

    def __init__(self, graph: Graph, tables: Known) -> None:
        """Begin with nothing known of `graph`; `tables` say what was computed before."""
        self.catalog = localized(tables.catalog, graph)
        flat = flatten(graph, self.catalog)
        self.graph = flat.graph
        """The flat graph, with the iterations of loops that were begun."""
        self.digests: dict[str, Digests] = {}
        """Outputs of the nodes that are settled."""
        self.plain = not graph.subgraphs
        """Whether there can be no loop."""
        self._document = graph
        self._ends = dict(flat.ends)
        self._tables = tables
        self._specs: dict[str, NodeSpec] = {}
        """Specifications of single nodes that no catalog has."""
        self._picks: dict[str, tuple[str, int]] = {}
        """Which element of which list an iteration hands in."""
        self._outputs: dict[str, tuple[tuple[Source, ...] | Source | None, ...]] = {}
        """What the outputs of a loop are made of, once its iterations are here."""

    def spec(self, node: Node) -> NodeSpec | None:
        """Return the specification of a node; None where its type is not installed."""
        return self._specs.get(node.id) or self.catalog.get(node.type)

    def entry_of(self, source: Source) -> Entry | None:
        """Return the digest of what is at an output; None while that is not known."""
        digests = self.digests.get(source.node)
        if digests is None:
            return None
        if len(digests) == 1:
            return digests[0]
        if not digests:
            return BLOCKED  # of a muted node whose type is not known
        return digests[self.place(source)]

    def place(self, source: Source) -> int:
        """Return which output of its node `source` is."""
        spec = self.spec(self.graph.nodes[source.node])
        assert spec is not None  # noqa: S101 - a node of an unknown type is never settled
        return spec.output_index[source.output]

    def kind_of(self, source: Source) -> str:
        """Return the socket type of what is at an output."""
        spec = self.spec(self.graph.nodes[source.node])
        assert spec is not None  # noqa: S101 - as above
        return spec.outputs[spec.output_index[source.output]].type

    def resolve(self, node: Node) -> Step:
        """Return what a run would find at `node`, which is neither a loop nor hands in."""
        spec = self.spec(node)
        if node.mode is Mode.MUTED:
            return Step(node.id, State.BLOCKED, digests=switched_off(spec) if spec else ())
        return resolve(node, spec, self._tables, self.entry_of)

    def targets(self, ids: Iterable[str]) -> set[str]:
        """Return what computing the nodes `ids` of the document takes, but for lazy inputs."""
        return eager_upstream(self.graph, self.catalog, self._standing_for(ids))

    def natural_targets(self) -> set[str]:
        """Return what "run everything" takes; see `natural_targets`."""
        wanted = natural_targets(self.graph, self.catalog)
        return eager_upstream(self.graph, self.catalog, wanted)

    def _standing_for(self, ids: Iterable[str]) -> Iterator[str]:
        """Yield the nodes that are here in the place of those of the document."""
        for node_id in ids:
            if node_id in self.graph.nodes:
                yield node_id
                continue
            for source in self._ends:
                if source.node == node_id:
                    yield follow(source, self._ends).node
            inside = [n for n in self.graph.nodes.values() if n.id.startswith(f"{node_id}/")]
            yield from (n.id for n in inside if (s := self.spec(n)) and s.effect)

    # Going through it

    def steps(self, wanted: Iterable[str]) -> Iterator[Step]:
        """Yield what a run of the nodes `wanted` would find, in order, without running it."""
        waiting = ordered(self.graph, wanted)[::-1]
        while waiting:
            node = self.graph.nodes[waiting.pop()]
            if self.hands_in(node):
                self.hand_in(node)
            elif not self.is_loop(node):
                step = self.resolve(node)
                if step.digests or step.state is State.BLOCKED:
                    self.digests[node.id] = step.digests
                elif step.state is State.CLEAN:
                    self.digests[node.id] = ()
                yield step
            elif node.id in self._outputs:
                yield self._gathered(node)
            else:
                before = self.before_loop(node)
                if before is not None:
                    yield before
                else:
                    waiting.append(node.id)
                    waiting.extend(reversed(self.expand(node)))

    def before_loop(self, node: Node) -> Step | None:
        """Return the step of a loop that cannot begin; None when it can."""
        found = [self.entry_of(source) for source in sources_of(node)]
        if BLOCKED in found:
            spec = self.spec(node)
            self.digests[node.id] = switched_off(spec) if spec else ()
            return Step(node.id, State.BLOCKED)
        if None in found:
            return Step(node.id, State.PENDING)
        try:
            self.iterations(node)
        except LoopError as error:
            return Step(node.id, State.BROKEN, problems=(str(error),))
        return None

    def _gathered(self, node: Node) -> Step:
        digests = self.gather(node)
        if digests is None:
            return Step(node.id, State.PENDING)
        self.digests[node.id] = digests
        return Step(node.id, State.CLEAN, digests=digests)

    def hands_in(self, node: Node) -> bool:
        """Say whether `node` hands an iteration what it works on."""
        return node.type == _HAND_IN

    def hand_in(self, node: Node) -> bool:
        """Settle a node that hands in; say whether all that it needs is known."""
        row = []
        for name, (source,) in node.wires.items():
            entry = self.entry_of(source)
            pick = self._picks.get(node.id)
            if pick is not None and pick[0] == name and isinstance(entry, tuple):
                entry = entry[pick[1]]
            row.append(entry)
        known = [entry for entry in row if entry is not None]
        if len(known) < len(row):
            return False
        self.digests[node.id] = tuple(known)
        return True

    # Loops

    def is_loop(self, node: Node) -> bool:
        """Say whether `node` stands for a loop."""
        subgraph = subgraph_of(self._document, node.type)
        return subgraph is not None and node.mode is Mode.ON

    def is_expanded(self, node: Node) -> bool:
        """Say whether the iterations of the loop `node` are here."""
        return node.id in self._outputs

    def iterations(self, node: Node) -> int:
        """Return how often the loop `node`, whose inputs are known, runs.

        Raises:
            LoopError: it would run too often, or less than never.
        """
        loop = self._subgraph(node).loop
        assert loop is not None  # noqa: S101 - asked of loops only
        name = loop.over or COUNT
        if name not in node.wires:
            value = node.params.get(COUNT, 1)
            return value if not loop.over and isinstance(value, int) else 1
        source = node.wires[name][0]
        entry = self.entry_of(source)
        if loop.over:
            count = len(entry) if isinstance(entry, tuple) else 1
        else:
            found = _number(self.kind_of(source), entry)
            if found is None:
                message = f"repeats 0 to {MOST_ITERATIONS} times: another number is wired in"
                raise LoopError(message)
            count = found
        if count > MOST_ITERATIONS:
            message = f"would run {count} times: at most {MOST_ITERATIONS} are possible"
            raise LoopError(message)
        return count

    def expand(self, node: Node) -> list[str]:
        """Put the iterations of the loop `node` here; return their nodes in order."""
        subgraph = self._subgraph(node)
        fed = {name: output for output, name in subgraph.loop.feedback} if subgraph.loop else {}
        order: list[str] = []
        shown = {item.name for item in subgraph.inputs}
        before = {name: wired[0] for name, wired in node.wires.items() if name in shown}
        outs: list[dict[str, Source]] = []
        for turn in range(self.iterations(node)):
            prefix = f"{node.id}/{turn}"
            if outs:
                before |= {name: outs[-1][output] for name, output in fed.items()}
            order += self._iterate(node, subgraph, prefix, before, turn)
            outs.append(self._outs(subgraph, prefix))
        self._outputs[node.id] = tuple(
            self._output_of(item.name, node, fed, outs) for item in subgraph.outputs
        )
        return order

    def _iterate(
        self,
        node: Node,
        subgraph: Subgraph,
        prefix: str,
        given: dict[str, Source],
        turn: int,
    ) -> list[str]:
        """Put one iteration here and return its nodes in order."""
        wires = {name: (source,) for name, source in sorted(given.items())}
        hand = Node(id=prefix, type=_HAND_IN, wires=Map(wires))
        self._specs[prefix] = NodeSpec(
            id=_HAND_IN,
            title=self._title(node),
            category="",
            outputs=tuple(
                OutputSpec(name=name, label=name, type=self.kind_of(source))
                for name, (source,) in hand.wires.items()
            ),
        )
        if subgraph.loop is not None and subgraph.loop.over in wires:
            self._picks[prefix] = (subgraph.loop.over, turn)
        inside = replace(node, wires=Map({name: (Source(prefix, name),) for name in wires}))
        fed = handed_down(subgraph, inside)
        flat = unfold(subgraph.body, self._document, self.catalog, f"{prefix}/", fed)
        self._ends |= flat.ends
        self.graph = with_nodes(self.graph, put=[hand, *flat.graph.nodes.values()])
        return [prefix, *ordered(flat.graph, flat.graph.nodes)]

    def _outs(self, subgraph: Subgraph, prefix: str) -> dict[str, Source]:
        return {
            item.name: follow(
                Source(f"{prefix}/{item.source.node}", item.source.output), self._ends
            )
            for item in subgraph.outputs
        }

    def _output_of(
        self, name: str, node: Node, fed: dict[str, str], outs: list[dict[str, Source]]
    ) -> tuple[Source, ...] | Source | None:
        """Return what an output of a loop is: what the last iteration gave, or what all did.

        Of a loop that never runs it is what would have been fed in; None where nothing is.
        """
        entering = next((given for given, output in fed.items() if output == name), None)
        if entering is None:
            return tuple(out[name] for out in outs)
        if outs:
            return outs[-1][name]
        return next(iter(node.wires.get(entering, ())), None)

    def gather(self, node: Node) -> Digests | None:
        """Return the outputs of a loop whose iterations are here; None while one is not known."""
        row: list[Entry] = []
        for made_of in self._outputs[node.id]:
            sources = made_of if isinstance(made_of, tuple) else (made_of,)
            entries = [BLOCKED if source is None else self.entry_of(source) for source in sources]
            known = [entry for entry in entries if entry is not None]
            if len(known) < len(entries):
                return None
            row.append(tuple(_chained(known)) if isinstance(made_of, tuple) else known[0])
        return tuple(row)

    def makers(self, source: Source) -> Iterator[str]:
        """Yield the nodes whose bodies may have made what is at an output."""
        waiting = [source]
        while waiting:
            here = waiting.pop()
            node = self.graph.nodes[here.node]
            if self.hands_in(node):
                waiting.extend(node.wires[here.output])
            elif node.id in self._outputs:
                made_of = self._outputs[node.id][self.place(here)]
                sources = made_of if isinstance(made_of, tuple) else (made_of,)
                waiting.extend(source for source in sources if source is not None)
            else:
                yield node.id

    def _subgraph(self, node: Node) -> Subgraph:
        subgraph = subgraph_of(self._document, node.type)
        assert subgraph is not None  # noqa: S101 - asked of loops only
        return subgraph

    def _title(self, node: Node) -> str:
        spec = self.catalog.get(node.type)
        return node.title or (spec.title if spec else node.type)


def _chained(entries: Iterable[Entry]) -> Iterator[str]:
    """Yield the elements of lists that are joined, and what is no list, one after another."""
    for entry in entries:
        if isinstance(entry, tuple):
            yield from entry
        else:
            yield entry


@cache
def _numbers() -> dict[tuple[str, str], int]:
    """Return which whole number a digest names, for those that a loop may run."""
    found = {}
    for kind, values in ((INT.name, range(MOST_ITERATIONS + 1)), (BOOL.name, (False, True))):
        for value in values:
            digest = BUILT_IN[kind].pack(value).digest(kind)
            found[kind, digest] = int(value)
    return found


def _number(kind: str, entry: Entry | None) -> int | None:
    return _numbers().get((kind, entry)) if isinstance(entry, str) else None
