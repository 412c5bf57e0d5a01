"""The main job on the shipped model: words to picture, and only what an edit touched runs again."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import numpy as np
import PIL.Image
import pytest
from msgspec.structs import replace

from graph.edits import move, set_param
from graph.events import Outcome
from graph.format import parse
from graph.report import Report
from nodes.store import ModelStore
from resources import templates
from sfumato.cli.setting import built_in_catalog, settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from graph.execute import Engine
    from graph.graph import Graph

CATALOG = built_in_catalog()
STEPS = 4
"""Enough to be a real sampling, and quick."""


def template(name: str) -> Graph:
    graph = parse(templates.read(name), file=name, catalog=CATALOG)
    return set_param(graph, CATALOG, "sampler", "steps", STEPS).graph


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("main-job")


@pytest.fixture(scope="module")
def engine(folder: Path) -> Iterator[Engine]:
    with contextlib.closing(opened(folder)) as made:
        yield made


def opened(folder: Path) -> Engine:
    return replace(settings("cpu"), cache_folder=str(folder / "cache")).engine()


def ran(engine: Engine, graph: Graph, folder: Path) -> list[str]:
    """Run `graph` and return the nodes whose bodies ran."""
    report = Report(graph, CATALOG)
    for event in engine.run(graph, output_folder=folder / "out"):
        report.add(event)
    assert report.errors == []
    assert report.outcome is Outcome.DONE
    return report.ran()


def test_an_edit_runs_what_is_behind_it_and_nothing_else(engine: Engine, folder: Path) -> None:
    graph = template("text-to-image")
    assert set(ran(engine, graph, folder)) == set(graph.nodes)
    assert ran(engine, graph, folder) == []

    seeded = set_param(graph, CATALOG, "sampler", "seed", 7).graph
    assert ran(engine, seeded, folder) == ["sampler", "decode", "save"]

    moved = move(seeded, {"prompt": (5.0, 5.0)}).graph
    assert ran(engine, moved, folder) == []

    negative = set_param(moved, CATALOG, "negative", "text", "a small black cross").graph
    assert ran(engine, negative, folder) == ["negative", "sampler", "decode", "save"]

    assert ran(engine, graph, folder) == []
    assert len(list((folder / "out").glob("*.png"))) == 3


def test_finished_work_is_there_for_the_next_engine(tmp_path: Path) -> None:
    graph = template("text-to-image")
    with contextlib.closing(opened(tmp_path)) as before:
        assert set(ran(before, graph, tmp_path)) == set(graph.nodes)
    with contextlib.closing(opened(tmp_path)) as after:
        assert ran(after, graph, tmp_path) == []
        seeded = set_param(graph, CATALOG, "sampler", "seed", 99).graph
        assert ran(after, seeded, tmp_path) == ["sampler", "decode", "save"]


def test_image_to_image_keeps_what_denoise_leaves(engine: Engine, folder: Path) -> None:
    graph = template("image-to-image")
    assert set(ran(engine, graph, folder)) >= {"picture", "encode", "sampler", "decode", "save"}
    other = set_param(graph, CATALOG, "sampler", "denoise", 0.5).graph
    assert ran(engine, other, folder) == ["sampler", "decode", "save"]


def test_a_drawing_decides_the_shape(engine: Engine, folder: Path) -> None:
    graph = template("controlnet-from-drawing")
    assert set(ran(engine, graph, folder)) >= {"net", "drawing", "control", "sampler", "save"}
    weaker = set_param(graph, CATALOG, "control", "strength", 0.5).graph
    assert ran(engine, weaker, folder) == ["control", "sampler", "decode", "save"]


def test_another_strength_of_a_lora_samples_again_and_loads_nothing(
    engine: Engine, folder: Path
) -> None:
    graph = parse(templates.read("lora-styles"), file="lora-styles", catalog=CATALOG)
    for node in ("sampler-1", "sampler-2", "sampler-3"):
        graph = set_param(graph, CATALOG, node, "steps", STEPS).graph
    assert set(ran(engine, graph, folder)) >= {"lora-1", "lora-2", "lora-3", "side-by-side", "save"}
    store = engine.loaded.services[ModelStore]
    assert isinstance(store, ModelStore)
    loads = store.loads
    other = set_param(graph, CATALOG, "lora-2", "strength_model", 0.65).graph
    assert ran(engine, other, folder) == [
        "lora-2", "sampler-2", "decode-2", "side-by-side", "save",
    ]  # fmt: skip
    assert store.loads == loads


@pytest.mark.parametrize(("name", "box"), [("inpaint", (12, 116)), ("outpaint", (96, 192))])
def test_what_is_not_selected_keeps_its_pixels(
    engine: Engine, folder: Path, name: str, box: tuple[int, int]
) -> None:
    out = folder / name
    ran(engine, template(name), out)
    [path] = (out / "out").glob("*.png")
    done = np.asarray(PIL.Image.open(path).convert("RGB"))
    source = np.asarray(PIL.Image.open(templates.folder() / "cutout-scene.png").convert("RGB"))
    left, right = box
    outside = [x for x in range(source.shape[1]) if not left <= x < right]
    assert np.array_equal(done[:, outside], source[:, outside])
    assert not np.array_equal(done[:128, :128], source) or done.shape != source.shape
