"""Being told to end from outside: Ctrl+C in the terminal, a logout, `kill`."""

from __future__ import annotations

import signal
import socket
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSocketNotifier, Signal

if TYPE_CHECKING:
    from types import FrameType

_TOLD = (signal.SIGINT, signal.SIGTERM)


class Endings(QObject):
    """Hears the system's signals on Qt's loop, so that the program ends as when it is closed.

    Python runs its handlers only when Qt next calls it, which may be never. The wake-up descriptor
    is written to at once, and a socket is what Qt can wait for on every system.

    Signals:
        told(): the program is to end.
    """

    told = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._reader, self._writer = socket.socketpair()
        for end in (self._reader, self._writer):
            end.settimeout(0)
        self._before = {number: signal.signal(number, _nothing) for number in _TOLD}
        self._wakeup = signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        self._notifier = QSocketNotifier(self._reader.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._hear)

    def _hear(self) -> None:
        numbers = self._reader.recv(64)
        if any(number in numbers for number in _TOLD):
            self.told.emit()

    def close(self) -> None:
        """Give the signals back."""
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(self._wakeup)
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._reader.close()
        self._writer.close()


def _nothing(_number: int, _frame: FrameType | None) -> None:
    """Keep the signal from ending the process: the descriptor tells of it."""
