"""When to show what changed: once a frame, however much changes meanwhile."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal

if TYPE_CHECKING:
    from typing import Final

FRAME: Final = 0.016
"""Least seconds between two frames: as often as a screen shows another picture."""


class Frames(QObject):
    """Those who hold what is seen gather what changed, `ask` for a frame, and tell it when due.

    After a pause, the first change is shown at once.

    Signals:
        due(): a frame is to be shown.
    """

    due = Signal()
    _soon = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._last = 0.0
        self._asked = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._show)
        # Behind what waits to be heard now, so that all of it is in this frame.
        self._soon.connect(self._show, Qt.ConnectionType.QueuedConnection)

    def ask(self) -> None:
        """Have a frame shown soon."""
        if self._asked:
            return
        self._asked = True
        wait = self._last + FRAME - time.monotonic()
        if wait > 0:
            self._timer.start(max(1, round(wait * 1000)))
        else:
            self._soon.emit()

    def show_now(self) -> None:
        """Show what was gathered, without waiting for the frame."""
        self._asked = True
        self._show()

    def _show(self) -> None:
        if self._asked:
            self._asked = False
            self._timer.stop()
            self._last = time.monotonic()
            self.due.emit()
