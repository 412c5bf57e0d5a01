"""The window counts the tokens that the encoder gets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.tokens import _load
from graph.promptmarks import parse
from nodes.tokenizers import load_clip_tokenizer
from resources import models

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from transformers import CLIPTokenizer

FOLDER = next(iter(models.named().values())) / "tokenizer"


@pytest.fixture(scope="module")
def window() -> Tokenizer:
    return _load(FOLDER)[0]


@pytest.fixture(scope="module")
def engine() -> CLIPTokenizer:
    return load_clip_tokenizer(FOLDER)


@given(st.text(max_size=60) | st.text(alphabet="a red(star):1.2 [größer]'s 星🏰", max_size=60))
def test_they_agree_on_any_text(window: Tokenizer, engine: CLIPTokenizer, text: str) -> None:
    pieces = [piece for piece, _ in parse(text)]
    ours = [window.encode(piece, add_special_tokens=False).ids for piece in pieces]
    theirs = [engine(piece, add_special_tokens=False, verbose=False).input_ids for piece in pieces]
    assert ours == theirs
