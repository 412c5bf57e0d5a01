"""Which node types their user adds: those used lately, and favourites."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from collections.abc import Sequence

KEPT = 12
"""How many node types that were used lately are remembered."""


class Habits(QObject):
    """Holds ids of node types in two lists that someone else keeps.

    Signals:
        changed(): a list is another one.
    """

    changed = Signal()

    def __init__(
        self,
        recent: list[str] | None = None,
        favourites: list[str] | None = None,
        parent: QObject | None = None,
    ) -> None:
        """Use and alter `recent` and `favourites`."""
        super().__init__(parent)
        self._recent = [] if recent is None else recent
        self._favourites = [] if favourites is None else favourites

    @property
    def recent(self) -> Sequence[str]:
        """Those used lately, the latest first."""
        return self._recent

    @property
    def favourites(self) -> Sequence[str]:
        """Those that were marked, the latest last."""
        return self._favourites

    def used(self, type_id: str) -> None:
        """Note that a node of that type was added."""
        left = [key for key in self._recent if key != type_id]
        self._recent[:] = [type_id, *left][:KEPT]
        self.changed.emit()

    def switch(self, type_id: str) -> None:
        """Mark a type as a favourite, or no longer."""
        if type_id in self._favourites:
            self._favourites.remove(type_id)
        else:
            self._favourites.append(type_id)
        self.changed.emit()
