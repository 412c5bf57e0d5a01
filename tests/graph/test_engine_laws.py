"""The law of the engine: it computes what a plain evaluation computes, and only what is due."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
from hypothesis import given

from graph.graph import Graph, sources_of
from graph.order import ordered
from graph.spec import refusal
from tests.graph.build import CATALOG, LOADED, Session, without_order
from tests.graph.pack import Mode
from tests.graph.random_edits import all_types, applied, history

if TYPE_CHECKING:
    from graph.graph import Node
    from tests.conftest import Amount
    from tests.graph.random_edits import Make

pytestmark = pytest.mark.timeout(1200)  # thousands of examples with --full

Outputs = tuple[object, ...]
Key = tuple[object, ...]


def convert(value: object, wanted: str) -> object:
    if wanted == "Text":
        return f"{value:g}" if isinstance(value, float) else str(value)
    if wanted == "Float" and isinstance(value, int):
        return float(value)
    return value


def body(kind: str, given: dict[str, Any]) -> Outputs:
    """What a node of the test pack gives, written a second time and as simply as can be."""
    match kind:
        case "number" | "real":
            return (given["value"],)
        case "fold":
            a, b = given["a"], given["b"]
            return (a + b if Mode(given["mode"]) is Mode.PLUS else a * b,)
        case "parity":
            return (given["value"] % 2,)
        case "split":
            return (given["value"] // 2, given["value"] - given["value"] // 2)
        case "total":
            return (sum(given["parts"]),)
        case "words":
            return (given["text"],)
    raise AssertionError(kind)


@dataclass
class Plain:
    """Evaluates from scratch, and remembers which works it has seen by their very inputs."""

    seen: set[Key] = field(default_factory=set)

    def run(self, graph: Graph) -> tuple[dict[str, Outputs], list[str]]:
        """Return what every sound node gives, and which nodes are works not seen before."""
        values: dict[str, Outputs] = {}
        due = []
        for node_id in ordered(graph, graph.nodes):
            node = graph.nodes[node_id]
            given = self._given(node, graph, values)
            if given is None or _refused(node, given):
                continue
            key: Key = (node.type, tuple(sorted((k, repr(v)) for k, v in given.items())),
                        tuple(sorted(node.wires)))  # fmt: skip
            if key not in self.seen:
                self.seen.add(key)
                due.append(node_id)
            values[node_id] = body(node.type.partition("/")[2], given)
        return values, due

    @staticmethod
    def _given(node: Node, graph: Graph, values: dict[str, Outputs]) -> dict[str, Any] | None:
        spec = CATALOG.require(node.type)
        if any(source.node not in values for source in sources_of(node)):
            return None
        given: dict[str, Any] = {}
        for item in spec.inputs:
            if item.name in node.wires:
                wired = [
                    convert(values[s.node][_index(graph, s.node, s.output)], item.type)
                    for s in node.wires[item.name]
                ]
                given[item.name] = wired if item.multiple else wired[0]
            elif item.required:
                return None
            else:
                given[item.name] = node.params.get(item.name, item.default)
        return given


def _refused(node: Node, given: dict[str, Any]) -> bool:
    """Say whether a wire brings what the widget at its end does not take."""
    widgets = CATALOG.require(node.type).widgets
    return any(refusal(widget, given[item.name]) is not None for item, widget in widgets)


def _index(graph: Graph, node_id: str, output: str) -> int:
    return CATALOG.require(graph.nodes[node_id].type).output_index[output]


def check(steps: list[Make]) -> None:
    session, plain, graph = Session(), Plain(), all_types()
    for edit in steps:
        graph = applied(graph, edit)
        values, due = plain.run(graph)
        ran = session.run(graph, *sorted(graph.nodes))
        assert without_order(ran) == set(due)
        for node_id, outputs in values.items():
            found = tuple(session.value(node_id, i) for i in range(len(outputs)))
            assert repr(found) == repr(outputs), node_id
        assert {
            n for n, row in session.report.nodes.items() if row["status"] in ("ran", "cached")
        } == (set(values))


@given(history(3, 20))
def test_random_graphs_with_random_edits(steps: list[Make]) -> None:
    check(steps)


@pytest.mark.full
def test_many_random_graphs(amount: Amount) -> None:
    run = hypothesis.settings(max_examples=amount(sample=1, full=2000))(
        given(history(5, 40))(check)
    )
    run()


def test_the_plain_evaluation_knows_every_type_of_the_random_graphs() -> None:
    for node in all_types().nodes.values():
        assert node.type in LOADED.types
    values, due = Plain().run(all_types())
    assert set(values) == set(due) == {k for k, v in all_types().nodes.items()
                                       if v.type != "test/total"}  # fmt: skip
