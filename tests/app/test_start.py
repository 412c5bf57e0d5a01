"""Starting: a window at once, and neither torch nor a node in its process."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent

from app.catalogs import first_catalog, keep_catalog
from app.main import make_window
from app.preferences import Preferences
from graph.catalog import Catalog, dump_catalog, load_catalog
from graph.format import save
from graph.graph import Graph
from resources import catalog
from tests.app.catalog import INVERT

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot

SLOW = ("torch", "diffusers", "transformers", "nodes", "networkx", "rich", "qtawesome", "qasync")
SCRIPT = f"""
import sys
from PySide6.QtWidgets import QApplication
application = QApplication([])
from app.main import make_window
from app.preferences import Preferences
window = make_window(application)
window.show()
application.processEvents()
print([name for name in {SLOW!r} if name in sys.modules])
window.shut()
"""


def test_the_window_is_there_before_anything_slow_is_imported() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"


def test_a_window_opens_on_the_template_and_its_engine_sleeps(
    qtbot: QtBot, qapp: QApplication
) -> None:
    window = make_window(qapp)
    assert window.workspace.document.name == "text-to-image"
    assert len(window.workspace.document.graph.nodes) == 7
    assert not window.workspace.document.modified
    window.furniture.dress()
    assert not window.furniture.actions["run"].icon().isNull()
    qtbot.waitUntil(lambda: window.workspace.session.planned)
    window.shut()
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def test_a_file_that_cannot_be_opened_is_said_in_a_window(
    qapp: QApplication, tmp_path: Path
) -> None:
    window = make_window(qapp, path=tmp_path / "gone.json")
    assert "gone.json" in window.furniture.message.whole
    window.shut()
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def test_a_start_can_open_the_files_of_last_time(qapp: QApplication, tmp_path: Path) -> None:
    names = [tmp_path / "star.json", tmp_path / "moon.json"]
    for path in names:
        save(Graph(), path)
    listed = [str(path) for path in (*names, tmp_path / "gone.json")]
    for reopen, opened in ((True, ["star", "moon"]), (False, ["text-to-image"])):
        preferences = Preferences(reopen=reopen, open_files=listed)
        window = make_window(qapp, preferences=preferences)
        assert [workspace.document.name for workspace in window.workspaces] == opened
        assert window.workspace is window.workspaces[0]
        window.shut()
        window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def test_node_types_of_the_last_engine_are_there_at_the_next_start() -> None:
    shipped = {spec.id for spec in load_catalog(catalog.read())}
    keep_catalog(dump_catalog(Catalog([INVERT])))
    assert {spec.id for spec in first_catalog()} == shipped | {INVERT.id}
    keep_catalog(b"damaged")
    assert {spec.id for spec in first_catalog()} == shipped
