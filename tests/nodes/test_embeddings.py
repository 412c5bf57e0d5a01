"""Textual inversion: learned vectors in the places of tokens, by files of either layout."""

from __future__ import annotations

import copy
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
import torch
from safetensors.torch import save_file

from graph.edits import set_param
from graph.engine.settings import EngineSettings
from graph.errors import MissingFileError
from graph.files import FileIndex
from nodes.errors import PickleError, PromptError
from nodes.text import encode_text
from tests.nodes.test_engine import picture, settled, status
from tests.nodes.tiny import without_torchvision

if TYPE_CHECKING:
    from pathlib import Path

    from graph.run import Run
    from nodes.loaders import LoadedCheckpoint
    from tests.nodes.conftest import Tiny


@pytest.fixture
def folder(run: Run, tmp_path: Path) -> Path:
    """A folder that embeddings are looked for in."""
    where = tmp_path / "embeddings"
    where.mkdir()
    run.services = {**run.services, FileIndex: FileIndex({"embedding": [where]})}
    return where


def vectors(count: int, width: int = 32) -> torch.Tensor:
    return torch.randn(count, width, generator=torch.Generator().manual_seed(count))


def stock(tiny: Tiny, prompt: str, learned: torch.Tensor) -> torch.Tensor:
    """What the stock pipeline encodes with `learned` as tokens of its own."""
    components = {name: copy.deepcopy(part) for name, part in tiny.pipeline.components.items()}
    pipeline = type(tiny.pipeline)(**components, requires_safety_checker=False)
    # It says how it makes up vectors before these take their places.
    with without_torchvision():
        pipeline.load_textual_inversion({"<hat>": learned}, "<hat>")
    tokens, _ = pipeline.encode_prompt(prompt, "cpu", 1, do_classifier_free_guidance=False)
    found: torch.Tensor = tokens
    return found


@pytest.mark.parametrize("count", [1, 3])
def test_it_stands_for_tokens_as_in_the_stock_pipeline(
    tiny: Tiny, run: Run, parts: LoadedCheckpoint, folder: Path, count: int
) -> None:
    learned = vectors(count)
    one = learned[0] if count == 1 else learned
    save_file({"<hat>": one.contiguous()}, folder / "hat.safetensors")
    save_file({"emb_params": learned}, folder / "other.safetensors")
    expected = stock(tiny, "a red <hat> at the left", learned)
    found = encode_text(run, parts.text_encoder, "a red embedding:hat at the left")
    assert torch.allclose(found.tokens, expected, atol=1e-5)
    again = encode_text(run, parts.text_encoder, "a red embedding:other at the left")
    assert torch.equal(again.tokens, found.tokens)
    assert run.reads == [folder / "hat.safetensors", folder / "other.safetensors"]
    assert run.remarks == []
    # Nothing is left behind in the encoder.
    plain = encode_text(run, parts.text_encoder, "a red at the left")
    assert torch.allclose(plain.tokens, stock(tiny, "a red at the left", learned), atol=1e-5)


def test_it_takes_weights_and_punctuation(run: Run, parts: LoadedCheckpoint, folder: Path) -> None:
    save_file({"emb_params": vectors(2)}, folder / "style-1.0.safetensors")
    plain = encode_text(run, parts.text_encoder, "a star, embedding:style-1.0.")
    strong = encode_text(run, parts.text_encoder, "a star, (embedding:style-1.0:1.5).")
    assert plain.tokens.shape == strong.tokens.shape
    assert not torch.allclose(plain.tokens, strong.tokens)


def test_what_cannot_be_used_is_refused(run: Run, parts: LoadedCheckpoint, folder: Path) -> None:
    encoder = parts.text_encoder
    with pytest.raises(MissingFileError, match=r"the embedding 'hat.safetensors' is not here: put"):
        encode_text(run, encoder, "embedding:hat")
    (folder / "hat.pt").write_bytes(b"PK\x03\x04")
    with pytest.raises(PickleError, match=r"hat.pt is a Python pickle, .*: convert the embedding"):
        encode_text(run, encoder, "embedding:hat")
    save_file({"emb_params": vectors(1, 768)}, folder / "hat.safetensors")
    with pytest.raises(PromptError, match=r"for a text encoder of width 768, this one has 32: ch"):
        encode_text(run, encoder, "embedding:hat")
    save_file({"a": vectors(1), "b": vectors(1)}, folder / "hat.safetensors")
    with pytest.raises(PromptError, match=r"hat.safetensors is no textual inversion: it holds 2"):
        encode_text(run, encoder, "embedding:hat")


def test_another_file_of_that_name_is_other_work(tiny: Tiny, tmp_path: Path) -> None:
    where = tmp_path / "models" / "embeddings"
    where.mkdir(parents=True)
    file = where / "hat.safetensors"
    save_file({"emb_params": vectors(1)}, file)
    settings = EngineSettings(
        device="cpu",
        named={"cutout": str(tiny.folder)},
        folders={"embedding": (str(where),)},
    )
    with closing(settings.engine()) as engine:
        graph = picture(engine)
        graph = set_param(
            graph, engine.loaded.catalog, "prompt", "text", "a star, embedding:hat"
        ).graph
        settled(engine, graph, tmp_path)
        assert status(settled(engine, graph, tmp_path))["prompt"] == "cached"
        save_file({"emb_params": vectors(2)}, file)
        assert status(settled(engine, graph, tmp_path))["prompt"] == "ran"
