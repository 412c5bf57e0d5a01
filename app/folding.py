"""A node that stands for a subgraph stands as the nodes inside it do, brought to one."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from app.runstate import Badge, NodeRun

if TYPE_CHECKING:
    from collections.abc import Iterable

_SETTLED = (Badge.FAILED, Badge.SKIPPED, Badge.RAN, Badge.CACHED, Badge.BLOCKED)
"""The ends of a run, the one that counts most first."""
_ENDED_BADLY, _KEPT = (Badge.FAILED, Badge.SKIPPED), (Badge.RAN, Badge.CACHED)
_DUE = (*_ENDED_BADLY, Badge.BROKEN, Badge.DIRTY, Badge.PENDING, *_KEPT, Badge.CLEAN, Badge.BLOCKED)
"""What a plan says of a node, and the last run where that still counts, likewise."""
_MOST_TEXTS = 4


class Inside:
    """The nodes inside one node, in the run that goes on; taking one in takes constant time."""

    def __init__(self, awaited: Iterable[str] = ()) -> None:
        """Begin with none; the nodes at the paths `awaited` are known to come, others may."""
        self._awaited = set(awaited)
        self._runs: dict[str, NodeRun] = {}
        self._counts: Counter[Badge] = Counter()
        self._ms = 0.0
        self._done = self._total = 0
        self._at_work: dict[str, str] = {}
        self._texts: defaultdict[Badge, dict[str, None]] = defaultdict(dict)

    def get(self, path: str) -> NodeRun | None:
        """Return how the node at `path` stands, if it was told."""
        return self._runs.get(path)

    def put(self, path: str, run: NodeRun) -> None:
        """Take in how the node at `path` stands."""
        before = self._runs.get(path)
        self._runs[path] = run
        if before is not None:
            self._count(before, -1)
        self._count(run, 1)
        self._at_work.pop(path, None)
        if run.badge in _SETTLED:
            self._awaited.discard(path)
        if run.badge is Badge.RUNNING:
            self._at_work[path] = run.text
        elif run.text and len(self._texts[run.badge]) < _MOST_TEXTS:
            self._texts[run.badge][run.text] = None

    def _count(self, run: NodeRun, sign: int) -> None:
        self._counts[run.badge] += sign
        self._ms += sign * run.ms
        self._done += sign * run.done
        self._total += sign * run.total

    def whole(self) -> NodeRun:
        """Return how the node that they are in stands.

        It runs from the first of them that did to the last; then what went worst is what it shows.
        """
        if self._at_work or self._awaited:
            begun = bool(self._at_work or self._counts[Badge.RAN])
            text = next(reversed(self._at_work.values()), "")
            badge = Badge.RUNNING if begun else Badge.PENDING
            return NodeRun(badge, text, self._done, self._total, self._ms)
        badge = next((badge for badge in _SETTLED if self._counts[badge]), Badge.UNKNOWN)
        return NodeRun(badge, "\n".join(self._texts[badge]), ms=self._ms)


def fold_plan(inside: Iterable[NodeRun]) -> NodeRun:
    """Return what a run would find at a node, by what it would find inside."""
    texts: defaultdict[Badge, dict[str, None]] = defaultdict(dict)
    for run in inside:
        if len(texts[run.badge]) < _MOST_TEXTS:
            texts[run.badge][run.text] = None
    badge = next((badge for badge in _DUE if badge in texts), Badge.UNKNOWN)
    return NodeRun(badge, "\n".join(text for text in texts.get(badge, ()) if text))
