"""Starting the app: a window first, then all that takes time."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from app.catalogs import first_catalog
from app.crash import CrashReports
from app.document import Document
from app.endings import Endings
from app.filer import words_of
from app.filing import FIRST_TEMPLATE, read_document, template_document
from app.garbage import Sweeper
from app.host import EngineHost, Listener
from app.journal.sessions import Journal, state_folder
from app.preferences import read_preferences
from app.program import Program
from app.recovery import Recovery
from app.theme.look import Look
from app.theme.style import dress
from app.window import MainWindow
from graph.engine.settings import user_settings
from graph.errors import SfumatoError
from graph.runs.ledger import runs_folder
from resources import models, templates

if TYPE_CHECKING:
    from app.host import Engine
    from app.preferences import Preferences
    from graph.catalog import Catalog
    from graph.engine.settings import EngineSettings

SCALE = "QT_SCALE_FACTOR"


def main(path: Path | None = None, template: str | None = None) -> int:
    """Open a window on the graph in `path`, or on a template, and return when it is closed."""
    preferences = read_preferences()
    if preferences.scale != 100:  # noqa: PLR2004 - percent
        os.environ.setdefault(SCALE, str(preferences.scale / 100))
    application = QApplication(sys.argv[:1])
    application.setApplicationName("Sfumato")
    application.setDesktopFileName("sfumato")
    sweeper = Sweeper(application)
    journal = Journal(state_folder(), application)
    reports = CrashReports(state_folder() / "crashes", application)
    reports.install(journal.folder)
    window = make_window(application, path, template, preferences=preferences, journal=journal)
    program = window.program
    program.hear(reports)
    recovery = Recovery(program, journal)
    QTimer.singleShot(0, program, recovery.look)
    window.show()
    # The first paint: what comes now takes a while, and a window is there to be looked at.
    application.processEvents()
    status = _serve(application, window)
    program.end()
    recovery.close()
    reports.close()
    journal.close()
    program.host.close()
    sweeper.close()
    return status


def make_window(
    application: QApplication,
    path: Path | None = None,
    template: str | None = None,
    *,
    preferences: Preferences | None = None,
    journal: Journal | None = None,
) -> MainWindow:
    """Return the window, not yet shown, with its engine not yet started.

    Without `journal`, nothing that is done in it is written down.
    """
    preferences = preferences or read_preferences()
    look = Look(preferences.theme, application)
    look.still = preferences.still
    dress(application, look)
    settings = _settings()
    cache = Path(settings.cache_folder) if settings.cache_folder else None
    host = EngineHost(
        lambda listener: _engine(_settings(), listener), cache, application,
        runs_folder=runs_folder(),
    )  # fmt: skip
    program = Program(host, settings.files(), look, preferences, journal, application)
    catalog = first_catalog()
    if path is None and template is None and preferences.reopen:
        return _reopened(program, catalog)
    document, trouble = _first_document(catalog, path, template)
    window = MainWindow(program, document)
    if path is None and template is None:
        program.starter = window.workspace
    if trouble:
        window.furniture.message.warn(trouble)
    return window


def _reopened(program: Program, catalog: Catalog) -> MainWindow:
    """Return a window with the files that were open last time, as far as they are there."""
    paths = [Path(name) for name in program.preferences.open_files if Path(name).is_file()]
    document, trouble = _first_document(catalog, paths[0] if paths else None, None)
    window = MainWindow(program, document)
    for path in paths[1:]:
        window.filer.open_path(path)
    window.show_workspace(window.workspaces[0])
    if trouble:
        window.furniture.message.warn(trouble)
    return window


def _settings() -> EngineSettings:
    return user_settings(models.by_kind(), project=[templates.folder()])


def _engine(settings: EngineSettings, listener: Listener) -> Engine:
    from graph.engine.client import EngineClient

    return EngineClient(settings, listener)


def _first_document(
    catalog: Catalog, path: Path | None, template: str | None
) -> tuple[Document, str]:
    """Return the document to begin with, and what was in the way of the one that was wanted."""
    try:
        if path is not None:
            return read_document(path, catalog), ""
        return template_document(template or FIRST_TEMPLATE, catalog), ""
    except (OSError, SfumatoError) as error:
        return Document(catalog), words_of(error)
    except KeyError:
        return Document(catalog), ""


def _serve(application: QApplication, window: MainWindow) -> int:
    """Run one asyncio loop on Qt's until the last window is closed."""
    from qasync import QEventLoop

    loop = QEventLoop(application)
    endings = Endings()
    # Told to end, by a logout or `kill`, there is nobody to ask: what is not saved is offered at
    # the next start.
    endings.told.connect(lambda: application.exit(0))
    program = window.program
    QTimer.singleShot(0, program, program.host.wake)
    catalog = window.workspace.document.catalog
    QTimer.singleShot(0, program, lambda: program.host.runs.open(catalog))
    QTimer.singleShot(0, window, window.furniture.dress)
    with loop:
        loop.run_forever()
    endings.close()
    return 0
