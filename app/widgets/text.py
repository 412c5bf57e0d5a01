"""Text: on one line, or plain on many."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, QSize, Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QFrame, QLineEdit, QPlainTextEdit, QSizePolicy, QVBoxLayout

from app.widgets.field import Field
from app.words import translate

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent
    from PySide6.QtWidgets import QWidget

    from app.widgets.field import Surroundings
    from graph.spec import InputSpec

HEIGHT = 28
_LONGEST = 1_000_000
_LINES, _MOST_LINES = 4, 14


class TextField(Field):
    """One line; Return or leaving it means the text."""

    def __init__(
        self, item: InputSpec, around: Surroundings, parent: QWidget | None = None
    ) -> None:
        super().__init__(item, around, parent)
        self.line = QLineEdit(self)
        self.line.setFixedHeight(HEIGHT)
        self.line.setMaxLength(_LONGEST)
        self.line.setAccessibleName(item.label)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.line)
        self.setFocusProxy(self.line)
        self.line.returnPressed.connect(self._said)
        self.watch(self.line)

    def refresh(self) -> None:
        """Show the value."""
        if self.line.isModified() and self.line.hasFocus():
            return
        text = self.value if isinstance(self.value, str) else ""
        self.line.setText("" if self.mixed else text)
        self.line.setPlaceholderText(translate("Fields", "several values") if self.mixed else "")
        self.line.setCursorPosition(0)

    def begin(self) -> None:
        """Write; all of it is selected."""
        super().begin()
        self.line.selectAll()

    def finish(self) -> None:
        """Mean what was written."""
        if self.line.isModified():
            self.line.setModified(False)
            self.meant.emit(self.line.text())

    def _said(self) -> None:
        self.finish()
        self.left.emit()
        self.done.emit()

    def escape(self) -> None:
        """Forget what was written."""
        self.line.setModified(False)
        super().escape()


class Paragraph(QPlainTextEdit):
    """A text of several lines; Ctrl+Return is left to the window, where it runs the graph."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabChangesFocus(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.document().documentLayout().documentSizeChanged.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        """Qt: as high as the text, within reason."""
        lines = min(_MOST_LINES, max(_LINES, int(self.document().size().height())))
        return QSize(240, lines * self.fontMetrics().lineSpacing() + 12)

    def minimumSizeHint(self) -> QSize:
        """Qt: a few lines."""
        return QSize(80, _LINES * self.fontMetrics().lineSpacing() + 12)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt: see above."""
        is_return = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if is_return and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            event.ignore()
        else:
            super().keyPressEvent(event)


class ParagraphField(Field):
    """Many lines; what is typed is in the document at once, a visit is one undo step."""

    def __init__(
        self, item: InputSpec, around: Surroundings, parent: QWidget | None = None
    ) -> None:
        super().__init__(item, around, parent)
        self.setObjectName("paragraph")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.text = self._make_edit()
        self.text.setAccessibleName(item.label)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(0)
        self.column.addWidget(self.text, 1)
        self.setFocusProxy(self.text)
        self.text.textChanged.connect(self._tell)
        self.watch(self.text)

    def _make_edit(self) -> Paragraph:
        return Paragraph(self)

    def refresh(self) -> None:
        """Show the value, and keep the cursor where it is."""
        text = "" if self.mixed or not isinstance(self.value, str) else self.value
        self.text.setPlaceholderText(
            translate("Fields", "Several texts: what you write replaces all") if self.mixed else ""
        )
        if text == self.text.toPlainText():
            return
        at = self.text.textCursor().position()
        with QSignalBlocker(self.text):
            self.text.setPlainText(text)
        cursor = self.text.textCursor()
        cursor.setPosition(min(at, len(text)))
        self.text.setTextCursor(cursor)

    def begin(self) -> None:
        """Write at the end."""
        super().begin()
        self.text.moveCursor(QTextCursor.MoveOperation.End)

    def escape(self) -> None:
        """End the visit and keep the text: undo brings the old one back."""
        self.left.emit()
        self.given_up.emit()

    def _tell(self) -> None:
        text = self.text.toPlainText()
        if not self.mixed and text == self.value:
            return  # only its looks changed
        self.value, self.mixed = text, False
        self.typed.emit(text)
