"""Values on a node: sliders, text, choices, switches and files, drawn rather than embedded."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainterPath, QPen

from app.canvas.paint import shapes
from app.canvas.paint.curve import curve_path
from app.canvas.paint.text import RIGHT, draw_paragraph, draw_text, text_width
from app.canvas.values import fraction, is_changed, show_value
from app.theme import metrics
from app.words import translate
from graph import curves
from graph.spec import (
    BoolWidget,
    ChoiceWidget,
    ColourWidget,
    CurveWidget,
    FileWidget,
    FloatWidget,
    IntWidget,
    PaintedWidget,
    SeedWidget,
    TextWidget,
    refusal,
)

if TYPE_CHECKING:
    from PySide6.QtGui import QPainter

    from app.canvas.face import Control
    from app.canvas.state import NodeState
    from app.theme.look import Look
    from graph.params import Param

INSET = 8.0
GLYPH = 16.0
"""Room for a glyph at the right end of a control."""
_CORNER = 4.0


def glyph_rect(control: Control) -> QRectF:
    """Return where the dice, chevron or folder of a control is."""
    rect = control.rect
    return QRectF(rect.right() - GLYPH - INSET, rect.top(), GLYPH + INSET, rect.height())


def draw_control(painter: QPainter, state: NodeState, control: Control, look: Look) -> None:
    """Draw one value of a node."""
    colours = look.colours
    value = state.value(control.name)
    hot = state.hot == control.name
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colours.hover if hot else colours.well)
    painter.drawRoundedRect(control.rect, _CORNER, _CORNER)
    widget = control.input.widget
    wrong = widget is not None and refusal(widget, value) is not None
    front = colours.error if wrong else colours.text
    match widget:
        case TextWidget(multiline=True):
            _draw_paragraph(painter, control, value, look, front)
        case IntWidget() | FloatWidget():
            _draw_slider(painter, control, value, look)
            _draw_line(painter, control, value, look, front)
        case BoolWidget():
            _draw_line(painter, control, None, look, front)
            _draw_switch(painter, control, look, on=value is True)
        case SeedWidget() | ChoiceWidget() | FileWidget() | PaintedWidget():
            _draw_line(painter, control, value, look, front, room=GLYPH + 2)
            _draw_glyph(painter, control, look, hot=hot)
        case ColourWidget():
            _draw_line(painter, control, value, look, front, room=GLYPH + 2)
            _draw_swatch(painter, control, value, look)
        case CurveWidget():
            _draw_line(painter, control, None, look, front)
            _draw_curve(painter, control, value, look)
        case _:
            _draw_line(painter, control, value, look, front)
    if is_changed(control.input, value):
        _draw_mark(painter, control, look)
    if wrong:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colours.error, 1))
        painter.drawRoundedRect(control.rect, _CORNER, _CORNER)


def _draw_slider(painter: QPainter, control: Control, value: Param, look: Look) -> None:
    widget = control.input.widget
    part = fraction(widget, value) if isinstance(widget, IntWidget | FloatWidget) else None
    if not part:
        return
    # A clipped rounded rectangle keeps the left corners round and the right edge straight.
    path = QPainterPath()
    path.addRoundedRect(control.rect, _CORNER, _CORNER)
    painter.save()
    painter.setClipPath(path, Qt.ClipOperation.IntersectClip)
    fill = QRectF(control.rect)
    fill.setWidth(fill.width() * part)
    painter.fillRect(fill, look.colours.fill)
    painter.restore()


def _draw_line(
    painter: QPainter,
    control: Control,
    value: Param,
    look: Look,
    front: QColor,
    room: float = 0.0,
) -> None:
    """Write the label at the left and the value at the right; the label keeps its room first."""
    rect = control.rect.adjusted(INSET, 0, -INSET - room, 0)
    label = control.input.label
    font = look.fonts.small
    label_width = min(text_width(label, font.key()) + 1, rect.width() * 0.6)
    draw_text(painter, rect.adjusted(0, 0, label_width - rect.width(), 0), label, font,
              look.colours.muted)  # fmt: skip
    if control.input.widget is None or isinstance(control.input.widget, BoolWidget):
        return
    text = show_value(control.input.widget, value)
    place = rect.adjusted(label_width + INSET, 0, 0, 0)
    if isinstance(control.input.widget, FileWidget):
        none = (translate("Controls", "None") if control.input.widget.optional
                else translate("Controls", "Choose…"))  # fmt: skip
        text = text.rpartition("/")[2] or none
    draw_text(painter, place, text, font, front, RIGHT)


def _draw_paragraph(
    painter: QPainter, control: Control, value: Param, look: Look, front: QColor
) -> None:
    rect = control.rect.adjusted(INSET, 5, -INSET, -3)
    text = value if isinstance(value, str) else str(value)
    if text.strip():
        draw_paragraph(painter, rect, text, look.fonts.small, front)
    else:
        hint = translate("Controls", "Click to write")
        draw_paragraph(painter, rect, hint, look.fonts.small, look.colours.faint)


def _draw_switch(painter: QPainter, control: Control, look: Look, *, on: bool) -> None:
    colours = look.colours
    centre = control.rect.center().y()
    track = QRectF(control.rect.right() - INSET - 24, centre - 6, 24, 12)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colours.muted if on else colours.fill)
    painter.drawRoundedRect(track, 6, 6)
    painter.setBrush(colours.text if on else colours.muted)
    knob = track.right() - 6 if on else track.left() + 6
    painter.drawEllipse(QPointF(knob, centre), 5, 5)


def _draw_mark(painter: QPainter, control: Control, look: Look) -> None:
    """Draw a short bar at the left edge: the value is not the default."""
    rect = control.rect
    height = min(rect.height(), metrics.ROW) - 12
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(look.colours.accent)
    painter.drawRoundedRect(QRectF(rect.left() + 2, rect.top() + 5, 2, height), 1, 1)


def _draw_swatch(painter: QPainter, control: Control, value: Param, look: Look) -> None:
    rect = control.rect
    side = rect.height() - 8
    place = QRectF(rect.right() - side - 6, rect.top() + 4, side, side)
    painter.setPen(QPen(look.colours.faint, 1))
    painter.setBrush(QColor(value) if isinstance(value, str) else Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(place, 3, 3)


def _draw_curve(painter: QPainter, control: Control, value: Param, look: Look) -> None:
    """Draw the line at the right of its label, as large as the row allows."""
    rect = control.rect
    height = rect.height() - 6
    place = QRectF(rect.right() - height * 2.5 - 6, rect.top() + 3, height * 2.5, height)
    if curves.refusal(value) is not None or not isinstance(value, tuple):
        return
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(look.colours.text, 1.25))
    painter.drawPath(_curve_path(value, round(place.width()), round(height)).translated(
        place.topLeft()))  # fmt: skip


@lru_cache(maxsize=256)
def _curve_path(curve: tuple[float, ...], width: int, height: int) -> QPainterPath:
    return curve_path(curve, QRectF(0, 0, width, height))


def _draw_glyph(painter: QPainter, control: Control, look: Look, *, hot: bool) -> None:
    pen = QPen(look.colours.text if hot else look.colours.muted, 1.25)
    pen.setCapStyle(shapes.ROUND_CAP)
    pen.setJoinStyle(shapes.ROUND_JOIN)
    painter.save()
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    right = control.rect.right() - INSET - 6
    painter.translate(right, control.rect.center().y())
    match control.input.widget:
        case SeedWidget():
            painter.drawPath(shapes.dice(12))
        case FileWidget():
            painter.drawPath(shapes.folder(12))
        case PaintedWidget():
            painter.drawPath(shapes.brush(12))
        case _:
            painter.drawPath(shapes.chevron(7))
    painter.restore()
