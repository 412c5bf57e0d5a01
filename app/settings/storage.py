"""How much of the machine finished work may take."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, QRunnable, QThreadPool, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QSpinBox

from app.filer import words_of
from app.settings.page import Page
from app.words import translate
from graph.engine.settings import (
    EngineSettings,
    SettingsError,
    read_user_file,
    write_user_file,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from PySide6.QtGui import QShowEvent
    from PySide6.QtWidgets import QWidget

    from app.program import Program

GIB = 1 << 30
_MOST = 4096


class _Told(QObject):
    """Carries what a job on another thread found out.

    Signals:
        done(str): in words.
    """

    done = Signal(str)


class _Job(QRunnable):
    """Clears a cache folder if asked to, then says what it holds."""

    def __init__(self, folder: Path, *, clearing: bool, told: Callable[[str], None]) -> None:
        super().__init__()
        self._folder = folder
        self._clearing = clearing
        # The job ends on a thread of the pool, where no Qt object may end: this one belongs to the
        # application, and goes when what it told was heard.
        self._told = _Told(QCoreApplication.instance())
        self._told.done.connect(told)
        self._told.done.connect(self._told.deleteLater)

    def run(self) -> None:
        """Qt: on a thread of the pool."""
        from graph import disk

        try:
            if self._clearing:
                disk.clear(self._folder)
            found = disk.stats(self._folder)
            words = translate("Settings", "{0} in {1} results").format(
                size_words(found.bytes), found.values
            )
        except (OSError, sqlite3.Error) as error:
            words = words_of(error)
        self._told.done.emit(words)


class StoragePage(Page):
    """Limits, what is used, and a way to clear it."""

    def __init__(self, program: Program, parent: QWidget | None = None) -> None:
        super().__init__(program.look, parent)
        self._program = program
        first = EngineSettings()
        self.heading(translate("Settings", "Finished work"))
        self.hint(
            translate(
                "Settings",
                "Results are kept, so that only what changed is computed again. The oldest and"
                " cheapest go first.",
            )
        )
        self.memory = self._limit()
        self.row(translate("Settings", "In memory, at most"), self.memory)
        self.disk = self._limit()
        self.row(translate("Settings", "On disk, at most"), self.disk)
        self.used = QLabel(self)
        self.clear = QPushButton(translate("Settings", "Clear"), self)
        self.clear.clicked.connect(lambda: self._count(clearing=True))
        self.row(translate("Settings", "On disk now"), self.used, self.clear)
        self.where = self.hint(str(program.host.cache_folder or ""))
        self.trouble = self.hint("")
        self.trouble.hide()
        self.column.addStretch(1)
        try:
            user = read_user_file()
            self.memory.setValue(round((user.cache_bytes or first.cache_bytes) / GIB))
            self.disk.setValue(round((user.disk_bytes or first.disk_bytes) / GIB))
        except SettingsError as error:
            self._tell(str(error))
        for box in (self.memory, self.disk):
            box.editingFinished.connect(self._keep)

    def _limit(self) -> QSpinBox:
        box = QSpinBox(self)
        box.setRange(1, _MOST)
        box.setSuffix(" GB")
        return box

    def _tell(self, words: str) -> None:
        self.trouble.setText(words)
        self.trouble.show()

    def _keep(self) -> None:
        try:
            user = read_user_file()
            wanted = (self.memory.value() * GIB, self.disk.value() * GIB)
            if (user.cache_bytes, user.disk_bytes) == wanted:
                return
            user.cache_bytes, user.disk_bytes = wanted
            write_user_file(user)
        except (SettingsError, OSError) as error:
            self._tell(words_of(error))
            return
        self._program.renew_engine()

    def _count(self, *, clearing: bool = False) -> None:
        folder = self._program.host.cache_folder
        self.clear.setEnabled(False)
        if folder is None:
            self.used.setText(translate("Settings", "Nothing is kept on disk"))
            return
        self.used.setText("…")
        QThreadPool.globalInstance().start(_Job(folder, clearing=clearing, told=self._show_used))

    def _show_used(self, words: str) -> None:
        self.used.setText(words)
        self.clear.setEnabled(True)

    def showEvent(self, event: QShowEvent) -> None:
        """Qt: count when it is looked at."""
        super().showEvent(event)
        self._count()


def size_words(size: int) -> str:
    """Return a number of bytes as people say it."""
    number = float(size)
    for unit in ("bytes", "KB", "MB"):
        if number < 1000:  # noqa: PLR2004 - four figures are hard to read
            return f"{number:.0f} {unit}"
        number /= 1024
    return f"{number:.1f} GB"
