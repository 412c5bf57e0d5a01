"""Lining up, snapping, frames, and laying whole graphs out."""

from __future__ import annotations

import itertools
import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph import edits
from graph.graph import Frame, Graph
from graph.layers import Arrow, columns, layers
from graph.layout import (
    Box,
    Edge,
    Guide,
    aligned,
    around,
    boxes_of,
    carried_by,
    distributed,
    frame_around,
    snap_to,
)
from graph.tidy import tidied
from tests.graph.build import CATALOG, build, chain, n

SIZE = (100.0, 60.0)


def overlapping(boxes: dict[str, Box]) -> list[tuple[str, str]]:
    return [
        (one, other)
        for one, other in itertools.combinations(sorted(boxes), 2)
        if boxes[one].x < boxes[other].right
        and boxes[other].x < boxes[one].right
        and boxes[one].y < boxes[other].bottom
        and boxes[other].y < boxes[one].bottom
    ]


BOXES = {"a": Box(0, 0, 10, 10), "b": Box(40, 5, 20, 30), "c": Box(100, -5, 10, 10)}


class TestLines:
    @pytest.mark.parametrize(
        ("edge", "places"),
        [
            (Edge.LEFT, {"a": (0, 0), "b": (0, 5), "c": (0, -5)}),
            (Edge.RIGHT, {"a": (100, 0), "b": (90, 5), "c": (100, -5)}),
            (Edge.TOP, {"a": (0, -5), "b": (40, -5), "c": (100, -5)}),
            (Edge.BOTTOM, {"a": (0, 25), "b": (40, 5), "c": (100, 25)}),
        ],
    )
    def test_aligned(self, edge: Edge, places: dict[str, tuple[float, float]]) -> None:
        assert aligned(BOXES, edge) == places

    def test_distributed_with_equal_gaps(self) -> None:
        assert distributed(BOXES, across=True) == {"a": (0, 0), "b": (45, 5), "c": (100, -5)}

    def test_what_does_not_fit_between_moves_on(self) -> None:
        crowd = {"a": Box(0, 0, 50, 10), "b": Box(0, 5, 50, 10), "c": Box(0, 8, 50, 10)}
        assert distributed(crowd, across=False) == {"a": (0, 0), "b": (0, 18), "c": (0, 36)}

    def test_nothing_is_nowhere(self) -> None:
        assert aligned({}, Edge.LEFT) == distributed({}, across=True) == {}
        assert around([]) is frame_around([]) is None


class TestSnap:
    def test_the_nearest_line_wins_and_is_told(self) -> None:
        moving, other = Box(103, 200, 50, 50), Box(100, 0, 50, 50)
        snap = snap_to(moving, [other, Box(108, 0, 50, 50)], 6)
        assert (snap.x, snap.y) == (-3, 0)
        assert Guide(upright=True, at=100, start=0, end=250) in snap.guides

    def test_out_of_reach_is_let_be(self) -> None:
        assert snap_to(Box(0, 0, 10, 10), [Box(30, 30, 10, 10)], 5) == (0, 0, ())

    def test_both_ways_at_once(self) -> None:
        snap = snap_to(Box(2, 103, 10, 10), [Box(0, 0, 10, 10), Box(200, 100, 10, 10)], 5)
        assert (snap.x, snap.y) == (-2, -3)
        assert {guide.upright for guide in snap.guides} == {True, False}


class TestFrames:
    def test_it_carries_what_lies_in_it(self) -> None:
        graph = edits.move(build(n("in", "number"), n("out", "number")), {"out": (300, 0)}).graph
        for frame in (
            Frame(id="f", position=(-10, -50), size=(250, 200)),
            Frame(id="small", position=(0, 0), size=(100, 100)),
            Frame(id="beside", position=(100, 0), size=(300, 100)),
            Frame(id="same", position=(-10, -50), size=(250, 200)),
        ):
            graph = edits.put_frame(graph, frame).graph
        boxes = boxes_of(graph, {"in": SIZE, "out": SIZE})
        assert carried_by(graph, boxes, "f") == {"in", "small"}


class TestLayers:
    def test_columns_follow_the_arrows(self) -> None:
        arrows = [Arrow("a", "b"), Arrow("b", "c"), Arrow("late", "c")]
        assert columns(["a", "b", "c", "late"], arrows) == {"a": 0, "b": 1, "c": 2, "late": 1}

    def test_no_crossing_where_none_is_needed(self) -> None:
        sizes = dict.fromkeys(("a", "b", "c", "x", "y", "z"), SIZE)
        arrows = [Arrow("a", "z"), Arrow("b", "y"), Arrow("c", "x")]
        found = layers(sizes, arrows, sorted(sizes))
        tops = [found[key][1] for key in "abc"]
        assert sorted(tops) == tops
        assert [found[key][1] for key in "zyx"] == tops  # each runs level

    def test_a_chain_is_a_straight_line(self) -> None:
        sizes = dict.fromkeys("abcd", SIZE)
        found = layers(sizes, [Arrow(*pair) for pair in ("ab", "bc", "cd")], "abcd")
        assert {y for _x, y in found.values()} == {0}
        assert [found[key][0] for key in "abcd"] == [0, 180, 360, 540]

    def test_long_arrows_keep_off_the_boxes_between(self) -> None:
        sizes = dict.fromkeys("abc", SIZE)
        found = layers(sizes, [Arrow("a", "b"), Arrow("b", "c"), Arrow("a", "c")], "abc")
        level = found["a"][1] + 30
        assert not found["b"][1] <= level <= found["b"][1] + 60

    @given(st.integers(1, 30), st.randoms(use_true_random=False))
    def test_boxes_never_overlap(self, count: int, rng: random.Random) -> None:
        ids = [f"n{i}" for i in range(count)]
        sizes = {key: (rng.uniform(10, 300), rng.uniform(10, 500)) for key in ids}
        pairs = (
            {tuple(sorted(rng.sample(range(count), 2))) for _ in range(count)} if count > 1 else ()
        )
        arrows = [Arrow(ids[a], ids[b], rng.random(), rng.random()) for a, b in pairs]
        found = layers(sizes, arrows, ids)
        assert not overlapping({key: Box(*found[key], *sizes[key]) for key in ids})
        for arrow in arrows:
            assert found[arrow.source][0] + sizes[arrow.source][0] < found[arrow.target][0]

    def test_ten_thousand_boxes_take_seconds(self) -> None:
        rng = random.Random(1)
        ids = [f"n{i}" for i in range(10_000)]
        arrows = [Arrow(ids[max(0, i - rng.randrange(1, 40))], ids[i]) for i in range(1, 10_000)]
        start = time.process_time()
        layers(dict.fromkeys(ids, SIZE), arrows, ids)
        assert time.process_time() - start < 20


class TestTidy:
    def sizes(self, graph: Graph) -> dict[str, tuple[float, float]]:
        return dict.fromkeys(graph.nodes, SIZE)

    def test_all_of_it_from_left_to_right(self) -> None:
        graph = edits.move(chain(5), {"n0": (400, 80), "n3": (-80, 16)}).graph
        made = tidied(graph, CATALOG, self.sizes(graph)).graph
        across = [made.nodes[f"n{i}"].position[0] for i in range(5)]
        assert across == sorted(across)
        assert min(x for x in across) == -80
        assert all(x % 8 == 0 for node in made.nodes.values() for x in node.position)

    def test_pinned_nodes_and_others_stay(self) -> None:
        graph = edits.arrange(chain(4), ["n0"], pinned=True).graph
        made = tidied(graph, CATALOG, self.sizes(graph), ["n0", "n1", "n2"]).graph
        assert made.nodes["n0"] is graph.nodes["n0"]
        assert made.nodes["n3"] is graph.nodes["n3"]
        assert made.nodes["n2"].position[0] > made.nodes["n1"].position[0]

    def test_sets_that_do_not_hang_together_lie_below_each_other(self) -> None:
        graph = build(n("x", "number"), n("y", "number"), n("z", "number"))
        made = tidied(graph, CATALOG, self.sizes(graph)).graph
        assert not overlapping(boxes_of(made, self.sizes(made)))

    def test_frames_keep_their_nodes_and_others_out(self) -> None:
        graph = edits.move(
            chain(6), {f"n{i}": (i * 20.0, 200.0 if i in (2, 3) else 0.0) for i in range(6)}
        ).graph
        graph = edits.put_frame(graph, Frame(id="f", position=(0, 150), size=(400, 200))).graph
        sizes = self.sizes(graph)
        made = tidied(graph, CATALOG, sizes).graph
        boxes = boxes_of(made, sizes)
        assert carried_by(made, boxes, "f") == {"n2", "n3"}
        nodes = {key: box for key, box in boxes.items() if key != "f"}
        assert not overlapping(nodes)
        others = {key: boxes[key] for key in ("n0", "n1", "n4", "n5", "f")}
        assert not overlapping(others)

    def test_a_frame_that_wires_leave_and_come_back_to_is_undone(self) -> None:
        graph = edits.move(chain(3), {"n0": (0, 0), "n1": (200, 900), "n2": (200, 0)}).graph
        graph = edits.put_frame(graph, Frame(id="f", position=(-10, -10), size=(400, 200))).graph
        made = tidied(graph, CATALOG, self.sizes(graph)).graph
        across = [made.nodes[f"n{i}"].position[0] for i in range(3)]
        assert across == sorted(set(across))

    def test_nothing_is_no_edit(self) -> None:
        assert tidied(Graph(), CATALOG, {}).graph == Graph()
