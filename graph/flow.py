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
from graph.flatten import Flat, flatten, follow, handed_down, unfold
from graph.graph import Graph, Mode, Node, Source, sources_of, with_nodes
from graph.handlers import BUILT_IN
from graph.order import ordered
from graph.resolve import Known, State, Step, resolve, switched_off
from graph.sockets import ANY, BOOL, INT
from graph.spec import NodeSpec, OutputSpec
from graph.subgraphs import COUNT, MOST_ITERATIONS, localized, subgraph_of
from graph.targets import eager_upstream, natural_targets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

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
        self._inside: list[str] = []
        """Targets inside loops."""

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
        made_of = self._outputs.get(source.node)
        if made_of is not None:
            # What a loop hands on through dots only is of no type until it is known what that is;
            # of an iteration in which nothing comes through them it never is.
            each = _each(made_of[self.place(source)])
            known = (kind for kind in map(self.kind_of, each) if kind != ANY.name)
            found = next(known, None)
            if found is not None:
                return found
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
        wanted = [*ids]
        self._inside = [node_id for node_id in wanted if node_id not in self.graph.nodes]
        here = self._standing_for(wanted, self.graph, self._ends)
        return eager_upstream(self.graph, self.catalog, here)

    def natural_targets(self) -> set[str]:
        """Return what "run everything" takes; see `natural_targets`."""
        wanted = natural_targets(self.graph, self.catalog)
        return eager_upstream(self.graph, self.catalog, wanted)

    def lazy_needs(self, node: Node, name: str, is_settled: Callable[[str], bool]) -> list[str]:
        """Return the nodes that are not settled and that the lazy input `name` takes, in order."""
        sources = [source.node for source in node.wires[name]]
        wanted = eager_upstream(self.graph, self.catalog, sources, is_settled)
        return ordered(self.graph, {node_id for node_id in wanted if not is_settled(node_id)})

    def _standing_for(
        self, ids: Iterable[str], flat: Graph, ends: Mapping[Source, Source]
    ) -> Iterator[str]:
        """Yield the nodes of `flat` that are there in the place of those of the document.

        In that of one inside a loop, or inside what is switched off, it is what it lies in.
        """
        behind: dict[str, list[str]] = {}
        for node_id in ids:
            node = flat.nodes.get(node_id)
            if not behind and (node is None or node.mode is Mode.MUTED):
                behind = self._behind(flat, ends)
            at = node_id
            while at not in flat.nodes and at not in behind and "/" in at:
                at = at.rpartition("/")[0]
            yield from behind.get(at, (at,))

    def _behind(self, flat: Graph, ends: Mapping[Source, Source]) -> dict[str, list[str]]:
        """Return what to compute for each node that is not in `flat`: what it gives, effects."""
        behind: dict[str, list[str]] = {}
        for source in ends:
            # What is bypassed is still there, muted, where an output of it is nothing's.
            itself = [source.node] if source.node in flat.nodes else []
            behind.setdefault(source.node, itself).append(follow(source, ends).node)
        for node in flat.nodes.values():
            spec = self.spec(node)
            if spec is None or not spec.effect:
                continue
            around = node.id.rpartition("/")[0]
            while around:
                behind.setdefault(around, []).append(node.id)
                around = around.rpartition("/")[0]
        return behind

    # Going through it

    def steps(self, wanted: Iterable[str]) -> Iterator[Step]:
        """Yield what a run of the nodes `wanted` would find, in order, without running it."""
        waiting = ordered(self.graph, wanted)[::-1]
        seen = set(waiting)
        while waiting:
            node = self.graph.nodes[waiting.pop()]
            if self.hands_in(node):
                self.hand_in(node)
            elif not self.is_loop(node):
                step = self.resolve(node)
                if step.asks:
                    needs = self.lazy_needs(node, step.asks, seen.__contains__)
                    if needs:
                        seen.update(needs)
                        waiting += [node.id, *reversed(needs)]
                        continue
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
                    order = self.expand(node)
                    seen.update(order)
                    waiting += [node.id, *reversed(order)]

    def before_loop(self, node: Node) -> Step | None:
        """Return the step of a loop that cannot begin; None when it can."""
        found = [self.entry_of(source) for source in sources_of(node)]
        if None in found:
            return Step(node.id, State.PENDING)
        if BLOCKED in found:
            spec = self.spec(node)
            self.digests[node.id] = switched_off(spec) if spec else ()
            return Step(node.id, State.BLOCKED)
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
                entry = entry[pick[1]] if pick[1] < len(entry) else None
            row.append(entry)
        known = [entry for entry in row if entry is not None]
        if len(known) < len(row):
            return False
        self.digests[node.id] = tuple(known)
        return True

    def hand_on(self) -> None:
        """Settle again what only hands on: something gave other values than a moment ago."""
        for node_id in [*self.digests]:  # in the order in which they were settled
            node = self.graph.nodes[node_id]
            if self.hands_in(node):
                self.hand_in(node)
            elif node_id in self._outputs and (digests := self.gather(node)) is not None:
                self.digests[node_id] = digests

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
            count = value if not loop.over and isinstance(value, int) else 1
        else:
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
        # Also of a value: a subgraph hands on what another input, with other bounds, takes.
        if not 0 <= count <= MOST_ITERATIONS:
            message = f"would run {count} times: 0 to {MOST_ITERATIONS} are possible"
            raise LoopError(message)
        return count

    def expand(self, node: Node) -> list[str]:
        """Put the iterations of the loop `node` here; return in order what it needs of them."""
        subgraph = self._subgraph(node)
        fed = {name: output for output, name in subgraph.loop.feedback} if subgraph.loop else {}
        order: list[str] = []
        shown = {item.name for item in subgraph.inputs}
        before = {name: wired for name, wired in node.wires.items() if name in shown}
        outs: list[dict[str, Source]] = []
        for turn in range(self.iterations(node)):
            prefix = f"{node.id}/{turn}"
            if outs:
                before |= {name: (outs[-1][output],) for name, output in fed.items()}
            inside = self._iterate(node, subgraph, prefix, before, turn)
            outs.append(self._outs(subgraph, prefix))
            order += [prefix, *self._needed(prefix, inside, outs[-1].values())]
        self._outputs[node.id] = tuple(
            self._output_of(item.name, node, fed, outs) for item in subgraph.outputs
        )
        return order

    def _iterate(
        self,
        node: Node,
        subgraph: Subgraph,
        prefix: str,
        given: dict[str, tuple[Source, ...]],
        turn: int,
    ) -> Flat:
        """Put one iteration here and return its nodes, but for that which hands in."""
        handed = {
            name: {f"{name}/{place}" if place else name: s for place, s in enumerate(sources)}
            for name, sources in sorted(given.items())
        }
        wires = {name: (s,) for parts in handed.values() for name, s in parts.items()}
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
        inner = {name: tuple(Source(prefix, p) for p in parts) for name, parts in handed.items()}
        inside = replace(node, wires=Map(inner))
        fed = handed_down(subgraph, inside)
        flat = unfold(subgraph.body, self._document, self.catalog, f"{prefix}/", fed)
        self._ends |= flat.ends
        self.graph = with_nodes(self.graph, put=[hand, *flat.graph.nodes.values()])
        return flat

    def _needed(self, prefix: str, inside: Flat, outs: Iterable[Source]) -> list[str]:
        """Return in order what one iteration computes: its outputs, effects, targets inside."""
        flat = inside.graph
        wanted = [source.node for source in outs]
        wanted += [n.id for n in flat.nodes.values() if (s := self.spec(n)) and s.effect]
        aims = [node_id for node_id in self._inside if node_id.startswith(f"{prefix}/")]
        wanted += self._standing_for(aims, flat, inside.ends)
        # What hands in is no node of `flat`.
        needed = eager_upstream(flat, self.catalog, wanted, lambda n: n == prefix)
        return ordered(flat, needed - {prefix})

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

    def ends_of(self, node: Node) -> Iterator[str]:
        """Yield the nodes that give what the loop `node`, whose iterations are here, gives."""
        for made_of in self._outputs[node.id]:
            for source in _each(made_of):
                yield source.node

    def makers(self, source: Source) -> Iterator[str]:
        """Yield the nodes whose bodies may have made what is at an output."""
        waiting = [source]
        while waiting:
            here = waiting.pop()
            node = self.graph.nodes[here.node]
            if self.hands_in(node):
                waiting.extend(node.wires[here.output])
            elif node.id in self._outputs:
                waiting.extend(_each(self._outputs[node.id][self.place(here)]))
            else:
                yield node.id

    def _subgraph(self, node: Node) -> Subgraph:
        subgraph = subgraph_of(self._document, node.type)
        assert subgraph is not None  # noqa: S101 - asked of loops only
        return subgraph

    def _title(self, node: Node) -> str:
        spec = self.catalog.get(node.type)
        return node.title or (spec.title if spec else node.type)


def _each(made_of: tuple[Source, ...] | Source | None) -> Iterator[Source]:
    """Yield what an output of a loop is made of."""
    if isinstance(made_of, tuple):
        yield from made_of
    elif made_of is not None:
        yield made_of


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
