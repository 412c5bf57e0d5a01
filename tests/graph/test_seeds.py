"""Seeds that are not kept: written into the file, renewed before a run, also inside subgraphs."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

import msgspec
import pytest
from immutables import Map

from graph.catalog import Catalog
from graph.edits import add_node, connect
from graph.format import dump, load
from graph.graph import Graph, Source, Subgraph, Target
from graph.seeds import FIELD, free_seeds, renewed, set_free
from graph.spec import InputSpec, IntWidget, NodeSpec, OutputSpec, SeedWidget

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NOISE = NodeSpec(
    id="test/noise",
    title="Noise",
    category="Test",
    inputs=(
        InputSpec(name="seed", label="Seed", type="Int", widget=SeedWidget(), default=0),
        InputSpec(name="steps", label="Steps", type="Int", widget=IntWidget(0, 9), default=1),
    ),
    outputs=(OutputSpec(name="int", label="Int", type="Int"),),
)
CATALOG = Catalog((NOISE,))


def thrower() -> Callable[[], int]:
    numbers = count(100)
    return lambda: next(numbers)


@pytest.fixture
def graph() -> Graph:
    graph = Graph()
    for name in ("one", "two"):
        graph = add_node(graph, CATALOG, NOISE.id, node_id=name).graph
    return graph


def seeds(graph: Graph) -> dict[str, object]:
    return {node.id: node.params["seed"] for node in graph.nodes.values()}


def test_every_seed_begins_kept(graph: Graph) -> None:
    assert renewed(graph, CATALOG, None, thrower()) is None


def test_a_free_seed_is_renewed_where_it_is_needed(graph: Graph) -> None:
    free = set_free(graph, "one", "seed", free=True)
    assert not free.change.semantic
    assert renewed(free.graph, CATALOG, ["two"], thrower()) is None
    edit = renewed(free.graph, CATALOG, ["one"], thrower())
    assert edit is not None
    assert seeds(edit.graph) == {"one": 100, "two": 0}
    assert edit.change.nodes == frozenset({"one"})
    assert edit.change.semantic
    kept = set_free(edit.graph, "one", "seed", free=False).graph
    assert FIELD not in kept.nodes["one"].extra
    assert renewed(kept, CATALOG, None, thrower()) is None


def test_what_a_wire_brings_stays(graph: Graph) -> None:
    wired = connect(graph, CATALOG, Source("one", "int"), Target("two", "seed")).graph
    wired = set_free(wired, "two", "seed", free=True).graph
    assert renewed(wired, CATALOG, None, thrower()) is None


def test_it_is_in_the_file(graph: Graph, tmp_path: Path) -> None:
    free = set_free(graph, "one", "seed", free=True).graph
    (tmp_path / "x.json").write_bytes(dump(free))
    again = load(tmp_path / "x.json", CATALOG)
    assert free_seeds(again.nodes["one"]) == {"seed"}
    assert dump(again) == dump(free)


@pytest.mark.parametrize("odd", ["seed", 3, [1, None], {"seed": True}])
def test_what_a_file_says_otherwise_keeps_the_seed(graph: Graph, odd: object) -> None:
    node = msgspec.structs.replace(graph.nodes["one"], extra=Map({FIELD: odd}))
    assert free_seeds(node) == frozenset()


def test_seeds_inside_subgraphs_are_renewed(graph: Graph) -> None:
    body = set_free(graph, "one", "seed", free=True).graph
    whole = Graph(subgraphs=Map({"s": Subgraph(id="s", title="S", body=body)}))
    edit = renewed(whole, CATALOG, None, thrower())
    assert edit is not None
    assert seeds(edit.graph.subgraphs["s"].body) == {"one": 100, "two": 0}
    assert edit.change.subgraphs == frozenset({"s"})
    assert edit.graph.nodes == whole.nodes
