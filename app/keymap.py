"""The keys that commands have now: those of `app.keys`, and those that the user gave them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QKeySequence

from app.keys import Where, bindings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.keys import Binding


class Keymap(QObject):
    """Holds, in `own`, the keys that differ from the defaults.

    Signals:
        changed(): some command has other keys.
    """

    changed = Signal()

    def __init__(self, own: dict[str, list[str]], parent: QObject | None = None) -> None:
        """Use and alter `own`: keys by command, as portable text."""
        super().__init__(parent)
        self._own = own

    def keys(self, command: str) -> list[QKeySequence]:
        """Return the keys of `command`."""
        own = self._own.get(command)
        found = [QKeySequence(key) for key in (bindings()[command].keys if own is None else own)]
        return [key for key in found if not key.isEmpty()]

    def is_own(self, command: str) -> bool:
        """Say whether the user gave `command` its keys."""
        return command in self._own

    def bind(self, command: str, keys: Iterable[QKeySequence]) -> None:
        """Give `command` the keys `keys`; none at all is possible too."""
        wanted = [key.toString() for key in keys if not key.isEmpty()]
        if wanted == [QKeySequence(key).toString() for key in bindings()[command].keys]:
            self._own.pop(command, None)
        else:
            self._own[command] = wanted
        self.changed.emit()

    def reset(self, command: str = "") -> None:
        """Give `command` its first keys again; all commands, without one."""
        if command:
            self._own.pop(command, None)
        else:
            self._own.clear()
        self.changed.emit()

    def sharing(self, command: str) -> list[Binding]:
        """Return the other commands that have a key of `command`: none of them is called then.

        That a key counts on the canvas only does not help: one of the window counts there too. The
        mask editor has a window of its own, in which no others count.
        """
        mine = {key.toString() for key in self.keys(command)}
        masks = bindings()[command].where is Where.MASK
        return [
            other
            for other in bindings().values()
            if other.command != command
            and (other.where is Where.MASK) is masks
            and not mine.isdisjoint(key.toString() for key in self.keys(other.command))
        ]
