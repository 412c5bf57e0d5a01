"""PySide6 6.12.0 drops one reference to None on calls that return None.

On Python 3.11, where None is counted, the process soon aborts; the pin in pyproject.toml avoids
that release, and this watches the next one.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QImage, QPainter

if TYPE_CHECKING:
    from collections.abc import Callable

CALLS = 2000
SLACK = 200  # other code takes and gives references to None meanwhile


def lost(call: Callable[[], object]) -> int:
    before = sys.getrefcount(None)
    for _ in range(CALLS):
        call()
    return before - sys.getrefcount(None)


def test_calls_into_qt_keep_the_references_to_none() -> None:
    thing = QObject()
    picture = QImage(8, 8, QImage.Format.Format_RGB32)
    painter = QPainter(picture)
    assert lost(lambda: thing.setObjectName("x")) < SLACK
    assert lost(lambda: painter.drawLine(0, 0, 4, 4)) < SLACK
    assert lost(lambda: picture.setDotsPerMeterX(4)) < SLACK
    painter.end()
