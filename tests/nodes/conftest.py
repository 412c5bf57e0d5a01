"""The tiny checkpoint, once a session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
import torch

from graph.files import FileIndex
from nodes.families.registry import FAMILIES
from nodes.families.sd1 import Sd1
from nodes.loaders import load_checkpoint
from nodes.store import ModelStore
from tests.nodes.driver import make_run
from tests.nodes.ldm import write_single_file
from tests.nodes.tiny import make_pipeline

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from diffusers import StableDiffusionPipeline

    from graph.run import Run
    from nodes.loaders import LoadedCheckpoint


@dataclass(frozen=True)
class Tiny:
    """A checkpoint in both layouts, and the stock pipeline on the same weights."""

    pipeline: StableDiffusionPipeline
    folder: Path
    file: Path


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """Keep torch to one thread: on tiny networks more of them wait for each other, mostly."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    """The checkpoint that predicts noise."""
    root = tmp_path_factory.mktemp("tiny")
    pipeline = make_pipeline()
    pipeline.save_pretrained(root / "tiny")
    write_single_file(pipeline, root / "single.safetensors")
    # Read again, because a scheduler's configuration knows which settings were never given.
    pipeline = type(pipeline).from_pretrained(root / "tiny")
    pipeline.set_progress_bar_config(disable=True)
    return Tiny(pipeline, root / "tiny", root / "single.safetensors")


@pytest.fixture(scope="session")
def store() -> ModelStore:
    """One store for all, so that the checkpoint is loaded once."""
    return ModelStore("cpu")


@pytest.fixture
def run(tmp_path: Path, store: ModelStore) -> Run:
    """A run whose pictures go to a folder of the test."""
    made = make_run(tmp_path / "output")
    made.services = {FileIndex: FileIndex(), ModelStore: store}
    return made


@pytest.fixture
def parts(tiny: Tiny, run: Run) -> LoadedCheckpoint:
    """What Load Checkpoint gives for the tiny folder."""
    return load_checkpoint(run, tiny.folder)


@pytest.fixture
def tiny_files(tiny: Tiny, monkeypatch: pytest.MonkeyPatch) -> Tiny:
    """The same, where single files are read with the tiny networks' settings."""
    monkeypatch.setitem(FAMILIES, "sd1", Sd1(tiny.folder))
    monkeypatch.setenv("SFUMATO_TOKENIZER", str(tiny.folder / "tokenizer"))
    return tiny
