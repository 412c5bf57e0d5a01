"""Seeds of a document: which came before, and other ones for a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QRandomGenerator

from app.canvas.values import roll
from app.words import translate
from graph import seeds
from graph.spec import SeedWidget

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.document import Document
    from app.shown import Shown
    from graph.edits import Change

_MOST = 2000


def throw() -> int:
    """Return a seed at random."""
    return roll(QRandomGenerator.system().generate64() >> 1)


def renew(document: Document, targets: Iterable[str] | None = None) -> None:
    """Give the free seeds that `targets` depend on other values, as one undo step.

    Called before a run is ordered, so that what is on the screen is what runs.
    """
    edit = seeds.renewed(document.graph, document.catalog, targets, throw)
    if edit is not None:
        document.edit(translate("Seeds", "New seeds for a run"), edit)


class SeedMemory(QObject):
    """Remembers the seed that each node had before the one that it has."""

    def __init__(self, document: Shown, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._graph = document.graph
        self._before: dict[tuple[str, str], int] = {}
        document.changed.connect(self._note)

    def before(self, node_id: str, name: str) -> int | None:
        """Return the seed before the one that holds; None when there was no other."""
        return self._before.get((node_id, name))

    def _note(self, change: Change) -> None:
        old, new = self._graph, self._document.graph
        self._graph = new
        if not change.semantic:
            return
        for node_id in change.nodes:
            then, now = old.nodes.get(node_id), new.nodes.get(node_id)
            spec = self._document.catalog.get(now.type) if now else None
            if then is None or now is None or spec is None or then.params is now.params:
                continue
            for item, widget in spec.widgets:
                last = then.params.get(item.name)
                if not isinstance(widget, SeedWidget) or not isinstance(last, int):
                    continue
                if last != now.params.get(item.name):
                    self._before[node_id, item.name] = last
        while len(self._before) > _MOST:
            del self._before[next(iter(self._before))]
