"""Ranking node types by what was typed: titles, synonyms and categories, forgiving of gaps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graph.spec import NodeSpec

_EXACT, _START, _WORD, _INITIALS = 100, 80, 60, 50
_SYNONYM, _INSIDE, _CATEGORY, _GAPS = 45, 35, 20, 10


@dataclass(frozen=True, slots=True)
class Entry:
    """A node type, made ready for searching."""

    spec: NodeSpec
    title: str
    words: tuple[str, ...]
    initials: str
    synonyms: tuple[str, ...]
    category: str


def make_entry(spec: NodeSpec) -> Entry:
    """Return `spec`, ready for searching."""
    title = spec.title.casefold()
    words = tuple(title.split())
    return Entry(
        spec=spec,
        title=title,
        words=words,
        initials="".join(word[0] for word in words),
        synonyms=tuple(word.casefold() for word in spec.synonyms),
        category=spec.category.casefold(),
    )


def rank(entries: Iterable[Entry], query: str, recent: tuple[str, ...] = ()) -> list[NodeSpec]:
    """Return the node types that `query` may mean, the likeliest first.

    Every word of the query must be found. `recent` are ids used lately, the latest first; they
    win among equals, and come first while nothing was typed.
    """
    tokens = query.casefold().split()
    age = {type_id: index for index, type_id in enumerate(recent)}
    found = []
    for entry in entries:
        score = _score(entry, tokens, query.casefold().strip())
        if score:
            spec = entry.spec
            found.append((-score, age.get(spec.id, len(age)), entry.title, spec.id, spec))
    found.sort(key=lambda row: row[:4])
    return [row[4] for row in found]


def _score(entry: Entry, tokens: list[str], whole: str) -> int:
    if not tokens:
        return 1
    if entry.title == whole:
        return _EXACT * (len(tokens) + 1)
    scores = [_token(entry, token) for token in tokens]
    return sum(scores) if all(scores) else 0


def _token(entry: Entry, token: str) -> int:  # noqa: PLR0911 - one line a way to match
    if entry.title.startswith(token):
        return _START
    if any(word.startswith(token) for word in entry.words):
        return _WORD
    if len(token) > 1 and entry.initials.startswith(token):
        return _INITIALS
    if any(word.startswith(token) for word in entry.synonyms):
        return _SYNONYM
    if token in entry.title or any(token in word for word in entry.synonyms):
        return _INSIDE
    if token in entry.category:
        return _CATEGORY
    return _GAPS if _in_order(token, entry.title) else 0


def _in_order(token: str, text: str) -> bool:
    """Say whether the letters of `token` stand in `text` in that order."""
    place = -1
    for letter in token:
        place = text.find(letter, place + 1)
        if place < 0:
            return False
    return True
