"""Builds Cutout's tokenizer: CLIP's, with a vocabulary of about seven hundred.

All bytes are in it, so any text can be read; every word of the grammar, and some around it, is one
token.
"""

from __future__ import annotations

import json
from typing import Final

from tokenizers import Tokenizer
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import ByteLevel
from tokenizers.trainers import BpeTrainer
from transformers import CLIPTokenizer

from resources.cutout.models import MAX_TOKENS
from resources.cutout.scene import COLOURS, PLACES, SHAPES, SIZES

START: Final = "<|startoftext|>"
END: Final = "<|endoftext|>"
_WORD_END: Final = "</w>"

GRAMMAR: Final = (*SHAPES, *COLOURS, *SIZES, *PLACES, "a", "at", "the", "on", "background")
"""Every word that a caption can hold."""

# fmt: off
_NEIGHBOURS: Final = (
    "an", "and", "in", "of", "with", "two", "big", "tiny", "middle", "corner", "upper", "lower",
    "side", "paper", "cut", "shape", "picture", "photo", "drawing", "grey", "cat", "dog", "moon",
    "sun", "blurry",
)
# fmt: on
"""Words that people will try: Cutout does not know them, but they cost one token each."""


def _merges() -> tuple[dict[str, int], list[tuple[str, str]]]:
    """Learn byte pair merges until each listed word is whole."""
    specials = [START, END]
    words = [str(word) for word in (*GRAMMAR, *_NEIGHBOURS)]
    alphabet = sorted(ByteLevel.alphabet())
    tokenizer = Tokenizer(BPE(end_of_word_suffix=_WORD_END))
    trainer = BpeTrainer(
        vocab_size=4096,
        min_frequency=1,
        special_tokens=[*specials, *alphabet, *(letter + _WORD_END for letter in alphabet)],
        end_of_word_suffix=_WORD_END,
        show_progress=False,
    )
    tokenizer.pre_tokenizer = ByteLevel(add_prefix_space=False, use_regex=True)
    tokenizer.train_from_iterator(words, trainer)
    model = json.loads(tokenizer.to_str())["model"]
    return model["vocab"], [(left, right) for left, right in model["merges"]]


def build_tokenizer() -> CLIPTokenizer:
    """Build the tokenizer; equal on every machine."""
    vocabulary, merges = _merges()
    return CLIPTokenizer(
        vocab=vocabulary,
        merges=merges,
        model_max_length=MAX_TOKENS,
        bos_token=START,
        eos_token=END,
        pad_token=END,
        unk_token=END,
    )
