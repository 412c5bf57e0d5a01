"""Where a field lies over the canvas: on its control, as large as it has to be, and in view."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, QSize, Qt

from app.theme.marks import set_mark

if TYPE_CHECKING:
    from app.widgets.field import Field

_LEAST = QSize(220, 28)


def lay_over(field: Field, place: QRect, area: QRect) -> None:
    """Put `field` over `place` of its parent, readable at any zoom, inside of `area`."""
    wanted = field.sizeHint().expandedTo(field.minimumSizeHint()).expandedTo(_LEAST)
    size = QSize(max(place.width(), min(wanted.width(), _LEAST.width() * 2)),
                 max(place.height(), wanted.height()))  # fmt: skip
    at = QPoint(place.left(), place.center().y() - size.height() // 2)
    at.setX(max(area.left(), min(at.x(), area.right() - size.width() + 1)))
    at.setY(max(area.top(), min(at.y(), area.bottom() - size.height() + 1)))
    field.setGeometry(QRect(at, size))
    # What is edited is not seen beneath, also where the field has gaps.
    field.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    set_mark(field, "over", value=True)
