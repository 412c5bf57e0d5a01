"""How far the run is, in the status bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QLabel

from app.words import translate

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from app.session import Session


class RunLabel(QLabel):
    """Names the node that runs, and counts; empty between runs."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(translate("Run", "Progress"))

    def show_run(self, session: Session) -> None:
        """Say how far the run of `session` is."""
        if not session.running:
            self.clear()
            return
        done, total = session.progress
        if not total:
            self.setText(translate("Run", "Waiting"))
            return
        run = session.board.run_of(session.current)
        step = f" {run.done}/{run.total}" if run.total else ""
        name = session.board.title(session.current) if session.current else ""
        self.setText(f"{name}{step}  ·  {min(done + 1, total)}/{total}")
