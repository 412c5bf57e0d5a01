"""Prompts through a CLIP text encoder: attention weights, any length, clip skip.

A prompt longer than the encoder is cut into chunks that are encoded each for itself, and their
vectors are laid one behind the other. The weight of a word moves its vectors away from (or towards)
those of the empty prompt at the same positions, so that a weight of 1 changes nothing at all and a
weight of 0 takes the word's own contribution out.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, TypeAlias

import torch
from torch import Tensor, nn

from nodes.embeddings import NAME
from nodes.errors import PromptError
from nodes.families.base import Condition, device_of
from nodes.prompts import parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from transformers import CLIPTextModel, CLIPTokenizer

Token: TypeAlias = int | Tensor
"""The id of a token, or a learned vector (C) in the place of one."""
Weighted: TypeAlias = list[tuple[Token, float]]
"""Tokens, each with its weight."""

_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class ClipText:
    """One CLIP text encoder with its tokenizer."""

    module: CLIPTextModel
    tokenizer: CLIPTokenizer
    words: frozenset[str] = frozenset()
    """All words that it was trained on, where that is known and they are few."""

    @property
    def width(self) -> int:
        """How many numbers the vector of a token has, before anything is encoded."""
        width: int = self.module.config.hidden_size
        return width

    def encode(
        self, prompt: str, clip_skip: int, learned: Mapping[str, Tensor] | None = None
    ) -> Condition:
        """Return the vectors of `prompt`, float32 (1, 77 a chunk, C)."""
        self._check(clip_skip)
        chunks = list(self._chunks(prompt, learned or {}))
        weights = torch.tensor([[weight for _, weight in chunk] for chunk in chunks])
        vectors = self._vectors(chunks, clip_skip)
        if bool((weights != 1).any()):
            rest = self._vectors(list(self._chunks("", {})), clip_skip)
            vectors = rest + (vectors - rest) * weights.to(vectors.device)[..., None]
        return Condition(vectors.reshape(1, -1, vectors.shape[-1]))

    def strangers(self, prompt: str) -> dict[str, str | None]:
        """Return words that were never trained on -> the nearest one that was.

        Empty for a model of the world, whose words nobody has listed.
        """
        if not self.words:
            return {}
        text = NAME.sub(" ", "".join(piece for piece, _ in parse(prompt))).lower()
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

    def _vectors(self, chunks: list[Weighted], clip_skip: int) -> Tensor:
        """Return float32 (chunks, 77, C) of the tokens of `chunks`."""
        rows = [[0 if isinstance(t, Tensor) else t for t, _ in chunk] for chunk in chunks]
        ids = torch.tensor(rows, device=device_of(self))
        with self._learned(chunks):
            if clip_skip == 1:
                last: Tensor = self.module(ids).last_hidden_state
                return last.float()
            states = self.module(ids, output_hidden_states=True).hidden_states
        # An earlier layer's output has not been through the norm that the denoiser was trained on.
        text = getattr(self.module, "text_model", self.module)
        normed: Tensor = text.final_layer_norm(states[-clip_skip])
        return normed.float()

    @contextmanager
    def _learned(self, chunks: list[Weighted]) -> Iterator[None]:
        """Have learned vectors take the places of tokens until the block is left."""
        places = [
            (row, column, token)
            for row, chunk in enumerate(chunks)
            for column, (token, _) in enumerate(chunk)
            if isinstance(token, Tensor)
        ]

        def exchange(_layer: nn.Module, _given: object, output: Tensor) -> Tensor:
            output = output.clone()
            for row, column, vector in places:
                output[row, column] = vector.to(output)
            return output

        if not places:
            yield
            return
        handle = self.module.get_input_embeddings().register_forward_hook(exchange)
        try:
            yield
        finally:
            handle.remove()

    def _chunks(self, prompt: str, learned: Mapping[str, Tensor]) -> Iterator[Weighted]:
        """Yield chunks of the encoder's length: begin, up to 75 tokens, end, padding."""
        tokens = list(self._tokens(prompt, learned))
        length = self.module.config.max_position_embeddings
        room = length - 2
        begin, end, padding = (
            (token, 1.0)
            for token in (
                self.tokenizer.bos_token_id,
                self.tokenizer.eos_token_id,
                self.tokenizer.pad_token_id,
            )
        )
        for start in range(0, max(1, len(tokens)), room):
            chunk = [begin, *tokens[start : start + room], end]
            yield chunk + [padding] * (length - len(chunk))

    def _tokens(self, prompt: str, learned: Mapping[str, Tensor]) -> Iterator[tuple[Token, float]]:
        for text, weight in parse(prompt):
            # Text and names of embeddings by turns.
            for i, piece in enumerate(NAME.split(text)):
                if i % 2 and piece in learned:
                    yield from ((vector, weight) for vector in learned[piece])
                elif piece:
                    # Not verbose: a prompt longer than the encoder is welcome, so no warning.
                    ids = self.tokenizer(piece, add_special_tokens=False, verbose=False).input_ids
                    yield from ((token, weight) for token in ids)
