"""What all fields share: they show one value, and tell what a hand makes of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from app.theme.look import Look
    from graph.files import FileIndex
    from graph.params import Param
    from graph.spec import InputSpec, Widget


_COMMANDS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier


@dataclass(frozen=True, slots=True)
class Formula:
    """What was typed for several values at once: `x` in it stands for each of them."""

    text: str


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What fields need besides the value: how to look, and where files lie."""

    look: Look
    files: FileIndex


class Field(QWidget):
    """Shows one value and lets it be edited; it holds no truth.

    Signals:
        meant(object): the value, or a `Formula`, is meant: it becomes one undo step.
        typed(object): the value so far; all until `left` are one undo step.
        left(): the visit is over.
        done(): Return was pressed, and what was written is taken.
        given_up(): it is over, and what was not meant yet is to be forgotten.
        refused(str): what was typed is no value; the text says why.
    """

    meant = Signal(object)
    typed = Signal(object)
    left = Signal()
    done = Signal()
    given_up = Signal()
    refused = Signal(str)

    def __init__(
        self, item: InputSpec, around: Surroundings, parent: QWidget | None = None
    ) -> None:
        """Edit values of the input `item`, which has a widget."""
        super().__init__(parent)
        if item.widget is None:
            raise TypeError(item.name)
        self.item = item
        self.widget: Widget = item.widget
        self.around = around
        self.value: Param = item.default
        """What is shown: a copy."""
        self.mixed = False
        """Whether it stands for several values that differ."""
        self._watched: list[QWidget] = []

    def show_value(self, value: Param, *, mixed: bool = False) -> None:
        """Show `value`; with `mixed`, say that the values that it stands for differ."""
        self.value, self.mixed = value, mixed
        self.refresh()

    def refresh(self) -> None:
        """Show what is held now."""

    def begin(self) -> None:
        """Begin to write at once, as a double-click on the canvas asks for."""
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def finish(self) -> None:
        """End writing; what was typed counts."""

    def watch(self, *parts: QWidget) -> None:
        """End the visit when the focus leaves `parts` for something outside of this field."""
        for part in parts:
            part.installEventFilter(self)
            self._watched.append(part)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt: see `watch`; Escape gives up."""
        if isinstance(event, QFocusEvent) and event.type() == QEvent.Type.FocusOut:
            self._focus_out(event)
        elif event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if self.property("over") and not event.modifiers() & _COMMANDS:
                event.accept()  # or Delete, say, would be heard by the canvas beneath
        elif (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.key() == Qt.Key.Key_Escape
        ):
            self.escape()
            return True
        return super().eventFilter(watched, event)

    def focusNextPrevChild(self, forward: bool) -> bool:  # noqa: FBT001 - Qt's signature
        """Qt: over the canvas, Tab goes through the parts of the field and then ends the visit."""
        if not self.property("over"):
            return super().focusNextPrevChild(forward)
        stops = [part for part in self.findChildren(QWidget) if _takes_tab(part)]
        here = next((n for n, part in enumerate(stops) if part.hasFocus()), -1)
        there = here + (1 if forward else -1)
        if 0 <= there < len(stops):
            reason = Qt.FocusReason
            stops[there].setFocus(reason.TabFocusReason if forward else reason.BacktabFocusReason)
        else:
            self.finish()
            self.left.emit()
            self.done.emit()
        return True

    def escape(self) -> None:
        """Do what Escape means here."""
        self.refresh()
        self.given_up.emit()

    def _focus_out(self, event: QFocusEvent) -> None:
        popups = (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.MenuBarFocusReason)
        if event.reason() in popups or self.has_focus():
            return
        self.finish()
        self.left.emit()

    def has_focus(self) -> bool:
        """Say whether this field or a part of it has the keyboard."""
        focus: QWidget | None = self.window().focusWidget()
        if focus is None or not focus.hasFocus():
            return False
        return focus is self or self.isAncestorOf(focus)


def _takes_tab(part: QWidget) -> bool:
    policy = part.focusPolicy() & Qt.FocusPolicy.TabFocus
    return bool(policy) and part.isVisible() and part.isEnabled() and not part.focusProxy()
