"""The law of the engine with subgraphs and loops in one another, and all that may lie in them.

The evaluation of `test_structure_laws`, which goes into subgraphs as they are drawn and knows
nothing of flattening, must agree with runs and with plans of random documents.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st
from immutables import Map
from msgspec.structs import replace

from graph import edits, flow
from graph.cache import MemoryStore
from graph.errors import GraphError
from graph.events import NodeFailed, NodeFinished, NodeStarted, Status
from graph.graph import (
    Graph,
    Loop,
    Mode,
    Node,
    Source,
    Subgraph,
    SubgraphInput,
    SubgraphOutput,
    Target,
)
from graph.plan import State
from graph.reroutes import reached
from graph.resolve import Known
from graph.subgraphs import COUNT, flaw, localized, subgraph_of, trail
from tests.graph.structure import CATALOG, LOADED, Bench
from tests.graph.test_structure_laws import OFF, BrokenError, Plain, _read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from graph.catalog import Catalog
    from tests.conftest import Amount

pytestmark = pytest.mark.timeout(1800)

MOST = 4
"""Turns of a loop, so that loops in loops stay small."""
FROM_OUTSIDE = "<outside>"


@pytest.fixture(autouse=True, scope="module")
def short_loops() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flow, "MOST_ITERATIONS", MOST)
        flow._numbers.cache_clear()
        yield
    flow._numbers.cache_clear()


# What it should be


@dataclass
class Nested(Plain):
    """Evaluates one body; subgraphs inside have evaluations of their own."""

    document: Graph = field(default_factory=Graph)
    feeds: dict[Target, list[Callable[[], object]]] = field(default_factory=dict)
    values: dict[Target, object] = field(default_factory=dict)
    bodies: dict[str, list[Nested]] = field(default_factory=dict)
    """Of each subgraph that was gone into its inside, of a loop those of its turns."""

    def inside(self, node: Node) -> Subgraph | None:
        return subgraph_of(self.document, node.type) if node.mode is Mode.ON else None

    def fed(self, node_id: str) -> Node:
        node = self.graph.nodes[node_id]
        for target, value in self.values.items():
            if target.node == node_id:
                params = node.params if value is None else node.params.set(target.input, value)  # type: ignore[arg-type]
                wires = {k: v for k, v in node.wires.items() if k != target.input}
                node = replace(node, params=params, wires=Map(wires))
        for target, feeds in self.feeds.items():
            if target.node == node_id:
                sources = tuple(
                    Source(FROM_OUTSIDE, f"{target.node}.{target.input}.{k}")
                    for k in range(len(feeds))
                )
                node = replace(node, wires=node.wires.set(target.input, sources))
        return node

    def _source(self, source: Source) -> object:
        if source.node == FROM_OUTSIDE:
            node_id, name, place = source.output.split(".")
            return self.feeds[Target(node_id, name)][int(place)]()
        node = self.fed(source.node)
        subgraph = self.inside(node)
        if subgraph is not None and subgraph.loop is None:
            shown = {item.name: item.source for item in subgraph.outputs}
            return self.body(node, subgraph)._source(shown[source.output])
        dot = node.type == "graph/reroute" and node.mode is not Mode.MUTED
        if node.mode is Mode.BYPASSED or dot:
            return self._passed(node, self.catalog.require(node.type).output_index[source.output])
        return super()._source(source)

    def _node(self, node: Node) -> tuple[object, ...]:
        node = self.fed(node.id)
        subgraph = self.inside(node)
        if subgraph is None:
            return super()._node(node)
        if subgraph.loop is not None:
            return self.loop(node, subgraph)
        rows = []
        for item in subgraph.outputs:
            try:
                rows.append(self._source(Source(node.id, item.name)))
            except BrokenError:
                continue
        if len(rows) < len(subgraph.outputs):
            raise BrokenError
        return tuple(rows)

    def body(self, node: Node, subgraph: Subgraph) -> Nested:
        if node.id not in self.bodies:
            feeds: dict[str, list[Callable[[], object]]] = {
                name: [partial(self._source, source) for source in sources]
                for name, sources in node.wires.items()
            }
            self.bodies[node.id] = [self.with_inside(node, subgraph, feeds)]
        return self.bodies[node.id][0]

    def with_inside(
        self, node: Node, subgraph: Subgraph, given: dict[str, list[Callable[[], object]]]
    ) -> Nested:
        feeds: dict[Target, list[Callable[[], object]]] = {}
        values: dict[Target, object] = {}
        for item in subgraph.inputs:
            for target in item.targets:
                if given.get(item.name):
                    feeds[target] = given[item.name]
                else:
                    value = node.params.get(item.name)
                    values |= dict.fromkeys(reached(subgraph.body, target), value)
        return Nested(
            self.seen, self.due, subgraph.body, {}, self.catalog, self.document, feeds, values
        )

    def loop(self, node: Node, subgraph: Subgraph) -> tuple[object, ...]:
        loop = subgraph.loop
        assert loop is not None
        wired = {
            name: [_tried(self, source) for source in sources]
            for name, sources in node.wires.items()
        }
        values = [value for row in wired.values() for value in row]
        if BrokenError in values:
            raise BrokenError
        if OFF in values:
            return (OFF,) * len(subgraph.outputs)
        turns = self.turns(node, subgraph, loop, wired)
        entering = dict(loop.feedback)
        rows: list[object] = []
        for item in subgraph.outputs:
            if item.name not in entering:
                rows.append([*_joined(turn[item.name] for turn in turns)])
            elif turns:
                rows.append(turns[-1][item.name])
            else:
                rows.append(wired.get(entering[item.name], [OFF])[0])
        if any(BrokenError in (row if isinstance(row, list) else [row]) for row in rows):
            raise BrokenError
        return tuple(rows)

    def turns(
        self, node: Node, subgraph: Subgraph, loop: Loop, wired: dict[str, list[object]]
    ) -> list[dict[str, object]]:
        """What the outputs give in each turn."""
        before = {name: row for name, row in wired.items() if name != COUNT}
        turns: list[dict[str, object]] = []
        self.bodies[node.id] = []
        for turn in range(self.count(node, loop, wired)):
            if turns:
                before |= {name: [turns[-1][output]] for output, name in loop.feedback}
            here = {
                name: [v[turn] if name == loop.over and isinstance(v, list) else v for v in row]
                for name, row in before.items()
            }
            whole = not any(BrokenError in row for row in here.values())
            feeds: dict[str, list[Callable[[], object]]] = {
                name: [partial(_handed, v, whole=whole) for v in row] for name, row in here.items()
            }
            inside = self.with_inside(node, subgraph, feeds)
            self.bodies[node.id].append(inside)
            turns.append({item.name: _tried(inside, item.source) for item in subgraph.outputs})
        return turns

    def count(self, node: Node, loop: Loop, wired: dict[str, list[object]]) -> int:
        if loop.over:
            row = wired.get(loop.over, [0])[0]
            count: Any = len(row) if isinstance(row, list) else 1
        else:
            count = wired.get(COUNT, [node.params.get(COUNT, 1)])[0]
        if isinstance(count, list) or not 0 <= count <= MOST:
            raise BrokenError
        return int(count)

    def aim(self, path: str) -> None:
        """Compute a node, inside subgraphs as `a/b`, inside turns as `a/0/b`."""
        name, _, rest = path.partition("/")
        node = self.fed(name)
        subgraph = self.inside(node)
        if rest and subgraph is not None:
            if subgraph.loop is None:
                self.body(node, subgraph).aim(rest)
                return
            self.node(name)
            turn, _, inner = rest.partition("/")
            bodies = self.bodies.get(name, [])
            if int(turn) < len(bodies):
                bodies[int(turn)].aim(inner)
            return
        self.node(name)


def _handed(value: object, *, whole: bool) -> object:
    if not whole:
        raise BrokenError
    return value


def _tried(body: Nested, source: Source) -> object:
    try:
        return body._source(source)
    except BrokenError:
        return BrokenError


def _joined(values: Iterable[object]) -> Iterator[object]:
    for value in values:
        if isinstance(value, list):
            yield from value
        else:
            yield value


# Random documents

KINDS = ["count", "twins", "add", "add", "total", "gate", "route", "choose", "reroute"]


def _filled(rng: Random, catalog: Catalog, subgraphs: list[str], size: int) -> Graph:
    """A body of random nodes and wires."""
    graph, ids = Graph(), []
    for place in range(size):
        kind = rng.choice([*KINDS, *(2 * subgraphs)])
        kind = kind if "/" in kind else ("graph/" if kind == "reroute" else "form/") + kind
        ids.append(f"n{place}")
        graph = edits.add_node(graph, catalog, kind, node_id=ids[-1]).graph
        for item, _widget in catalog.require(kind).widgets:
            value = rng.choice([0, 1, 2, 3] if item.name == COUNT else [0, 1, 2, 3, 13])
            graph = _tries(
                graph,
                lambda g, i=item.name, v=value: edits.set_param(g, catalog, ids[-1], i, v),  # type: ignore[misc]
            )
        for item in catalog.require(kind).inputs:
            for _ in range(2 if item.multiple else 1):
                if place and rng.random() < (0.9 if item.required else 0.5):
                    source = graph.nodes[rng.choice(ids[:-1])]
                    outputs = catalog.require(source.type).outputs
                    if item.type == "Bool" and any(o.type == "Any" for o in outputs):
                        continue  # a list of what to choose, which the evaluation cannot do
                    ends = Source(source.id, rng.choice(outputs).name), Target(ids[-1], item.name)
                    graph = _tries(graph, lambda g, e=ends: edits.connect(g, catalog, *e))  # type: ignore[misc]
        if rng.random() < 0.15:
            mode = rng.choice([Mode.MUTED, Mode.BYPASSED])
            graph = edits.set_mode(graph, [ids[-1]], mode).graph
    return graph


def _tries(graph: Graph, make: Callable[[Graph], Any]) -> Graph:
    try:
        found: Graph = make(graph).graph
    except GraphError:
        return graph
    return found


def _type(body: Graph, catalog: Catalog, target: Target) -> str:
    return catalog.require(body.nodes[target.node].type).input_by_name[target.input].type


def _shown(rng: Random, name: str, body: Graph, catalog: Catalog) -> Subgraph | None:
    free = [
        Target(node.id, item.name)
        for node in body.nodes.values()
        for item in catalog.require(node.type).inputs
        if item.name not in node.wires
        and {_type(body, catalog, end) for end in reached(body, Target(node.id, item.name))}
        == {"Int"}
    ]
    rng.shuffle(free)
    inputs: list[SubgraphInput] = []
    while free and len(inputs) < 3:
        count = rng.choice([1, 1, 2, 3])
        inputs.append(SubgraphInput(name=f"i{len(inputs)}", targets=tuple(free[:count])))
        free = free[count:]
    sources = [
        Source(node.id, output.name)
        for node in body.nodes.values()
        for output in catalog.require(node.type).outputs
    ]
    outputs = [
        SubgraphOutput(name=f"o{k}", source=rng.choice(sources)) for k in range(rng.choice([1, 2]))
    ]
    loop = None
    if rng.random() < 0.5:
        over = inputs[-1].name if inputs and rng.random() < 0.5 else ""
        fed = bool(inputs) and inputs[0].name != over and rng.random() < 0.7
        loop = Loop(over=over, feedback=(("o0", "i0"),) if fed else ())
    made = Subgraph(
        id=name, title=name, body=body, inputs=tuple(inputs), outputs=tuple(outputs), loop=loop
    )
    return None if flaw(made, catalog) else made


def document(rng: Random) -> Graph:
    subgraphs: dict[str, Subgraph] = {}
    for place in range(3):
        catalog = localized(CATALOG, replace(Graph(), subgraphs=Map(subgraphs)))
        kinds = [f"subgraph/{name}" for name in subgraphs]
        body = _filled(rng, catalog, kinds, rng.randint(1, 5))
        made = _shown(rng, f"s{place}", body, catalog)
        if made is not None:
            subgraphs[made.id] = made
    catalog = localized(CATALOG, replace(Graph(), subgraphs=Map(subgraphs)))
    kinds = [f"subgraph/{name}" for name in subgraphs]
    graph = _filled(rng, catalog, kinds * 2, rng.randint(3, 9))
    return replace(graph, subgraphs=Map(subgraphs))


def _aims(rng: Random, graph: Graph) -> list[str]:
    aims = []
    for _ in range(rng.randint(1, 4)):
        path, body = "", graph
        while True:
            name = rng.choice(sorted(body.nodes))
            path += name
            node = body.nodes[name]
            subgraph = subgraph_of(graph, node.type)
            if subgraph is None or node.mode is not Mode.ON or rng.random() < 0.6:
                break
            path += "/" if subgraph.loop is None else f"/{rng.randint(0, 2)}/"
            body = subgraph.body
        aims.append(path)
    return aims


def _changed(rng: Random, graph: Graph) -> Graph:
    catalog = localized(CATALOG, graph)
    node = graph.nodes[rng.choice(sorted(graph.nodes))]
    widgets = [item.name for item, _ in catalog.require(node.type).widgets]
    if not widgets or rng.random() < 0.2:
        return edits.set_mode(graph, [node.id], rng.choice([Mode.ON, Mode.ON, *Mode])).graph
    name, value = rng.choice(widgets), rng.choice([0, 1, 2, 3, 4])
    return _tries(graph, lambda g: edits.set_param(g, catalog, node.id, name, value))


# That both agree


def check(seed: int) -> None:
    rng = Random(seed)
    graph = document(rng)
    catalog = localized(CATALOG, graph)
    bench, seen, targets = Bench(), set[str](), list[str]()
    for _ in range(3):
        targets = _aims(rng, graph)
        plain = Nested(seen, Counter(), graph, {}, catalog, graph)
        for target in targets:
            plain.aim(target)
        steps = _planned(bench, graph, targets)
        ran = Counter(trail(graph, n)[-1][0].type for n in bench.run(graph, *targets))
        assert ran == plain.due, (targets, ran, plain.due)
        _agree(bench, plain)
        _as_planned(bench, steps)
        assert bench.run(graph, *targets) == bench.run(graph, *targets)
        if not any(isinstance(e, NodeFailed) for e in bench.events):
            states = {step.state for step in _planned(bench, graph, targets).values()}
            assert states <= {State.CLEAN, State.BLOCKED}
        graph = _changed(rng, graph)
    bench.engine.cache.store = MemoryStore(1)
    plain = Nested(seen, Counter(), graph, {}, catalog, graph)
    for target in targets:
        plain.aim(target)
    bench.run(graph, *targets, force=True)
    told = {e.node: e.status for e in bench.events if isinstance(e, NodeFinished)}
    assert {n for n in plain.memo if plain.memo[n] is not None} <= told.keys() | _hollow(plain)


def _hollow(plain: Nested) -> set[str]:
    """Nodes that a run does not see: dots, what is bypassed, subgraphs."""
    return {
        node.id
        for node in plain.graph.nodes.values()
        if node.type == "graph/reroute"
        or node.mode is Mode.BYPASSED
        or ((subgraph := plain.inside(node)) is not None and subgraph.loop is None)
    }


def _agree(bench: Bench, plain: Nested) -> None:
    told = {e.node: e for e in bench.events if isinstance(e, NodeFinished)}
    hollow = _hollow(plain)
    for node_id, outputs in plain.memo.items():
        if node_id in hollow:
            continue
        assert (node_id in told) == (outputs is not None), node_id
        if outputs is not None:
            found = tuple(_read(bench, entry) for entry in told[node_id].digests)
            assert repr(found) == repr(outputs), node_id


def _planned(bench: Bench, graph: Graph, targets: list[str]) -> dict[str, Any]:
    cache = bench.engine.cache
    tables = Known(CATALOG, bench.engine.files, LOADED.environment, cache.digests, cache.asked)
    here = flow.Flow(graph, tables)
    return {step.node: step for step in here.steps(here.targets(targets))}


def _as_planned(bench: Bench, steps: dict[str, Any]) -> None:
    told = {e.node: e for e in bench.events if isinstance(e, NodeFinished)}
    started = {e.node for e in bench.events if isinstance(e, NodeStarted)}
    failed = {e.node: e for e in bench.events if isinstance(e, NodeFailed)}
    for node_id, step in steps.items():
        match step.state:
            case State.CLEAN:
                assert told[node_id].status is Status.CACHED
            case State.BLOCKED:
                assert told[node_id].status is Status.BLOCKED
            case State.BROKEN:
                assert failed[node_id].problem.kind == "Broken"
            case State.DIRTY:  # equal work may have been done a moment before
                # A lazy input that equal work was found to ask for may turn out to be lost.
                lazy = step.ingredients.lazy
                assert lazy or node_id in started | told.keys() | failed.keys()


@given(st.integers(0, 2**32))
def test_random_documents(seed: int) -> None:
    check(seed)


@pytest.mark.full
def test_many_random_documents(amount: Amount) -> None:
    count = amount(sample=1, full=2000)
    hypothesis.settings(max_examples=count)(given(st.integers(0, 2**32))(check))()
