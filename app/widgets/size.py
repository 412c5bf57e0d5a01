"""A size: width and height together, with presets, an aspect lock and a swap."""

from __future__ import annotations

from math import gcd
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu

from app.canvas.values import nearest
from app.theme.marks import set_mark
from app.widgets.buttons import IconButton
from app.widgets.field import Field, Formula
from app.widgets.number import NumberField
from app.words import translate
from graph.spec import IntWidget, refusal

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from app.widgets.field import Surroundings
    from graph.spec import InputSpec

PRESETS: Final = (
    (512, 512), (768, 768), (1024, 1024),
    (512, 768), (768, 1152), (832, 1216), (896, 1152), (768, 1344),
    (768, 512), (1152, 768), (1216, 832), (1152, 896), (1344, 768), (1536, 640),
)  # fmt: skip
"""Sizes that the families of models were trained on: squares, upright, and across."""
_CLOSED, _OPEN = "ph.link-simple", "ph.link-simple-break"


class SizeField(Field):
    """Two numbers; its value is the pair of them.

    Signals:
        swapped(): width and height are to change places.
    """

    swapped = Signal()

    def __init__(
        self,
        width: InputSpec,
        height: InputSpec,
        around: Surroundings,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(width, around, parent)
        self.partner = height
        self.value = (_plain(width), _plain(height))
        self._ratio: float | None = None
        self.wide = NumberField(width, around, self)
        self.high = NumberField(height, around, self)
        look = around.look
        self.lock = IconButton(_OPEN, translate("Size", "Keep the proportions"), look, self)
        self.swap = IconButton("ph.swap", translate("Size", "Swap width and height"), look, self)
        self.presets = IconButton("ph.caret-down", translate("Size", "Sizes"), look, self)
        times = QLabel("×", self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.wide, 1)
        row.addWidget(times)
        row.addWidget(self.high, 1)
        for button in (self.lock, self.swap, self.presets):
            row.addWidget(button)
            self.watch(button)
        self.setFocusProxy(self.wide)
        self._bind()

    def _bind(self) -> None:
        for side, field in enumerate((self.wide, self.high)):
            field.meant.connect(lambda value, side=side: self._changed(side, value, once=True))
            field.typed.connect(lambda value, side=side: self._changed(side, value, once=False))
            field.refused.connect(self.refused)
            field.given_up.connect(self.given_up)
            field.done.connect(self.done)
            field.left.connect(self._part_left)
        self.lock.clicked.connect(self._lock)
        self.swap.clicked.connect(self.turn)
        self.presets.clicked.connect(self._show_presets)

    @property
    def sides(self) -> tuple[int, int]:
        """Width and height that are shown."""
        wide, high = self.wide.value, self.high.value
        return (wide if isinstance(wide, int) else 0, high if isinstance(high, int) else 0)

    @property
    def is_locked(self) -> bool:
        """Whether one side follows the other."""
        return self._ratio is not None

    def refresh(self) -> None:
        """Show the value."""
        if isinstance(self.value, tuple):
            self.wide.show_value(self.value[0], mixed=self.mixed)
            self.high.show_value(self.value[1], mixed=self.mixed)

    def begin(self) -> None:
        """Write the width."""
        self.wide.begin()

    def finish(self) -> None:
        """Mean what was written."""
        self.wide.finish()
        self.high.finish()

    def _part_left(self) -> None:
        if not self.has_focus():
            self.left.emit()

    def _changed(self, side: int, value: object, *, once: bool) -> None:
        """Take one side, and the other with it when the proportions are kept."""
        if isinstance(value, Formula) or not isinstance(value, int):
            return
        sides = list(self.sides)
        sides[side] = value
        if self._ratio is not None:
            other = value / self._ratio if side == 0 else value * self._ratio
            sides[1 - side] = self._fitting(1 - side, other)
        told = (sides[0], sides[1])
        (self.meant if once else self.typed).emit(told)

    def _fitting(self, side: int, length: float) -> int:
        """Return the length nearest to `length` that a side takes, on its step."""
        widget = (self.wide, self.high)[side].widget
        step = widget.step if isinstance(widget, IntWidget) else 1
        found = nearest(widget, round(length / step) * step)
        return found if isinstance(found, int) else step

    def _lock(self) -> None:
        wide, high = self.sides
        self._ratio = wide / high if self._ratio is None and wide and high else None
        locked = self._ratio is not None
        words = (
            translate("Size", "Proportions are kept: click to free them")
            if locked
            else translate("Size", "Keep the proportions")
        )
        set_mark(self.lock, "locked", locked)
        self.lock.show_icon(_CLOSED if locked else _OPEN, words)

    def turn(self) -> None:
        """Swap width and height."""
        if self.mixed:
            self.swapped.emit()
            return
        wide, high = self.sides
        if self._ratio is not None:
            self._ratio = 1 / self._ratio
        self.meant.emit((high, wide))

    def _show_presets(self) -> None:
        menu = QMenu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        last = 0
        for wide, high in self._possible():
            kind = (wide > high) - (wide < high)
            if kind != last:
                menu.addSeparator()
            last = kind
            action = menu.addAction(f"{wide} × {high}\t{proportions(wide, high)}")
            action.setCheckable(True)
            action.setChecked((wide, high) == self.sides and not self.mixed)
            action.triggered.connect(lambda *_, size=(wide, high): self._take(size))
        menu.popup(self.presets.mapToGlobal(self.presets.rect().bottomLeft()))

    def _possible(self) -> list[tuple[int, int]]:
        return [
            (wide, high)
            for wide, high in PRESETS
            if refusal(self.wide.widget, wide) is None and refusal(self.high.widget, high) is None
        ]

    def _take(self, size: tuple[int, int]) -> None:
        if self._ratio is not None:
            self._ratio = size[0] / size[1]
        self.meant.emit(size)


def _plain(item: InputSpec) -> int:
    return item.default if isinstance(item.default, int) else 0


def proportions(wide: int, high: int) -> str:
    """Return width to height in whole numbers, or as a decimal where those are long."""
    common = gcd(wide, high)
    one, other = wide // common, high // common
    longest = 32
    return f"{one}:{other}" if max(one, other) <= longest else f"{wide / high:.2f}"
