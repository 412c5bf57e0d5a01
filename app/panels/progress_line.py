"""A thin line over the canvas that fills while a run goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from app.session import Session
    from app.theme.look import Look

_HEIGHT = 2


class ProgressLine(QWidget):
    """Its place is kept between runs, so that nothing moves."""

    def __init__(self, session: Session, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._look = look
        # It paints every pixel: what lies beneath need not be painted first.
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFixedHeight(_HEIGHT)
        session.activeChanged.connect(self.update)
        look.changed.connect(self.update)

    @property
    def fraction(self) -> float:
        """How far the run is, 0 to 1."""
        done, total = self._session.progress
        if not (self._session.running and total):
            return 0.0
        inside = self._session.board.run_of(self._session.current).fraction
        return min(1.0, (done + inside) / total)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's signature
        """Qt: draw it."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._look.colours.canvas)
        width = round(self.width() * self.fraction)
        painter.fillRect(0, 0, width, self.height(), self._look.colours.accent)
