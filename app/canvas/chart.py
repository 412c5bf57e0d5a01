"""What a graph looks like from afar, kept ready in batches: one call a colour, not one a node.

The scene brings it up to date part by part, so that a frame costs no Python per node.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainterPath

from app.canvas.face import Shape
from app.canvas.paint.badges import badge_colour
from app.canvas.paint.mix import mixed
from app.canvas.paint.node import fitted_into
from app.canvas.paint.plate import CALM
from app.runstate import TROUBLED, Badge
from app.theme import metrics

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from PySide6.QtGui import QColor, QPixmap

    from app.canvas.node_item import NodeItem
    from app.canvas.wire_item import WireItem
    from app.theme.look import Look

K = TypeVar("K", bound="Hashable")
_OFF = 0.55
"""How far the body of a node that takes no part leans to the ground."""
_TINT = 0.6


class Batches(Generic[K]):
    """Rectangles by colour and owner."""

    def __init__(self) -> None:
        self._rects: dict[int, tuple[QColor, dict[K, QRectF]]] = {}
        self._colours: dict[K, int] = {}

    def put(self, owner: K, colour: QColor, rect: QRectF) -> None:
        """Let `owner` have `rect` in `colour`, and nothing else."""
        key = colour.rgb()
        before = self._colours.get(owner)
        if before is not None and before != key:
            self.drop(owner)
        self._colours[owner] = key
        batch = self._rects.get(key)
        if batch is None:
            batch = self._rects[key] = (colour, {})
        batch[1][owner] = rect

    def drop(self, owner: K) -> None:
        """Forget `owner`."""
        key = self._colours.pop(owner, None)
        if key is not None:
            del self._rects[key][1][owner]
            if not self._rects[key][1]:
                del self._rects[key]

    def all(self) -> list[tuple[QColor, list[QRectF]]]:
        """Return all rectangles by colour."""
        return [(colour, list(rects.values())) for colour, rects in self._rects.values()]

    def of(self, owners: Iterable[K]) -> list[tuple[QColor, list[QRectF]]]:
        """Return the rectangles of `owners` by colour."""
        found: dict[int, list[QRectF]] = {}
        for owner in owners:
            key = self._colours.get(owner)
            if key is not None:
                found.setdefault(key, []).append(self._rects[key][1][owner])
        return [(self._rects[key][0], rects) for key, rects in found.items()]


class _Strand:
    """All wires of one colour, as one path once it is asked for."""

    def __init__(self, colour: QColor) -> None:
        self.colour = colour
        self.wires: dict[WireItem, None] = {}
        self.path: QPainterPath | None = None

    def whole(self) -> QPainterPath:
        if self.path is None:
            self.path = QPainterPath()
            for wire in self.wires:
                wire.add_to(self.path)
        return self.path


class Chart:
    """The batches of one scene."""

    def __init__(self) -> None:
        self.bodies: Batches[NodeItem] = Batches()
        self.titles: Batches[NodeItem] = Batches()
        self.marks: Batches[NodeItem] = Batches()
        """What states ask for attention, at the ends of titles."""
        self.pictured: dict[NodeItem, tuple[QRectF, QPixmap, QRectF]] = {}
        """Where each thumbnail lies, and what of it."""
        self.troubled: dict[NodeItem, None] = {}
        self.running: dict[NodeItem, None] = {}
        self._strands: dict[int, _Strand] = {}
        self._strand_of: dict[WireItem, int] = {}

    def clear(self) -> None:
        """Forget everything."""
        self.__init__()  # type: ignore[misc] # as new

    def put_node(self, item: NodeItem, look: Look) -> None:
        """Note what `item` looks like now."""
        state, colours = item.state, look.colours
        if state.face.shape is Shape.DOT:
            return
        left, top, right, bottom = item.core
        body = colours.node
        title = colours.fill
        if state.node.colour:
            title = mixed(colours.title, state.node.colour, _TINT)
        if state.off:
            body, title = mixed(body, colours.canvas, _OFF), mixed(title, colours.canvas, _OFF)
        self.bodies.put(item, body, QRectF(left, top, right - left, bottom - top))
        self.titles.put(item, title, QRectF(left, top, right - left, metrics.TITLE_HEIGHT))
        if state.small is None or state.face.picture is None:
            self.pictured.pop(item, None)
        else:
            place = fitted_into(state.face.picture.translated(left, top), state.small)
            self.pictured[item] = (place, state.small, QRectF(state.small.rect()))
        self.put_state(item, look)

    def put_state(self, item: NodeItem, look: Look) -> None:
        """Note how `item` stands now."""
        badge = item.state.run.badge
        if badge in CALM or item.state.face.shape is Shape.DOT:
            self.marks.drop(item)
        else:
            _, top, right, _ = item.core
            side = 2 * metrics.TITLE_HEIGHT
            mark = QRectF(right - side, top, side, metrics.TITLE_HEIGHT)
            self.marks.put(item, badge_colour(badge, look.colours), mark)
        _enter(self.troubled, item, belongs=badge in TROUBLED)
        _enter(self.running, item, belongs=badge is Badge.RUNNING)

    def drop_node(self, item: NodeItem) -> None:
        """Forget `item`."""
        for batches in (self.bodies, self.titles, self.marks):
            batches.drop(item)
        for marked in (self.pictured, self.troubled, self.running):
            marked.pop(item, None)

    def put_wire(self, wire: WireItem) -> None:
        """Note where `wire` leads and how it looks now."""
        key = wire.colour.rgb() if wire.shown else -1
        before = self._strand_of.get(wire)
        if before is not None:
            self._strands[before].path = None
            if before == key:
                return
            del self._strands[before].wires[wire]
        self._strand_of[wire] = key
        strand = self._strands.get(key)
        if strand is None:
            strand = self._strands[key] = _Strand(wire.colour)
        strand.wires[wire] = None
        strand.path = None

    def drop_wire(self, wire: WireItem) -> None:
        """Forget `wire`."""
        key = self._strand_of.pop(wire, None)
        if key is not None:
            strand = self._strands[key]
            strand.path = None
            del strand.wires[wire]

    @property
    def wire_count(self) -> int:
        """How many wires there are."""
        return len(self._strand_of)

    def strands(self) -> list[tuple[QColor, QPainterPath]]:
        """Return all wires that are shown, as one path a colour."""
        return [(s.colour, s.whole()) for key, s in self._strands.items() if key != -1 and s.wires]


def _enter(marked: dict[NodeItem, None], item: NodeItem, *, belongs: bool) -> None:
    if belongs:
        marked[item] = None
    else:
        marked.pop(item, None)
