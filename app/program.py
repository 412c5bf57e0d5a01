"""The program: what all windows share, and the windows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import shiboken6
from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication

from app.habits import Habits
from app.keymap import Keymap
from app.logbook import Level, LogBook
from app.preferences import keep_preferences
from app.versions import Versions
from app.words import translate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from PySide6.QtWidgets import QDialog, QWidget

    from app.crash import CrashReports
    from app.document import Document
    from app.host import EngineHost
    from app.journal.sessions import Journal
    from app.preferences import Preferences
    from app.theme.look import Look
    from app.window import MainWindow
    from app.workspace import Workspace
    from graph.files import FileIndex

_LATER_MS = 2000
_RETRY_MS, _LOOK_MS = 5000, 1000
_JOURNAL = "journal"


class Program(QObject):
    """One engine, one journal, any number of windows.

    Signals:
        documentsChanged(): a document was opened, closed, or went to another window.
    """

    documentsChanged = Signal()

    def __init__(
        self,
        host: EngineHost,
        files: FileIndex,
        look: Look,
        preferences: Preferences,
        journal: Journal | None = None,
        parent: QObject | None = None,
    ) -> None:
        """Without `journal`, nothing is written down and no file is locked."""
        super().__init__(parent)
        self.host = host
        self.files = files
        self.look = look
        self.preferences = preferences
        self.journal = journal
        self.versions = Versions()
        self.keymap = Keymap(preferences.keys, self)
        self.habits = Habits(preferences.recent_nodes, preferences.favourite_nodes, self)
        self.log = LogBook(host, self._whose, self)
        self.windows: list[MainWindow] = []
        self.starter: Workspace | None = None
        """The document that the program began with by itself: it gives way to restored ones."""
        self._quitting = False
        self._settings: QDialog | None = None
        self._renewal = QTimer(self)
        self._renewal.setSingleShot(True)
        self._renewal.setInterval(_LOOK_MS)
        self._renewal.timeout.connect(self.renew_engine)
        self._retry = QTimer(self)
        self._retry.setInterval(_RETRY_MS)
        self.keymap.changed.connect(self.remember)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_LATER_MS)
        self._later.timeout.connect(self.remember)
        self.habits.changed.connect(self._later.start)
        if journal is not None:
            self._retry.timeout.connect(journal.retry)
            journal.failed.connect(self._journal_failed)
            journal.mended.connect(self._journal_mended)
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            application.applicationStateChanged.connect(self._look_round)

    @property
    def locks_folder(self) -> Path | None:
        """Where locks of files lie; None when none are taken."""
        return None if self.journal is None else self.journal.locks_folder

    def remember(self) -> None:
        """Keep the preferences, which were changed."""
        keep_preferences(self.preferences)

    def choose_theme(self, name: str) -> None:
        """Use another theme, and remember it."""
        self.look.choose(name)
        self.preferences.theme = name
        self.remember()

    def show_settings(self, parent: QWidget) -> None:
        """Show the settings, of which there is one window."""
        from app.settings.window import SettingsWindow

        if self._settings is None or not shiboken6.isValid(self._settings):
            self._settings = SettingsWindow(self, parent)
        self._settings.show()
        self._settings.raise_()
        self._settings.activateWindow()

    def renew_engine(self) -> None:
        """Start the engine anew with settings that were changed, as soon as no run goes on."""
        if any(workspace.session.running for _, workspace in self.workspaces()):
            self._renewal.start()
        else:
            self.host.renew()

    # Windows and documents

    def workspaces(self) -> Iterator[tuple[MainWindow, Workspace]]:
        """Yield every open document with the window that it is in."""
        for window in self.windows:
            for workspace in window.workspaces:
                yield window, workspace

    def find(self, path: Path) -> tuple[MainWindow, Workspace] | None:
        """Return where the file `path` is open, by whatever way it is named."""
        for window, workspace in self.workspaces():
            own = workspace.document.path
            if own is not None and (own == path or _same(own, path)):
                return window, workspace
        return None

    def tell_apart(self, document: Document) -> None:
        """Number `document`, if it has no file and another one that is open has its name."""
        if document.path is not None:
            return
        taken = {
            workspace.document.name
            for _, workspace in self.workspaces()
            if workspace.document is not document
        }
        document.number = 1
        while document.name in taken:
            document.number += 1

    def opened(self, document: Document) -> None:
        """Write down from now on what is done to `document`, unless that goes on already."""
        if self.journal is not None and not self.journal.records(document):
            self.journal.record(document)
        self.documentsChanged.emit()

    def closed(self, document: Document) -> None:
        """Forget `document`: whoever closed it knew what is lost."""
        if self.journal is not None:
            self.journal.drop(document)
        self.documentsChanged.emit()

    def quit(self) -> None:
        """Close all windows; stop where one is kept open."""
        self._note_open_files()
        self._quitting = True
        for window in tuple(self.windows):
            if not window.close():
                break
        self._quitting = False

    def leaving(self, window: MainWindow) -> None:
        """Take note that `window` is about to go: with the last one the program ends."""
        if not self._quitting and self.windows == [window]:
            self._note_open_files()

    def _note_open_files(self) -> None:
        """Keep which files are open, for a start that is to open them again."""
        paths = [workspace.document.path for _, workspace in self.workspaces()]
        self.preferences.open_files = [str(path) for path in paths if path is not None]
        self.remember()

    def close_starter(self) -> None:
        """Close the document that the program began with, if nothing was done in it."""
        for window, workspace in tuple(self.workspaces()):
            alone = len(window.workspaces) == 1
            if workspace is self.starter and workspace.document.untouched and not alone:
                window.close_workspace(workspace)

    def end(self) -> None:
        """End what goes on in windows that are still open: their unsaved work stays on disk."""
        for _, workspace in self.workspaces():
            workspace.canvas.desk.finish()
            if not workspace.document.modified:
                self.closed(workspace.document)
            workspace.close_session()
        self.windows.clear()

    def _look_round(self, state: Qt.ApplicationState) -> None:
        """Look at all files when the user comes back from other programs."""
        if state is Qt.ApplicationState.ApplicationActive:
            for _, workspace in self.workspaces():
                workspace.custody.check()

    # Telling

    def tell(
        self,
        key: str,
        text: str,
        answers: Mapping[str, Callable[[], object]] | None = None,
        *,
        stays: bool = False,
        urged: bool = False,
    ) -> None:
        """Show a bar in the first window, as `Notices.tell` does."""
        if self.windows:
            self.windows[0].notices.tell(key, text, answers, stays=stays, urged=urged)

    def drop(self, key: str) -> None:
        """Take a bar away, wherever it is."""
        for window in self.windows:
            window.notices.drop(key)

    def hear(self, reports: CrashReports) -> None:
        """Show what `reports` tell of, and what is found of earlier crashes."""
        reports.failed.connect(self._went_wrong)
        if self.journal is not None:
            found = reports.gather(self.journal.sessions_folder, self.journal.folder)
            if found:
                text = translate("Program", "Sfumato crashed last time.")
                self._tell_report("crash", text, found[-1])

    def _went_wrong(self, words: str, path: Path) -> None:
        self.log.note(words, Level.ERROR)
        text = translate("Program", "Something went wrong: {0}. Your graphs are safe.")
        self._tell_report("error", text.format(words.rstrip(".")), path)

    def _tell_report(self, key: str, text: str, path: Path) -> None:
        def show() -> None:
            from app.panels.report import ReportWindow

            self.drop(key)
            ReportWindow(path, self.look, self.windows[0]).show()

        self.tell(key, text, {translate("Program", "Show report"): show})

    def _journal_failed(self, words: str) -> None:
        self.log.note(words, Level.ERROR)
        self._retry.start()
        text = translate("Program", "Your edits cannot be kept safe from a crash: {0}. Save often.")
        self.tell(_JOURNAL, text.format(words.rstrip(".")))

    def _journal_mended(self) -> None:
        self._retry.stop()
        self.drop(_JOURNAL)

    def _whose(self, run: int) -> tuple[Document, Callable[[str], str]] | None:
        for _, workspace in self.workspaces():
            if workspace.session.owns(run):
                return workspace.document, workspace.session.board.title
        return None


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False
