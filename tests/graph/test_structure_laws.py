"""The law of the engine with lists, switches, lazy inputs, dots, muting and bypassing.

A second evaluation, as simple as can be and knowing nothing of digests, says what each node gives
and which calls are due; random graphs with random edits must agree with it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph import edits
from graph.errors import GraphError
from graph.events import NodeFinished
from graph.graph import Graph, Mode, Source, Target
from tests.graph.structure import CATALOG, Bench

if TYPE_CHECKING:
    from collections.abc import Callable

    from graph.catalog import Catalog
    from graph.edits import Edit
    from graph.graph import Node
    from tests.conftest import Amount

    Make = Callable[[Graph], Edit]

pytestmark = pytest.mark.timeout(1800)

OFF = "off"
TYPES = {
    "a": "form/count", "b": "form/twins", "c": "form/add", "d": "form/total", "e": "form/gate",
    "f": "form/route", "g": "form/choose", "h": "graph/reroute", "i": "form/add", "j": "form/total",
}  # fmt: skip


class BrokenError(Exception):
    """A node that cannot run, or needs one that cannot."""


def body(kind: str, given: dict[str, Any]) -> tuple[object, ...]:
    """What a body gives; lists as lists, None as off."""
    match kind:
        case "count":
            return (list(range(given["up_to"])),)
        case "twins":
            return ([given["value"], -given["value"]],)
        case "add":
            if given["a"] == 13:
                raise BrokenError
            return (given["a"] + given["b"],)
        case "total":
            return (sum(given["parts"]),)
        case "gate":
            return (given["value"] if given["is_open"] else OFF,)
        case "route":
            odd = given["value"] % 2
            return (OFF, given["value"]) if odd else (given["value"], OFF)
    raise AssertionError(kind)


@dataclass
class Plain:
    """Evaluates what targets need, and counts the calls that were not made before."""

    seen: set[str] = field(default_factory=set)
    due: Counter[str] = field(default_factory=Counter)
    graph: Graph = field(default_factory=Graph)
    memo: dict[str, tuple[object, ...] | None] = field(default_factory=dict)
    catalog: Catalog = CATALOG

    def run(self, graph: Graph, targets: list[str]) -> dict[str, tuple[object, ...] | None]:
        """Return what each node that was looked at gives; None for what could not be computed."""
        self.due, self.graph, self.memo = Counter(), graph, {}
        for node_id in targets:
            self.node(node_id)
        return self.memo

    def node(self, node_id: str) -> tuple[object, ...] | None:
        if node_id not in self.memo:
            try:
                self.memo[node_id] = self._node(self.graph.nodes[node_id])
            except BrokenError:
                self.memo[node_id] = None
        return self.memo[node_id]

    def _source(self, source: Source) -> object:
        node = self.graph.nodes[source.node]
        outputs = self.catalog.require(node.type).output_index
        found = self.node(node.id)
        if found is None:
            raise BrokenError
        return found[outputs[source.output]]

    def _node(self, node: Node) -> tuple[object, ...]:
        spec = self.catalog.require(node.type)
        if node.mode is Mode.MUTED:
            return (OFF,) * len(spec.outputs)
        if node.mode is Mode.BYPASSED or node.type == "graph/reroute":
            return self._passing(node)
        if node.type == "form/choose":
            return self._choose(node)
        wired: dict[str, list[object]] = {}
        broken = False
        for name, sources in sorted(node.wires.items()):
            for source in sources:
                try:
                    wired.setdefault(name, []).append(self._source(source))
                except BrokenError:
                    broken = True
        if broken or any(i.required and i.name not in node.wires for i in spec.inputs):
            raise BrokenError
        return self._mapped(node, wired)

    def _passing(self, node: Node) -> tuple[object, ...]:
        spec = self.catalog.require(node.type)
        passed, broken = [], False
        for place in range(len(spec.outputs)):
            try:
                passed.append(self._passed(node, place))
            except BrokenError:
                broken = True  # what else it hands on is computed all the same
        if broken:
            raise BrokenError
        return tuple(passed)

    def _passed(self, node: Node, place: int) -> object:
        spec = self.catalog.require(node.type)
        kind = spec.outputs[place].type
        names = [i.name for i in spec.inputs if i.type == kind and i.name in node.wires]
        if not names:
            return OFF
        before = sum(o.type == kind for o in spec.outputs[:place])
        return self._source(node.wires[names[min(before, len(names) - 1)]][0])

    def _choose(self, node: Node) -> tuple[object, ...]:
        if not {"a", "b"} <= set(node.wires):
            raise BrokenError
        first: Any = node.params.get("first", True)
        if "first" in node.wires:
            first = self._source(node.wires["first"][0])
        if first == OFF:
            return (OFF,)
        side = "a" if first else "b"
        value = self._source(node.wires[side][0])
        if value == OFF:
            return (OFF,)
        rows: list[object] = []
        for element in value if isinstance(value, list) else [value]:
            if element == OFF:
                rows.append(OFF)
                continue
            self._call(node, {"first": first, side: element})
            rows.append(element)
        return (rows if isinstance(value, list) else rows[0],)

    def _mapped(self, node: Node, wired: dict[str, list[object]]) -> tuple[object, ...]:
        spec = self.catalog.require(node.type)
        lists = {
            name: row[0]
            for name, row in wired.items()
            if isinstance(row[0], list) and not spec.input_by_name[name].multiple
        }
        lengths = {len(row) for row in lists.values()} - {1}
        if len(lengths) > 1:
            raise BrokenError
        if not lists:
            return self._element(node, wired)
        count = lengths.pop() if lengths else 1
        rows = []
        for place in range(count):
            picked = {
                name: [row[0][0 if len(row[0]) == 1 else place]] if name in lists else row  # type: ignore[index, arg-type]
                for name, row in wired.items()
            }
            rows.append(self._element(node, picked))
        return tuple(
            [part for row in rows if row[k] != OFF for part in row[k]]  # type: ignore[attr-defined]
            if output.many
            else [row[k] for row in rows]
            for k, output in enumerate(spec.outputs)
        )

    def _element(self, node: Node, wired: dict[str, list[object]]) -> tuple[object, ...]:
        spec = self.catalog.require(node.type)
        for name, row in wired.items():
            multiple = spec.input_by_name[name].multiple
            if all(value == OFF for value in row) if multiple else row[0] == OFF:
                return (OFF,) * len(spec.outputs)
        given: dict[str, Any] = {}
        for item in spec.inputs:
            if item.name not in wired:
                given[item.name] = node.params.get(item.name, item.default)
            elif item.multiple:
                flat = [
                    v for row in wired[item.name] for v in (row if isinstance(row, list) else [row])
                ]
                given[item.name] = [value for value in flat if value != OFF]
            else:
                given[item.name] = wired[item.name][0]
        self._call(node, {k: wired.get(k, given[k]) for k in given})
        return body(node.type.partition("/")[2], given)

    def _call(self, node: Node, given: dict[str, Any]) -> None:
        if node.type == "form/count" and not 0 <= _first(given["up_to"]) <= 1000:  # type: ignore[operator]
            raise BrokenError
        key = repr((node.type, sorted(given.items()), sorted(node.wires)))
        if key not in self.seen:
            self.due[node.type] += 1
            if not (node.type == "form/add" and _first(given["a"]) == 13):
                self.seen.add(key)


def _first(value: object) -> object:
    return value[0] if isinstance(value, list) else value


def beginning() -> Graph:
    graph = Graph()
    for node_id, kind in TYPES.items():
        graph = edits.add_node(graph, CATALOG, kind, node_id=node_id).graph
    return graph


def applied(graph: Graph, make: Make) -> Graph:
    try:
        return make(graph).graph
    except GraphError:
        return graph


def _wire(source: str, output: int, target: str, place: int) -> Make:
    def make(graph: Graph) -> Edit:
        outputs = CATALOG.require(graph.nodes[source].type).outputs
        inputs = CATALOG.require(graph.nodes[target].type).inputs
        start = Source(source, outputs[output % len(outputs)].name)
        return edits.connect(
            graph, CATALOG, start, Target(target, inputs[place % len(inputs)].name)
        )

    return make


def _cut(number: int) -> Make:
    def make(graph: Graph) -> Edit:
        links = sorted(graph.links())
        return (
            edits.disconnect(graph, links[number % len(links)]) if links else edits.move(graph, {})
        )

    return make


def _value(node_id: str, place: int, value: int) -> Make:
    def make(graph: Graph) -> Edit:
        widgets = CATALOG.require(graph.nodes[node_id].type).widgets
        if not widgets:
            return edits.move(graph, {})
        item, _widget = widgets[place % len(widgets)]
        plain = bool(value % 2) if item.type == "Bool" else value
        return edits.set_param(graph, CATALOG, node_id, item.name, plain)

    return make


ids = st.sampled_from(sorted(TYPES))
small = st.integers(0, 7)
some_edit = st.one_of(
    st.builds(_wire, ids, small, ids, small),
    st.builds(_wire, ids, small, ids, small),
    st.builds(_wire, ids, small, ids, small),
    st.builds(_value, ids, small, st.sampled_from([0, 1, 2, 3, 5, 13])),
    st.builds(_cut, st.integers(0, 20)),
    st.builds(
        lambda node_id, mode: lambda g: edits.set_mode(g, [node_id], mode),
        ids,
        st.sampled_from([Mode.ON, Mode.ON, *Mode]),
    ),
)
batches = st.lists(st.lists(some_edit, min_size=1, max_size=8), min_size=2, max_size=6)
aims = st.lists(ids, min_size=1, max_size=4, unique=True)


def check(steps: list[list[Make]], targets: list[str]) -> None:
    bench, plain, graph = Bench(), Plain(), beginning()
    for batch in steps:
        for make in batch:
            graph = applied(graph, make)
        expected = plain.run(graph, targets)
        ran = Counter(graph.nodes[node_id].type for node_id in bench.run(graph, *targets))
        assert ran == plain.due
        told = {e.node: e for e in bench.events if isinstance(e, NodeFinished)}
        for node_id, outputs in expected.items():
            node = graph.nodes[node_id]
            if node.type == "graph/reroute" or node.mode is not Mode.ON:
                continue
            assert (node_id in told) == (outputs is not None), node_id
            if outputs is not None:
                found = tuple(_read(bench, entry) for entry in told[node_id].digests)
                assert repr(found) == repr(outputs), node_id
        assert bench.run(graph, *targets) == list(bench.run(graph, *targets))


def _read(bench: Bench, entry: object) -> object:
    if isinstance(entry, tuple):
        return [_read(bench, part) for part in entry]
    return OFF if entry == "blocked" else bench.engine.value(entry)  # type: ignore[arg-type]


@given(batches, aims)
def test_random_graphs_with_random_edits(steps: list[list[Make]], targets: list[str]) -> None:
    check(steps, targets)


@pytest.mark.full
def test_many_random_graphs(amount: Amount) -> None:
    hypothesis.settings(max_examples=amount(sample=1, full=2000))(given(batches, aims)(check))()
