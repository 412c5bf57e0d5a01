"""Which parts of the graph are selected: a state of the view, not of the document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from collections.abc import Iterable


class Selection(QObject):
    """A set of ids, and which of them was chosen last.

    Signals:
        changed(frozenset): ids whose selectedness differs.
    """

    changed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ids: frozenset[str] = frozenset()
        self.current = ""
        """The id that was selected last, or empty."""

    @property
    def ids(self) -> frozenset[str]:
        """The selected ids."""
        return self._ids

    def __contains__(self, part_id: object) -> bool:
        return part_id in self._ids

    def set(self, ids: Iterable[str], current: str = "") -> None:
        """Select exactly `ids`; `current` of them was meant most."""
        wanted = frozenset(ids)
        differs = wanted ^ self._ids
        self._ids = wanted
        self.current = current or (next(iter(wanted)) if len(wanted) == 1 else "")
        if differs:
            self.changed.emit(differs)

    def toggle(self, part_id: str) -> None:
        """Select `part_id`, or take it out."""
        self.set(self._ids ^ {part_id}, part_id if part_id not in self._ids else "")

    def add(self, ids: Iterable[str]) -> None:
        """Select `ids` as well."""
        self.set(self._ids.union(ids))

    def keep(self, alive: Iterable[str]) -> None:
        """Forget ids that are not among `alive`."""
        left = self._ids & frozenset(alive)
        if left != self._ids:
            self.set(left)
