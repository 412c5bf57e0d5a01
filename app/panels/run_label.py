"""How far the run is, in the status bar; between runs what the next one would do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QLabel

from app.panels.spans import about, foreseen
from app.words import translate

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from app.session import Session

_BETWEEN = "  ·  "


class RunLabel(QLabel):
    """Names the node that runs, counts, and says how long it still takes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(translate("Run", "Progress"))

    def show_run(self, session: Session) -> None:
        """Say how far the run of `session` is, or what its next would do."""
        parts = _running(session) if session.running else _idle(session)
        self.setText(_BETWEEN.join(part for part in parts if part))


def _running(session: Session) -> list[str]:
    if session.overdue:
        words = translate("Run", "{0} does not stop")
        return [words.format(session.board.title(session.current) or translate("Run", "The run"))]
    if session.stopping:
        return [translate("Run", "Stopping…")]
    done, total = session.progress
    if not total:
        return [translate("Run", "Waiting"), _queued(session)]
    left = session.timing.left
    return [
        _at_work(session),
        f"{min(done + 1, total)}/{total}",
        "" if left is None else translate("Run", "{0} left").format(about(left)),
        _queued(session),
    ]


def _at_work(session: Session) -> str:
    if not session.current:
        return ""
    run = session.board.run_of(session.current)
    step = f" {run.done}/{run.total}" if run.total else ""
    others = len(session.at_work) - 1
    more = translate("Run", " and {0} more").format(others) if others > 0 else ""
    return f"{session.board.title(session.current)}{step}{more}"


def _idle(session: Session) -> list[str]:
    estimate = session.timing.estimate
    return ["" if estimate is None else foreseen(estimate), _queued(session)]


def _queued(session: Session) -> str:
    waiting = session.waiting
    return translate("Run", "{0} queued").format(waiting) if waiting else ""
