"""A node at full detail: its picture with a few controls under it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from app.canvas.face import PICTURES, Side
from app.canvas.paint.badges import RADIUS, draw_badge
from app.canvas.paint.body import draw_body
from app.canvas.paint.controls import draw_control
from app.canvas.paint.sockets import draw_sockets
from app.canvas.paint.text import CENTRE, LEFT, RIGHT, draw_text, text_width
from app.runstate import TROUBLED, Badge
from app.theme import metrics
from app.words import translate
from graph.spec import FileWidget

if TYPE_CHECKING:
    from app.canvas.state import NodeState
    from app.theme.look import Look
    from graph.sockets import SocketTypes

_UNFIT = 0.35
_SECOND_MS = 1000.0
_MINUTE_MS = 60 * _SECOND_MS


def draw_node(painter: QPainter, state: NodeState, types: SocketTypes, look: Look) -> None:
    """Draw a whole node in its own coordinates."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    unfit = state.fits is not None and not state.fits
    painter.setOpacity(_UNFIT if unfit else 1.0)
    draw_body(painter, state.face.rect, title_colour(state, look), look.colours)
    _draw_title(painter, state, look)
    if state.face.picture is not None:
        draw_picture(painter, state.face.picture, state, look)
    _draw_labels(painter, state, look)
    for control in state.face.controls:
        if control.name != state.editing:
            draw_control(painter, state, control, look)
    _draw_outline(painter, state, look)
    draw_sockets(painter, state, types, look.colours)


def title_colour(state: NodeState, look: Look) -> QColor:
    """Return the ground of a title: the theme's, leaning to the colour that the artist gave."""
    ground = look.colours.title
    if not state.node.colour:
        return ground
    given, share = QColor(state.node.colour), 0.35
    return QColor.fromRgbF(
        ground.redF() * (1 - share) + given.redF() * share,
        ground.greenF() * (1 - share) + given.greenF() * share,
        ground.blueF() * (1 - share) + given.blueF() * share,
    )


def _draw_title(painter: QPainter, state: NodeState, look: Look) -> None:
    title, colours = state.face.title, look.colours
    if state.run.badge is Badge.RUNNING:
        _draw_progress(painter, state, look)
    right = _draw_state(painter, state, look)
    room = title.adjusted(12, 0, right - title.right() - 8, 0)
    draw_text(painter, room, state.title, look.fonts.strong,
              colours.text if state.known else colours.muted)  # fmt: skip


def _draw_state(painter: QPainter, state: NodeState, look: Look) -> float:
    """Draw badge and time at the right of the title; return where they begin."""
    title = state.face.title
    centre = QPointF(title.right() - 16, title.center().y())
    draw_badge(painter, centre, state.run, look.colours)
    left = centre.x() - RADIUS - 3
    words = show_time(state)
    if not words:
        return left
    width = text_width(words, look.fonts.small.key()) + 2
    place = QRectF(left - 5 - width, title.top(), width, title.height())
    draw_text(painter, place, words, look.fonts.small, look.colours.faint, RIGHT)
    return place.left()


def show_time(state: NodeState) -> str:
    """Return how long a node ran, or how far it is, in a few characters."""
    run = state.run
    if run.badge is Badge.RUNNING:
        return f"{run.done}/{run.total}" if run.total else ""
    if run.badge is not Badge.RAN or run.ms < 1:
        return ""
    if run.ms < _SECOND_MS:
        return f"{run.ms:.0f} ms"
    if run.ms < _MINUTE_MS:
        return f"{run.ms / _SECOND_MS:.1f} s"
    minutes, seconds = divmod(round(run.ms / _SECOND_MS), 60)
    return f"{minutes}:{seconds:02} min"


def _draw_progress(painter: QPainter, state: NodeState, look: Look) -> None:
    title = state.face.title
    track = QRectF(title.left(), title.bottom() - 2, title.width(), 2)
    painter.fillRect(track, look.colours.fill)
    track.setWidth(track.width() * state.run.fraction)
    painter.fillRect(track, look.colours.accent)


def draw_picture(painter: QPainter, rect: QRectF, state: NodeState, look: Look) -> None:
    """Draw a node's picture into `rect`, whole and centred, or say that there is none yet."""
    painter.fillRect(rect, look.colours.void)
    pixmap = state.picture
    if pixmap is None or pixmap.isNull():
        draw_text(painter, rect.adjusted(16, 0, -16, 0), _no_picture(state), look.fonts.small,
                  look.colours.faint, CENTRE)  # fmt: skip
        return
    scale = min(rect.width() / pixmap.width(), rect.height() / pixmap.height())
    place = QRectF(0, 0, pixmap.width() * scale, pixmap.height() * scale)
    place.moveCenter(rect.center())
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawPixmap(place, pixmap, QRectF(pixmap.rect()))


def _no_picture(state: NodeState) -> str:
    """Say what to do to see a picture here."""
    for item in state.spec.inputs:
        if isinstance(item.widget, FileWidget) and not state.value(item.name):
            return translate("Node", "Choose a file below")
    for item in state.spec.inputs:
        if item.required and item.name not in state.node.wires:
            return translate("Node", "Wire {0} to begin").format(item.label)
    if any(output.type in PICTURES for output in state.spec.outputs) or state.spec.effect:
        return translate("Node", "Run to see the picture")
    return translate("Node", "Run to see a preview")


def _draw_labels(painter: QPainter, state: NodeState, look: Look) -> None:
    """Write the names of sockets, and of values that a wire brings."""
    colours, font = look.colours, look.fonts.small
    for socket in state.face.sockets:
        if socket.value and state.face.control(socket.name) is not None:
            continue
        left = socket.side is Side.INPUT
        rect = socket.row.adjusted(14, 0, -4, 0) if left else socket.row.adjusted(4, 0, -14, 0)
        item = state.spec.input(socket.name) if left else None
        missing = item is not None and item.required and not state.is_wired(Side.INPUT, item.name)
        colour = colours.text if missing else colours.muted
        draw_text(painter, rect, socket.label, font, colour, LEFT if left else RIGHT)


def _draw_outline(painter: QPainter, state: NodeState, look: Look) -> None:
    colours = look.colours
    painter.setBrush(Qt.BrushStyle.NoBrush)
    corner = metrics.CORNER
    if state.run.badge in TROUBLED:
        painter.setPen(QPen(colours.error, 1.5))
        painter.drawRoundedRect(state.face.rect, corner, corner)
    if state.selected:
        painter.setPen(QPen(colours.accent, 2))
        painter.drawRoundedRect(state.face.rect.adjusted(-2, -2, 2, 2), corner + 2, corner + 2)
