"""Starting the app: a window first, then all that takes time."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from app.catalogs import first_catalog
from app.document import Document
from app.endings import Endings
from app.filing import FIRST_TEMPLATE, read_document, template_document
from app.host import EngineHost, Listener
from app.preferences import read_preferences
from app.theme.look import Look
from app.theme.style import dress
from app.window import MainWindow
from graph.engine.settings import user_settings
from graph.errors import SfumatoError
from resources import models, templates

if TYPE_CHECKING:
    from app.host import Engine
    from graph.catalog import Catalog
    from graph.engine.settings import EngineSettings


def main(path: Path | None = None, template: str | None = None) -> int:
    """Open a window on the graph in `path`, or on a template, and return when it is closed."""
    application = QApplication(sys.argv[:1])
    application.setApplicationName("Sfumato")
    application.setDesktopFileName("sfumato")
    window = make_window(application, path, template)
    window.show()
    # The first paint: what comes now takes a while, and a window is there to be looked at.
    application.processEvents()
    status = _serve(application, window)
    window.host.close()
    return status


def make_window(
    application: QApplication, path: Path | None = None, template: str | None = None
) -> MainWindow:
    """Return the window, not yet shown, with its engine not yet started."""
    preferences = read_preferences()
    look = Look(preferences.theme, application)
    dress(application, look)
    settings = user_settings(models.named(), project=[templates.folder()])
    cache = Path(settings.cache_folder) if settings.cache_folder else None
    host = EngineHost(lambda listener: _engine(settings, listener), cache, application)
    document, trouble = _first_document(first_catalog(), path, template)
    window = MainWindow(document, host, settings.files(), look, preferences)
    if trouble:
        window.furniture.message.warn(trouble)
    return window


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
        return Document(catalog), str(error)
    except KeyError:
        return Document(catalog), ""


def _serve(application: QApplication, window: MainWindow) -> int:
    """Run one asyncio loop on Qt's until the last window is closed."""
    from qasync import QEventLoop

    loop = QEventLoop(application)
    endings = Endings()
    endings.told.connect(application.quit)
    QTimer.singleShot(0, window, window.host.wake)
    QTimer.singleShot(0, window, window.furniture.dress)
    with loop:
        loop.run_forever()
    endings.close()
    return 0
