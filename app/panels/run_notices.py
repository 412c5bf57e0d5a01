"""What should not be missed of queue and history, in the bars of a window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.words import translate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from app.panels.notices import Notices
    from app.runs import Runs

_RESTORED, _PAUSED, _TROUBLE = "runs-restored", "runs-paused", "runs-trouble"


class RunNotices(QObject):
    """Tells `notices` of runs that came back, a queue that paused itself, what is not kept."""

    def __init__(self, runs: Runs, notices: Notices) -> None:
        super().__init__(notices)
        self._runs = runs
        self._notices = notices
        self._shown: dict[str, str] = {}
        runs.changed.connect(self.refresh)
        runs.troubled.connect(lambda words: notices.tell(_TROUBLE, words))
        self.refresh()

    def refresh(self) -> None:
        """Show what holds now, each thing once."""
        runs = self._runs
        queue = runs.queue
        resume = translate("RunNotices", "Resume")
        self._show(
            _RESTORED,
            _restored(runs.restored) if runs.restored and queue.held else "",
            {resume: runs.resume, translate("RunNotices", "Discard"): runs.discard_restored},
        )
        self._show(_PAUSED, queue.why if queue.paused else "", {resume: runs.resume})

    def _show(self, key: str, text: str, answers: Mapping[str, Callable[[], object]]) -> None:
        if self._shown.get(key, "") == text:
            return
        self._shown[key] = text
        if text:
            self._notices.tell(key, text, answers)
        else:
            self._notices.drop(key)


def _restored(count: int) -> str:
    if count == 1:
        return translate("RunNotices", "A run was waiting when Sfumato ended.")
    return translate("RunNotices", "{0} runs were waiting when Sfumato ended.").format(count)
