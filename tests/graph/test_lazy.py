"""Lazy inputs: only what a body asks for is computed, and only that is in its key."""

from __future__ import annotations

from graph.edits import add_node, connect, set_param
from graph.execute import Engine
from graph.files import FileIndex
from graph.graph import Graph, Source, Target
from graph.pack import assemble
from graph.plan import State, plan
from graph.report import Report
from tests.graph import lazy_pack, pack

LOADED = assemble((pack.PACK, lazy_pack.PACK))
CATALOG = LOADED.catalog


def graph_of(nodes: dict[str, str], *wires: str, **values: int) -> Graph:
    graph = Graph()
    for name, kind in nodes.items():
        graph = add_node(graph, CATALOG, kind, node_id=name).graph
    for wire in wires:
        source, _, target = wire.partition(" > ")
        ends = Source(*source.split(".")), Target(*target.split("."))
        graph = connect(graph, CATALOG, *ends).graph
    for name, value in values.items():
        graph = set_param(graph, CATALOG, name, "value", value).graph
    return graph


def switched() -> Graph:
    nodes = {"x": "test/number", "y": "test/number", "fx": "test/fold", "fy": "test/fold"}
    graph = graph_of(
        nodes | {"switch": "lazy/switch", "end": "test/fold"},
        "x.int > fx.a",
        "y.int > fy.a",
        "fx.int > switch.a",
        "fy.int > switch.b",
        "switch.int > end.a",
        x=1,
        y=2,
    )
    # Equal work is done once, so each fold is given other work.
    for name, added in {"fx": 10, "fy": 20, "end": 100}.items():
        graph = set_param(graph, CATALOG, name, "b", added).graph
    return graph


class Bench:
    """An engine and the nodes whose bodies it called to the end."""

    def __init__(self) -> None:
        self.engine = Engine(LOADED, FileIndex())

    def run(self, graph: Graph) -> set[str]:
        report = Report(graph, CATALOG)
        for event in self.engine.run(graph, targets=["end"] if "end" in graph.nodes else None):
            report.add(event)
        assert not report.errors
        self.report = report
        return set(report.ran())

    def value(self, graph: Graph, node: str) -> object:
        cache = self.engine.cache
        step = plan(graph, CATALOG, FileIndex(), "", Known(cache), asks=Asks(cache)).steps[node]
        assert step.state is State.CLEAN
        return self.engine.value(step.digests[0])


class Known(dict[str, tuple[str, ...]]):
    """The engine's table of actions, as a mapping."""

    def __init__(self, cache: object) -> None:
        self._cache = cache

    def get(self, key: str, _default: object = None) -> tuple[str, ...] | None:  # type: ignore[override]
        return self._cache.digests(key)  # type: ignore[attr-defined, no-any-return]


class Asks(dict[str, str]):
    """The engine's table of asks, as a mapping."""

    def __init__(self, cache: object) -> None:
        self._cache = cache

    def __bool__(self) -> bool:
        return True

    def get(self, key: str, _default: object = None) -> str | None:  # type: ignore[override]
        return self._cache.asked(key)  # type: ignore[attr-defined, no-any-return]


def test_only_the_side_that_is_chosen_is_computed() -> None:
    bench, graph = Bench(), switched()
    assert bench.run(graph) == {"x", "fx", "switch", "end"}
    assert bench.value(graph, "end") == 111
    assert bench.run(graph) == set()


def test_an_edit_on_the_other_side_runs_nothing() -> None:
    bench, graph = Bench(), switched()
    bench.run(graph)
    assert bench.run(set_param(graph, CATALOG, "y", "value", 5).graph) == set()
    assert bench.run(set_param(graph, CATALOG, "x", "value", 5).graph) == {
        "x",
        "fx",
        "switch",
        "end",
    }


def test_switching_over_computes_the_other_side_and_back_nothing() -> None:
    bench, graph = Bench(), switched()
    bench.run(graph)
    other = set_param(graph, CATALOG, "switch", "first", False).graph
    assert bench.run(other) == {"y", "fy", "switch", "end"}
    assert bench.report.nodes["switch"]["reason"] == "first: True → False; b changed (fy)"
    assert bench.value(other, "end") == 122
    assert bench.run(graph) == set()


def test_what_is_asked_may_depend_on_what_was_got() -> None:
    nodes = {"p": "test/number", "q": "test/number", "until": "lazy/until"}
    graph = graph_of(nodes, "p.int > until.first", "q.int > until.second", p=0, q=7)
    bench = Bench()
    assert bench.run(graph) == {"p", "q", "until"}
    assert bench.value(graph, "until") == 7
    one = set_param(graph, CATALOG, "p", "value", 3).graph
    assert bench.run(one) == {"p", "until"}
    assert bench.run(set_param(one, CATALOG, "q", "value", 9).graph) == set()
    assert bench.run(set_param(graph, CATALOG, "q", "value", 9).graph) == {"q", "until"}


def test_a_failure_on_the_side_not_chosen_is_never_seen() -> None:
    graph = switched()
    graph = add_node(graph, CATALOG, "test/fail", node_id="bad").graph
    graph = connect(graph, CATALOG, Source("bad", "int"), Target("fy", "b")).graph
    assert "bad" not in Bench().run(graph)


def test_a_chain_of_a_thousand_switches_needs_no_recursion() -> None:
    graph = graph_of({"x": "test/number"}, x=4)
    source = "x"
    for i in range(1000):
        name = "end" if i == 999 else f"s{i}"
        graph = add_node(graph, CATALOG, "lazy/switch", node_id=name).graph
        for side in ("a", "b"):
            graph = connect(graph, CATALOG, Source(source, "int"), Target(name, side)).graph
        source = name
    bench = Bench()
    # All switches do equal work: the first is computed, the others are known by then.
    assert bench.run(graph) == {"x", "s0"}
    assert len(bench.report.nodes) == 1001
    assert bench.value(graph, "end") == 4
