r"""Attention weights in prompts, as artists write them.

`(word)` counts 1.1 times, `((word))` 1.21, `[word]` 1/1.1, `(word:1.3)` 1.3; they nest and
multiply. `\(`, `\)`, `\[`, `\]` and `\\` stand for themselves. A bracket that never closes
holds to the end; a closing one that nothing opened is plain text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TypeAlias

_STEP = 1.1
_TOKEN = re.compile(
    r"""
    \\(?P<escaped>[()\[\]\\])
    | (?P<open>[(\[])
    | :\s*(?P<weight>[+-]?(?:\d+\.?\d*|\.\d+))\s*\)
    | (?P<close>[)\]])
    | (?P<text>[^\\()\[\]:]+|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_PAIRS = {")": "(", "]": "["}

Piece: TypeAlias = tuple[str, float]
"""Text and the weight of its words."""


@dataclass(slots=True)
class _Reader:
    """Collects pieces; `opened` remembers where each open bracket stands among them."""

    pieces: list[Piece] = field(default_factory=list)
    opened: list[tuple[str, int]] = field(default_factory=list)

    def take(self, match: re.Match[str]) -> None:
        if match["open"]:
            self.opened.append((match["open"], len(self.pieces)))
        elif match["weight"] and self.opened and self.opened[-1][0] == "(":
            self.close(float(match["weight"]))
        elif match["close"] and self.opened and self.opened[-1][0] == _PAIRS[match["close"]]:
            self.close(_STEP if match["close"] == ")" else 1 / _STEP)
        else:
            self.pieces.append((match["escaped"] or match[0], 1.0))

    def close(self, factor: float) -> None:
        _bracket, start = self.opened.pop()
        self.pieces[start:] = [(text, weight * factor) for text, weight in self.pieces[start:]]


def parse(prompt: str) -> list[Piece]:
    """Return `prompt` as pieces of text with their weights; one piece where it has no weights."""
    reader = _Reader()
    for match in _TOKEN.finditer(prompt):
        reader.take(match)
    while reader.opened:
        reader.close(_STEP if reader.opened[-1][0] == "(" else 1 / _STEP)
    return _merged(reader.pieces)


def _merged(pieces: list[Piece]) -> list[Piece]:
    """Join neighbours of equal weight, so that a plain prompt is tokenized in one go."""
    merged: list[Piece] = []
    for text, weight in pieces:
        if merged and merged[-1][1] == weight:
            merged[-1] = (merged[-1][0] + text, weight)
        else:
            merged.append((text, weight))
    return merged
