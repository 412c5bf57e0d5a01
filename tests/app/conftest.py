"""A window on a screen that nobody sees, with an engine that computes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QCoreApplication, QEvent

from app.canvas.canvas import Canvas
from app.document import Document
from app.host import EngineHost
from app.preferences import Preferences
from app.program import Program
from app.theme.look import Look
from app.theme.style import dress
from app.window import MainWindow
from graph.files import FileIndex
from tests.app.catalog import CATALOG, text_to_image
from tests.app.fake_engine import FakeEngine
from tests.app.hand import Hand
from tests.conftest import EAR

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot


HERE = Path(__file__).parent
LACKING = "This plugin does not support"
"""WORKAROUND: the offscreen platform warns of whatever a screen without a desktop lacks."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Have pytest-qt pass over what the platform lacks."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.qt_log_ignore(LACKING))


@pytest.fixture(autouse=True)
def lenient_ear(silence: None) -> Iterator[None]:  # noqa: ARG001 - so that it ends before
    """Pass over what the platform lacks between two tests, where pytest-qt hears nothing."""
    yield
    EAR.heard[:] = [line for line in EAR.heard if LACKING not in line]


@pytest.fixture(scope="session")
def look(qapp: QApplication) -> Look:
    look = Look()
    dress(qapp, look)
    return look


@pytest.fixture
def document() -> Document:
    return Document(CATALOG, text_to_image())


@pytest.fixture
def files(tmp_path: Path) -> FileIndex:
    folder = tmp_path / "checkpoints"
    folder.mkdir()
    (folder / "tiny.safetensors").write_bytes(b"weights")
    return FileIndex({"checkpoint": [folder]})


@pytest.fixture
def canvas(qtbot: QtBot, document: Document, look: Look, files: FileIndex) -> Iterator[Canvas]:
    """A canvas on the text-to-image graph, at zoom 1, all of it in view."""
    canvas = Canvas(document, look, files)
    qtbot.addWidget(canvas)
    canvas.resize(1720, 760)
    canvas.show()
    canvas.view.setFocus()
    canvas.fit_all()
    yield canvas
    canvas.desk.close()


@pytest.fixture
def hand(canvas: Canvas) -> Hand:
    return Hand(canvas)


@pytest.fixture
def engine(window: MainWindow) -> FakeEngine:
    """The engine of `window`, started and ready."""
    window.host.wake()
    engine = window.host.engine
    assert isinstance(engine, FakeEngine)
    engine.be_ready()
    QCoreApplication.sendPostedEvents()
    return engine


@pytest.fixture
def window(
    qtbot: QtBot, document: Document, look: Look, files: FileIndex, tmp_path: Path
) -> Iterator[MainWindow]:
    """The whole window."""
    host = EngineHost(lambda listener: FakeEngine(listener, files=files))
    program = Program(host, files, look, Preferences(output=str(tmp_path)))
    window = MainWindow(program, document)
    window.resize(1720, 900)
    window.show()
    qtbot.waitUntil(lambda: window.workspace.canvas.view.zoom < 1)
    yield window
    window.shut()
    window.host.close()
    window.hide()
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
