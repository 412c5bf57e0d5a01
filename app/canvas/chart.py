"""What a graph looks like from afar, kept ready in batches: one call a colour, not one a node.

The scene brings it up to date part by part, so that a frame costs no Python per node.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainterPath, QPixmap

from app.canvas.face import Shape
from app.canvas.paint.badges import badge_colour
from app.canvas.paint.mix import mixed
from app.canvas.paint.node import fitted_into
from app.canvas.paint.plate import CALM
from app.runstate import TROUBLED, Badge
from app.theme import metrics

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from PySide6.QtGui import QColor

    from app.canvas.node_item import NodeItem
    from app.canvas.state import NodeState
    from app.canvas.wire_item import WireItem
    from app.theme.look import Look

K = TypeVar("K", bound="Hashable")
Drawn: TypeAlias = tuple[QRectF, QPixmap, QRectF]
_OFF = 0.55
"""How far the body of a node that takes no part leans to the ground."""
_TINT = 0.6
_LIFT = 0.08
_TITLE = int(metrics.TITLE_HEIGHT)
_TINY = 12
"""Pixels: a node's picture where thousands of nodes are in view."""
SHORT = 128.0
"""A wire within a box of this size is not seen from very far."""


class Batches(Generic[K]):
    """Rectangles by colour and owner."""

    def __init__(self) -> None:
        self._rects: dict[int, tuple[QColor, dict[K, QRect]]] = {}
        self._colours: dict[K, int] = {}

    def put(self, owner: K, colour: QColor, rect: QRect) -> None:
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

    def get(self, owner: K) -> QRect | None:
        """Return the rectangle of `owner`."""
        key = self._colours.get(owner)
        return None if key is None else self._rects[key][1][owner]

    def colour(self, owner: K) -> QColor:
        """Return the colour of `owner`, which has a rectangle."""
        return self._rects[self._colours[owner]][0]

    def all(self) -> list[tuple[QColor, list[QRect]]]:
        """Return all rectangles by colour."""
        return [(colour, list(rects.values())) for colour, rects in self._rects.values()]

    def of(self, owners: Iterable[K]) -> list[tuple[QColor, list[QRect]]]:
        """Return the rectangles of `owners` by colour."""
        found: dict[int, list[QRect]] = {}
        for owner in owners:
            key = self._colours.get(owner)
            if key is not None:
                found.setdefault(key, []).append(self._rects[key][1][owner])
        return [(self._rects[key][0], rects) for key, rects in found.items()]


class Picture:
    """A node's picture and where it lies, made small when somebody looks from afar."""

    __slots__ = ("_afar", "_rect", "_state", "_very_far")

    def __init__(self, rect: QRectF, state: NodeState) -> None:
        self._rect = rect
        self._state = state
        self._afar: Drawn | None = None
        self._very_far: Drawn | None = None

    @property
    def from_afar(self) -> Drawn:
        """What is to be drawn from afar: where, what, and which part of it."""
        if self._afar is None:
            small = self._state.small or QPixmap()
            self._afar = (fitted_into(self._rect, small), small, QRectF(small.rect()))
        return self._afar

    @property
    def from_very_far(self) -> Drawn:
        """The same from very far."""
        if self._very_far is None:
            place, small, _ = self.from_afar
            tiny = small.scaled(
                _TINY, _TINY, Qt.AspectRatioMode.KeepAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )  # fmt: skip
            self._very_far = (place, tiny, QRectF(tiny.rect()))
        return self._very_far


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
        self.pictured: dict[NodeItem, Picture] = {}
        self._strands: dict[tuple[int, bool], _Strand] = {}
        self._strand_of: dict[WireItem, tuple[int, bool]] = {}

    def clear(self) -> None:
        """Forget everything."""
        self.__init__()  # type: ignore[misc] # as new

    def put_node(self, item: NodeItem, look: Look) -> None:
        """Note what `item` looks like now."""
        state, colours = item.state, look.colours
        if state.face.shape is Shape.DOT:
            return
        left, top, right, bottom = item.core
        # From afar a dark node would sink into a dark ground.
        body = mixed(colours.node, colours.text, _LIFT) if colours.dark else colours.node
        if state.off:
            body = mixed(body, colours.canvas, _OFF)
        # Whole numbers: Qt takes them over and fills them in half the time.
        rect = QRect(int(left), int(top), int(right - left), int(bottom - top))
        self.bodies.put(item, body, rect)
        self.put_picture(item)
        self.put_state(item, look)

    def put_picture(self, item: NodeItem) -> None:
        """Note that `item` shows another picture, or that it lies elsewhere."""
        state, place = item.state, item.state.face.picture
        if place is None or not state.pictured:
            self.pictured.pop(item, None)
        else:
            self.pictured[item] = Picture(place.translated(item.core[0], item.core[1]), state)

    def put_state(self, item: NodeItem, look: Look) -> None:
        """Note how `item` stands now: trouble and work colour its whole title, the rest its end."""
        rect, badge = self.bodies.get(item), item.state.run.badge
        if rect is None:
            return
        colours = look.colours
        if badge in TROUBLED or badge is Badge.RUNNING:
            title = badge_colour(badge, colours)
        elif item.state.node.colour:
            title = mixed(colours.title, item.state.node.colour, _TINT)
        else:
            title = mixed(colours.fill, colours.text, _LIFT) if colours.dark else colours.fill
        if item.state.off:
            title = mixed(title, colours.canvas, _OFF)
        x, y, width = rect.x(), rect.y(), rect.width()
        self.titles.put(item, title, QRect(x, y, width, _TITLE))
        if badge in CALM or badge in TROUBLED or badge is Badge.RUNNING:
            self.marks.drop(item)
        else:
            mark = QRect(x + width - 2 * _TITLE, y, 2 * _TITLE, _TITLE)
            self.marks.put(item, badge_colour(badge, colours), mark)

    def drop_node(self, item: NodeItem) -> None:
        """Forget `item`."""
        for batches in (self.bodies, self.titles, self.marks):
            batches.drop(item)
        self.pictured.pop(item, None)

    def put_wire(self, wire: WireItem) -> None:
        """Note where `wire` leads and how it looks now."""
        left, top, right, bottom = wire.box
        short = right - left <= SHORT and bottom - top <= SHORT
        key = (wire.colour.rgb() if wire.shown else 0, short)
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

    def strands(self, *, short: bool) -> list[tuple[QColor, QPainterPath]]:
        """Return all wires that are shown, as paths of one colour; short ones only if asked for."""
        return [
            (strand.colour, strand.whole())
            for (colour, is_short), strand in self._strands.items()
            if colour and strand.wires and (short or not is_short)
        ]
