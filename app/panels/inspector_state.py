"""How the selected node stands: state, time, size, reasons, remarks, errors, and its picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from app.canvas.paint.badges import draw_badge
from app.canvas.tips import badge_name
from app.panels.inspector_facts import show_ms, show_size
from app.runstate import TROUBLED, Badge
from app.words import translate

if TYPE_CHECKING:
    from PySide6.QtGui import QImage, QPaintEvent

    from app.canvas.canvas import Canvas
    from app.panels.inspector_facts import Facts
    from app.runstate import NodeRun
    from app.session import Session
    from app.theme.look import Look

_PICTURE = 180


def plain_label(words: str, tone: str) -> QLabel:
    """Return a label of several lines whose text can be selected and copied."""
    label = QLabel(words)
    label.setProperty("tone", tone)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


class _Badge(QWidget):
    """A badge as on the canvas, with its name and the time."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self._run: NodeRun | None = None
        self.words = ""
        self.setFixedHeight(24)

    def show_run(self, run: NodeRun, words: str) -> None:
        """Show a state."""
        self._run, self.words = run, words
        self.setAccessibleName(words)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's signature
        """Qt: draw it."""
        if self._run is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = self.rect().toRectF().center()
        middle.setX(10)
        draw_badge(painter, middle, self._run, self._look.colours)
        painter.setPen(self._look.colours.text)
        painter.setFont(self._look.fonts.body)
        painter.drawText(self.rect().adjusted(26, 0, 0, 0),
                         int(Qt.AlignmentFlag.AlignVCenter), self.words)  # fmt: skip


class Picture(QWidget):
    """A small picture, whole, on neutral ground."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self._pixmap = QPixmap()
        self.setFixedHeight(_PICTURE)
        self.setAccessibleName(translate("Inspector", "Picture of the result"))

    def show_image(self, image: QImage | None) -> None:
        """Show `image`; go away without one."""
        self._pixmap = QPixmap() if image is None else QPixmap.fromImage(image)
        self.setVisible(not self._pixmap.isNull())
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's signature
        """Qt: draw it."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._look.colours.stage)
        if self._pixmap.isNull():
            return
        size = self._pixmap.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        place = self.rect()
        place.setSize(size)
        place.moveCenter(self.rect().center())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawPixmap(place, self._pixmap)

    def sizeHint(self) -> QSize:
        """Qt: as high as it always is."""
        return QSize(_PICTURE, _PICTURE)


class StateBox(QWidget):
    """How one node stands, kept up to date by `refresh`."""

    def __init__(self, session: Session, facts: Facts, canvas: Canvas, node_id: str) -> None:
        super().__init__()
        self._session = session
        self._facts = facts
        self._canvas = canvas
        self._node = node_id
        look = canvas.desk.values.around.look
        self._badge = _Badge(look, self)
        self._why = plain_label("", "quiet")
        self._remarks = plain_label("", "")
        self._error = plain_label("", "error")
        self._picture = Picture(look, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(4)
        for part in (self._badge, self._why, self._remarks, self._error, self._picture):
            column.addWidget(part)
        self.refresh()

    @property
    def path(self) -> str:
        """What the engine calls the node: also the nodes that it lies in."""
        level = getattr(self._canvas.scene.document, "event_id", None)
        return str(level(self._node)) if callable(level) else self._node

    @property
    def words(self) -> str:
        """All that is said, for screen readers and for tests."""
        parts = (self._badge.words, *(part.text() for part in self._labels() if part.text()))
        return "\n".join(parts)

    def _labels(self) -> tuple[QLabel, ...]:
        return (self._why, self._remarks, self._error)

    def refresh(self) -> None:
        """Show how the node stands now."""
        run, fact = self._session.board.run_of(self.path), self._facts.of(self.path)
        ms = run.ms or (fact.ms if fact is not None else 0.0)
        parts = [badge_name(run.badge)]
        if run.total:
            parts.append(f"{run.done}/{run.total}")
        elif ms:
            parts.append(show_ms(ms))
        if fact is not None and fact.size:
            parts.append(show_size(fact.size))
        self._badge.show_run(run, "  ·  ".join(parts))
        self._badge.setVisible(run.badge is not Badge.UNKNOWN)
        troubled = run.badge in TROUBLED
        # The board's text holds reasons and remarks, each on a line of its own.
        self._put(self._why, "" if troubled else run.text)
        known = set(run.text.split("\n"))
        remarks = [] if fact is None or troubled else [r for r in fact.remarks if r not in known]
        self._put(self._remarks, "\n".join(remarks))
        self._put(self._error, run.text if troubled else "")
        self._picture.show_image(self._session.results.thumbnail(self.path))
        parts_shown = (self._badge, *self._labels(), self._picture)
        self.setVisible(any(not part.isHidden() for part in parts_shown))

    def _put(self, label: QLabel, text: str) -> None:
        if label.text() != text:
            label.setText(text)
        label.setVisible(bool(text))
