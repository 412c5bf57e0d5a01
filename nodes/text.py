"""Nodes for prompts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import torch

from graph.declare import node
from graph.files import FileIndex
from graph.hints import Doc, Prompt, Range, Seed
from graph.run import Run
from graph.spec import Lane
from graph.values import Conditioning, TextEncoder
from graph.wildcards import filled, names
from nodes.embeddings import embedding_files, read_embeddings
from nodes.store import ModelStore, models

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from nodes.families.base import TextCoder


@node(
    "Wildcards",
    category="Text",
    synonyms=("random prompt", "dynamic prompt", "vary", "list"),
    lane=Lane.CPU,
)
def wildcards(
    run: Run,
    text: Annotated[
        str,
        Prompt(wildcards=True),
        Doc("__colour__ stands for a line of colour.txt, {a|b} for a or b."),
    ] = "",
    seed: Annotated[int, Seed(), Doc("Which lines are taken.")] = 0,
) -> str:
    """Fill in the wildcards of a prompt.

    Each wildcard is a text file in `wildcards` of a models folder, one text a line; lines may hold
    wildcards themselves. The same text, files and seed always give the same prompt.
    """
    return filled(text, run.service(FileIndex), seed)


@node(
    "Encode Text",
    category="Text",
    synonyms=("prompt", "CLIP", "caption", "words"),
    lane=Lane.GPU,
)
def encode_text(
    run: Run,
    text_encoder: Annotated[TextEncoder, Doc("From Load Checkpoint.")],
    text: Annotated[str, Prompt(), Doc("What the picture shows; (word:1.2) counts more.")] = "",
    clip_skip: Annotated[
        int, Range(1, 12), Doc("1 takes the encoder's last layer, 2 the one before it.")
    ] = 1,
) -> Conditioning:
    r"""Turn a prompt into what the sampler follows.

    `(word)` counts 1.1 times and `[word]` as much less; `(word:1.3)` says the factor, and brackets
    nest. `\(` stands for a bracket. Any length will do: what does not fit the encoder at once is
    encoded in chunks. `embedding:name` stands for what a file of that name has learned (textual
    inversion), from the folder `embeddings` of a models folder.
    """
    store = models(run)
    learned = embedding_files(text, run.service(FileIndex))
    run.reads.extend(learned.values())
    with store.text(text_encoder, frugal=run.frugal) as coder:
        run.remarks.extend((*_strangers(coder, text), *_unfilled(text)))
        return encode(store, text_encoder, text, clip_skip, learned=learned, frugal=run.frugal)


@torch.no_grad()
def encode(
    store: ModelStore,
    encoder: TextEncoder,
    text: str,
    clip_skip: int = 1,
    *,
    learned: Mapping[str, Path] | None = None,
    frugal: bool = False,
) -> Conditioning:
    """Return `text` encoded; `learned` are the files of the embeddings that it names."""
    with store.text(encoder, frugal=frugal) as coder:
        vectors = read_embeddings(learned or {}, coder.width)
        found = coder.encode(text, clip_skip, vectors)
    return Conditioning(
        store.uploads.taken(found.tokens),
        encoder.checkpoint.family,
        None if found.pooled is None else store.uploads.taken(found.pooled),
    )


def _unfilled(text: str) -> list[str]:
    """Return one remark on the wildcards that nobody filled in, if there are any."""
    found = ", ".join(f"__{name}__" for name in names(text))
    return [f"{found}: put a Wildcards node before this one to fill it in"] if found else []


def _strangers(coder: TextCoder, text: str) -> list[str]:
    """Return one remark on the words that the encoder cannot know, if there are any."""
    strangers = coder.strangers(text)
    if not strangers:
        return []
    words = (
        f"“{word}” (try “{near}”)" if near else f"“{word}”" for word, near in strangers.items()
    )
    return [f"this model does not know {', '.join(words)}: the picture may ignore it"]
