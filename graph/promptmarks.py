r"""Attention weights in prompts, as artists write them: read, shown and changed.

`(word)` counts 1.1 times, `((word))` 1.21, `[word]` 1/1.1, `(word:1.3)` 1.3; they nest and
multiply. `\(`, `\)`, `\[`, `\]` and `\\` stand for themselves. A bracket that never closes
holds to the end; a closing one that nothing opened is plain text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

STEP = 1.1
"""What a bracket without a number counts."""
MOST = 5.0
"""The largest weight that `reweigh` gives; beyond about 2 a picture falls apart."""
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
BRACKETS = ("(", ")", "[", "]")
_PAIRS = {")": "(", "]": "["}
_WORD = re.compile(r"[^\s,.;:()\[\]\\]+")

Piece: TypeAlias = tuple[str, float]
"""Text and the weight of its words."""


class Kind(StrEnum):
    """What a part of a prompt is."""

    TEXT = "text"
    OPEN = "open"
    CLOSE = "close"
    """A closing bracket, with the number before it."""


@dataclass(slots=True)
class Mark:
    """One part of a prompt, from `start` up to `end`."""

    start: int
    end: int
    kind: Kind
    text: str
    """What it says, without the backslash that protects a bracket."""
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Group:
    """A bracket: where it opens, what is inside, and where it ends."""

    start: int
    inner_start: int
    inner_end: int
    end: int
    weight: float
    """What this bracket alone counts."""


@dataclass(slots=True)
class _Reader:
    """Collects marks; `opened` remembers where each open bracket stands among them."""

    marks: list[Mark] = field(default_factory=list)
    opened: list[tuple[str, int]] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)

    def take(self, match: re.Match[str]) -> None:
        start, end = match.span()
        if match["open"]:
            self.opened.append((match["open"], len(self.marks)))
            self.marks.append(Mark(start, end, Kind.OPEN, match[0]))
        elif match["weight"] and self.opened and self.opened[-1][0] == "(":
            self.close(start, end, float(match["weight"]))
        elif match["close"] and self.opened and self.opened[-1][0] == _PAIRS[match["close"]]:
            self.close(start, end, STEP if match["close"] == ")" else 1 / STEP)
        else:
            self.marks.append(Mark(start, end, Kind.TEXT, match["escaped"] or match[0]))

    def close(self, start: int, end: int, factor: float) -> None:
        _bracket, first = self.opened.pop()
        for mark in self.marks[first:]:
            mark.weight *= factor
        opening = self.marks[first]
        self.groups.append(Group(opening.start, opening.end, start, end, factor))
        if end > start:
            self.marks.append(Mark(start, end, Kind.CLOSE, "", self.marks[first].weight))


def _read(prompt: str) -> _Reader:
    reader = _Reader()
    for match in _TOKEN.finditer(prompt):
        reader.take(match)
    while reader.opened:
        factor = STEP if reader.opened[-1][0] == "(" else 1 / STEP
        reader.close(len(prompt), len(prompt), factor)
    return reader


def marks(prompt: str) -> list[Mark]:
    """Return all parts of `prompt`, from the first to the last."""
    return _read(prompt).marks


def groups(prompt: str) -> list[Group]:
    """Return the brackets of `prompt`, each after those inside it."""
    return _read(prompt).groups


def parse(prompt: str) -> list[Piece]:
    """Return `prompt` as pieces of text with their weights; one piece where it has no weights.

    Neighbours of equal weight are one piece, so that a plain prompt is tokenized in one go.
    """
    merged: list[Piece] = []
    for mark in marks(prompt):
        if mark.kind is not Kind.TEXT:
            continue
        if merged and merged[-1][1] == mark.weight:
            merged[-1] = (merged[-1][0] + mark.text, mark.weight)
        else:
            merged.append((mark.text, mark.weight))
    return merged


@dataclass(frozen=True, slots=True)
class Reweighed:
    """A prompt after a weight in it was changed, with what is to be selected then."""

    text: str
    start: int
    end: int


def reweigh(prompt: str, start: int, end: int, change: float) -> Reweighed | None:
    """Add `change` to the weight of what is selected from `start` up to `end`.

    Without a selection it is that of the innermost bracket around `start`, or else of the word
    there. A weight of 1 takes the brackets away. None where there is nothing to weigh, or where
    the selection cuts through a bracket.
    """
    start, end = _trimmed(prompt, start, end)
    group = _group_at(prompt, start, end)
    if group is not None:
        weight = round(group.weight, 1) + change
        return _put(prompt, group.start, group.end, prompt[group.inner_start : group.inner_end],
                    weight)  # fmt: skip
    if start == end:
        word = next((m for m in _WORD.finditer(prompt) if m.start() <= start <= m.end()), None)
        if word is None:
            return None
        start, end = word.span()
    if not _is_whole(prompt, start, end):
        return None
    return _put(prompt, start, end, prompt[start:end], 1 + change)


def _trimmed(prompt: str, start: int, end: int) -> tuple[int, int]:
    """Return the selection without the blanks at its ends."""
    start, end = min(start, end), max(start, end)
    chosen = prompt[start:end]
    if not chosen.strip():
        return (start, start)
    return start + len(chosen) - len(chosen.lstrip()), end - len(chosen) + len(chosen.rstrip())


def _group_at(prompt: str, start: int, end: int) -> Group | None:
    """Return the bracket that is meant by a selection, or by a cursor."""
    for group in groups(prompt):
        if group.end == group.inner_end:
            continue  # it never closes
        if start == end:
            if group.start < start < group.end:
                return group
        elif (start, end) in {
            (group.start, group.end),
            (group.inner_start, group.inner_end),
            (group.inner_start, group.end),
        }:
            return group
    return None


def _is_whole(prompt: str, start: int, end: int) -> bool:
    """Say whether every bracket that begins in a selection ends in it, and none is cut."""
    if prompt[:start].endswith("\\"):
        return False  # it would protect the bracket that is to come
    read = _read(prompt)
    for group in read.groups:
        if (start <= group.start < end) != (start < group.end <= end):
            return False
    for mark in read.marks:
        if mark.kind is Kind.TEXT and mark.text == prompt[mark.start : mark.end]:
            # A bracket that is plain text because it has no other would find one.
            if mark.text in BRACKETS and start <= mark.start < end:
                return False
        elif mark.start < start < mark.end or mark.start < end < mark.end:
            return False  # a mark such as `:1.2)`, or a protected bracket, is cut
    return True


def _put(prompt: str, start: int, end: int, inner: str, weight: float) -> Reweighed:
    weight = round(min(MOST, max(0.0, weight)), 2)
    if weight == 1:
        return Reweighed(prompt[:start] + inner + prompt[end:], start, start + len(inner))
    written = f"({inner}:{weight:g})"
    return Reweighed(prompt[:start] + written + prompt[end:], start + 1, start + 1 + len(inner))
