"""How a node stands: what its badge shows and what its tooltip says."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Badge(StrEnum):
    """The states that a badge tells apart, by shape first."""

    UNKNOWN = "unknown"
    """Nothing can be said: its type is not installed."""
    CLEAN = "clean"
    DIRTY = "dirty"
    PENDING = "pending"
    BLOCKED = "blocked"
    """It is switched off, or what it needs is."""
    BROKEN = "broken"
    RUNNING = "running"
    RAN = "ran"
    CACHED = "cached"
    FAILED = "failed"
    SKIPPED = "skipped"


TROUBLED = frozenset({Badge.BROKEN, Badge.FAILED})


@dataclass(frozen=True, slots=True)
class NodeRun:
    """One node's state, as the views show it."""

    badge: Badge = Badge.UNKNOWN
    text: str = ""
    """Why, in words."""
    done: int = 0
    total: int = 0
    ms: float = 0.0

    @property
    def fraction(self) -> float:
        """How far a running node is, 0 to 1; 0 where that is not known."""
        return self.done / self.total if self.total else 0.0


NOT_KNOWN = NodeRun()
