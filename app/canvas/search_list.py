"""The list of node types in the search box: a model of what was found, and how a row is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.canvas.paint.text import LEFT, RIGHT, draw_text

if TYPE_CHECKING:
    from app.theme.look import Look
    from graph.spec import NodeSpec

ROW_HEIGHT = 32
_ROOT = QModelIndex()


class FoundModel(QAbstractListModel):
    """The node types that were found, in order."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._specs: list[NodeSpec] = []

    def show_specs(self, specs: list[NodeSpec]) -> None:
        """Hold `specs` from now on."""
        self.beginResetModel()
        self._specs = specs
        self.endResetModel()

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
        inner = rect.adjusted(12, 0, -12, 0)
        draw_text(painter, inner, spec.title, fonts.body, colours.text, LEFT)
        category = spec.category.rpartition("/")[2]
        right = inner.adjusted(inner.width() * 0.55, 0, 0, 0)
        draw_text(painter, right, category, fonts.small, colours.muted, RIGHT)
