"""Graphs of the tally pack, in which every node leaves its own mark."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from graph.edits import add_node, connect
from graph.graph import Graph, Source, Target
from graph.pack import assemble
from tests.graph.engine import tally_pack

if TYPE_CHECKING:
    from pathlib import Path

    from graph.params import Param

CATALOG = assemble((tally_pack.PACK,)).catalog
PACKS = ("tests.graph.engine.tally_pack",)


def mark_of(trial: int, node: str) -> str:
    """What the body of `node` leaves in a trial."""
    return f"{trial}.{node}"


def thirty(trial: int, *, ms: float = 5.0, side: int = 64) -> Graph:
    """Thirty nodes, all of them new work in each trial: six branches that meet."""
    graph = Graph()

    def put(node: str, kind: str, wires: dict[str, str], **params: Param) -> str:
        nonlocal graph
        params["mark"] = mark_of(trial, node)
        graph = add_node(graph, CATALOG, f"tally/{kind}", node_id=node, params=params).graph
        for name, source in wires.items():
            output = graph.nodes[source].type.partition("/")[2]
            output = "float" if output in {"measure", "add"} else "image"
            graph = connect(graph, CATALOG, Source(source, output), Target(node, name)).graph
        return node

    sums = []
    for i in range(6):
        one = put(f"paint{i}", "paint", {}, seed=1000 * trial + i, side=side, ms=ms)
        fine = put(f"refine{i}", "refine", {"image": one}, ms=ms)
        both = put(f"blend{i}", "blend", {"a": one, "b": fine}, ms=ms)
        sums.append(put(f"measure{i}", "measure", {"image": both}))
    total = sums[0]
    for i, each in enumerate(sums[1:]):
        total = put(f"add{i}", "add", {"a": total, "b": each})
    put("last", "refine", {"image": "blend5"}, ms=ms)
    assert len(graph.nodes) == 30
    return graph


def tally(path: Path) -> Counter[str]:
    """How often each mark was left."""
    return Counter(path.read_text(encoding="utf-8").split()) if path.exists() else Counter()
