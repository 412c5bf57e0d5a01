"""A switch: on or off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QCheckBox, QHBoxLayout

from app.widgets.field import Field
from app.words import translate

if TYPE_CHECKING:
    from PySide6.QtCore import QPoint
    from PySide6.QtGui import QPaintEvent
    from PySide6.QtWidgets import QWidget

    from app.theme.look import Look
    from app.widgets.field import Surroundings
    from graph.spec import InputSpec

_WIDTH, _HEIGHT = 32, 28


class Switch(QCheckBox):
    """A check box that looks like the switches on the canvas."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look

    def sizeHint(self) -> QSize:
        """Qt: always as large."""
        return QSize(_WIDTH, _HEIGHT)

    def hitButton(self, pos: QPoint) -> bool:
        """Qt: all of it is to be clicked."""
        return self.rect().contains(pos)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's signature
        """Qt: draw track and knob; a dash stands for several values that differ."""
        colours, state = self._look.colours, self.checkState()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        track = QRectF(2, (self.height() - 14) / 2, 28, 14)
        if self.hasFocus():
            painter.setPen(QPen(colours.accent, 1))
            painter.drawRoundedRect(track.adjusted(-1.5, -1.5, 1.5, 1.5), 8.5, 8.5)
        painter.setPen(Qt.PenStyle.NoPen)
        on = state == Qt.CheckState.Checked
        painter.setBrush(colours.muted if on else colours.fill)
        painter.drawRoundedRect(track, 7, 7)
        painter.setBrush(colours.text if on else colours.muted)
        if state == Qt.CheckState.PartiallyChecked:
            painter.drawRoundedRect(
                QRectF(track.center().x() - 5, track.center().y() - 1, 10, 2), 1, 1
            )
            return
        knob = track.right() - 7 if on else track.left() + 7
        painter.drawEllipse(QPointF(knob, track.center().y()), 6, 6)


class SwitchField(Field):
    """True or false."""

    def __init__(
        self, item: InputSpec, around: Surroundings, parent: QWidget | None = None
    ) -> None:
        super().__init__(item, around, parent)
        self.box = Switch(around.look, self)
        self.box.setAccessibleName(item.label)
        self.box.clicked.connect(self._clicked)
        self.setFocusProxy(self.box)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.box)
        row.addStretch(1)

    def refresh(self) -> None:
        """Show the value."""
        state = Qt.CheckState.Checked if self.value is True else Qt.CheckState.Unchecked
        self.box.setCheckState(Qt.CheckState.PartiallyChecked if self.mixed else state)
        self.box.setToolTip(translate("Fields", "several values") if self.mixed else "")

    def _clicked(self) -> None:
        self.meant.emit(self.mixed or self.value is not True)
        self.refresh()
