"""The bar of tabs: one for each document of a window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtWidgets import QTabBar, QToolButton

from app.words import translate

if TYPE_CHECKING:
    from PySide6.QtGui import QMouseEvent
    from PySide6.QtWidgets import QWidget

_TORN = 48
"""Pixels outside the bar at which a tab that is let go of becomes a window."""
_WIDEST, _NARROWEST = 240, 96


class DocumentTabs(QTabBar):
    """Shown only when there is something to choose from.

    Signals:
        tornOff(int, QPoint): a tab was dragged out of the bar, to that place on the screen.
        closeAsked(int): a tab is to be closed.
    """

    tornOff = Signal(int, QPoint)
    closeAsked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(translate("Tabs", "Open graphs"))
        self.setDocumentMode(True)
        self.setDrawBase(False)
        self.setExpanding(False)
        self.setMovable(True)
        self.setAutoHide(True)
        self.setElideMode(Qt.TextElideMode.ElideMiddle)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._pressed = -1

    def tabSizeHint(self, index: int) -> QSize:
        """Qt: as wide as the name asks for, within reason."""
        hint = super().tabSizeHint(index)
        return QSize(min(max(hint.width(), _NARROWEST), _WIDEST), hint.height())

    def tabInserted(self, index: int) -> None:
        """Qt: each tab has a button that closes it."""
        super().tabInserted(index)
        button = QToolButton(self)
        button.setObjectName("small")
        button.setText("×")
        button.setToolTip(translate("Tabs", "Close"))
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.clicked.connect(lambda: self._close_by(button))
        self.setTabButton(index, QTabBar.ButtonPosition.RightSide, button)

    def _close_by(self, button: QToolButton) -> None:
        side = QTabBar.ButtonPosition.RightSide
        for index in range(self.count()):
            if self.tabButton(index, side) is button:
                self.closeAsked.emit(index)
                return

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Qt: note which tab may be dragged out."""
        self._pressed = self.tabAt(event.position().toPoint())
        super().mousePressEvent(event)
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed = self.currentIndex()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Qt: close a tab by a middle click; tear one off that was dragged away."""
        at = event.position().toPoint()
        index, self._pressed = self._pressed, -1
        if event.button() == Qt.MouseButton.MiddleButton:
            if index >= 0 and self.tabAt(at) == index:
                self.closeAsked.emit(index)
            return
        moved = self.currentIndex()  # it may have changed places with others on its way
        super().mouseReleaseEvent(event)
        far = self.rect().adjusted(-_TORN, -_TORN, _TORN, _TORN)
        if index >= 0 and self.count() > 1 and not far.contains(at):
            self.tornOff.emit(moved, event.globalPosition().toPoint())
