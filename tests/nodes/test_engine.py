"""The nodes in the engine: over a restart, and when memory runs out."""

from __future__ import annotations

import shutil
from contextlib import closing
from typing import TYPE_CHECKING

import msgspec
import pytest
import torch

from graph.edits import set_param
from graph.engine.settings import EngineSettings
from graph.events import NodeFailed, NodeFinished, Status
from graph.format import parse
from graph.reasons import FileChanged
from graph.values import Latent
from nodes.families.kl import KlAutoencoder
from nodes.families.unet import UNetDenoiser
from nodes.store import ModelStore
from resources import templates
from tests.nodes.test_checkpoints import exchange_vocabulary

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor

    from graph.execute import Engine
    from graph.graph import Graph
    from nodes.families.base import Condition
    from tests.nodes.conftest import Tiny

FULL = "CUDA out of memory. Tried to allocate 2.50 GiB. GPU 0 has a total capacity of 7.79 GiB of "


@pytest.fixture
def settings(tiny: Tiny, tmp_path: Path) -> EngineSettings:
    return EngineSettings(
        device="cpu", named={"cutout": str(tiny.folder)}, cache_folder=str(tmp_path / "cache")
    )


def picture(engine: Engine, prompt: str = "a red star", side: int = 64) -> Graph:
    """From words to a small picture, in two steps."""
    graph = parse(templates.read("text-to-image"), catalog=engine.loaded.catalog)
    values: dict[str, dict[str, str | int]] = {
        "prompt": {"text": prompt},
        "sampler": {"steps": 2, "seed": 1},
        "size": {"width": side, "height": side},
    }
    for node, params in values.items():
        for name, value in params.items():
            graph = set_param(graph, engine.loaded.catalog, node, name, value).graph
    return graph


def settled(engine: Engine, graph: Graph, folder: Path) -> dict[str, NodeFinished | NodeFailed]:
    """What became of each node."""
    events = engine.run(graph, targets=["decode"], output_folder=folder)
    return {each.node: each for each in events if isinstance(each, (NodeFinished, NodeFailed))}


def status(found: dict[str, NodeFinished | NodeFailed]) -> dict[str, Status | str]:
    return {
        node: each.status if isinstance(each, NodeFinished) else each.problem.message
        for node, each in found.items()
    }


def store_of(engine: Engine) -> ModelStore:
    store = engine.loaded.services[ModelStore]
    assert isinstance(store, ModelStore)
    return store


def test_a_loader_need_not_run_again_after_a_restart(
    settings: EngineSettings, tmp_path: Path
) -> None:
    with closing(settings.engine()) as engine:
        first = status(settled(engine, picture(engine), tmp_path))
        assert set(first.values()) == {Status.RAN}
    with closing(settings.engine()) as engine:
        assert set(status(settled(engine, picture(engine), tmp_path)).values()) == {Status.CACHED}
        assert store_of(engine).loads == 0
        other = status(settled(engine, picture(engine, "a blue star"), tmp_path))
        ran = {node for node, each in other.items() if each is Status.RAN}
        assert ran == {"prompt", "sampler", "decode"}
        assert store_of(engine).loads == 3


def test_another_vocabulary_is_other_work(
    tiny_files: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SFUMATO_TOKENIZER")
    whole, beside = tmp_path / "model.safetensors", tmp_path / "tokenizer"
    whole.symlink_to(tiny_files.file)
    shutil.copytree(tiny_files.folder / "tokenizer", beside)
    settings = EngineSettings(device="cpu", named={"cutout": str(whole)})
    with closing(settings.engine()) as engine:
        graph = picture(engine)
        settled(engine, graph, tmp_path)
        assert set(status(settled(engine, graph, tmp_path)).values()) == {Status.CACHED}
        exchange_vocabulary(beside)
        found = settled(engine, graph, tmp_path)
        assert {node for node, each in status(found).items() if each is Status.RAN} >= {
            "checkpoint",
            "prompt",
            "sampler",
        }
        loader = found["checkpoint"]
        assert loader.reasons == (FileChanged("", "tokenizer.json"),)
        # One that lies nearer is taken from now on.
        shutil.copytree(tiny_files.folder / "tokenizer", tmp_path / "model" / "tokenizer")
        assert status(settled(engine, graph, tmp_path))["prompt"] is Status.CACHED
        assert set(status(settled(engine, graph, tmp_path)).values()) == {Status.CACHED}


class Small:
    """A device with room for one latent, and one tile of eight cells, at once."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.refused: list[str] = []
        predict, decode = UNetDenoiser.predict, KlAutoencoder.decode

        def one_latent(
            denoiser: UNetDenoiser, state: Tensor, time: Tensor, condition: Condition
        ) -> Tensor:
            self._check(len(state) <= 1, "denoiser")
            return predict(denoiser, state, time, condition)

        def one_tile(coder: KlAutoencoder, samples: Tensor) -> Tensor:
            self._check(max(samples.shape[-2:]) <= 8, "VAE")
            return decode(coder, samples)

        patch.setattr(UNetDenoiser, "predict", one_latent)
        patch.setattr(KlAutoencoder, "decode", one_tile)

    def _check(self, fits: bool, what: str) -> None:
        if not fits:
            self.refused.append(what)
            raise torch.OutOfMemoryError(FULL + "which 0.5 GiB is free.")


def test_nodes_get_by_with_less_when_the_device_is_full(
    settings: EngineSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(settings.engine()) as engine:
        usual = settled(engine, picture(engine), tmp_path)
        expected = value(engine, usual["sampler"])
    fresh = msgspec.structs.replace(settings, cache_folder="")
    with monkeypatch.context() as patch, closing(fresh.engine()) as engine:
        small = Small(patch)
        found = settled(engine, picture(engine), tmp_path)
        assert set(status(found).values()) == {Status.RAN}
        assert small.refused == ["denoiser"]
        assert torch.allclose(value(engine, found["sampler"]), expected, atol=1e-5)
        # Sixteen cells are less than a tile, and more than this device has room for.
        other = status(settled(engine, picture(engine, side=128), tmp_path))
        assert other["sampler"] is Status.RAN
        assert other["decode"] == (
            "Decode: the memory of this computer is full (2.5 GB more were needed, 512.0 MB were "
            "free): make the picture smaller, choose another precision, or close other programs"
        )
        assert small.refused == ["denoiser", "denoiser", "VAE", "VAE"]
    assert store_of(engine).loads >= 3


def value(engine: Engine, event: NodeFinished | NodeFailed) -> Tensor:
    """The latent that a node gave."""
    assert isinstance(event, NodeFinished)
    latent = engine.value(event.digests[0])
    assert isinstance(latent, Latent)
    return latent.samples


def test_a_node_that_changes_its_input_is_named(
    settings: EngineSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decode = KlAutoencoder.decode

    def spoils(coder: KlAutoencoder, samples: Tensor) -> Tensor:
        return decode(coder, samples.mul_(2))

    monkeypatch.setattr(KlAutoencoder, "decode", spoils)
    with closing(settings.engine()) as engine:
        found = status(settled(engine, picture(engine), tmp_path))
    assert found["decode"] == "Decode: changed its input Latent in place: work on a copy"
    assert found["sampler"] is Status.RAN
