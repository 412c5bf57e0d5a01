"""A seed: typed, thrown, counted up, taken back; locked, or another one for each run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal

from app.seeds import throw
from app.theme.marks import set_mark
from app.widgets.buttons import IconButton
from app.widgets.number import NumberField
from app.words import translate

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from app.widgets.field import Surroundings
    from graph.spec import InputSpec

_LOCKED, _OPEN = "ph.lock-simple", "ph.lock-simple-open"


class SeedField(NumberField):
    """The line of a number with four buttons.

    Signals:
        locked(bool): whether the seed is to stay when the graph runs.
        backAsked(): the seed before this one is wanted.
    """

    locked = Signal(bool)
    backAsked = Signal()

    def __init__(
        self, item: InputSpec, around: Surroundings, parent: QWidget | None = None
    ) -> None:
        super().__init__(item, around, parent)
        look = around.look
        self._is_locked = True
        self.dice = IconButton("ph.dice-five", translate("Seed", "Another seed"), look, self)
        self.next = IconButton("ph.plus", translate("Seed", "Next seed"), look, self)
        self.back = IconButton("ph.arrow-u-up-left", translate("Seed", "Last seed"), look, self)
        self.lock = IconButton(_LOCKED, "", look, self)
        self.dice.clicked.connect(lambda: self.meant.emit(throw()))
        self.next.clicked.connect(self._count_up)
        self.back.clicked.connect(self.backAsked)
        self.lock.clicked.connect(lambda: self.locked.emit(not self._is_locked))
        layout = self.layout()
        for button in (self.dice, self.next, self.back, self.lock):
            if layout is not None:
                layout.addWidget(button)
        self.watch(self.dice, self.next, self.back, self.lock)
        self.show_lock(locked=True)

    def show_lock(self, *, locked: bool) -> None:
        """Say whether the seed stays."""
        self._is_locked = locked
        set_mark(self.lock, "locked", locked)
        if locked:
            self.lock.show_icon(
                _LOCKED, translate("Seed", "The seed stays: click for a new one each run")
            )
        else:
            self.lock.show_icon(
                _OPEN, translate("Seed", "A new seed each run: click to keep this one")
            )

    def _count_up(self) -> None:
        self.meant.emit(self._stepped(1))
