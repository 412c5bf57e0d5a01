"""Files: versions, what others do to them, names of all kinds, and disks that fail."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from app.custody import Standing
from app.document import Document
from app.filing import read_document
from app.host import EngineHost
from app.journal.sessions import Journal
from app.locks import name_of
from app.panels.versions_window import VersionsWindow
from app.preferences import Preferences
from app.program import Program
from app.versions import Versions
from app.window import MainWindow
from graph.edits import add_node
from graph.format import dump, load, save
from graph.graph import Graph, with_nodes
from tests.app.catalog import CATALOG, text_to_image
from tests.app.fake_engine import FakeEngine
from tests.app.test_locks import HOLDER
from tests.app.test_window import edit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from app.panels.notices import Notice
    from app.theme.look import Look
    from graph.files import FileIndex


@pytest.fixture
def window(look: Look, files: FileIndex, tmp_path: Path) -> Iterator[MainWindow]:
    """A window whose edits are written down, and whose files are locked."""
    host = EngineHost(lambda listener: FakeEngine(listener, files=files))
    journal = Journal(tmp_path / "state")
    program = Program(host, files, look, Preferences(output=str(tmp_path)), journal)
    program.versions = Versions(tmp_path / "versions")
    window = MainWindow(program, Document(CATALOG, text_to_image()))
    window.show()
    yield window
    window.shut()
    journal.close()
    window.hide()
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def click(window: MainWindow, key: str, words: str) -> None:
    notice = bar(window, key)
    [button] = [button for button in notice.buttons if button.text() == words]
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def bar(window: MainWindow, key: str) -> Notice:
    notice = window.workspace.notices.get(key)
    assert notice is not None
    return notice


def other_graph() -> Graph:
    return add_node(Graph(), CATALOG, "sfumato/sample").graph


@pytest.mark.parametrize("how", ["in place", "by another file"])
def test_a_file_that_others_change_is_noticed_and_can_be_reloaded(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, how: str
) -> None:
    path = tmp_path / "star.json"
    window.filer.save_to(path)
    edit(window)
    before = window.workspace.document.graph
    if how == "in place":
        path.write_bytes(dump(other_graph()))
    else:
        save(other_graph(), tmp_path / "new.json")
        (tmp_path / "new.json").replace(path)
    qtbot.waitUntil(lambda: window.workspace.notices.get("disk") is not None)
    assert "was changed by another program" in bar(window, "disk").text.text()
    click(window, "disk", "Reload")
    assert window.workspace.document.graph == other_graph()
    assert not window.isWindowModified()
    assert window.workspace.notices.get("disk") is None
    window.furniture.actions["undo"].trigger()
    assert window.workspace.document.graph is before, "nothing of mine was lost"
    assert window.isWindowModified()


def test_mine_can_be_kept_and_theirs_becomes_a_version(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    path = tmp_path / "star.json"
    window.filer.save_to(path)
    theirs = dump(other_graph())
    path.write_bytes(theirs)
    qtbot.waitUntil(lambda: window.workspace.notices.get("disk") is not None)
    assert not window.filer.save(), "a save asks first"
    assert path.read_bytes() == theirs
    click(window, "disk", "Keep mine")
    assert window.isWindowModified()
    assert window.filer.save()
    assert load(path, CATALOG) == text_to_image()
    assert theirs in [version.read() for version in window.program.versions.of(path)]


def test_a_change_between_two_looks_is_found_before_a_save(
    window: MainWindow, tmp_path: Path
) -> None:
    path = tmp_path / "star.json"
    window.filer.save_to(path)
    edit(window)
    stat = path.stat()
    theirs = path.read_bytes().replace(b"sampler", b"samplex")
    path.write_bytes(theirs)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))  # the clock went back meanwhile
    assert not window.filer.save()
    assert path.read_bytes() == theirs
    assert window.workspace.custody.standing is Standing.CHANGED


def test_a_touch_that_changes_nothing_is_no_news(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    path = tmp_path / "star.json"
    window.filer.save_to(path)
    os.utime(path, ns=(1, 1))
    qtbot.wait(400)
    assert window.workspace.custody.check() is Standing.FINE
    assert window.workspace.notices.get("disk") is None


@pytest.mark.parametrize("how", ["deleted", "renamed"])
def test_a_file_that_is_gone_is_noticed_and_can_be_saved_again(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, how: str
) -> None:
    path = tmp_path / "star.json"
    window.filer.save_to(path)
    if how == "deleted":
        path.unlink()
    else:
        path.rename(tmp_path / "moon.json")
    qtbot.waitUntil(lambda: window.workspace.notices.get("disk") is not None)
    assert "deleted or moved" in bar(window, "disk").text.text()
    assert window.isWindowModified()
    assert window.workspace.custody.certain() is Standing.GONE
    window.filer.judge(window.workspace)
    click(window, "disk", "Save again")
    assert load(path, CATALOG) == text_to_image()
    assert not window.isWindowModified()
    assert window.workspace.notices.get("disk") is None
    path.write_bytes(b"{}")
    qtbot.waitUntil(lambda: window.workspace.notices.get("disk") is not None)


def test_a_file_that_another_program_has_open_is_not_written_over(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "star.json"
    save(text_to_image(), path)
    lock = tmp_path / "state" / "locks" / name_of(path)
    command = [sys.executable, "-c", HOLDER, str(lock)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        assert window.filer.open_path(path)
        assert f"(process {process.pid})" in bar(window, "shared").text.text()
        edit(window)
        assert not window.filer.save()
        assert load(path, CATALOG) == text_to_image()
        assert "Not saved" in bar(window, "shared").text.text()
        window.filer.new()
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
        assert not window.filer.save_as(), "nor by the back door"
        window.step(-1)
        click(window, "shared", "Save anyway")
        assert load(path, CATALOG).nodes["size"].position == (0.0, 800.0)
        process.kill()
        process.wait()
    edit_more(window)
    assert window.filer.save(), "the other is gone, and with it its lock"
    assert window.workspace.notices.get("shared") is None


def edit_more(window: MainWindow) -> None:
    window.workspace.canvas.editing.move({"size": (0.0, 900.0)})


def test_saving_as_a_file_that_is_open_in_another_tab_is_refused(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "star.json"
    window.filer.save_to(path)
    window.filer.new()
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    assert not window.filer.save_as()
    assert "open in another tab" in window.furniture.message.whole
    assert load(path, CATALOG) == text_to_image()


def test_versions_are_listed_and_open_beside_the_file(window: MainWindow, tmp_path: Path) -> None:
    path = tmp_path / "star.json"
    window.furniture.actions["versions"].trigger()
    assert "Save the graph first" in window.furniture.message.whole
    for x in range(3):
        window.workspace.canvas.editing.move({"size": (float(x), 0.0)})
        window.filer.save_to(path)
    window.furniture.actions["versions"].trigger()
    listed = window.findChild(VersionsWindow)
    assert listed is not None
    rows = [listed.list.topLevelItem(at) for at in range(listed.list.topLevelItemCount())]
    assert [row.text(1) for row in rows if row] == ["7", "7", "7"]
    listed.list.setCurrentIndex(listed.list.model().index(2, 0))
    QTest.mouseClick(listed.opener, Qt.MouseButton.LeftButton)
    document = window.workspace.document
    assert document.graph.nodes["size"].position == (0.0, 0.0)
    assert document.path is None
    assert document.name.startswith("star of ")
    assert len(window.workspaces) == 2


@pytest.mark.parametrize("stem", ["🌙🎨", "שלום עולם", "a" * 200, "v1.5 of star", "per%20cent"])
def test_names_of_all_kinds(
    window: MainWindow, tmp_path: Path, stem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = str(tmp_path / stem)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (chosen, ""))
    assert window.filer.save_as()
    path = tmp_path / f"{stem}.json"
    assert load(path, CATALOG) == text_to_image()
    assert window.workspace.document.name == stem
    assert window.workspace.custody.holder is None
    edit(window)
    assert window.filer.save()
    assert len(window.program.versions.of(path)) == 2


def test_a_full_disk_leaves_the_file_and_is_told(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "star.json"
    window.filer.save_to(path)
    edit(window)

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    assert not window.filer.save()
    monkeypatch.undo()
    assert window.furniture.message.whole == f"Not saved: {path}: No space left on device"
    assert load(path, CATALOG) == text_to_image()
    assert window.isWindowModified()
    assert [name.name for name in tmp_path.glob(".star*")] == []
    assert window.filer.save()


def test_a_graph_of_20_mb_opens(window: MainWindow, tmp_path: Path) -> None:
    path = tmp_path / "large.json"
    words = {"text": "x" * 9900}
    [node] = add_node(Graph(), CATALOG, "sfumato/encode_text", params=words).graph.nodes.values()
    nodes = [replace(node, id=f"n{number}") for number in range(2000)]
    save(with_nodes(Graph(), put=nodes), path)
    assert path.stat().st_size > 20_000_000
    assert window.filer.open_path(path)
    assert len(window.workspace.document.graph.nodes) == 2000
    path.write_bytes(b'{"sfumato": 1, "nodes": [' + b"[" * (20 << 20))
    before = window.workspace
    assert not window.filer.open_path(tmp_path / "missing.json")
    assert window.workspace is before
    assert before.custody.certain() is Standing.CHANGED
    click(window, "disk", "Reload")
    assert "large.json" in window.furniture.message.whole
    assert len(window.workspace.document.graph.nodes) == 2000


def test_what_is_read_back_knows_what_is_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "star.json"
    save(text_to_image(), path)
    document = read_document(path, CATALOG)
    assert document.digest == sha256(path.read_bytes()).hexdigest()
