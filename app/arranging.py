"""Where parts lie: aligning, distributing, tidying up and nudging, each one undo step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.words import translate
from graph import edits
from graph.layout import aligned, distributed, snapped
from graph.tidy import tidied

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from app.editing import Editing
    from graph.graph import Point, Size
    from graph.layout import Box, Edge


class Arranging:
    """Moves parts; pinned nodes stay. `boxes_of` says where parts lie and how large they are."""

    def __init__(
        self, editing: Editing, boxes_of: Callable[[Iterable[str]], dict[str, Box]]
    ) -> None:
        self._editing = editing
        self._level = editing.level
        self._boxes_of = boxes_of

    def _free(self, ids: Iterable[str]) -> dict[str, Box]:
        """Return the boxes of those of `ids` that may move."""
        nodes, edges = self._level.graph.nodes, self._level.edges or ()
        boxes = self._boxes_of(key for key in ids if key not in edges)
        return {
            key: box for key, box in boxes.items() if key not in nodes or not nodes[key].pinned
        }  # fmt: skip

    def align(self, ids: Iterable[str], edge: Edge) -> bool:
        """Bring one edge of parts in line."""
        places = aligned(self._free(ids), edge)
        return self._move(translate("Editing", "Align"), places)

    def distribute(self, ids: Iterable[str], *, across: bool) -> bool:
        """Make the gaps between parts equal."""
        places = distributed(self._free(ids), across=across)
        whole = {key: (snapped(x), snapped(y)) for key, (x, y) in places.items()}
        return self._move(translate("Editing", "Distribute"), whole)

    def nudge(self, ids: Iterable[str], by: Point) -> bool:
        """Move parts a little; nudges in a row are one step."""
        boxes = self._free(ids)
        places = {key: (box.x + by[0], box.y + by[1]) for key, box in boxes.items()}
        return self._move(translate("Editing", "Nudge"), places, ("nudge", *sorted(places)))

    def _move(
        self, name: str, places: Mapping[str, Point], merge: tuple[str, ...] | None = None
    ) -> bool:
        now = self._boxes_of(places)
        places = {k: at for k, at in places.items() if at != (now[k].x, now[k].y)}
        return bool(places) and self._editing.attempt(
            name, lambda graph: edits.move(graph, places), merge
        )

    def tidy(self, ids: Iterable[str] | None, sizes: Mapping[str, Size]) -> bool:
        """Lay nodes out anew, all without `ids`."""
        catalog = self._level.catalog
        edges = self._level.edges or ()
        wanted = [
            key for key in (self._level.graph.nodes if ids is None else ids) if key not in edges
        ]

        return self._editing.attempt(
            translate("Editing", "Tidy up"),
            lambda graph: tidied(graph, catalog, sizes, wanted),
        )
