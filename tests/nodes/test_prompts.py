"""Attention weights, long prompts, unknown words."""

from __future__ import annotations

import json
import shutil
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from graph.files import FileIndex
from nodes.errors import PromptError
from nodes.loaders import load_checkpoint
from nodes.prompts import parse
from nodes.text import encode_text, wildcards

if TYPE_CHECKING:
    from pathlib import Path

    from graph.run import Run
    from nodes.loaders import LoadedCheckpoint
    from tests.nodes.conftest import Tiny

PARSED: dict[str, list[tuple[str, float]]] = {
    "": [],
    "a red star": [("a red star", 1)],
    "a (red) star": [("a ", 1), ("red", 1.1), (" star", 1)],
    "((red))": [("red", 1.21)],
    "[red]": [("red", 1 / 1.1)],
    "([red])": [("red", 1)],
    "(red:1.5) star": [("red", 1.5), (" star", 1)],
    "(a (red:1.5) star:2)": [("a ", 2), ("red", 3), (" star", 2)],
    "(red:.5)": [("red", 0.5)],
    "(red: 0.5 )": [("red", 0.5)],
    "(red:-1)": [("red", -1)],
    r"a \(red\) star": [("a (red) star", 1)],
    r"\[x\] \\ y": [("[x] \\ y", 1)],
    "(red": [("red", 1.1)],
    "red) star]": [("red) star]", 1)],
    "a: b :1.5": [("a: b :1.5", 1)],
    "[red:1.5]": [("red:1.5", 1 / 1.1)],
    "red:1.5)": [("red:1.5)", 1)],
    "rot (größer:1.2) 星": [("rot ", 1), ("größer", 1.2), (" 星", 1)],
}


@pytest.mark.parametrize("prompt", PARSED)
def test_weights(prompt: str) -> None:
    found = parse(prompt)
    assert [text for text, _ in found] == [text for text, _ in PARSED[prompt]]
    weights = [weight for _, weight in PARSED[prompt]]
    assert [weight for _, weight in found] == pytest.approx(weights)


@given(st.text(alphabet="ab ()[]:\\.1-\n", max_size=40))
def test_any_text_is_a_prompt(prompt: str) -> None:
    pieces = parse(prompt)
    assert all(one[1] != other[1] for one, other in pairwise(pieces))
    letters = [char for char in prompt if char in "ab"]
    assert [char for text, _ in pieces for char in text if char in "ab"] == letters


@given(st.text(max_size=60).filter(lambda text: not set(text) & set("()[]\\")))
def test_text_without_brackets_is_left_alone(prompt: str) -> None:
    assert "".join(text for text, _ in parse(prompt)) == prompt
    assert len(parse(prompt)) <= 1


def test_a_neutral_weight_changes_no_bit(run: Run, parts: LoadedCheckpoint) -> None:
    plain, neutral = (
        encode_text(run, parts.text_encoder, text).tokens
        for text in ("a red star", "(a red star:1.0)")
    )
    assert torch.equal(plain, neutral)


def test_a_weight_moves_its_own_word(run: Run, parts: LoadedCheckpoint) -> None:
    plain, heavy, none = (
        encode_text(run, parts.text_encoder, text).tokens[0]
        for text in ("a red star", "a (red:1.5) star", "a (red:0) star")
    )
    empty = encode_text(run, parts.text_encoder, "").tokens[0]
    moved = (plain - heavy).abs().amax(dim=1) > 1e-6
    assert moved.nonzero().flatten().tolist() == [2]
    assert torch.allclose(heavy[2] - empty[2], 1.5 * (plain[2] - empty[2]), atol=1e-5)
    assert torch.allclose(none[2], empty[2])


def test_a_long_prompt_is_encoded_in_chunks(run: Run, parts: LoadedCheckpoint) -> None:
    one, two, three = (
        encode_text(run, parts.text_encoder, "red " * count).tokens for count in (75, 76, 151)
    )
    assert [tokens.shape[1] for tokens in (one, two, three)] == [77, 154, 231]
    assert torch.equal(two[:, :77], one)
    assert torch.isfinite(three).all()


def test_too_deep_a_layer_says_how_many_there_are(run: Run, parts: LoadedCheckpoint) -> None:
    with pytest.raises(PromptError, match="clip skip 4 is too deep: this text encoder has 3"):
        encode_text(run, parts.text_encoder, "a star", 4)


def test_words_that_were_never_trained_on(tiny: Tiny, run: Run, tmp_path: Path) -> None:
    listed = tmp_path / "Cutout"
    shutil.copytree(tiny.folder, listed)
    words = {"words": ["a", "red", "star", "circle", "background"]}
    (listed / "words.json").write_text(json.dumps(words))
    encoder = load_checkpoint(run, listed).text_encoder
    encode_text(run, encoder, "a (red:1.2) Star!")
    assert run.remarks == []
    encode_text(run, encoder, "a red circel, xylophone")
    [remark] = run.remarks
    assert "this model does not know “circel” (try “circle”), “xylophone”" in remark


def test_a_model_of_the_world_knows_all_words(run: Run, parts: LoadedCheckpoint) -> None:
    encode_text(run, parts.text_encoder, "xylophone")
    assert run.remarks == []


def test_wildcards_are_filled_by_their_node_and_told_of_by_others(
    run: Run, parts: LoadedCheckpoint, tmp_path: Path
) -> None:
    folder = tmp_path / "wildcards"
    folder.mkdir()
    (folder / "colour.txt").write_text("red\nblue\n", encoding="utf-8")
    run.services = {**run.services, FileIndex: FileIndex({"wildcard": [folder]})}
    found = {wildcards(run, "a __colour__ star", seed) for seed in range(20)}
    assert found == {"a red star", "a blue star"}
    encode_text(run, parts.text_encoder, "a __colour__ star")
    [remark] = run.remarks
    assert remark == "__colour__: put a Wildcards node before this one to fill it in"
