"""How runs look in a list: a picture, a title, a line about it, and how far it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPainterPath
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate

from app.theme import metrics

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QPaintEvent
    from PySide6.QtWidgets import QStyleOptionViewItem, QWidget

    from app.theme.look import Look

FACE: Final = Qt.ItemDataRole.UserRole
"""Role under which a model hands out the `Face` of a row."""
_PICTURE = 48
_PAD = metrics.GRID
_HEIGHT = _PICTURE + 2 * _PAD
_LINE = 20
_BAR = 2
_INSET = 4
_LEFT = 12
BETWEEN: Final = " · "
"""Between the parts of a line."""


@dataclass(frozen=True, slots=True)
class Face:
    """What a row shows."""

    title: str
    detail: str = ""
    trouble: str = ""
    """What went wrong, in a word or two, before the detail."""
    quiet: bool = False
    """Whether the row recedes."""
    image: QImage | None = None
    mark: str = ""
    """What stands in the place of a picture: a number, or nothing."""
    fraction: float | None = None
    """How far it is, 0 to 1; None for no bar."""


class RunPainter(QStyledItemDelegate):
    """Draws rows from their faces."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look

    def sizeHint(
        self,
        option: QStyleOptionViewItem,  # noqa: ARG002 - Qt's signature
        index: QModelIndex | QPersistentModelIndex,  # noqa: ARG002
    ) -> QSize:
        """Qt: rows are all of one height, and as wide as the list."""
        return QSize(0, _HEIGHT)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Qt: draw one row."""
        face = index.data(FACE)
        if not isinstance(face, Face):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._ground(painter, option)
        rect = option.rect
        place = QRect(rect.left() + _LEFT, rect.top() + _PAD, _PICTURE, _PICTURE)
        self._picture(painter, face, QRectF(place))
        text = rect.adjusted(_LEFT + _PICTURE + _LEFT, 0, -_LEFT, 0)
        self._words(painter, face, text)
        if face.fraction is not None:
            self._bar(
                painter, face.fraction, QRect(text.left(), place.bottom() - 1, text.width(), _BAR)
            )
        painter.restore()

    def _ground(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        colours = self._look.colours
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if not chosen and not option.state & QStyle.StateFlag.State_MouseOver:
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.fill if chosen else colours.hover)
        inside = QRectF(option.rect).adjusted(_INSET, 1, -_INSET, -1)
        painter.drawRoundedRect(inside, metrics.CORNER, metrics.CORNER)

    def _picture(self, painter: QPainter, face: Face, place: QRectF) -> None:
        colours = self._look.colours
        path = QPainterPath()
        path.addRoundedRect(place, metrics.CORNER - 2, metrics.CORNER - 2)
        painter.fillPath(path, colours.node)
        if face.image is not None and not face.image.isNull():
            painter.save()
            painter.setClipPath(path)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(place, face.image, _middle(face.image))
            painter.restore()
        elif face.mark:
            painter.setPen(colours.faint)
            painter.setFont(self._look.fonts.body)
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, face.mark)

    def _words(self, painter: QPainter, face: Face, room: QRect) -> None:
        colours, fonts = self._look.colours, self._look.fonts
        lines = 2 * _LINE
        first = QRect(room.left(), room.top() + (_HEIGHT - lines) // 2, room.width(), _LINE)
        if face.fraction is not None:
            first.translate(0, -_INSET)
        painter.setFont(fonts.body)
        painter.setPen(colours.muted if face.quiet else colours.text)
        self._line(painter, face.title, first)
        painter.setFont(fonts.small)
        second = first.translated(0, _LINE)
        if face.trouble:
            painter.setPen(colours.error)
            words = face.trouble + (BETWEEN if face.detail else "")
            second.setLeft(second.left() + self._line(painter, words, second))
        painter.setPen(colours.muted)
        self._line(painter, face.detail, second)

    def _line(self, painter: QPainter, text: str, room: QRect) -> int:
        """Draw as much of `text` as there is room for; return how wide it is."""
        seen = painter.fontMetrics()
        cut = seen.elidedText(text, Qt.TextElideMode.ElideRight, max(0, room.width()))
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(room, int(flags | Qt.TextFlag.TextSingleLine), cut)
        return seen.horizontalAdvance(cut)

    def _bar(self, painter: QPainter, fraction: float, room: QRect) -> None:
        painter.fillRect(room, self._look.colours.hover)
        done = QRect(room)
        done.setWidth(round(room.width() * min(1.0, max(0.0, fraction))))
        painter.fillRect(done, self._look.colours.accent)


def _middle(image: QImage) -> QRectF:
    """Return the largest square in the middle of `image`: a row has room for no more."""
    side = min(image.width(), image.height())
    return QRectF((image.width() - side) / 2, (image.height() - side) / 2, side, side)


class RunList(QListView):
    """A list of runs that says in words when there are none.

    Signals:
        chosen(QModelIndex): a row was double-clicked, or Return pressed on it.
    """

    chosen = Signal(QModelIndex)

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self.empty_words = ""
        self.setItemDelegate(RunPainter(look, self))
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.doubleClicked.connect(self.chosen)
        look.changed.connect(self.viewport().update)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt: Return chooses the current row; the style would decide whether a click does too."""
        index = self.currentIndex()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and index.isValid():
            self.chosen.emit(index)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt: draw the rows, or the words for an empty list."""
        super().paintEvent(event)
        if self.model().rowCount() or not self.empty_words:
            return
        painter = QPainter(self.viewport())
        painter.setPen(self._look.colours.muted)
        painter.setFont(self._look.fonts.body)
        room = self.viewport().rect().adjusted(24, 24, -24, -24)
        flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop
        painter.drawText(room, int(flags | Qt.TextFlag.TextWordWrap), self.empty_words)
        painter.end()
