"""A searchable list of things to pick from: its rows, and how one is drawn."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    QTimer,
)
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.canvas.paint.text import LEFT, RIGHT, draw_text
from app.widgets.thumbnails import SIDE, thumbnail

if TYPE_CHECKING:
    from pathlib import Path

    from app.theme.look import Look
    from graph.params import Param

ROW, TALL_ROW = 28, 48
_HEADING = 24
_ROOT = QModelIndex()
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Pick:
    """One thing to pick; without a `label` nothing but the heading of its `group`."""

    value: Param
    label: str
    detail: str = ""
    """Shown quietly at the right."""
    group: str = ""
    path: Path | None = None
    """The file whose small picture is shown."""
    marked: bool = False
    """Whether it is the one that holds."""


def found(picks: list[Pick], query: str) -> list[Pick]:
    """Return the picks that have all words of `query` in them, the closest first."""
    words = query.lower().split()
    if not words:
        return picks
    hits = [
        pick for pick in picks
        if pick.label and all(word in f"{pick.label} {pick.detail}".lower() for word in words)
    ]  # fmt: skip
    unique = list({(pick.label, pick.detail): pick for pick in hits}.values())
    whole = " ".join(words)

    def distance(pick: Pick) -> tuple[bool, bool, str]:
        label = pick.label.lower()
        return not label.startswith(whole), not label.startswith(words[0]), label

    return sorted(unique, key=distance)


class PicksModel(QAbstractListModel):
    """The picks that were found; small pictures come one after another, when there is time."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._picks: list[Pick] = []
        self._small: dict[Path, QPixmap | None] = {}
        self._wanted: deque[tuple[int, Path]] = deque()
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._read_one)

    def show_picks(self, picks: list[Pick]) -> None:
        """Hold `picks` from now on."""
        self.beginResetModel()
        self._picks = picks
        self._wanted.clear()
        self.endResetModel()

    def pick(self, row: int) -> Pick | None:
        """Return the pick in `row`."""
        return self._picks[row] if 0 <= row < len(self._picks) else None

    def first(self) -> int:
        """Return the row to begin at: the one that holds, or the first that can be picked."""
        rows = [row for row, pick in enumerate(self._picks) if pick.label]
        return next((row for row in rows if self._picks[row].marked), rows[0] if rows else -1)

    def small(self, row: int) -> QPixmap | None:
        """Return the small picture of a row; it may come later."""
        pick = self.pick(row)
        if pick is None or pick.path is None:
            return None
        if pick.path not in self._small:
            self._small[pick.path] = None
            self._wanted.append((row, pick.path))
            self._timer.start()
        return self._small[pick.path]

    def _read_one(self) -> None:
        if not self._wanted:
            self._timer.stop()
            return
        row, path = self._wanted.popleft()
        self._small[path] = thumbnail(path)
        here = self.index(row)
        self.dataChanged.emit(here, here)

    def rowCount(self, parent: Index = _ROOT) -> int:  # noqa: ARG002 - Qt's signature
        """Qt: how many there are."""
        return len(self._picks)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Qt: headings cannot be picked."""
        pick = self.pick(index.row())
        return super().flags(index) if pick and pick.label else Qt.ItemFlag.NoItemFlags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Qt: the text, which is also what a screen reader says."""
        pick = self.pick(index.row())
        if pick is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return pick.label or pick.group
        if role == Qt.ItemDataRole.ToolTipRole and pick.detail:
            return f"{pick.label}\n{pick.detail}"
        return None


class PicksDelegate(QStyledItemDelegate):
    """Draws picture, name, and what belongs to it; headings in small letters."""

    def __init__(self, model: PicksModel, look: Look, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._look = look
        self.pictures = False
        """Whether rows have room for a picture."""
        self.searching = False
        """Whether rows stand without the headings that say where they belong."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Qt: as high as the row is."""
        pick = self._model.pick(index.row())
        height = TALL_ROW if self.pictures else ROW
        return QSize(option.rect.width(), height if pick and pick.label else _HEADING)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Qt: draw one row."""
        pick = self._model.pick(index.row())
        if pick is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(option.rect)
        if not pick.label:
            draw_text(painter, rect.adjusted(8, 4, -8, 0), pick.group, self._look.fonts.small,
                      self._look.colours.muted, LEFT)  # fmt: skip
            return
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._look.colours.fill)
            painter.drawRoundedRect(rect.adjusted(0, 1, 0, -1), 6, 6)
        inner = rect.adjusted(8, 0, -8, 0)
        if self.pictures:
            self._draw_picture(painter, rect.toRect(), index.row())
            inner.setLeft(rect.left() + SIDE + 16)
        self._draw_words(painter, inner, pick)

    def _draw_picture(self, painter: QPainter, rect: QRect, row: int) -> None:
        place = QRect(rect.left() + 4, rect.top() + (rect.height() - SIDE) // 2, SIDE, SIDE)
        small = self._model.small(row)
        if small is None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._look.colours.well)
            painter.drawRoundedRect(place, 4, 4)
        else:
            painter.drawPixmap(place, small)

    def _draw_words(self, painter: QPainter, rect: QRectF, pick: Pick) -> None:
        colours, fonts = self._look.colours, self._look.fonts
        front, font = colours.text, fonts.strong if pick.marked else fonts.body
        if not pick.detail or not self.searching:
            draw_text(painter, rect, pick.label, font, front, LEFT)
            return
        if self.pictures:
            half = rect.height() / 2
            draw_text(painter, rect.adjusted(0, 5, 0, -half), pick.label, font, front, LEFT)
            draw_text(painter, rect.adjusted(0, half, 0, -5), pick.detail, fonts.small,
                      colours.muted, LEFT)  # fmt: skip
            return
        draw_text(painter, rect.adjusted(0, 0, -rect.width() * 0.4, 0), pick.label, font,
                  front, LEFT)  # fmt: skip
        draw_text(painter, rect.adjusted(rect.width() * 0.6, 0, 0, 0), pick.detail, fonts.small,
                  colours.muted, RIGHT)  # fmt: skip
