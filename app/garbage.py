"""Python's garbage, which may hold Qt objects, is collected on the thread of the window alone.

Python collects cycles wherever it happens to allocate, also on a thread that plans or listens to
the engine. A Qt object that is destroyed there does not belong to that thread: Qt holds one of its
locks while the destructor waits for Python's, and the window holds Python's while it waits for that
lock. Both stand still for ever, or the program crashes. So nothing is collected by itself, and a
timer of the window's thread does it instead, by Python's own thresholds.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication

_MS = 500
_OLDEST = 2


class Sweeper(QObject):
    """Collects garbage now and then, from when it is made until it is closed."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self)
        self._timer.setInterval(_MS)
        self._timer.timeout.connect(self._sweep)
        self._timer.start()

    def _sweep(self) -> None:
        # What is old takes longest to look through: not under a hand that drags.
        dragging = QGuiApplication.mouseButtons() != Qt.MouseButton.NoButton
        collect_due(_OLDEST - 1 if dragging else _OLDEST)

    def close(self) -> None:
        """Leave it to Python again."""
        self._timer.stop()
        gc.enable()


def collect_due(oldest: int = _OLDEST) -> None:
    """Collect each generation, up to the `oldest`, that Python would have collected by now."""
    for generation, most in enumerate(gc.get_threshold()[: oldest + 1]):
        if gc.get_count()[generation] > most:
            gc.collect(generation)
