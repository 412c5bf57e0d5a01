"""The history of runs as rows, read page by page as they come into view."""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QImage

from app.panels import spans
from app.panels.run_rows import BETWEEN, FACE, Face
from app.words import translate
from graph.events import Outcome, Status
from graph.reasons import explain_all
from graph.runs.history import PAGE, RUNNING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.runs import Runs
    from graph.runs.history import History, RunRow
    from graph.runs.record import NodeRecord

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_MOST_LINES = 14
"""Lines of a tooltip that tell of nodes."""
_MOST_IMAGES = 256


class HistoryModel(QAbstractListModel):
    """The runs that have `text` somewhere, the newest first."""

    def __init__(self, runs: Runs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runs = runs
        self._rows: list[RunRow] = []
        self._text = ""
        self._whole = False
        self._images: OrderedDict[bytes, QImage] = OrderedDict()
        self._tips: dict[int, str] = {}
        runs.remembered.connect(self.renew)

    @property
    def _history(self) -> History | None:
        return self._runs.history

    def row(self, index: Index) -> RunRow | None:
        """Return the run of a row."""
        at = index.row()
        return self._rows[at] if index.isValid() and at < len(self._rows) else None

    @property
    def filtered(self) -> bool:
        """Whether only some runs are shown."""
        return bool(self._text)

    def filter(self, text: str) -> None:
        """Show only runs that have `text` in document, title or prompts."""
        self._text = text.strip()
        self.beginResetModel()
        self._rows, self._whole = self._page(), False
        self._whole = len(self._rows) < PAGE
        self.endResetModel()

    def _page(self, before: int | None = None) -> list[RunRow]:
        return self._history.page(before, self._text) if self._history is not None else []

    def renew(self) -> None:
        """Take in what is new; older pages that were read stay."""
        self._tips.clear()
        first, before = self._page(), self._rows
        known = {row.id for row in before}
        fresh = sum(row.id not in known for row in first)
        whole = len(first) < PAGE
        older = [] if whole or not first else [row for row in before if row.id < first[-1].id]
        rows = [*first, *older]
        if not before or fresh == len(first) or len(rows) != len(before) + fresh:
            # All is new, or some are gone.
            self.beginResetModel()
            self._rows, self._whole = first, whole
            self.endResetModel()
            return
        if fresh:
            self.beginInsertRows(QModelIndex(), 0, fresh - 1)
        self._rows = rows
        if fresh:
            self.endInsertRows()
        self.dataChanged.emit(self.index(0), self.index(len(first) - 1))

    def canFetchMore(self, parent: Index) -> bool:
        """Qt: whether there may be older runs."""
        return not parent.isValid() and not self._whole and bool(self._rows)

    def fetchMore(self, parent: Index) -> None:
        """Qt: read the next page."""
        if not self.canFetchMore(parent):
            return
        found = self._page(self._rows[-1].id)
        self._whole = len(found) < PAGE
        if found:
            count = len(self._rows)
            self.beginInsertRows(QModelIndex(), count, count + len(found) - 1)
            self._rows += found
            self.endInsertRows()

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """Qt: the number of rows that were read."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Qt: what a row shows."""
        row = self.row(index)
        if row is None:
            return None
        match role:
            case _ if role == FACE:
                return face_of(row, self._image(row.picture), time.time())
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                face = face_of(row, None, time.time())
                return f"{face.title}, {face.detail}"
            case Qt.ItemDataRole.ToolTipRole:
                return self._tip(row)
            case _:
                return None

    def _image(self, data: bytes) -> QImage | None:
        if not data:
            return None
        image = self._images.get(data)
        if image is None:
            image = QImage.fromData(data)
            self._images[data] = image
            if len(self._images) > _MOST_IMAGES:
                self._images.popitem(last=False)
        self._images.move_to_end(data)
        return image

    def _tip(self, row: RunRow) -> str:
        if row.id not in self._tips:
            nodes = self._history.nodes(row.id) if self._history is not None else ()
            self._tips[row.id] = tip_of(row, nodes)
        return self._tips[row.id]


def outcome_name(outcome: str) -> str:
    """Return how a run ended, for people."""
    names: dict[str, str] = {
        RUNNING: translate("History", "Running"),
        Outcome.DONE: translate("History", "Done"),
        Outcome.PARTIAL: translate("History", "Partly done"),
        Outcome.FAILED: translate("History", "Failed"),
        Outcome.CANCELLED: translate("History", "Stopped"),
        Outcome.DIED: translate("History", "Engine ended"),
    }
    return names.get(outcome, outcome)


def face_of(row: RunRow, image: QImage | None, now: float) -> Face:
    """Return how the run `row` looks in a list at the time `now`."""
    title = row.title or row.words.partition("\n")[0] or row.document
    bad = row.outcome in (Outcome.FAILED, Outcome.PARTIAL, Outcome.DIED)
    plain = bad or row.outcome == Outcome.DONE
    parts = [
        "" if plain else outcome_name(row.outcome),
        spans.moment(row.began, now),
        "" if row.outcome == RUNNING else _work(row),
        translate("History", "kept") if row.kept else "",
    ]
    return Face(
        title or translate("History", "Untitled"),
        BETWEEN.join(part for part in parts if part),
        trouble=outcome_name(row.outcome) if bad else "",
        image=image,
    )


def _work(row: RunRow) -> str:
    """Return how many nodes of a run had to run, and how long that took."""
    if row.ran:
        words = translate("History", "{0} of {1}").format(row.ran, spans.nodes(row.nodes))
        return f"{spans.took(row.ms)}{BETWEEN}{words}"
    return translate("History", "all was known") if row.nodes else ""


def tip_of(row: RunRow, nodes: Iterable[NodeRecord]) -> str:
    """Return what a run did, node by node and why."""
    face = face_of(row, None, time.time())
    stood = BETWEEN.join(part for part in (face.trouble, face.detail) if part)
    lines = [row.document, stood, row.words or row.title, row.message]
    told = [_node_line(node) for node in nodes if node.status is not Status.CACHED]
    known = row.nodes - len(told)
    lines += told[:_MOST_LINES]
    if len(told) > _MOST_LINES:
        lines.append(translate("History", "and {0} more").format(len(told) - _MOST_LINES))
    if known > 0 and told:
        lines.append(translate("History", "known before: {0}").format(spans.nodes(known)))
    return "\n".join(line for line in lines if line)


def _node_line(node: NodeRecord) -> str:
    if node.error:
        return node.error if node.error.startswith(node.title) else f"{node.title}: {node.error}"
    if node.status is Status.BLOCKED:
        return translate("History", "{0}: switched off").format(node.title)
    why = explain_all(node.reasons)
    return f"{node.title} ({spans.took(node.ms)}): {why}" if why else node.title
