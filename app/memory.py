"""What planning looks up: the tables of this session, and behind them those on disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from pathlib import Path

    from graph.actions import Digests
    from graph.disk import DiskIndex

V = TypeVar("V")


class Backed(Mapping[str, V]):
    """A table whose missing rows are looked up elsewhere; it can be asked, not counted."""

    def __init__(self, table: Mapping[str, V], behind: Callable[[str], V | None]) -> None:
        self._table = table
        self._behind = behind

    def __getitem__(self, key: str) -> V:
        found = self._table.get(key)
        if found is None:
            found = self._behind(key)
        if found is None:
            raise KeyError(key)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._table)

    def __len__(self) -> int:
        return len(self._table)


class DiskMemory:
    """The tables in a cache folder, opened when first asked; belongs to the thread that asks."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._index: DiskIndex | None = None

    def _open(self) -> DiskIndex | None:
        if self._index is None and self._folder is not None:
            from graph.disk import DiskIndex

            self._index = DiskIndex(self._folder)
        return self._index

    def digests(self, action: str) -> Digests | None:
        """Return the content digests of what `action` gave, if that is known."""
        index = self._open()
        return None if index is None else index.digests(action)

    def ask(self, action: str) -> str | None:
        """Return the lazy input that `action` asked for, if that is known."""
        index = self._open()
        return None if index is None else index.ask(action)

    def close(self) -> None:
        """Close the folder."""
        if self._index is not None:
            self._index.close()
        self._index = None
