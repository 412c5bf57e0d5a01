"""The rows of the inspector: a value with its field, and a wire with where it comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeySequence, QPainter, QShortcut
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.canvas.values import is_changed, nearest, read_value, show_value, write_value
from app.widgets.binding import Binding
from app.widgets.buttons import IconButton
from app.widgets.make import make_field
from app.widgets.size import SizeField
from app.words import translate
from graph.spec import CurveWidget, PaintedWidget, SeedWidget, TextWidget, refusal

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent, QResizeEvent

    from app.theme.look import Look
    from app.widgets.binding import Values
    from app.widgets.field import Field
    from graph.params import Param
    from graph.spec import InputSpec

LABEL_WIDTH = 100
_LONGEST = 400
"""Characters of a name that are looked at: no line is wider."""
_MARK = 6


class Line(QLabel):
    """One line of text, cut at its end where there is no room for it."""

    def __init__(self, text: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.whole = text
        """The text before it was cut."""
        self.set_text(text)

    def set_text(self, text: str) -> None:
        """Show `text`, as much of it as there is room for."""
        self.whole = text
        self.setAccessibleName(text[:_LONGEST])
        self._cut()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt: cut the text anew."""
        super().resizeEvent(event)
        self._cut()

    def _cut(self) -> None:
        line = " ".join(self.whole[:_LONGEST].split())
        room = max(0, self.contentsRect().width())
        cut = self.fontMetrics().elidedText(line, Qt.TextElideMode.ElideRight, room)
        if cut != self.text():
            self.setText(cut)


class Name(Line):
    """The name of a value; a mark before it says that the value is not the default."""

    def __init__(self, item: InputSpec, look: Look, parent: QWidget) -> None:
        super().__init__(item.label, parent)
        self._look = look
        self.marked = False
        self.setContentsMargins(_MARK + 4, 0, 0, 0)
        self.setToolTip(item.doc)

    def mark(self, *, changed: bool) -> None:
        """Say whether the value is another than the default."""
        self.marked = changed
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt: the name, and the mark."""
        super().paintEvent(event)
        if self.marked:
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._look.colours.accent)
            painter.drawRoundedRect(1, (self.height() - 12) // 2, 2, 12, 1, 1)


class ValueRow(QWidget):
    """One value of one or several nodes: name, field, and a way back to the default."""

    def __init__(
        self, values: Values, item: InputSpec, ids: tuple[str, ...], high: InputSpec | None = None
    ) -> None:
        """Show the input `item` of the nodes `ids`; with `high`, the size of both."""
        super().__init__()
        self._values = values
        self.item = item
        around = values.around
        self.field: Field = (
            make_field(item, around, self) if high is None else SizeField(item, high, around, self)
        )
        self.name = Name(item, around.look, self)
        self.name.setBuddy(self.field)
        if high is not None:
            self.name.set_text(translate("Inspector", "Size"))
        self.reset = IconButton(
            "ph.arrow-counter-clockwise",
            translate("Inspector", "Reset {0} to its default").format(self.name.whole),
            around.look,
            self,
        )
        self.reset.setFixedSize(20, 28)
        self._trouble = QLabel(self)
        self._trouble.setProperty("tone", "error")
        self._trouble.setWordWrap(True)
        self._trouble.setTextFormat(Qt.TextFormat.PlainText)
        self._mend = QToolButton(self)
        self._mend.setObjectName("mend")
        self._arrange(tall=high is not None or _is_tall(item))
        self.binding = Binding(values, self.field, ids)
        self.reset.clicked.connect(self.binding.reset)
        self._mend.clicked.connect(self._take_nearest)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._menu)
        for keys, act in (("Ctrl+Shift+C", self.copy), ("Ctrl+Shift+V", self.paste)):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(act)
        self.refresh()

    def _arrange(self, *, tall: bool) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(4)
        grid.setVerticalSpacing(2)
        self.name.setMinimumHeight(28 if not tall else 20)
        if tall:
            grid.addWidget(self.name, 0, 0, 1, 2)
            grid.addWidget(self.field, 1, 0, 1, 2)
            grid.addWidget(self.reset, 0, 2, Qt.AlignmentFlag.AlignTop)
        else:
            grid.addWidget(self.name, 0, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(self.field, 0, 1)
            grid.addWidget(self.reset, 0, 2, Qt.AlignmentFlag.AlignTop)
            grid.setColumnMinimumWidth(0, LABEL_WIDTH)
        # The column of the button keeps its place, so that nothing moves when it comes.
        grid.setColumnMinimumWidth(2, 20)
        grid.setColumnStretch(1, 1)
        grid.addWidget(self._trouble, 2, 0, 1, 3)
        grid.addWidget(self._mend, 3, 0, 1, 3, Qt.AlignmentFlag.AlignLeft)

    def refresh(self) -> None:
        """Show what the document holds."""
        self.binding.refresh()
        values = self._values
        changed = any(
            (item := values.input(*key)) is not None and is_changed(item, values.value(*key))
            for key in self.binding.keys
        )
        self.name.mark(changed=changed)
        self.reset.setVisible(changed)
        self._show_trouble()

    def _wrong(self) -> tuple[tuple[str, str], Param, str] | None:
        """Return the first value that its widget does not take, and why."""
        for key in self.binding.keys:
            item, value = self._values.input(*key), self._values.value(*key)
            if item is not None and item.widget is not None:
                why = refusal(item.widget, value)
                if why is not None:
                    return key, value, why
        return None

    def _show_trouble(self) -> None:
        wrong = self._wrong()
        self._trouble.setVisible(wrong is not None)
        self._mend.setVisible(False)
        if wrong is None:
            return
        (node_id, name), value, why = wrong
        item = self._values.input(node_id, name)
        several = len(self.binding.names) > 1 and item is not None
        self._trouble.setText(f"{item.label}: {why}" if several and item is not None else why)
        better = None if item is None else _better(item, value)
        if better is not None and item is not None and item.widget is not None:
            words = translate("Inspector", "Use {0}").format(show_value(item.widget, better))
            self._mend.setText(words)
            self._mend.setVisible(True)

    def _take_nearest(self) -> None:
        changes: dict[tuple[str, str], Param] = {}
        for key in self.binding.keys:
            item = self._values.input(*key)
            better = None if item is None else _better(item, self._values.value(*key))
            if better is not None:
                changes[key] = better
        self._values.write(translate("Editing", "Mend {0}").format(self.item.label), changes)

    # The clipboard

    def copy(self) -> None:
        """Put the value on the clipboard, as text that can be pasted into any other of its kind."""
        key = self.binding.keys[0]
        item = self._values.input(*key)
        if item is not None and item.widget is not None:
            text = write_value(item.widget, self._values.value(*key))
            QGuiApplication.clipboard().setText(text)

    def paste(self) -> None:
        """Take the value from the clipboard."""
        text = QGuiApplication.clipboard().text()
        changes: dict[tuple[str, str], Param] = {}
        try:
            for key in self.binding.keys[:: len(self.binding.names)]:
                changes[key] = read_value(self.field.widget, text, self._values.value(*key))
        except ValueError as error:
            self._values.editing.refused.emit(f"{self.item.label}: {error}")
            return
        step = translate("Editing", "Paste {0}").format(self.item.label)
        self._values.write(step, changes)

    def _menu(self, at: QPoint) -> None:
        menu = QMenu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.addAction(translate("Values", "Copy value")).triggered.connect(self.copy)
        paste = menu.addAction(translate("Values", "Paste value"))
        paste.setEnabled(bool(QGuiApplication.clipboard().text()))
        paste.triggered.connect(self.paste)
        menu.addSeparator()
        reset = menu.addAction(translate("Values", "Reset to default"))
        reset.setEnabled(self.name.marked)
        reset.triggered.connect(self.binding.reset)
        menu.popup(self.mapToGlobal(at))


def _better(item: InputSpec, value: Param) -> Param:
    """Return what to hold in place of `value`: the nearest that is taken, or the default."""
    if item.widget is None:
        return None
    found = nearest(item.widget, value)
    return item.default if found is None else found


def _is_tall(item: InputSpec) -> bool:
    """Say whether a field needs the whole width."""
    text = isinstance(item.widget, TextWidget) and item.widget.multiline
    return text or isinstance(item.widget, CurveWidget | PaintedWidget | SeedWidget)


class WireRow(QWidget):
    """An input or output with the nodes at the other end of its wires, to be gone to.

    Signals:
        chosen(str): that node is to be selected.
    """

    chosen = Signal(str)

    def __init__(
        self, label: str, tip: str, ends: list[tuple[str, str]], *, lacking: str, incoming: bool
    ) -> None:
        """Show `ends`, pairs of a node's id and its title; without any, the words `lacking`."""
        super().__init__()
        name = Line(label, self)
        name.setProperty("tone", "quiet")
        name.setToolTip(tip)
        name.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        name.setFixedSize(LABEL_WIDTH, 24)
        name.setContentsMargins(_MARK + 4, 0, 0, 0)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(name, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(0)
        row.addLayout(column, 1)
        arrow = "←" if incoming else "→"
        for node_id, title in ends:
            column.addWidget(_End(node_id, f"{arrow} {title}", self))
        if not ends:
            none = Line(lacking.rstrip("!"), self)
            none.setProperty("tone", "error" if lacking.endswith("!") else "quiet")
            none.setFixedHeight(24)
            column.addWidget(none)


class _End(QPushButton):
    """The node at the other end of a wire; a click goes there."""

    def __init__(self, node_id: str, words: str, row: WireRow) -> None:
        super().__init__(row)
        self._words = words
        self.setObjectName("end")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(words[:_LONGEST])
        self.setToolTip(words[:_LONGEST])
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.clicked.connect(lambda: row.chosen.emit(node_id))

    def sizeHint(self) -> QSize:
        """Qt: as high as a line, as wide as there is room."""
        return QSize(80, 24)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt: cut the words anew."""
        super().resizeEvent(event)
        room = self.width() - 8
        line = " ".join(self._words[:_LONGEST].split())
        cut = self.fontMetrics().elidedText(line, Qt.TextElideMode.ElideRight, max(0, room))
        if cut != self.text():
            self.setText(cut)
