"""Frames and notes on the scene."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF

from app.canvas.paint.frame import OVERHANG, draw_frame
from app.canvas.paint.note import draw_note
from app.canvas.part_item import PartItem
from app.theme import metrics

if TYPE_CHECKING:
    from PySide6.QtGui import QPainter

    from app.canvas.scene import CanvasScene
    from graph.graph import Frame, Note


class FrameItem(PartItem):
    """Shows a frame; it is painted anew each time, for it is large and plain."""

    __slots__ = ("frame",)

    def __init__(self, frame: Frame, scene: CanvasScene) -> None:
        self.frame = frame
        super().__init__(scene, frame.position, QRectF(0, 0, *frame.size))

    @property
    def part_id(self) -> str:
        """The id of the frame."""
        return self.frame.id

    def _measure(self) -> None:
        super()._measure()
        left, top, right, bottom = self.box
        # From the farthest its title, which lies above it, is that high on the scene.
        self.box = (left, top - OVERHANG / metrics.ZOOM_LEAST, right, bottom)

    @property
    def bar(self) -> QRectF:
        """Where it is taken hold of, in its own coordinates: its title."""
        height = min(metrics.TITLE_HEIGHT, self.rect.height())
        return QRectF(0, 0, self.rect.width(), height)

    def renew(self, frame: Frame) -> None:
        """Show `frame`, another version of it."""
        self.frame = frame
        self.put(frame.position, QRectF(0, 0, *frame.size))

    def paint(self, painter: QPainter, zoom: float) -> None:
        """Draw it in its own coordinates."""
        draw_frame(painter, self.rect, self.frame, zoom, self._canvas.look)


class NoteItem(PartItem):
    """Shows a note."""

    __slots__ = ("note",)

    def __init__(self, note: Note, scene: CanvasScene) -> None:
        self.note = note
        super().__init__(scene, note.position, QRectF(0, 0, *note.size))

    @property
    def part_id(self) -> str:
        """The id of the note."""
        return self.note.id

    def renew(self, note: Note) -> None:
        """Show `note`, another version of it."""
        before, self.note = self.note, note
        self.put(note.position, QRectF(0, 0, *note.size))
        if (note.text, note.colour) != (before.text, before.colour):
            self.version += 1

    def paint(self, painter: QPainter, zoom: float) -> None:
        """Draw it in its own coordinates."""
        draw_note(painter, self.rect, self.note, zoom, self._canvas.look)
