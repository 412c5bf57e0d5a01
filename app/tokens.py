"""How many tokens a prompt has for the encoder that reads it, counted without the engine.

The vocabulary of the encoder is read as data, by the library that the encoder's own tokenizer is
built on; it lies where the engine looks for it too: with the checkpoint, in the artist's
folders, in the cache of Hugging Face. Where there is none, the count is an estimate. The window
counts by itself so that the number is there while one types, before the engine is, and during a
run.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from graph.errors import MissingFileError
from graph.params import FileRef
from graph.promptmarks import parse
from graph.spec import FileWidget

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokenizers import Tokenizer

    from app.shown import Shown
    from graph.files import FileIndex
    from graph.graph import Graph, Node


@dataclass(frozen=True, slots=True)
class Count:
    """How long a prompt is for its encoder."""

    tokens: int
    room: int
    """Tokens that the encoder takes at once."""
    exact: bool = True
    """Whether the encoder's own vocabulary was asked."""


VARIABLE = "SFUMATO_TOKENIZER"
_MODEL, _KIND = "checkpoint", "tokenizer"
_WHOLE, _CONFIG = "tokenizer.json", "tokenizer_config.json"
_HALVES = ("vocab.json", "merges.txt")
_HUB = ("models--openai--clip-vit-large-patch14/snapshots/*",
        "models--*stable-diffusion-v1*/snapshots/*/tokenizer")  # fmt: skip
_LENGTH = 77
"""Tokens that CLIP takes at once, with the one that begins and the one that ends."""
_ENDS = 2
_WORD = re.compile(r"[^\W\d_]+|\d|[^\w\s]+")
_LONG_WORD = 9
"""Letters of a word that is likely to be two tokens."""
_MOST_VISITED = 500


class TokenCounter:
    """Counts for the nodes of one document; vocabularies are read once."""

    def __init__(self, document: Shown, files: FileIndex) -> None:
        self._document = document
        self._files = files
        self._known: dict[Path | None, tuple[Tokenizer, int] | None] = {}
        """Checkpoint -> its vocabulary; None where there is none."""

    def count(self, node_id: str, text: str) -> Count | None:
        """Return how long `text` is for the encoder that is wired to a node."""
        pieces = [piece for piece, _ in parse(text)]
        found = self._tokenizer(node_id)
        if found is None:
            return Count(sum(map(estimate, pieces)), _LENGTH - _ENDS, exact=False)
        tokenizer, room = found
        encoded = tokenizer.encode_batch(pieces, add_special_tokens=False)
        return Count(sum(len(piece.ids) for piece in encoded), room)

    def _tokenizer(self, node_id: str) -> tuple[Tokenizer, int] | None:
        checkpoint = self._checkpoint(node_id)
        if checkpoint not in self._known:
            self._known[checkpoint] = _first(_places(checkpoint, self._files))
        return self._known[checkpoint]

    def _checkpoint(self, node_id: str) -> Path | None:
        """Return the checkpoint that a node's encoder comes from, the nearest before it."""
        graph: Graph = self._document.graph
        waiting, seen = [node_id], {node_id}
        while waiting and len(seen) < _MOST_VISITED:
            node = graph.nodes.get(waiting.pop(0))
            if node is None:
                continue
            path = self._file(node)
            if path is not None:
                return path
            for sources in node.wires.values():
                for source in sources:
                    if source.node not in seen:
                        seen.add(source.node)
                        waiting.append(source.node)
        return None

    def _file(self, node: Node) -> Path | None:
        spec = self._document.catalog.get(node.type)
        for item, widget in spec.widgets if spec else ():
            value = node.params.get(item.name, item.default)
            if (
                isinstance(widget, FileWidget)
                and widget.kind == _MODEL
                and isinstance(value, FileRef)
            ):
                with contextlib.suppress(MissingFileError):
                    return self._files.find(value, _MODEL)
        return None


def _first(folders: Iterator[Path]) -> tuple[Tokenizer, int] | None:
    """Return the first vocabulary that can be read."""
    for folder in folders:
        # A broken vocabulary costs the count and nothing else, whatever the library raises.
        with contextlib.suppress(Exception):
            return _load(folder)
    return None


def estimate(text: str) -> int:
    """Return about how many tokens `text` has: a word is one or two, a sign is one."""
    return sum(max(1, math.ceil(len(word) / _LONG_WORD)) for word in _WORD.findall(text))


def _places(checkpoint: Path | None, files: FileIndex) -> Iterator[Path]:
    """Yield folders that hold a tokenizer, the nearest to `checkpoint` first."""
    yield from filter(_is_tokenizer, _folders(checkpoint, files))


def _folders(checkpoint: Path | None, files: FileIndex) -> Iterator[Path]:
    if checkpoint is not None:
        if checkpoint.is_dir():
            yield checkpoint / "tokenizer"
        yield checkpoint.with_suffix("") / "tokenizer"
        yield checkpoint.parent / "tokenizer"
    for name in files.names(_KIND, (_WHOLE, _HALVES[0])):
        with contextlib.suppress(MissingFileError):
            yield files.find(FileRef(name), _KIND).parent
    if VARIABLE in os.environ:
        yield Path(os.environ[VARIABLE]).expanduser()
    if checkpoint is not None:
        from huggingface_hub.constants import HF_HUB_CACHE

        for pattern in _HUB:
            yield from sorted(Path(HF_HUB_CACHE).glob(pattern))


def _is_tokenizer(folder: Path) -> bool:
    whole = (folder / _WHOLE).is_file()
    return whole or all((folder / name).is_file() for name in _HALVES)


def _load(folder: Path) -> tuple[Tokenizer, int]:
    """Return the tokenizer in `folder`, and how many tokens its encoder takes besides the ends."""
    from tokenizers import Tokenizer

    made = (
        Tokenizer.from_file(str(folder / _WHOLE)) if (folder / _WHOLE).is_file() else _clip(folder)
    )
    made.no_truncation()
    made.no_padding()
    length = _LENGTH
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
        config = json.loads((folder / _CONFIG).read_text(encoding="utf-8"))
        length = min(length, int(config["model_max_length"]))
    return made, length - _ENDS


def _clip(folder: Path) -> Tokenizer:
    """Return CLIP's tokenizer from its two files, as the library builds it from a whole one."""
    from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers
    from tokenizers.models import BPE

    vocabulary, merges = (str(folder / name) for name in _HALVES)
    model = BPE.from_file(vocabulary, merges, end_of_word_suffix="</w>")
    made = Tokenizer(model)
    made.normalizer = normalizers.Sequence(
        [normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()]
    )
    words = Regex(r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+")
    made.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(words, behavior="removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    return made
