"""The picture with the mask over it, and the hand that paints on it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPixmap, QPointingDevice
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.mask.area import Area
from app.mask.brush import Touch
from app.mask.hand import SHAPES, STROKES, Tool
from app.words import translate

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtGui import (
        QKeyEvent,
        QMouseEvent,
        QPaintEvent,
        QResizeEvent,
        QTabletEvent,
        QWheelEvent,
    )

    from app.mask.hand import Hand
    from app.theme.look import Look

LEAST, MOST = 0.02, 32.0
NOTCH: Final = 1.25
_MARGIN = 32.0
_PIXELS_FROM = 3.0
"""From this zoom on pixels are shown as they are, not smoothed."""
_ANGLE = 120
_SMALL_CIRCLE = 3.0
"""Below this radius on the screen a cross stands for the brush."""


class MaskView(QWidget):
    """Shows and paints; the wheel zooms, Space or the middle button drags the picture.

    Signals:
        zoomChanged(): it is seen at another zoom.
    """

    zoomChanged = Signal()

    def __init__(self, hand: Hand, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self.hand = hand
        self.bare = False
        """Whether the mask is shown alone, black and white."""
        self._picture = QPixmap()
        self._zoom = 1.0
        self._offset = QPointF()
        self._fitted = True
        self._grip: QPointF | None = None
        self._pointer: QPointF | None = None
        self._pressure = 1.0
        self._spaced = False
        self._pen_is_down = False
        self.setMinimumSize(320, 240)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMouseTracking(True)
        self.setTabletTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(translate("Mask", "Picture with its mask"))
        look.changed.connect(self.update)
        hand.changed.connect(self._show_area)
        hand.outlined.connect(self.update)
        self.show_tool()

    # Looking

    @property
    def zoom(self) -> float:
        """Pixels on the screen for one of the mask."""
        return self._zoom

    @property
    def size_in_pixels(self) -> QSize:
        """The size of the mask."""
        area = self.hand.layer.area
        return QSize(area.right, area.bottom)

    def show_picture(self, picture: QImage | None) -> None:
        """Show `picture`, of the size of the mask, under it."""
        self._picture = QPixmap() if picture is None else QPixmap.fromImage(picture)
        self.update()

    def show_bare(self, *, bare: bool) -> None:
        """Show the mask alone, or over the picture."""
        self.bare = bare
        self.update()

    def fit(self) -> None:
        """Show everything, and keep it so."""
        size = self.size_in_pixels
        wide = (self.width() - 2 * _MARGIN) / size.width()
        high = (self.height() - 2 * _MARGIN) / size.height()
        self._zoom, self._offset = min(MOST, max(LEAST, min(wide, high))), QPointF()
        self._fitted = True
        self.update()
        self.zoomChanged.emit()

    def actual(self) -> None:
        """Show one pixel of the mask as one of the screen."""
        self.zoom_to(1 / self.devicePixelRatioF())

    def zoom_to(self, zoom: float, at: QPointF | None = None) -> None:
        """Take `zoom`; what lies under `at` (or in the middle) stays there."""
        zoom = min(MOST, max(LEAST, zoom))
        at = QRectF(self.rect()).center() if at is None else at
        middle = QRectF(self.rect()).center() + self._offset
        self._offset += (middle - at) * (zoom / self._zoom - 1)
        self._zoom, self._fitted = zoom, False
        self.update()
        self.zoomChanged.emit()

    def _place(self) -> QRectF:
        """Return where the mask is on the widget."""
        size = self.size_in_pixels
        place = QRectF(0, 0, size.width() * self._zoom, size.height() * self._zoom)
        place.moveCenter(QRectF(self.rect()).center() + self._offset)
        return place

    def to_mask(self, at: QPointF) -> QPointF:
        """Return the point of the mask under a point of the widget."""
        return (at - self._place().topLeft()) / self._zoom

    def to_screen(self, at: QPointF) -> QPointF:
        """Return the point of the widget over a point of the mask."""
        return at * self._zoom + self._place().topLeft()

    def _show_area(self, area: Area) -> None:
        corner = self.to_screen(QPointF(area.left, area.top))
        other = self.to_screen(QPointF(area.right, area.bottom))
        self.update(QRectF(corner, other).toAlignedRect().adjusted(-2, -2, 2, 2))

    # Painting the widget

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt: draw what of it is to be seen."""
        painter = QPainter(self)
        colours = self._look.colours
        painter.fillRect(event.rect(), colours.stage)
        # Whole steps of pixels are taken when it is seen small, so that all seams fall together.
        step = max(1, int(1 / (self._zoom * self.devicePixelRatioF())))
        seen = self._seen(event.rect(), step)
        if not seen.empty:
            self._draw(painter, seen, step)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.hand.outline is not None:
            self._draw_outline(painter)
        self._draw_cursor(painter)

    def _seen(self, rect: QRect, step: int) -> Area:
        """Return the pixels of the mask that are seen in `rect`, from whole steps on."""
        corner = self.to_mask(QPointF(rect.topLeft()))
        other = self.to_mask(QPointF(rect.bottomRight()) + QPointF(1, 1))
        left, top = (math.floor(part) // step - 1 for part in (corner.x(), corner.y()))
        right, bottom = (math.ceil(part) + step for part in (other.x(), other.y()))
        return Area(left * step, top * step, right, bottom).within(self.hand.layer.area)

    def _draw(self, painter: QPainter, seen: Area, step: int) -> None:
        image = self._overlay(self.hand.layer.pixels[seen.rows, seen.columns][::step, ::step])
        smooth = self._zoom < _PIXELS_FROM
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        size = self.size_in_pixels
        whole = QRectF(0, 0, size.width(), size.height())
        painter.save()
        painter.setClipRect(self._place())
        painter.translate(self._place().topLeft())
        painter.scale(self._zoom, self._zoom)
        if not self.bare:
            if self._picture.isNull():
                painter.fillRect(whole, self._look.colours.void)
            else:
                painter.drawPixmap(whole, self._picture, QRectF(self._picture.rect()))
        painter.drawImage(
            QRectF(seen.left, seen.top, image.width() * step, image.height() * step), image
        )
        painter.restore()

    def _overlay(self, mask: NDArray[np.uint8]) -> QImage:
        """Return `mask` as it is laid over the picture, premultiplied."""
        levels = np.arange(256, dtype=np.uint32)
        if self.bare:
            table = 0xFF000000 | levels << 16 | levels << 8 | levels
        else:
            kit = self.hand.kit
            colour = QColor(kit.tint)
            alpha = np.rint(levels * kit.tint_opacity).astype(np.uint32)
            red, green, blue = (
                alpha * part // 255 for part in (colour.red(), colour.green(), colour.blue())
            )
            table = alpha << 24 | red << 16 | green << 8 | blue
        pixels = table.astype(np.uint32)[mask]
        height, width = mask.shape
        image = QImage(
            pixels.tobytes(), width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied
        )
        return image.copy()

    def _draw_outline(self, painter: QPainter) -> None:
        if self.hand.outline is None:
            return
        path = self.hand.outline
        painter.save()
        painter.translate(self._place().topLeft())
        painter.scale(self._zoom, self._zoom)
        for colour, style in (
            (Qt.GlobalColor.black, Qt.PenStyle.SolidLine),
            (Qt.GlobalColor.white, Qt.PenStyle.DashLine),
        ):
            pen = QPen(colour, 1.25, style)
            pen.setCosmetic(True)
            painter.strokePath(path, pen)
        painter.restore()

    def _draw_cursor(self, painter: QPainter) -> None:
        """Draw the brush as a circle of its size, seen on light and dark."""
        if self._pointer is None or self.hand.kit.tool not in STROKES or self._drags:
            return
        radius = self._radius()
        for colour, width in ((QColor(0, 0, 0, 160), 3.0), (QColor(255, 255, 255), 1.25)):
            painter.setPen(QPen(colour, width))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            if radius >= _SMALL_CIRCLE:
                painter.drawEllipse(self._pointer, radius, radius)
            else:
                for side in (QPointF(6, 0), QPointF(0, 6)):
                    painter.drawLine(self._pointer - side, self._pointer - side / 3)
                    painter.drawLine(self._pointer + side / 3, self._pointer + side)

    def _radius(self) -> float:
        return self.hand.kit.brush.size / 2 * self._zoom

    @property
    def _drags(self) -> bool:
        """Whether the picture is moved, not painted on."""
        return self._spaced or self._grip is not None

    def show_tool(self) -> None:
        """Have the cursor say what the hand holds."""
        shape = Qt.CursorShape
        if self._grip is not None:
            self.setCursor(shape.ClosedHandCursor)
        elif self._spaced:
            self.setCursor(shape.OpenHandCursor)
        elif self.hand.kit.tool in STROKES:
            self.setCursor(shape.BlankCursor)
        else:
            cross = self.hand.kit.tool in SHAPES | {Tool.FILL}
            self.setCursor(shape.CrossCursor if cross else shape.ArrowCursor)
        self.update()

    # The hand

    def _touch(self, at: QPointF, pressure: float = 1.0) -> Touch:
        point = self.to_mask(at)
        return Touch(point.x(), point.y(), pressure)

    def _hover(self, at: QPointF | None) -> None:
        """Move the circle of the brush."""
        reach = math.ceil(max(self._radius(), 8)) + 4
        for place in (self._pointer, at):
            if place is not None:
                middle = place.toPoint()
                self.update(QRect(middle.x() - reach, middle.y() - reach, 2 * reach, 2 * reach))
        self._pointer = at

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Qt: paint, or take hold of the picture."""
        middle = event.button() == Qt.MouseButton.MiddleButton
        if middle or (self._spaced and event.button() == Qt.MouseButton.LeftButton):
            self._grip = event.position()
            self.show_tool()
        elif event.button() == Qt.MouseButton.LeftButton:
            self.hand.press(self._touch(event.position()), event.modifiers())
        self._hover(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Qt: go on."""
        self._hover(event.position())
        if self._grip is not None:
            self._drag(event.position())
        elif self.hand.busy and not self._pen_is_down:
            self.hand.move(self._touch(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Qt: let go."""
        if self._grip is not None:
            self._grip = None
            self.show_tool()
        elif event.button() == Qt.MouseButton.LeftButton and self.hand.busy:
            self.hand.release(self._touch(event.position()))

    def tabletEvent(self, event: QTabletEvent) -> None:
        """Qt: a pen paints with its pressure, and erases with its other end."""
        event.accept()
        at = event.position()
        self._hover(at)
        eraser = event.pointerType() == QPointingDevice.PointerType.Eraser
        match event.type():
            case QEvent.Type.TabletPress if event.button() == Qt.MouseButton.LeftButton:
                self._press_pen(at, event.pressure(), event.modifiers(), eraser=eraser)
            case QEvent.Type.TabletMove if self._grip is not None:
                self._drag(at)
            case QEvent.Type.TabletMove if self._pen_is_down:
                self._pressure = event.pressure()
                self.hand.move(self._touch(at, self._pressure))
            case QEvent.Type.TabletRelease if self._grip is not None:
                self._grip = None
                self.show_tool()
            case QEvent.Type.TabletRelease if self._pen_is_down:
                # A pen that is lifted presses no more: the stroke ends as it was.
                self._pen_is_down = False
                self.hand.release(self._touch(at, self._pressure))

    def _press_pen(
        self, at: QPointF, pressure: float, held: Qt.KeyboardModifier, *, eraser: bool
    ) -> None:
        if self._spaced:
            self._grip = at
            self.show_tool()
            return
        self._pen_is_down, self._pressure = True, pressure
        self.hand.press(self._touch(at, pressure), held, eraser=eraser, pen=True)

    def _drag(self, at: QPointF) -> None:
        if self._grip is not None:
            self._offset += at - self._grip
            self._grip, self._fitted = at, False
            self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Qt: zoom to the pointer."""
        self.zoom_to(self._zoom * NOTCH ** (event.angleDelta().y() / _ANGLE), event.position())
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt: Space takes hold of the picture; Escape gives a stroke up."""
        if event.key() == Qt.Key.Key_Space:
            self._spaced = True
            self.show_tool()
        elif event.key() == Qt.Key.Key_Escape and self.hand.busy:
            self._pen_is_down = False
            self.hand.give_up()
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Qt: let go of the picture."""
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._spaced = False
            self.show_tool()
        else:
            super().keyReleaseEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Qt: the circle goes with the pointer."""
        self._hover(None)
        super().leaveEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt: what was fitted stays whole."""
        super().resizeEvent(event)
        if self._fitted:
            self.fit()
