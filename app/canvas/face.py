"""Where things lie on a node: a pure function of its type, its wires and its picture's shape.

From the top: the title, the picture, the sockets, the values. Everything sits on the 8-pixel grid.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF

from app.theme import metrics
from graph.catalog import REROUTE
from graph.inside import INPUTS, OUTPUTS
from graph.sockets import IMAGE, LATENT, LAYERS, MASK, VIDEO
from graph.spec import TextWidget

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graph.spec import InputSpec, NodeSpec

PICTURES = frozenset({IMAGE.name, MASK.name, VIDEO.name, LAYERS.name})
SQUARE = 1.0
_CLOSE = 12.0
"""Distance of sockets on a collapsed node."""
_PICTURE_LEAST, _PICTURE_MOST = 96.0, 320.0


class Shape(StrEnum):
    """How much of a node is to be seen."""

    WHOLE = "whole"
    COLLAPSED = "collapsed"
    """Its title, and the sockets that matter, at its ends."""
    DOT = "dot"
    """A point where a wire changes its way."""


class Side(StrEnum):
    """The edge of a node on which a socket sits."""

    INPUT = "input"
    OUTPUT = "output"


@dataclass(frozen=True, slots=True)
class Socket:
    """A socket on a node's edge, in the node's coordinates."""

    side: Side
    name: str
    label: str
    type: str
    at: QPointF
    row: QRectF
    """Where its label is written."""
    value: bool = False
    """Whether a control stands beside it: such a socket recedes until it is wired or asked for."""


@dataclass(frozen=True, slots=True)
class Control:
    """A value on a node, in the node's coordinates."""

    input: InputSpec
    rect: QRectF

    @property
    def name(self) -> str:
        """The parameter's name."""
        return self.input.name


@dataclass(frozen=True, slots=True)
class Face:
    """The places of everything on one node."""

    rect: QRectF
    title: QRectF
    picture: QRectF | None
    sockets: tuple[Socket, ...]
    controls: tuple[Control, ...]
    shape: Shape = Shape.WHOLE
    places: dict[tuple[Side, str], tuple[float, float]] = field(default_factory=dict)
    """Where each socket is, as numbers: wires ask for them by the thousand."""

    def socket(self, side: Side, name: str) -> Socket | None:
        """Return the socket called `name`."""
        return next((s for s in self.sockets if s.side is side and s.name == name), None)

    def control(self, name: str) -> Control | None:
        """Return the control called `name`."""
        return next((c for c in self.controls if c.name == name), None)

    def control_at(self, point: QPointF) -> Control | None:
        """Return the control under `point`."""
        return next((c for c in self.controls if c.rect.contains(point)), None)


def shows_picture(spec: NodeSpec) -> bool:
    """Say whether nodes of this type keep a place for a picture.

    It depends on the type alone, so that a node does not grow when its first picture comes: where
    pictures come out, where they are written, and where a latent is worked on (not just made).
    """
    if spec.id in (INPUTS, OUTPUTS):
        return False
    outputs = {output.type for output in spec.outputs}
    inputs = {item.type for item in spec.inputs}
    worked_on = LATENT.name in outputs and any(item.required for item in spec.inputs)
    return bool(outputs & PICTURES) or (spec.effect and bool(inputs & PICTURES)) or worked_on


@lru_cache(maxsize=4096)
def lay_out(
    spec: NodeSpec,
    wired: frozenset[str] = frozenset(),
    ratio: float = SQUARE,
    *,
    collapsed: bool = False,
) -> Face:
    """Return the face of a node of type `spec` whose inputs `wired` are wired.

    `ratio` is the width of its picture over the height. Of `wired`, only values count for a whole
    node; a collapsed one shows no socket of a value that is not wired.
    """
    if spec.id == REROUTE.id:
        return _dot(spec)
    if collapsed:
        return _collapsed(spec, wired)
    width = metrics.NODE_WIDTH
    title = QRectF(0, 0, width, metrics.TITLE_HEIGHT)
    y = title.bottom()
    picture = QRectF(0, y, width, _picture_height(ratio)) if shows_picture(spec) else None
    y = (picture.bottom() if picture else y) + metrics.PADDING
    sockets = _socket_rows(spec, y)
    y = max((s.row.bottom() for s in sockets), default=y)
    controls, value_sockets = _control_rows(spec, wired, y)
    y = max((c.rect.bottom() + 1 for c in controls), default=y) + metrics.PADDING
    y = max([y, *(s.row.bottom() + metrics.PADDING for s in value_sockets)])
    every = (*sockets, *value_sockets)
    return Face(QRectF(0, 0, width, y), title, picture, every, controls, places=_places(every))


def _places(sockets: Iterable[Socket]) -> dict[tuple[Side, str], tuple[float, float]]:
    return {(s.side, s.name): (s.at.x(), s.at.y()) for s in sockets}


def _collapsed(spec: NodeSpec, wired: frozenset[str]) -> Face:
    """Return a title with sockets at its ends, as close as they can be told apart."""
    inputs = [item for item in spec.inputs if item.widget is None or item.name in wired]
    count = max(len(inputs), len(spec.outputs), 1)
    height = max(metrics.TITLE_HEIGHT, count * _CLOSE + metrics.PADDING)
    height = -(-height // metrics.GRID) * metrics.GRID
    rect = QRectF(0, 0, metrics.NODE_WIDTH, height)
    made = [
        _at_end(Side.INPUT, (item.name, item.label, item.type), 0, _spread(height, len(inputs), n))
        for n, item in enumerate(inputs)
    ]
    made += [
        _at_end(Side.OUTPUT, (out.name, out.label, out.type), rect.width(),
                _spread(height, len(spec.outputs), n))
        for n, out in enumerate(spec.outputs)
    ]  # fmt: skip
    return Face(rect, rect, None, tuple(made), (), Shape.COLLAPSED, _places(made))


def _spread(height: float, count: int, index: int) -> float:
    return height / 2 + (index - (count - 1) / 2) * _CLOSE


def _at_end(side: Side, names: tuple[str, str, str], x: float, y: float) -> Socket:
    name, label, kind = names
    return Socket(side, name, label, kind, QPointF(x, y), QRectF(x, y, 0, 0))


def _dot(spec: NodeSpec) -> Face:
    """Return a dot with its one input at the left and its one output at the right."""
    rect = QRectF(0, 0, metrics.DOT, metrics.DOT)
    middle = metrics.DOT / 2
    made = [_at_end(Side.INPUT, (i.name, i.label, i.type), 0, middle) for i in spec.inputs[:1]]
    made += [
        _at_end(Side.OUTPUT, (o.name, o.label, o.type), metrics.DOT, middle)
        for o in spec.outputs[:1]
    ]
    return Face(rect, rect, None, tuple(made), (), Shape.DOT, _places(made))


def _picture_height(ratio: float) -> float:
    height = min(max(metrics.NODE_WIDTH / ratio, _PICTURE_LEAST), _PICTURE_MOST)
    return round(height / metrics.GRID) * metrics.GRID


def _socket_rows(spec: NodeSpec, top: float) -> tuple[Socket, ...]:
    width, half = metrics.NODE_WIDTH, metrics.NODE_WIDTH / 2
    made: list[Socket] = []
    inputs = [item for item in spec.inputs if item.widget is None]
    for index, item in enumerate(inputs):
        row = QRectF(0, top + index * metrics.ROW, half, metrics.ROW)
        at = QPointF(0, row.center().y())
        made.append(Socket(Side.INPUT, item.name, item.label, item.type, at, row))
    for index, output in enumerate(spec.outputs):
        row = QRectF(half, top + index * metrics.ROW, half, metrics.ROW)
        at = QPointF(width, row.center().y())
        made.append(Socket(Side.OUTPUT, output.name, output.label, output.type, at, row))
    return tuple(made)


def _control_rows(
    spec: NodeSpec, wired: frozenset[str], top: float
) -> tuple[tuple[Control, ...], tuple[Socket, ...]]:
    controls: list[Control] = []
    sockets: list[Socket] = []
    y, width = top, metrics.NODE_WIDTH
    for item in (item for item in spec.inputs if item.widget is not None):
        tall = isinstance(item.widget, TextWidget) and item.widget.multiline
        tall = tall and item.name not in wired
        height = metrics.ROW * (metrics.TEXT_ROWS if tall else 1)
        row = QRectF(0, y, width, height)
        if item.name not in wired:
            controls.append(Control(item, row.adjusted(metrics.PADDING, 1, -metrics.PADDING, -1)))
        at = QPointF(0, y + metrics.ROW / 2)
        sockets.append(Socket(Side.INPUT, item.name, item.label, item.type, at, row, value=True))
        y += height
    return tuple(controls), tuple(sockets)
