"""Ranking node types by what was typed: titles, synonyms and categories, forgiving of gaps.

A key in the search box asks thousands of types, so that each question about one is few operations
on strings, and letters typed after others ask only those that were found before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from graph.spec import NodeSpec

_EXACT, _START, _WORD, _INITIALS = 100, 80, 60, 50
_SYNONYM, _INSIDE, _CATEGORY, _GAPS, _SLIP = 45, 35, 20, 10, 5
_SLIP_LEAST = 4
"""Letters of a word from which on one of them may be wrong."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A node type, made ready for searching: words in lower case, each behind a blank."""

    spec: NodeSpec
    title: str
    initials: str
    synonyms: str
    category: str
    firsts: frozenset[str]
    """The first letters of all words."""


def make_entry(spec: NodeSpec) -> Entry:
    """Return `spec`, ready for searching."""
    words = spec.title.casefold().split()
    others = [word for synonym in spec.synonyms for word in synonym.casefold().split()]
    return Entry(
        spec=spec,
        title=_spaced(words),
        initials="".join(word[0] for word in words),
        synonyms=_spaced(others),
        category=spec.category.casefold(),
        firsts=frozenset(word[0] for word in (*words, *others)),
    )


def _spaced(words: Iterable[str]) -> str:
    return "".join(f" {word}" for word in words)


def rank(
    entries: Sequence[Entry],
    query: str,
    recent: Sequence[str] = (),
    favourites: Collection[str] = (),
    better: Collection[str] = (),
) -> list[NodeSpec]:
    """Return the node types that `query` may mean, the likeliest first.

    Every word of the query must be found; when nothing is, one wrong letter a word is forgiven.
    Among equals win those in `better`, then `favourites`, then `recent` ids, the latest first.
    """
    return [entry.spec for entry in ranked(entries, query, recent, favourites, better)]


def ranked(
    entries: Sequence[Entry],
    query: str,
    recent: Sequence[str] = (),
    favourites: Collection[str] = (),
    better: Collection[str] = (),
) -> list[Entry]:
    """Return the same as entries: a longer query need only be asked of them."""
    whole = " ".join(query.casefold().split())
    found = _scored(entries, whole)
    if not found and whole:
        tokens = whole.split()
        found = [(_SLIP, e) for e in entries if all(_slipped(e, token) for token in tokens)]
    age = {type_id: index for index, type_id in enumerate(recent)}
    oldest = len(age)

    def key(row: tuple[int, Entry]) -> tuple[int, bool, bool, int, str, str]:
        score, entry = row
        type_id = entry.spec.id
        return (
            -score,
            type_id not in better,
            type_id not in favourites,
            age.get(type_id, oldest),
            entry.title,
            type_id,
        )

    found.sort(key=key)
    return [entry for _score, entry in found]


def _scored(entries: Sequence[Entry], whole: str) -> list[tuple[int, Entry]]:
    """Return the entries that match, with how well."""
    tokens = whole.split()
    if not tokens:
        return [(1, entry) for entry in entries]
    title = f" {whole}"
    best = _EXACT * (len(tokens) + 1)
    found = [(_token(entry, f" {tokens[0]}", tokens[0]), entry) for entry in entries]
    found = [row for row in found if row[0]]
    for token in tokens[1:]:
        start = f" {token}"
        found = [
            (score + more, entry) for score, entry in found if (more := _token(entry, start, token))
        ]
    return [(best if entry.title == title else score, entry) for score, entry in found]


def _token(entry: Entry, start: str, token: str) -> int:
    title = entry.title
    if start in title:
        return _START if title.startswith(start) else _WORD
    if len(token) > 1 and entry.initials.startswith(token):
        return _INITIALS
    if start in entry.synonyms:
        return _SYNONYM
    if token in title or token in entry.synonyms:
        return _INSIDE
    if token in entry.category:
        return _CATEGORY
    return _GAPS if _in_order(token, title) else 0


def _in_order(token: str, text: str) -> bool:
    """Say whether the letters of `token` stand in `text` in that order."""
    place = -1
    for letter in token:
        place = text.find(letter, place + 1)
        if place < 0:
            return False
    return True


def _slipped(entry: Entry, token: str) -> bool:
    """Say whether a word of `entry` begins so, but for one letter too many, too few, or wrong."""
    if len(token) < _SLIP_LEAST or token[0] not in entry.firsts:
        return _token(entry, f" {token}", token) > 0
    words = f"{entry.title}{entry.synonyms}".split()
    if any(_one_slip(token, word[: len(token) + 1]) for word in words if word[0] == token[0]):
        return True
    return _token(entry, f" {token}", token) > 0


def _one_slip(one: str, other: str) -> bool:
    """Say whether the beginning of `other` is `one` but for one slip."""
    place = 0
    while place < min(len(one), len(other)) and one[place] == other[place]:
        place += 1
    rest, left = one[place:], other[place:]
    swapped = len(left) > 1 and rest[:2] == left[1::-1] and left[2:].startswith(rest[2:])
    return (
        swapped
        or left[1:].startswith(rest[1:])  # wrong
        or left.startswith(rest[1:])  # too many
        or left[1:].startswith(rest)  # too few
    )
