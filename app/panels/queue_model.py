"""The run queue as rows: the run under way first, then what waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QAbstractListModel,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)

from app.imaging import to_image
from app.panels.run_rows import BETWEEN, FACE, Face
from app.words import translate
from graph.events import NodeFinished, NodeProgress

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QImage

    from app.runs import Runs
    from graph.events import RunEvent
    from graph.runs.queue import Order

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
KEYS = "application/x-sfumato-runs"


class QueueModel(QAbstractListModel):
    """Follows `runs`; waiting rows can be dragged to another place."""

    def __init__(self, runs: Runs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runs = runs
        self._orders: list[Order] = []
        self._current: Order | None = None
        self._held: frozenset[str] = frozenset()
        self._image: QImage | None = None
        runs.changed.connect(self._follow)
        runs.heard.connect(self._hear)
        self._follow()

    def keys(self, rows: Sequence[Index]) -> list[str]:
        """Return the keys of the waiting orders in `rows`, from top to bottom."""
        places = sorted(index.row() for index in rows)
        return [self._orders[row].key for row in places if self._orders[row] is not self._current]

    def row_of(self, key: str) -> int:
        """Return the row of an order, or -1."""
        return next((row for row, order in enumerate(self._orders) if order.key == key), -1)

    def _hear(self, _order: Order, event: RunEvent) -> None:
        if isinstance(event, NodeProgress | NodeFinished) and event.preview is not None:
            self._image = to_image(event.preview)

    def _follow(self) -> None:
        queue = self._runs.queue
        current = queue.current
        orders = [*([current] if current else []), *queue.waiting]
        self._held = frozenset(order.key for order in queue.held)
        if current is not self._current:
            self._image = None
        if [order.key for order in orders] == [order.key for order in self._orders]:
            self._current = current
            self.dataChanged.emit(self.index(0), self.index(max(0, len(orders) - 1)))
            return
        self.beginResetModel()
        self._orders, self._current = orders, current
        self.endResetModel()

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """Qt: the number of rows."""
        return 0 if parent.isValid() else len(self._orders)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Qt: what a row shows."""
        if not index.isValid() or index.row() >= len(self._orders):
            return None
        order = self._orders[index.row()]
        match role:
            case _ if role == FACE:
                return self._face(order, index.row())
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                face = self._face(order, index.row())
                return f"{face.title}, {face.detail}"
            case Qt.ItemDataRole.ToolTipRole:
                return "\n".join(text for text in (order.document, order.title) if text)
            case _:
                return None

    def _face(self, order: Order, row: int) -> Face:
        title = order.title or order.document or translate("Queue", "Untitled")
        if order is self._current:
            return self._current_face(title)
        held = order.key in self._held
        place = row + (0 if self._current else 1)
        detail = order.document if order.title else ""
        if held:
            words = translate("Queue", "from the last session")
            detail = f"{detail}{BETWEEN}{words}" if detail else words.capitalize()
        return Face(title, detail, quiet=held, mark="–" if held else str(place))

    def _current_face(self, title: str) -> Face:
        done, total = self._runs.progress
        words = translate("Queue", "Node {0} of {1}").format(min(done + 1, total), total)
        if self._runs.stopping:
            words = translate("Queue", "Stopping…")
        elif not total:
            words = translate("Queue", "Starting")
        fraction = done / total if total else 0.0
        return Face(title, words, image=self._image, fraction=fraction)

    # Dragging

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Qt: what waits can be dragged, and dropped between rows."""
        flag = Qt.ItemFlag
        if not index.isValid():
            return flag.ItemIsDropEnabled
        plain = flag.ItemIsEnabled | flag.ItemIsSelectable
        waits = self._orders[index.row()] is not self._current
        return plain | flag.ItemIsDragEnabled if waits else plain

    def supportedDropActions(self) -> Qt.DropAction:
        """Qt: orders are moved, never doubled."""
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:
        """Qt: what can be dropped here."""
        return [KEYS]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """Qt: what is dragged."""
        data = QMimeData()
        data.setData(KEYS, " ".join(self.keys(indexes)).encode())
        return data

    def dropMimeData(
        self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: Index
    ) -> bool:
        """Qt: move what was dragged before row `row`, or behind all."""
        del action, column
        if not data.hasFormat(KEYS):
            return False
        if row < 0:
            row = parent.row() if parent.isValid() else len(self._orders)
        keys = bytes(data.data(KEYS).data()).decode().split()
        self._runs.queue.move(keys, row - (1 if self._current else 0))
        return True
