"""A node at full detail: its picture with a few controls under it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from app.canvas.face import PICTURES, Shape, Side
from app.canvas.paint import shapes
from app.canvas.paint.badges import RADIUS, draw_badge
from app.canvas.paint.body import draw_body
from app.canvas.paint.controls import draw_control
from app.canvas.paint.mix import mixed
from app.canvas.paint.sockets import draw_sockets
from app.canvas.paint.text import CENTRE, LEFT, RIGHT, draw_text, text_width
from app.canvas.paint.wire import curve, wire_pen
from app.runstate import TROUBLED, Badge
from app.theme import metrics
from app.words import translate
from graph.graph import Mode
from graph.spec import FileWidget

if TYPE_CHECKING:
    from PySide6.QtGui import QColor, QPixmap

    from app.canvas.state import NodeState
    from app.theme.look import Look
    from graph.sockets import SocketTypes

_UNFIT = 0.35
_OFF = 0.45
_GIVEN = 0.35
_SECOND_MS = 1000.0
_MINUTE_MS = 60 * _SECOND_MS


def draw_node(painter: QPainter, state: NodeState, types: SocketTypes, look: Look) -> None:
    """Draw a whole node in its own coordinates."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    face = state.face
    if face.shape is Shape.DOT:
        draw_dot(painter, state, types, look)
        return
    draw_head(painter, state, look)
    if face.shape is Shape.WHOLE:
        _draw_labels(painter, state, look)
    for control in face.controls:
        if control.name != state.editing:
            draw_control(painter, state, control, look)
    draw_trouble(painter, state, look)
    painter.setOpacity(1.0)
    if state.node.mode is Mode.BYPASSED:
        draw_bypass(painter, state, types, look)
    draw_sockets(painter, state, types, look.colours)


def draw_head(painter: QPainter, state: NodeState, look: Look) -> None:
    """Draw body, title and picture: all that changes while a node runs."""
    face = state.face
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setOpacity(strength_of(state))
    draw_body(painter, face.rect, title_colour(state, look), look.colours, bar=face.title.height())
    _draw_title(painter, state, look)
    if face.picture is not None:
        draw_picture(painter, face.picture, state, look)


def strength_of(state: NodeState) -> float:
    """Return how strongly a node is drawn: what takes no part recedes."""
    if state.fits is not None and not state.fits:
        return _UNFIT
    return _OFF if state.off else 1.0


def title_colour(state: NodeState, look: Look) -> QColor:
    """Return the ground of a title: the theme's, leaning to the colour that the artist gave."""
    ground = look.colours.title
    return mixed(ground, state.node.colour, _GIVEN) if state.node.colour else ground


def draw_dot(painter: QPainter, state: NodeState, types: SocketTypes, look: Look) -> None:
    """Draw a dot on a wire, in the colour of what it carries."""
    colours = look.colours
    kind = types[state.carried]
    lit = state.fits is None or bool(state.fits)
    painter.setOpacity(1.0 if lit else _UNFIT)
    painter.setPen(QPen(colours.canvas, 2))
    painter.setBrush(colours.wire(kind.colour))
    radius = metrics.DOT / 2 - 1
    painter.drawEllipse(state.face.rect.center(), radius, radius)
    painter.setOpacity(1.0)


def draw_bypass(painter: QPainter, state: NodeState, types: SocketTypes, look: Look) -> None:
    """Draw where wires go through a node that is left out: from each output's nearest kin."""
    face = state.face
    taken: set[str] = set()
    for out in face.sockets:
        if out.side is not Side.OUTPUT:
            continue
        kin = next(
            (s for s in face.sockets
             if s.side is Side.INPUT and s.type == out.type and s.name not in taken),
            None,
        )  # fmt: skip
        if kin is None:
            continue
        taken.add(kin.name)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(wire_pen(look.colours.wire(types[out.type].colour), 1.0))
        painter.drawPath(curve(kin.at, out.at))


def _draw_title(painter: QPainter, state: NodeState, look: Look) -> None:
    title, colours = state.face.title, look.colours
    if state.run.badge is Badge.RUNNING:
        _draw_progress(painter, state, look)
    right = _draw_state(painter, state, look)
    if state.node.pinned:
        _draw_pin(painter, QPointF(right - 6, title.center().y()), look)
        right -= 16
    room = title.adjusted(12, 0, right - title.right() - 8, 0)
    draw_text(painter, room, state.title, look.fonts.strong,
              colours.text if state.known else colours.muted)  # fmt: skip


def _draw_pin(painter: QPainter, centre: QPointF, look: Look) -> None:
    """Draw a pin: the node stays where it is."""
    painter.save()
    painter.translate(centre)
    pen = QPen(look.colours.muted, 1.25)
    pen.setCapStyle(shapes.ROUND_CAP)
    pen.setJoinStyle(shapes.ROUND_JOIN)
    painter.setPen(pen)
    painter.setBrush(look.colours.muted)
    painter.drawPath(shapes.pin(11))
    painter.restore()


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


def draw_picture(
    painter: QPainter, rect: QRectF, state: NodeState, look: Look, *, words: bool = True
) -> None:
    """Draw a node's picture into `rect`, whole and centred, or say that there is none yet."""
    painter.fillRect(rect, look.colours.void)
    pixmap = state.picture
    if pixmap is None or pixmap.isNull():
        if words:
            draw_text(painter, rect.adjusted(16, 0, -16, 0), _no_picture(state), look.fonts.small,
                      look.colours.faint, CENTRE)  # fmt: skip
        return
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawPixmap(fitted_into(rect, pixmap), pixmap, QRectF(pixmap.rect()))


def fitted_into(rect: QRectF, pixmap: QPixmap) -> QRectF:
    """Return the largest rectangle of the shape of `pixmap` in the middle of `rect`."""
    scale = min(rect.width() / pixmap.width(), rect.height() / pixmap.height())
    place = QRectF(0, 0, pixmap.width() * scale, pixmap.height() * scale)
    place.moveCenter(rect.center())
    return place


def _no_picture(state: NodeState) -> str:
    """Say what to do to see a picture here."""
    for item in state.spec.inputs:
        lacks = isinstance(item.widget, FileWidget) and not item.widget.optional
        if lacks and not state.value(item.name):
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


def draw_trouble(painter: QPainter, state: NodeState, look: Look, width: float = 1.5) -> None:
    """Draw the edge of a node that cannot run or failed."""
    if state.run.badge not in TROUBLED:
        return
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(look.colours.error, width))
    painter.drawRoundedRect(state.face.rect, metrics.CORNER, metrics.CORNER)
