"""What is remembered of a run: each node's fate and the picture that stands for all."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from graph.cache import Cache
from graph.edits import set_param
from graph.events import NodeFailed as Failed
from graph.events import (
    NodeFinished,
    NodeProgress,
    Outcome,
    Problem,
    RunFinished,
    RunStarted,
    Status,
)
from graph.reasons import FirstRun, InputChanged, ParamChanged
from graph.runs.record import NodeRecord, Recorder, pack_nodes, unpack_nodes, words_of
from graph.runs.thumbnail import MOST_BYTES, SIDE, thumbnail
from tests.app.catalog import CATALOG as PICTURES
from tests.app.catalog import text_to_image
from tests.graph.build import CATALOG, build, n
from tests.graph.runs.build import order, record


def test_a_run_is_remembered_node_by_node_with_typed_reasons() -> None:
    cache = Cache()
    first = record(order(), cache)
    assert first.outcome is Outcome.DONE
    assert [(node.node, node.type, node.status) for node in first.nodes] == [
        ("a", "test/number", Status.RAN),
        ("b", "test/fold", Status.RAN),
    ]
    assert {node.reasons for node in first.nodes} == {(FirstRun(),)}
    assert all(node.digests and node.ms > 0 for node in first.nodes)
    again = record(order(), cache)
    assert again.count(Status.CACHED) == 2


def test_what_failed_and_what_waited_for_it_say_why() -> None:
    graph = build(
        n("bad", "fail", message="no ink"), n("next", "fold", {"a": "bad.int"}), n("c", "number")
    )
    made = record(order(graph))
    fates = {node.node: (node.status, node.error) for node in made.nodes}
    assert made.outcome is Outcome.PARTIAL
    assert fates["bad"][0] is Status.FAILED
    assert "no ink" in fates["bad"][1]
    assert fates["next"][0] is Status.SKIPPED
    assert "Fail" in fates["next"][1]
    assert made.count(Status.FAILED, Status.SKIPPED) == 2


def test_a_record_comes_back_as_it_was_kept() -> None:
    nodes = (
        NodeRecord(
            "a/2/b", "A / B", "test/draw", Status.RAN, 12.5, 20,
            (ParamChanged("seed", 1, 2), InputChanged("image", "x")),
            ("/tmp/a.png",), ("d1", ("d2", "d3")), ("words were cut",),  # noqa: S108 - only a name
        ),
        NodeRecord("c", "C", "", Status.FAILED, error="no luck"),
    )  # fmt: skip
    assert unpack_nodes(pack_nodes(nodes)) == nodes
    assert unpack_nodes(b"\x00") == ()


def test_a_run_that_was_cut_off_counts_as_cancelled_with_what_it_did() -> None:
    recorder = Recorder(order(), CATALOG)
    recorder.add(RunStarted(1, ("a", "b")))
    recorder.add(NodeFinished(1, "a", Status.RAN, "x", ("d",), ms=3.0))
    assert (recorder.done, recorder.total) == (1, 2)
    made = recorder.record()
    assert made.outcome is Outcome.CANCELLED
    assert [node.node for node in made.nodes] == ["a"]


def test_steps_are_remembered_and_unknown_nodes_are_no_trouble() -> None:
    recorder = Recorder(order(), CATALOG)
    for event in (
        NodeProgress(1, "a", 3, 20),
        NodeFinished(1, "a", Status.RAN, "x", ("d",)),
        NodeFinished(1, "gone/deeper", Status.RAN, "y", ("e",)),
        Failed(1, "b", Problem("ValueError", "no")),
        RunFinished(1, Outcome.PARTIAL, 9.0, "words"),
    ):
        recorder.add(event)
    made = recorder.record()
    assert [node.steps for node in made.nodes] == [20, 0, 0]
    assert made.nodes[1].title == "gone/deeper"
    assert (made.ms, made.message) == (9.0, "words")


def test_the_picture_that_is_made_last_stands_for_the_run() -> None:
    graph = build(
        n("draw", "draw", side=24), n("invert", "invert", {"image": "draw.image"}), n("n", "number")
    )
    made = record(order(graph))
    digests = {node.node: node.digests for node in made.nodes}
    assert made.picture == digests["invert"][0]
    assert made.pixels is not None
    assert made.pixels.shape == (24, 24, 3)


def test_a_run_without_pictures_has_none() -> None:
    assert record(order()).picture == ""


@pytest.mark.parametrize("shape", [(8, 8), (256, 256), (40, 300), (1, 1)])
def test_a_thumbnail_is_small_whatever_is_in_the_picture(shape: tuple[int, int]) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (*shape, 3), np.uint8)
    data = thumbnail(noise)
    image = Image.open(io.BytesIO(data))
    assert len(data) <= MOST_BYTES
    assert max(image.size) <= min(SIDE, max(shape))
    assert image.format == "JPEG"


def test_runs_are_found_by_their_prompts() -> None:
    graph = text_to_image()
    for node, text in (("prompt", "a red\n  star"), ("negative", "blurry " * 200)):
        graph = set_param(graph, PICTURES, node, "text", text).graph
    found = words_of(graph, PICTURES)
    assert "a red star" in found.split("\n")
    assert "blurry" in found
    assert len(found) <= 600
    assert "{graph}" not in found, "file names are no prompts"
