"""Painting a part of the scene: the ground, frames, wires, notes and nodes, in this order.

Three ways of looking: whole nodes from `metrics.DETAIL_ZOOM` up, plates from `metrics.TITLE_ZOOM`
up, blocks below. Which one it is depends on the zoom alone: the strips that a pan exposes must fit
to what was there before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtGui import QTransform

from app.canvas.index import overlap
from app.canvas.paint.body import draw_ring
from app.canvas.paint.faces import Faces
from app.canvas.paint.far import Seen, draw_far
from app.canvas.paint.frame import draw_frame_title, draw_ring_around, titled
from app.canvas.paint.ground import draw_dots
from app.canvas.paint.wire import DIMMED, draw_wires
from app.theme import metrics

if TYPE_CHECKING:
    from PySide6.QtCore import QRect
    from PySide6.QtGui import QColor, QPainter

    from app.canvas.camera import Camera
    from app.canvas.frame_item import NoteItem
    from app.canvas.index import Box
    from app.canvas.node_item import NodeItem
    from app.canvas.paint.wire import Stroke
    from app.canvas.scene import CanvasScene

_MANY = 400
"""Nodes in the exposed part above which all are drawn, in batches that are kept ready."""
_CROWD = 120
"""Nodes in view above which those that others hide are looked for."""
_COVERS = 48


@dataclass(slots=True)
class Glance:
    """One part that is painted in one frame."""

    painter: QPainter
    camera: Camera
    exposed: QRect
    box: Box
    """The same on the scene."""
    ratio: float


class Stage:
    """Paints a scene for one view."""

    def __init__(self, scene: CanvasScene) -> None:
        self._scene = scene
        self.faces = Faces()
        self._epoch = scene.epoch

    def begin(self, *, hurried: bool, patient: bool) -> None:
        """Begin a frame; see `Faces.begin`."""
        if self._epoch != self._scene.epoch:
            self._epoch = self._scene.epoch
            self.faces.clear()
        self.faces.begin(hurried=hurried, patient=patient)

    def draw(self, painter: QPainter, camera: Camera, exposed: QRect) -> None:
        """Paint the pixels `exposed` of the viewport."""
        scene, zoom = self._scene, camera.zoom
        box = camera.box_of(exposed.adjusted(-1, -1, 1, 1))
        ratio = painter.device().devicePixelRatioF()
        glance = Glance(painter, camera, exposed, box, ratio)
        painter.resetTransform()
        painter.fillRect(exposed, scene.look.colours.canvas)
        on_scene = QTransform(zoom, 0, 0, zoom, camera.x, camera.y)
        painter.setWorldTransform(on_scene)
        self._draw_frames(glance)
        draw_dots(painter, box, zoom, scene.look.colours)
        if zoom < metrics.TITLE_ZOOM:
            self._draw_far(glance)
            return
        self._draw_wires(glance)
        painter.resetTransform()
        self._draw_notes(glance)
        self._draw_nodes(glance, on_scene)

    def _draw_frames(self, glance: Glance) -> None:
        painter, scene, zoom = glance.painter, self._scene, glance.camera.zoom
        for item in scene.frames_by_size:
            if overlap(item.box, glance.box):
                x, y = item.place
                painter.translate(x, y)
                item.paint(painter, zoom)
                if item.selected:
                    draw_ring_around(painter, item.rect, zoom, scene.look)
                painter.translate(-x, -y)
        for item in titled(scene.frames_by_size, zoom):
            if overlap(item.box, glance.box):
                x, y = item.place
                painter.translate(x, y)
                draw_frame_title(painter, item.rect, item.frame, zoom, scene.look)
                painter.translate(-x, -y)

    def _draw_wires(self, glance: Glance) -> None:
        painter = glance.painter
        groups: dict[tuple[int, bool], tuple[QColor, list[Stroke]]] = {}
        for wire in self._scene.wire_grid.near(glance.box):
            path = wire.path_in(glance.box) if wire.shown else None
            if path is None:
                continue
            key = (wire.colour.rgb(), wire.dimmed)
            group = groups.get(key)
            if group is None:
                group = groups[key] = (wire.colour, [])
            group[1].append((path, *wire.across))
        for (_, dimmed), (colour, strokes) in groups.items():
            painter.setOpacity(DIMMED if dimmed else 1.0)
            draw_wires(painter, strokes, colour, glance.camera.zoom, glance.ratio)
        painter.setOpacity(1.0)

    def _draw_notes(self, glance: Glance) -> None:
        accent = self._scene.look.colours.accent
        for item in self._scene.notes.values():
            if overlap(item.box, glance.box):
                self.faces.draw(glance.painter, item, glance.camera, glance.ratio)
                if item.selected:
                    _draw_ring_of(glance, item, accent)

    def _draw_nodes(self, glance: Glance, on_scene: QTransform) -> None:
        near = self._scene.node_grid.near(glance.box)
        items = [item for item in near if overlap(item.box, glance.box)]
        items.sort(key=_rank)
        if len(items) > _CROWD:
            items = _uncovered(items)
        accent = self._scene.look.colours.accent
        painter, camera, ratio, draw = glance.painter, glance.camera, glance.ratio, self.faces.draw
        for item in items:
            draw(painter, item, camera, ratio)
            if item.selected:
                _draw_ring_of(glance, item, accent)
        painter.setWorldTransform(on_scene)

    def _draw_far(self, glance: Glance) -> None:
        scene, box = self._scene, glance.box
        notes = [item for item in scene.notes.values() if overlap(item.box, box)]
        chosen = [item for item in scene.selected_nodes() if overlap(item.box, box)]
        near = scene.node_grid.near(box)
        if len(near) > max(_MANY, len(scene.nodes) // 8):
            seen = Seen(None, (), notes, chosen)
        else:
            nodes = [item for item in near if overlap(item.box, box)]
            nodes.sort(key=_rank)
            wires = [wire for wire in scene.wire_grid.near(box) if wire.touches(box)]
            seen = Seen(nodes, wires, notes, chosen)
        draw_far(glance.painter, scene.chart, seen, glance.camera.zoom, scene.look)


def _rank(item: NodeItem) -> tuple[bool, int]:
    return (item.selected, item.rank)


def _draw_ring_of(glance: Glance, item: NodeItem | NoteItem, colour: QColor) -> None:
    painter, camera = glance.painter, glance.camera
    left, top = camera.pixel(item.place, glance.ratio)
    painter.setWorldTransform(QTransform(camera.zoom, 0, 0, camera.zoom, left, top))
    draw_ring(painter, item.rect, colour)
    painter.resetTransform()


def _uncovered(items: list[NodeItem]) -> list[NodeItem]:
    """Leave out nodes that one node above them hides: thousands may lie on one spot.

    The ring of a selected node lies beyond it, where only the ring of an equal one hides it.
    """
    covers: list[Box] = []
    rings: set[Box] = set()
    kept: list[NodeItem] = []
    for item in reversed(items):
        left, top, right, bottom = item.core
        if item.selected:
            if item.core in rings:
                continue
        elif any(a <= left and b <= top and c >= right and d >= bottom for a, b, c, d in covers):
            continue
        kept.append(item)
        if not item.state.off:
            if item.selected:
                rings.add(item.core)
            if len(covers) < _COVERS:
                covers.append(item.core)
    kept.reverse()
    return kept
