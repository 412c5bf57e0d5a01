"""Keeps what is expensive to make in a few kinds of memory, the least valuable out first.

What does not fit into one tier goes to the next, and from the last it is dropped. Who goes is
decided by GreedyDual-Size (Cao and Irani 1997): a thing is worth the seconds that its return would
cost, for each byte, on top of the tier's age, and the age rises to the worth of whatever went last.
So what is used often or slow to get back stays, and nothing stays for ever for its price alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence


@dataclass(slots=True, eq=False)
class Item:
    """A thing that takes memory; `Tiers` alone changes where it is and what it is worth."""

    size: int = 0
    """In bytes."""
    load_seconds: float = 0.0
    """What it costs to make it anew."""
    move_seconds: float = 0.0
    """What it costs to bring it from one tier to another."""
    lent: int = 0
    """How many use it just now; what is lent never goes."""
    tier: int | None = None
    """Index of the tier that holds it; None when none does."""
    worth: float = 0.0
    turn: int = 0
    """When that was reckoned: of what is worth the same, the oldest goes first."""


I = TypeVar("I", bound=Item)  # noqa: E741 - an item, whatever else it is


@dataclass(slots=True)
class _Tier(Generic[I]):
    budget: int
    age: float = 0.0
    items: set[I] = field(default_factory=set)

    def held(self) -> int:
        return sum(item.size for item in self.items)

    def fits(self, size: int) -> bool:
        return self.held() + size <= self.budget


class Tiers(Generic[I]):
    """Tiers of memory from the fastest to the slowest; the caller sees to it that threads queue."""

    def __init__(self, budgets: Sequence[int], move: Callable[[I, int | None], bool]) -> None:
        """Keep `budgets` bytes in each tier.

        `move` is called when an idle item has to leave its tier: it brings it to another, or lets
        go of it for None, and says whether that went well.
        """
        self._tiers: list[_Tier[I]] = [_Tier(budget) for budget in budgets]
        self._move = move
        self._turn = 0

    @property
    def last(self) -> int:
        """The index of the slowest tier."""
        return len(self._tiers) - 1

    def held(self, tier: int | None = None) -> int:
        """Return the bytes held in `tier`, or in all."""
        return sum(each.held() for each in (self._tiers if tier is None else [self._tiers[tier]]))

    def claim(self, item: I, tier: int) -> bool:
        """Make room for `item`, which is lent, in `tier`; say whether the caller has to move it."""
        moves = item.tier != tier
        if moves:
            # Out of its old tier first: what makes room may take its place there.
            self._put(item, None)
            self._trim(tier, item.size)
        self._put(item, tier)
        return moves

    def drop(self, item: I) -> None:
        """Let go of `item`."""
        self._move(item, None)
        self._put(item, None)

    def trim(self) -> None:
        """Keep to all budgets again, now that something is not lent any more."""
        for tier in range(len(self._tiers)):
            self._trim(tier)

    def spare(self, size: int) -> None:
        """Send idle items of the fastest tier down until `size` bytes have left, or all have."""
        left = self._tiers[0].held() - size
        for item in self._worst(0):
            if self._tiers[0].held() <= left:
                return
            self._demote(item, 1)

    def clear(self) -> None:
        """Let go of everything that is not lent."""
        for tier in self._tiers:
            for item in _idle(tier.items):
                self.drop(item)

    def _trim(self, index: int, more: int = 0) -> None:
        """Send idle items down until `more` bytes fit, or none is left."""
        tier = self._tiers[index]
        for item in self._worst(index):
            if tier.fits(more):
                return
            tier.age = item.worth
            self._demote(item, index + 1)

    def _worst(self, index: int) -> list[I]:
        """Return the idle items of a tier, the least valuable first."""
        return sorted(_idle(self._tiers[index].items), key=lambda item: (item.worth, item.turn))

    def _demote(self, item: I, below: int) -> None:
        if self._takes(below, item):
            self._trim(below, item.size)
            if self._tiers[below].fits(item.size) and self._move(item, below):
                self._put(item, below)
                return
        self.drop(item)

    def _takes(self, tier: int, item: Item) -> bool:
        return tier < len(self._tiers) and item.size <= self._tiers[tier].budget

    def _put(self, item: I, index: int | None) -> None:
        """Take note of where `item` is, and what it is worth there from now on."""
        if item.tier is not None:
            self._tiers[item.tier].items.discard(item)
        item.tier = index
        self._turn += 1
        item.turn = self._turn
        if index is not None:
            tier = self._tiers[index]
            tier.items.add(item)
            back = item.move_seconds if self._takes(index + 1, item) else item.load_seconds
            item.worth = tier.age + back / max(1, item.size)


def _idle(items: Iterable[I]) -> list[I]:
    return [item for item in items if not item.lent]
