"""Costs: learned from runs, scaled by steps and pixels, robust, and kept between starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from graph.edits import set_param
from graph.events import Status
from graph.graph import Source, with_nodes
from graph.runs.costs import Costs, Load, Sample, loads_of, predict
from graph.runs.ledger import Ledger
from graph.runs.record import NodeRecord
from tests.app.catalog import CATALOG, text_to_image

if TYPE_CHECKING:
    from pathlib import Path

STEPS, PIXELS = st.integers(0, 200), st.integers(0, 1 << 26)
LOAD = Load("s", "test/sample", steps=20, pixels=100)


def ran(
    ms: float, *, node: str = "s", steps: int = 0, status: Status = Status.RAN
) -> tuple[NodeRecord, ...]:
    return (NodeRecord(node, node, "test/sample", status, ms, steps),)


def test_a_cost_scales_with_steps_and_pixels() -> None:
    samples = [Sample(1000.0, 20, 512 * 512)]
    assert predict(samples, 20, 512 * 512) == 1000.0
    assert predict(samples, 40, 512 * 512) == 2000.0
    assert predict(samples, 10, 1024 * 512) == 1000.0
    assert predict(samples) == 1000.0, "what is not known does not scale"
    assert predict([Sample(50.0)], 7, 9) == 50.0
    assert predict([]) is None


def test_one_slow_run_among_many_changes_nothing() -> None:
    costs = Costs()
    for ms in (100.0, 101.0, 9000.0, 99.0, 100.0):
        costs.learn("d", "cpu", ran(ms), {})
    assert costs.of("d", "cpu", LOAD) == 100.0


def test_new_costs_replace_old_ones() -> None:
    costs = Costs()
    for ms in (100.0,) * 20 + (300.0,) * 5:
        costs.learn("d", "cpu", ran(ms), {})
    assert costs.of("d", "cpu", LOAD) == 300.0


@given(st.lists(st.tuples(st.floats(0, 1e7), STEPS, PIXELS), min_size=1), STEPS, STEPS, PIXELS)
def test_more_steps_never_cost_less(
    samples: list[tuple[float, int, int]], steps: int, more: int, pixels: int
) -> None:
    found = [Sample(*sample) for sample in samples]
    few, many = predict(found, max(steps, 1), pixels), predict(found, max(steps, 1) + more, pixels)
    assert few is not None
    assert many is not None
    assert 0 <= few <= many


def test_the_node_itself_is_known_better_than_its_type_and_devices_are_kept_apart() -> None:
    costs = Costs()
    costs.learn("d", "cpu", ran(100.0), {})
    costs.learn("d", "cpu", ran(500.0, node="other"), {})
    costs.learn("d", "gpu", ran(3.0), {})
    assert costs.of("d", "cpu", LOAD) == 100.0
    assert costs.of("new document", "cpu", LOAD) == 300.0, "the median of the type"
    assert costs.of("d", "gpu", LOAD) == 3.0
    assert costs.of("d", "mps", LOAD) is None


def test_only_what_ran_is_learned() -> None:
    costs = Costs()
    for status in (Status.CACHED, Status.FAILED, Status.SKIPPED):
        costs.learn("d", "cpu", ran(5.0, status=status), {})
    assert costs.of("d", "cpu", LOAD) is None


def test_steps_and_pixels_of_the_graph_are_learned() -> None:
    costs = Costs()
    costs.learn("d", "cpu", ran(1000.0, steps=7), {"s": LOAD})  # half denoised, it takes fewer
    assert costs.of("d", "cpu", Load("s", "test/sample", 10, 400)) == 2000.0


def test_steps_that_a_body_tells_of_count_where_no_widget_asks_for_them() -> None:
    costs = Costs()
    costs.learn("d", "cpu", ran(1000.0, steps=10), {"s": Load("s", "test/sample")})
    assert costs.of("d", "cpu", Load("s", "test/sample", 20)) == 2000.0
    assert costs.of("d", "cpu", Load("s", "test/sample")) == 1000.0


def test_costs_are_there_after_a_restart(tmp_path: Path) -> None:
    first = Ledger(tmp_path)
    first.open()
    for ms in (100.0, 120.0, 140.0):
        first.costs.learn("d", "cpu", ran(ms), {})
    first.close()
    second = Ledger(tmp_path)
    second.costs.learn("d", "cpu", ran(160.0), {})  # before the file was read
    second.open()
    assert second.database.flush()
    assert second.costs.of("d", "cpu", LOAD) == 130.0
    second.close()


def test_damaged_costs_are_passed_over(ledger: Ledger) -> None:
    key = "cpu\ntest/sample"
    ledger.database.submit(lambda c: c.execute("insert into costs values (?, x'c1', 0)", (key,)))
    ledger.costs.load()
    assert ledger.database.flush()
    assert ledger.costs.of("d", "cpu", LOAD) is None


def test_pixels_come_from_the_size_before_a_node_and_steps_from_its_widget() -> None:
    graph = text_to_image()
    for name, value in (("width", 512), ("height", 256)):
        graph = set_param(graph, CATALOG, "size", name, value).graph
    graph = set_param(graph, CATALOG, "sampler", "steps", 33).graph
    loads = loads_of(graph, CATALOG, ["size", "sampler", "decode", "prompt", "gone"])
    assert loads == {
        "size": Load("size", "sfumato/empty_latent", 0, 512 * 256),
        "sampler": Load("sampler", "sfumato/sample", 33, 512 * 256),
        "decode": Load("decode", "sfumato/vae_decode", 0, 512 * 256),
        "prompt": Load("prompt", "sfumato/encode_text", 0, 0),
    }


def test_a_wired_number_is_not_known_beforehand() -> None:
    graph = text_to_image()
    assert loads_of(graph, CATALOG, ["sampler"])["sampler"].steps == 20
    node = graph.nodes["sampler"]
    wired = replace(node, wires=node.wires.set("steps", (Source("size", "latent"),)))
    assert loads_of(with_nodes(graph, [wired]), CATALOG, ["sampler"])["sampler"].steps == 0
