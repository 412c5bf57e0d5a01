"""A small window under a field, for what is picked; it goes by Escape or a click elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QFrame, QStyle, QStyleOption, QVBoxLayout

if TYPE_CHECKING:
    from PySide6.QtGui import QHideEvent, QKeyEvent, QPaintEvent
    from PySide6.QtWidgets import QWidget

_GAP = 2


class Popup(QFrame):
    """Thrown away when it is hidden.

    Signals:
        closed(): it is gone.
    """

    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setObjectName("popup")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        # Its corners are round: what is outside of them is seen through.
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(8, 8, 8, 8)
        self.column.setSpacing(8)

    def open_at(self, anchor: QRect) -> None:
        """Show it under `anchor` (on the screen), or above where there is no room below."""
        self.adjustSize()
        screen = self.screen().availableGeometry()
        at = anchor.bottomLeft() + QPoint(0, _GAP)
        if at.y() + self.height() > screen.bottom():
            at.setY(max(screen.top(), anchor.top() - self.height() - _GAP))
        at.setX(max(screen.left(), min(at.x(), screen.right() - self.width())))
        self.move(at)
        self.show()
        self.setFocus(Qt.FocusReason.PopupFocusReason)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's signature
        """Qt: the ground, which a window that is seen through does not get by itself."""
        option = QStyleOption()
        option.initFrom(self)
        painter = QPainter(self)
        self.style().drawPrimitive(QStyle.PrimitiveElement.PE_Widget, option, painter, self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt: Escape closes."""
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Qt: it is gone."""
        super().hideEvent(event)
        self.closed.emit()


def place_of(widget: QWidget) -> QRect:
    """Return where `widget` is on the screen."""
    return QRect(widget.mapToGlobal(QPoint(0, 0)), widget.size())
