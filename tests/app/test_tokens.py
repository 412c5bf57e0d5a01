"""Counting tokens without the engine: by the vocabulary that is there, or about."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from app.document import Document
from app.tokens import VARIABLE, TokenCounter, estimate
from graph.edits import set_param
from graph.files import FileIndex
from graph.params import FileRef
from resources import models
from tests.app.catalog import CATALOG, text_to_image

if TYPE_CHECKING:
    from pathlib import Path

SHIPPED = next(iter(models.named().values()))


@pytest.fixture(autouse=True)
def no_other_vocabulary(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))


@pytest.fixture
def document(tmp_path: Path) -> Document:
    """A graph whose checkpoint is a single file in a folder of its own."""
    folder = tmp_path / "checkpoints"
    folder.mkdir()
    (folder / "tiny.safetensors").write_bytes(b"weights")
    graph, name = text_to_image(), FileRef("tiny.safetensors")
    return Document(CATALOG, set_param(graph, CATALOG, "checkpoint", "file", name).graph)


def counter(document: Document, tmp_path: Path) -> TokenCounter:
    return TokenCounter(document, FileIndex({"checkpoint": [tmp_path / "checkpoints"]}))


def test_exact_with_the_vocabulary_of_the_checkpoint_that_is_wired(
    document: Document, tmp_path: Path
) -> None:
    shutil.copytree(SHIPPED / "tokenizer", tmp_path / "checkpoints" / "tokenizer")
    found = counter(document, tmp_path).count("prompt", "a (red:1.3) star")
    assert found is not None
    assert (found.tokens, found.room, found.exact) == (3, 75, True)


def test_brackets_and_weights_are_no_tokens(document: Document, tmp_path: Path) -> None:
    shutil.copytree(SHIPPED / "tokenizer", tmp_path / "checkpoints" / "tokenizer")
    count = counter(document, tmp_path).count
    assert count("prompt", "((red)) [star]") == count("prompt", "red star")
    assert count("prompt", r"\(red\)") != count("prompt", "red")


def test_the_two_halves_of_a_vocabulary_will_do(document: Document, tmp_path: Path) -> None:
    whole = json.loads((SHIPPED / "tokenizer" / "tokenizer.json").read_text(encoding="utf-8"))
    folder = tmp_path / "checkpoints" / "tiny" / "tokenizer"
    folder.mkdir(parents=True)
    (folder / "vocab.json").write_text(json.dumps(whole["model"]["vocab"]), encoding="utf-8")
    merges = "\n".join(" ".join(pair) for pair in whole["model"]["merges"])
    (folder / "merges.txt").write_text(f"#version: 0.2\n{merges}\n", encoding="utf-8")
    halves = counter(document, tmp_path)
    shutil.copytree(SHIPPED / "tokenizer", tmp_path / "other" / "tokenizer")
    for text in ("a red star", "Large  BLUE circle's, 12", "grün 星 🏰", "xylophone-paper"):
        encoded = halves.count("prompt", text)
        assert encoded is not None
        assert encoded.exact
        assert encoded.tokens == _shipped(text)


def _shipped(text: str) -> int:
    from tokenizers import Tokenizer

    read = Tokenizer.from_file(str(SHIPPED / "tokenizer" / "tokenizer.json"))
    return len(read.encode(text, add_special_tokens=False).ids)


def test_a_guess_where_there_is_none(document: Document, tmp_path: Path) -> None:
    found = counter(document, tmp_path).count("prompt", "a red star")
    assert found is not None
    assert (found.tokens, found.exact) == (3, False)


def test_a_broken_vocabulary_costs_only_the_count(document: Document, tmp_path: Path) -> None:
    folder = tmp_path / "checkpoints" / "tokenizer"
    folder.mkdir()
    (folder / "tokenizer.json").write_text("{", encoding="utf-8")
    found = counter(document, tmp_path).count("prompt", "a red star")
    assert found is not None
    assert not found.exact


@pytest.mark.parametrize(
    ("text", "tokens"),
    [("", 0), ("a star", 2), ("red, blue", 3), ("extraordinary", 2), ("1999", 4), ("!!", 1)],
)
def test_estimates(text: str, tokens: int) -> None:
    assert estimate(text) == tokens
