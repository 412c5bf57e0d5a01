"""What the last run told of each node: how long it took, how much it gave, and what it said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.words import translate
from graph.events import NodeFailed, NodeFinished
from graph.reasons import explain

if TYPE_CHECKING:
    from app.session import Session
    from graph.events import RunEvent

_KILO = 1024.0


@dataclass(frozen=True, slots=True)
class Fact:
    """What is known of a node's last run."""

    ms: float = 0.0
    size: int = 0
    """Bytes of all outputs."""
    reasons: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    error: str = ""


class Facts(QObject):
    """Listens to the runs of one document.

    Signals:
        changed(str): there is news of a node; nodes inside others are named by their way.
    """

    changed = Signal(str)

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._facts: dict[str, Fact] = {}
        session.host.runs.heard.connect(self._hear)

    def of(self, path: str) -> Fact | None:
        """Return what is known of a node."""
        return self._facts.get(path)

    def _hear(self, _order: object, event: RunEvent) -> None:
        if not self._session.owns(event.run):
            return
        if isinstance(event, NodeFinished):
            reasons = tuple(explain(reason) for reason in event.reasons)
            before = self._facts.get(event.node)
            # What was known already takes no time: how long it took when it ran is still true.
            ms = event.ms or (before.ms if before is not None else 0.0)
            self._facts[event.node] = Fact(ms, event.size, reasons, event.remarks)
        elif isinstance(event, NodeFailed):
            reasons = tuple(explain(reason) for reason in event.reasons)
            self._facts[event.node] = Fact(event.ms, 0, reasons, (), event.problem.message)
        else:
            return
        self.changed.emit(event.node)


def show_size(size: int) -> str:
    """Return a number of bytes in a few characters."""
    amount = float(size)
    for unit in ("B", "KB", "MB", "GB"):
        if amount < _KILO or unit == "GB":
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= _KILO
    return ""


def show_ms(ms: float) -> str:
    """Return a time in a few characters."""
    second, minute = 1000.0, 60_000.0
    if ms < second:
        return translate("Inspector", "{0:.0f} ms").format(ms)
    if ms < minute:
        return translate("Inspector", "{0:.1f} s").format(ms / second)
    return translate("Inspector", "{0:.0f} min {1:.0f} s").format(*divmod(ms / second, 60))
