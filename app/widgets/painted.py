"""A mask that is painted by hand: seen small, and opened in the mask editor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPen
from PySide6.QtWidgets import QPushButton, QSizePolicy, QVBoxLayout

from app.canvas.values import show_value
from app.widgets.field import Field
from app.words import translate
from graph import painted

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent
    from PySide6.QtWidgets import QWidget

    from app.widgets.field import Surroundings
    from graph.spec import InputSpec

_HEIGHT, _SMALL, _INSET = 56, 40, 8
_MOST = 96
"""Pixels along a side of the small picture of the mask."""


class PaintedButton(QPushButton):
    """Shows the mask, its size and what a click does."""

    def __init__(self, field: PaintedField) -> None:
        super().__init__(field)
        self._field = field
        self.small = QImage()
        self.setObjectName("painted")
        self.setFixedHeight(_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Qt: as wide as there is room."""
        return QSize(120, _HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's signature
        """Qt: draw it."""
        colours = self._field.around.look.colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(colours.accent if self.hasFocus() else colours.edge, 1))
        painter.setBrush(colours.hover if self.underMouse() else colours.well)
        painter.drawRoundedRect(rect, 6, 6)
        left = _INSET
        if not self.small.isNull():
            size = self.small.size().scaled(_SMALL, _SMALL, Qt.AspectRatioMode.KeepAspectRatio)
            place = QRect(_INSET, (_HEIGHT - size.height()) // 2, size.width(), size.height())
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(place, self.small)
            left = place.right() + _INSET
        painter.setPen(colours.text)
        words = QRect(left, 0, self.width() - left - _INSET, _HEIGHT)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, self.text())


class PaintedField(Field):
    """A painted mask; a click asks for the mask editor.

    Signals:
        paintAsked(): the mask is to be painted on.
    """

    paintAsked = Signal()

    def __init__(
        self, item: InputSpec, around: Surroundings, parent: QWidget | None = None
    ) -> None:
        super().__init__(item, around, parent)
        self.button = PaintedButton(self)
        self.button.setAccessibleName(item.label)
        self.button.clicked.connect(self.paintAsked)
        self.setFocusProxy(self.button)
        self._seen = ""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.button)
        self.watch(self.button)

    def refresh(self) -> None:
        """Show the value."""
        value = self.value if isinstance(self.value, str) and not self.mixed else ""
        if value != self._seen:
            self._seen = value
            self.button.small = _small(value)
        words = show_value(self.widget, value) if value else translate("Fields", "Paint…")
        self.button.setText(translate("Fields", "several values") if self.mixed else words)
        self.button.setToolTip(translate("Fields", "Open the mask editor"))
        self.button.update()


def _small(value: str) -> QImage:
    """Return a small picture of a mask; none of one that is empty or broken."""
    try:
        mask = painted.decode(value)
    except painted.PaintedError:
        return QImage()
    height, width = mask.shape
    image = QImage(mask.tobytes(), width, height, width, QImage.Format.Format_Grayscale8)
    return image.scaled(
        _MOST, _MOST, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
    )
