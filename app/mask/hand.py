"""What a hand does with a tool: from a press to a release it is one step of the editor's undo."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPointF, Qt, Signal

from app.mask.brush import Brush, Stroke, Touch
from app.mask.operations import fill
from app.mask.shapes import Join, ellipse, join_path, lasso, rectangle
from app.words import translate

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PySide6.QtGui import QPainterPath

    from app.mask.area import Area
    from app.mask.layer import Layer

_FEWEST_POINTS = 3


class Tool(StrEnum):
    """What the hand holds."""

    BRUSH = "brush"
    ERASER = "eraser"
    FILL = "fill"
    RECTANGLE = "rectangle"
    ELLIPSE = "ellipse"
    LASSO = "lasso"


STROKES = frozenset({Tool.BRUSH, Tool.ERASER})
SHAPES = frozenset({Tool.RECTANGLE, Tool.ELLIPSE, Tool.LASSO})


@dataclass
class Kit:
    """The tools as they are set; kept from one visit to the editor to the next."""

    tool: Tool = Tool.BRUSH
    brush: Brush = field(default_factory=Brush)
    join: Join = Join.ADD
    tolerance: int = 32
    """How far a pixel may differ to belong to a fill, 0 to 255."""
    fills_picture: bool = True
    """Whether a fill follows the picture, not the mask."""
    reach: int = 8
    """Pixels by which to grow, shrink or feather."""
    tint: str = "#e5484d"
    tint_opacity: float = 0.55


class Hand(QObject):
    """Paints into a layer.

    Signals:
        changed(object): the mask is another one in that `Area`.
        outlined(): `outline` is another one.
        finished(str): a step of that name is over; what changed belongs to undo now.
    """

    changed = Signal(object)
    outlined = Signal()
    finished = Signal(str)

    def __init__(self, kit: Kit, layer: Layer, parent: QObject) -> None:
        super().__init__(parent)
        self.kit = kit
        self.layer = layer
        self.picture: NDArray[np.uint8] | None = None
        """What is painted over: (H, W, 3), of the mask's size."""
        self.outline: QPainterPath | None = None
        """The shape that is being drawn, in pixels of the mask."""
        self._tool = kit.tool
        self._stroke: Stroke | None = None
        self._join = Join.ADD
        self._points: list[QPointF] = []
        self._last: Touch | None = None
        """Where the stroke before ended: with Shift a straight line begins there."""

    @property
    def busy(self) -> bool:
        """Whether it is pressed down."""
        return self._stroke is not None or bool(self._points)

    def press(
        self, touch: Touch, held: Qt.KeyboardModifier, *, eraser: bool = False, pen: bool = False
    ) -> None:
        """Begin at `touch`; with `eraser` the pen is held upside down."""
        self.give_up()
        shift = bool(held & Qt.KeyboardModifier.ShiftModifier)
        alt = bool(held & Qt.KeyboardModifier.AltModifier)
        self._tool = Tool.ERASER if eraser else self.kit.tool
        self._join = Join.SUBTRACT if alt else Join.ADD if shift else self.kit.join
        if self._tool in STROKES:
            self._begin(touch, straight=shift, erases=alt, pen=pen)
        elif self._tool is Tool.FILL:
            self._fill(touch)
        else:
            self._points = [QPointF(touch.x, touch.y)]

    def _begin(self, touch: Touch, *, straight: bool, erases: bool, pen: bool) -> None:
        brush = self.kit.brush
        if not pen:
            # A mouse presses always alike, which is no reason to paint otherwise.
            brush = replace(brush, pressure_sizes=False, pressure_fades=False)
        erases = erases or self._tool is Tool.ERASER
        joined = straight and self._last is not None
        first = self._last if joined and self._last is not None else touch
        self._stroke = Stroke(self.layer, brush, erases=erases, first=first)
        self._tell(self._stroke.first_area())
        if joined:
            self._tell(self._stroke.end(touch))
        self._last = touch

    def move(self, touch: Touch) -> None:
        """Go on to `touch`."""
        if self._stroke is not None:
            self._tell(self._stroke.move(touch))
            self._last = touch
        elif self._points:
            point = QPointF(touch.x, touch.y)
            if self._tool is Tool.LASSO:
                self._points.append(point)
            else:
                self._points = [self._points[0], point]
            self._outline()

    def release(self, touch: Touch) -> None:
        """End at `touch`."""
        if self._stroke is not None:
            self._tell(self._stroke.end(touch))
            self._stroke, self._last = None, touch
            self._finish(_name(self._tool))
        elif self._points:
            self.move(touch)
            shape, self.outline = self.outline, None
            drawn = len(self._points) >= _FEWEST_POINTS or self._tool is not Tool.LASSO
            self._points = []
            self.outlined.emit()
            if shape is not None and drawn:
                join_path(self.layer, shape, self._join)
                self._finish(_name(self._tool))

    def give_up(self) -> None:
        """Forget what was begun."""
        self._stroke, self._points = None, []
        if self.outline is not None:
            self.outline = None
            self.outlined.emit()
        self._tell(self.layer.give_up())

    def act(self, name: str, *, changed: Area | None = None) -> None:
        """End a step that something else painted."""
        self._tell(changed or self.layer.area)
        self._finish(name)

    def _fill(self, touch: Touch) -> None:
        source = self.layer.pixels
        if self.kit.fills_picture and self.picture is not None:
            source = self.picture
        at = (int(touch.x // 1), int(touch.y // 1))
        fill(self.layer, source, at, self.kit.tolerance, self._join)
        self._tell(self.layer.area)
        self._finish(_name(Tool.FILL))

    def _outline(self) -> None:
        make = {Tool.RECTANGLE: rectangle, Tool.ELLIPSE: ellipse}
        draw = make.get(self._tool)
        self.outline = draw(self._points[0], self._points[-1]) if draw else lasso(self._points)
        self.outlined.emit()

    def _finish(self, name: str) -> None:
        if self.layer.commit(name) is not None:
            self.finished.emit(name)

    def _tell(self, area: Area | None) -> None:
        if area is not None:
            self.changed.emit(area)


def _name(tool: Tool) -> str:
    return {
        Tool.BRUSH: translate("Mask", "Brush"),
        Tool.ERASER: translate("Mask", "Eraser"),
        Tool.FILL: translate("Mask", "Fill"),
        Tool.RECTANGLE: translate("Mask", "Rectangle"),
        Tool.ELLIPSE: translate("Mask", "Ellipse"),
        Tool.LASSO: translate("Mask", "Lasso"),
    }[tool]
