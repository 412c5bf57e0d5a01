"""Every state has a badge and words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPixmap

from app.canvas.paint.badges import draw_badge
from app.runstate import Badge, NodeRun

if TYPE_CHECKING:
    from app.theme.look import Look


@pytest.mark.parametrize("badge", list(Badge))
def test_each_is_drawn(look: Look, badge: Badge) -> None:
    pixmap = QPixmap(24, 24)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    draw_badge(painter, QPointF(12, 12), NodeRun(badge), look.colours)
    painter.end()
    drawn = pixmap.toImage()
    seen = any(drawn.pixelColor(x, y).alpha() for x in range(24) for y in range(24))
    assert seen == (badge is not Badge.UNKNOWN)
