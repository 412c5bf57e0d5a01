"""Moving nodes, frames and notes: seen at once, one edit at the release."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPen

from app.canvas.gestures.base import Gesture, Pointer
from app.canvas.paint.wire import wire_pen
from app.canvas.wires import wires_under
from app.theme import metrics
from graph.errors import SfumatoError
from graph.healing import insert_on
from graph.layout import Box, carried_by, snap_to, snapped

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from PySide6.QtGui import QPainter

    from app.canvas.scene import CanvasScene
    from app.editing import Editing
    from graph.graph import Link
    from graph.layout import Guide

_SLACK = 3
"""Pixels of travel below which a press is a click."""
_REACH = 7.0
"""Pixels of the screen within which a part snaps to its neighbours."""
_NEIGHBOURS = 80
_STROKE_LEAST = 24
"""Pixels of a stroke that counts as one of shaking."""
_STROKES = 4
_SHAKE_SECONDS = 1.2


class Carry(Gesture):
    """Moves parts with the pointer. Frames take along what lies in them; pinned nodes stay.

    The part that was pressed keeps to the grid, or to its neighbours where `snaps`; with Alt it
    keeps to neither. A lone node that is let go on a wire goes into it; one that is shaken loses
    its wires, which are healed.
    """

    def __init__(
        self,
        start: Pointer,
        grabbed: str,
        ids: frozenset[str],
        scene: CanvasScene,
        editing: Editing,
        *,
        snaps: bool = True,
        merge: Hashable | None = None,
    ) -> None:
        """Begin; with `merge`, the move is part of the step before that has the same key."""
        self._start = start
        self._scene = scene
        self._editing = editing
        self._snaps = snaps
        self._merge = merge
        self._grabbed = grabbed
        moving = with_carried(scene, ids)
        self._from = {key: item.pos() for key in moving if (item := scene.part(key)) is not None}
        item = scene.part(grabbed)
        core = item.core if item is not None else (0.0, 0.0, 0.0, 0.0)
        self._box = Box(core[0], core[1], core[2] - core[0], core[3] - core[1])
        self._others: list[Box] | None = None
        self._guides: tuple[Guide, ...] = ()
        self._shake = _Shake(start)
        self._wire: Link | None = None
        self._refused: set[Link] = set()
        self.moved = False

    def move(self, pointer: Pointer) -> None:
        """Show the parts at their new places."""
        if not self.moved and (pointer.view - self._start.view).manhattanLength() < _SLACK:
            return
        self.moved = True
        by = self._shift(pointer)
        self._scene.shift({key: place + by for key, place in self._from.items()})
        was_shaken = self._shake.done
        self._shake.move(pointer)
        if self._shake.done and not was_shaken:
            self._show_wires(shown=False)
        self._wire = self._wire_below()

    def _shift(self, pointer: Pointer) -> QPointF:
        by = pointer.scene - self._start.scene
        self._guides = ()
        if pointer.alt or not self._snaps:
            return by
        goal = self._box.moved(by.x(), by.y())
        reach = min(_REACH * self._pixel(pointer), metrics.GRID * 2.0)
        snap = snap_to(goal, self._neighbours(), reach)
        self._guides = snap.guides
        upright = {guide.upright for guide in snap.guides}
        x = goal.x + snap.x if True in upright else snapped(goal.x)
        y = goal.y + snap.y if False in upright else snapped(goal.y)
        return QPointF(x - self._box.x, y - self._box.y)

    def _pixel(self, pointer: Pointer) -> float:
        """Return how large a pixel of the screen is on the scene."""
        away, far = pointer.scene - self._start.scene, pointer.view - self._start.view
        return away.manhattanLength() / max(far.manhattanLength(), 1) or 1.0

    def _neighbours(self) -> list[Box]:
        """Return where the parts around are, the nearest ones."""
        if self._others is None:
            scene, (x, y) = self._scene, self._box.centre
            beside = [i for k, i in scene.nodes.items() if k not in self._from]
            boxes = [Box(c[0], c[1], c[2] - c[0], c[3] - c[1]) for c in (i.core for i in beside)]
            boxes.sort(key=lambda b: abs(b.centre[0] - x) + abs(b.centre[1] - y))
            self._others = boxes[:_NEIGHBOURS]
        return self._others

    def _wire_below(self) -> Link | None:
        """Return the wire into which a release would put the node."""
        node = self._scene.graph.nodes.get(self._grabbed)
        item = self._scene.nodes.get(self._grabbed)
        alone = len(self._from) == 1 and node is not None and not node.wires
        if not alone or item is None or self._grabbed in self._scene.graph.readers:
            return None
        level = self._scene.document
        for wire in wires_under(self._scene, item.core):
            if wire.link in self._refused:
                continue
            if wire.link == self._wire:
                return wire.link
            try:
                insert_on(level.graph, level.catalog, wire.link, self._grabbed)
            except SfumatoError:
                self._refused.add(wire.link)
                continue
            return wire.link
        return None

    def release(self, pointer: Pointer) -> None:
        """Make the move an edit, unless the parts are where they were."""
        self._show_wires(shown=True)
        by = self._shift(pointer)
        self._guides = ()
        if not self._from or not self.moved or (by.isNull() and not self._shake.done):
            self.cancel()
            return
        places = {key: (place + by).toTuple() for key, place in self._from.items()}
        if self._shake.done and self._is_wired():
            done = self._editing.detach(places, places)
        elif self._wire is not None:
            done = self._editing.insert_on(self._wire, self._grabbed, places)
        else:
            done = self._editing.move(places, self._merge)
        if not done:
            self.cancel()

    def _is_wired(self) -> bool:
        return any(True for _ in self._scene.graph.links_of(self._from))

    def cancel(self) -> None:
        """Show the parts where the document has them."""
        self._guides = ()
        self._show_wires(shown=True)
        if self.moved:
            self._scene.shift(self._from)

    def _show_wires(self, *, shown: bool) -> None:
        """Show, or hide, the wires that shaking takes away."""
        if not self._shake.done:
            return
        for link in self._scene.graph.links_of(self._from):
            wire = self._scene.wires.get(link)
            crosses = (link.source.node in self._from) != (link.target.node in self._from)
            if wire is not None and crosses:
                wire.setVisible(shown)

    def bounds(self) -> QRectF:
        """Return the rectangle around guide lines and the wire below."""
        rect = QRectF()
        for line in self._lines():
            rect = rect.united(QRectF(line.p1(), line.p2()).normalized().adjusted(-1, -1, 1, 1))
        wire = self._scene.wires.get(self._wire) if self._wire is not None else None
        return rect if wire is None else rect.united(wire.path.boundingRect())

    def _lines(self) -> list[QLineF]:
        return [
            QLineF(guide.at, guide.start, guide.at, guide.end)
            if guide.upright
            else QLineF(guide.start, guide.at, guide.end, guide.at)
            for guide in self._guides
        ]

    def paint(self, painter: QPainter, zoom: float) -> None:
        """Draw what it is in line with, and the wire that it would go into."""
        colours = self._scene.look.colours
        painter.setPen(QPen(colours.accent, 1 / zoom))
        painter.drawLines(self._lines())
        wire = self._scene.wires.get(self._wire) if self._wire is not None else None
        if wire is not None:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(wire_pen(colours.accent, zoom, metrics.WIRE + 1.5))
            painter.drawPath(wire.path)


def with_carried(scene: CanvasScene, ids: frozenset[str]) -> set[str]:
    """Return the parts `ids` and those that frames among them carry, without what is fixed."""
    found = {key for key in ids if scene.part(key) is not None}
    frames = [key for key in ids if key in scene.frames]
    if frames:
        boxes = boxes_of(scene, (*scene.nodes, *scene.frames, *scene.notes))
        for key in frames:
            found |= carried_by(scene.graph, boxes, key)
    nodes, edges = scene.graph.nodes, scene.document.edges or ()
    return {
        key for key in found if key not in edges and (key not in nodes or not nodes[key].pinned)
    }  # fmt: skip


def boxes_of(scene: CanvasScene, ids: Iterable[str]) -> dict[str, Box]:
    """Return where the parts `ids` are, as they are drawn."""
    found = {}
    for key in ids:
        item = scene.part(key)
        if item is not None:
            left, top, right, bottom = item.core
            found[key] = Box(left, top, right - left, bottom - top)
    return found


class _Shake:
    """Tells shaking from carrying: some long strokes to and fro, in short time."""

    def __init__(self, start: Pointer) -> None:
        self._turn = self._last = start.view.x()
        self._way = 0
        self._turns: list[float] = []
        self.done = False

    def move(self, pointer: Pointer) -> None:
        x = pointer.view.x()
        way = (x > self._last) - (x < self._last)
        if way and way != self._way:
            if self._way and abs(self._last - self._turn) >= _STROKE_LEAST:
                now = monotonic()
                self._turns = [t for t in self._turns if now - t < _SHAKE_SECONDS] + [now]
                self.done = self.done or len(self._turns) >= _STROKES
            self._turn, self._way = self._last, way
        self._last = x
