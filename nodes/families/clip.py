"""Prompts through a CLIP text encoder: attention weights, any length, clip skip.

A prompt longer than the encoder is cut into chunks that are encoded each for itself, and their
vectors are laid one behind the other. The weight of a word moves its vectors away from (or towards)
those of the empty prompt at the same positions, so that a weight of 1 changes nothing at all and a
weight of 0 takes the word's own contribution out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, TypeAlias

import torch
from torch import Tensor

from nodes.errors import PromptError
from nodes.families.base import Condition, device_of
from nodes.prompts import parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transformers import CLIPTextModel, CLIPTokenizer

Weighted: TypeAlias = list[tuple[int, float]]
"""Token ids, each with its weight."""

_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class ClipText:
    """One CLIP text encoder with its tokenizer."""

    module: CLIPTextModel
    tokenizer: CLIPTokenizer
    words: frozenset[str] = frozenset()
    """All words that it was trained on, where that is known and they are few."""

    def encode(self, prompt: str, clip_skip: int) -> Condition:
        """Return the vectors of `prompt`, float32 (1, 77 a chunk, C)."""
        self._check(clip_skip)
        chunks = list(self._chunks(prompt))
        ids = torch.tensor([[token for token, _ in chunk] for chunk in chunks])
        weights = torch.tensor([[weight for _, weight in chunk] for chunk in chunks])
        vectors = self._vectors(ids, clip_skip)
        if bool((weights != 1).any()):
            [empty] = self._chunks("")
            rest = self._vectors(torch.tensor([[token for token, _ in empty]]), clip_skip)
            vectors = rest + (vectors - rest) * weights.to(vectors.device)[..., None]
        return Condition(vectors.reshape(1, -1, vectors.shape[-1]))

    def strangers(self, prompt: str) -> dict[str, str | None]:
        """Return words that were never trained on -> the nearest one that was.

        Empty for a model of the world, whose words nobody has listed.
        """
        if not self.words:
            return {}
        text = "".join(piece for piece, _ in parse(prompt)).lower()
        return {
            word: next(iter(get_close_matches(word, sorted(self.words), n=1, cutoff=0.7)), None)
            for word in _WORD.findall(text)
            if word not in self.words
        }

    def _check(self, clip_skip: int) -> None:
        layers = self.module.config.num_hidden_layers
        if not 1 <= clip_skip <= layers:
            message = f"clip skip {clip_skip} is too deep: this text encoder has {layers} layers"
            raise PromptError(message)

    def _vectors(self, ids: Tensor, clip_skip: int) -> Tensor:
        """Return float32 (chunks, 77, C) of token ids (chunks, 77)."""
        ids = ids.to(device_of(self))
        if clip_skip == 1:
            last: Tensor = self.module(ids).last_hidden_state
            return last.float()
        states = self.module(ids, output_hidden_states=True).hidden_states
        # An earlier layer's output has not been through the norm that the denoiser was trained on.
        text = getattr(self.module, "text_model", self.module)
        normed: Tensor = text.final_layer_norm(states[-clip_skip])
        return normed.float()

    def _chunks(self, prompt: str) -> Iterator[Weighted]:
        """Yield chunks of the encoder's length: begin, up to 75 tokens, end, padding."""
        tokens = list(self._tokens(prompt))
        length = self.module.config.max_position_embeddings
        room = length - 2
        begin, end = (self.tokenizer.bos_token_id, 1.0), (self.tokenizer.eos_token_id, 1.0)
        padding = (self.tokenizer.pad_token_id, 1.0)
        for start in range(0, max(1, len(tokens)), room):
            chunk = [begin, *tokens[start : start + room], end]
            yield chunk + [padding] * (length - len(chunk))

    def _tokens(self, prompt: str) -> Iterator[tuple[int, float]]:
        for text, weight in parse(prompt):
            # Not verbose: a prompt longer than the encoder is welcome, so no warning about it.
            ids = self.tokenizer(text, add_special_tokens=False, verbose=False).input_ids
            yield from ((token, weight) for token in ids)
