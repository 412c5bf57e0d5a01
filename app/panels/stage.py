"""One picture, large: on a neutral ground, whole or pixel by pixel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.words import translate

if TYPE_CHECKING:
    from PySide6.QtGui import QMouseEvent, QPaintEvent, QResizeEvent, QWheelEvent

    from app.theme.look import Look

_MARGIN = 16.0
_NOTCH = 120
_ZOOM_A_NOTCH = 1.25
_LEAST, _MOST = 0.02, 32.0
_PIXELS_FROM = 3.0
"""From this zoom on pixels are shown as they are, not smoothed."""


class Stage(QWidget):
    """Shows an image; a wheel zooms to the pointer, a drag moves, a double-click fits or 100 %.

    Signals:
        zoomChanged(): the picture is seen at another zoom.
    """

    zoomChanged = Signal()

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._pixmap = QPixmap()
        self._size = QSize()
        self._fitted = True
        self._zoom = 1.0
        self._offset = QPointF()
        self._grip: QPointF | None = None
        self.hint = ""
        # It paints every pixel: what lies beneath need not be painted first.
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(160, 160)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(translate("Viewer", "Picture"))
        look.changed.connect(self.update)

    @property
    def zoom(self) -> float:
        """Pixels on the screen for one of the picture."""
        return self._zoom

    @property
    def empty(self) -> bool:
        """Whether there is no picture."""
        return self._pixmap.isNull()

    @property
    def picture_size(self) -> QSize:
        """The size of the picture in its own pixels."""
        return self._size

    def show_image(self, image: QImage, size: QSize | None = None) -> None:
        """Show `image`; it stands for one of `size`, when it is only a small version."""
        self._pixmap = QPixmap.fromImage(image)
        size = size or image.size()
        if size != self._size:
            self._size = size
            self.fit()
        self.update()

    def clear(self) -> None:
        """Show no picture."""
        self._pixmap, self._size = QPixmap(), QSize()
        self.update()
        self.zoomChanged.emit()

    def fit(self) -> None:
        """Show the whole picture, and keep it whole."""
        self._fitted = True
        if not self._size.isEmpty():
            wide = (self.width() - 2 * _MARGIN) / self._size.width()
            high = (self.height() - 2 * _MARGIN) / self._size.height()
            self._zoom = max(_LEAST, min(wide, high))
            self._offset = QPointF()
        self.update()
        self.zoomChanged.emit()

    def actual(self) -> None:
        """Show one pixel of the picture as one pixel of the screen."""
        self._zoom_to(1.0 / self.devicePixelRatioF(), QPointF(self.rect().center()))

    def _zoom_to(self, zoom: float, at: QPointF) -> None:
        """Take `zoom`; what lies under `at` stays there."""
        zoom = min(_MOST, max(_LEAST, zoom))
        middle = QPointF(self.rect().center()) + self._offset
        self._offset += (middle - at) * (zoom / self._zoom - 1)
        self._zoom = zoom
        self._fitted = False
        self.update()
        self.zoomChanged.emit()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's signature
        """Qt: draw it."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._look.colours.stage)
        if self.empty:
            painter.setFont(self._look.fonts.body)
            painter.setPen(self._look.colours.muted)
            words = self.rect().adjusted(32, 32, -32, -32)
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(words, int(flags), self.hint)
            return
        place = QRectF(0, 0, self._size.width() * self._zoom, self._size.height() * self._zoom)
        place.moveCenter(QRectF(self.rect()).center() + self._offset)
        smooth = self._zoom < _PIXELS_FROM or self._fitted
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        painter.drawPixmap(place, self._pixmap, QRectF(self._pixmap.rect()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt: a fitted picture stays whole."""
        super().resizeEvent(event)
        if self._fitted:
            self.fit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Qt: zoom to the pointer."""
        if not self.empty:
            notches = event.angleDelta().y() / _NOTCH
            self._zoom_to(self._zoom * _ZOOM_A_NOTCH**notches, event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Qt: take hold of the picture."""
        if not self.empty:
            self._grip = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Qt: move the picture."""
        if self._grip is not None:
            self._offset += event.position() - self._grip
            self._grip = event.position()
            self._fitted = False
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: ARG002 - Qt's signature
        """Qt: let go of the picture."""
        self._grip = None
        self.unsetCursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Qt: whole, or pixel by pixel at that place."""
        if self._fitted:
            self._zoom_to(1.0 / self.devicePixelRatioF(), event.position())
        else:
            self.fit()
