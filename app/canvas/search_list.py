"""The list of node types in the search box: a model of what was found, and how a row is drawn."""

from __future__ import annotations

from math import cos, pi, sin
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.canvas.paint.text import LEFT, RIGHT, draw_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.theme.colours import Colours
    from app.theme.look import Look
    from graph.spec import NodeSpec

ROW_HEIGHT = 32
STAR = 24
"""Width of the place at the right where a star is."""
_ROOT = QModelIndex()


class FoundModel(QAbstractListModel):
    """The node types that were found, in order."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._specs: list[NodeSpec] = []
        self._stars: frozenset[str] = frozenset()

    def show_specs(self, specs: list[NodeSpec], favourites: Iterable[str] = ()) -> None:
        """Hold `specs` from now on, those of the ids `favourites` with a star."""
        self.beginResetModel()
        self._specs, self._stars = specs, frozenset(favourites)
        self.endResetModel()

    def show_stars(self, favourites: Iterable[str]) -> None:
        """Give stars to those of the ids `favourites`."""
        self._stars = frozenset(favourites)
        if self._specs:
            self.dataChanged.emit(self.index(0), self.index(len(self._specs) - 1))

    def is_favourite(self, row: int) -> bool:
        """Say whether the node type in `row` has a star."""
        spec = self.spec(row)
        return spec is not None and spec.id in self._stars

    def spec(self, row: int) -> NodeSpec | None:
        """Return the node type in `row`."""
        return self._specs[row] if 0 <= row < len(self._specs) else None

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = _ROOT) -> int:  # noqa: ARG002
        """Qt: how many there are."""
        return len(self._specs)

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | None:
        """Qt: the title, which is also what a screen reader says."""
        spec = self.spec(index.row())
        if spec is None or role != Qt.ItemDataRole.DisplayRole:
            return None
        return spec.title


class FoundDelegate(QStyledItemDelegate):
    """Draws a title, and its category at the right."""

    def __init__(self, model: FoundModel, look: Look, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._look = look

    def sizeHint(
        self,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,  # noqa: ARG002
    ) -> QSize:
        """Qt: every row is equally high."""
        return QSize(option.rect.width(), ROW_HEIGHT)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Qt: draw one row."""
        spec = self._model.spec(index.row())
        if spec is None:
            return
        colours, fonts = self._look.colours, self._look.fonts
        rect = QRectF(option.rect)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colours.fill)
            painter.drawRoundedRect(rect.adjusted(0, 1, 0, -1), 6, 6)
        hot = bool(
            option.state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver)
        )
        favourite = self._model.is_favourite(index.row())
        if favourite or hot:
            _draw_star(painter, star_rect(option.rect), colours, filled=favourite)
        inner = rect.adjusted(12, 0, -STAR - 8, 0)
        draw_text(painter, inner, spec.title, fonts.body, colours.text, LEFT)
        category = spec.category.rpartition("/")[2]
        right = inner.adjusted(inner.width() * 0.55, 0, 0, 0)
        draw_text(painter, right, category, fonts.small, colours.muted, RIGHT)


def star_rect(row: QRect) -> QRect:
    """Return where the star of a row is."""
    return QRect(row.right() - STAR - 4, row.top(), STAR, row.height())


def _draw_star(painter: QPainter, place: QRect, colours: Colours, *, filled: bool) -> None:
    middle = QPointF(place.center())
    points = []
    for tip in range(10):
        reach = 6.5 if tip % 2 == 0 else 2.8
        turn = tip * pi / 5 - pi / 2
        points.append(middle + QPointF(reach * cos(turn), reach * sin(turn)))
    painter.setPen(QPen(colours.accent if filled else colours.faint, 1))
    painter.setBrush(colours.accent if filled else Qt.BrushStyle.NoBrush)
    painter.drawPolygon(QPolygonF(points))
