"""The settings window: what is changed holds at once, and at the next start."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest

from app.keymap import Keymap
from app.keys import bindings
from app.preferences import Preferences, read_preferences
from app.settings.folders import FoldersPage
from app.settings.general import GeneralPage
from app.settings.keys_page import KeysPage
from app.settings.storage import GIB, StoragePage, size_words
from app.settings.window import SettingsWindow
from graph.cache import Cache, MemoryStore
from graph.disk import DiskCache, stats
from graph.engine.settings import models_folders, read_user_file, user_file, user_settings
from tests.graph.build import LOADED, Session, chain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PySide6.QtWidgets import QWidget
    from pytestqt.qtbot import QtBot

    from app.window import MainWindow
    from tests.app.fake_engine import FakeEngine


@pytest.fixture
def settings(window: MainWindow) -> Iterator[SettingsWindow]:
    user_file().unlink(missing_ok=True)
    window.furniture.actions["settings"].trigger()
    found = window.findChild(SettingsWindow)
    assert found is not None
    yield found
    found.close()
    user_file().unlink(missing_ok=True)
    window.choose_theme("dark")


def page(settings: SettingsWindow, kind: type[QWidget]) -> QWidget:
    for at in range(settings.pages.count()):
        widget = settings.pages.widget(at)
        if isinstance(widget, kind):
            settings.list.setCurrentRow(at)
            return widget
    raise AssertionError(kind)


def test_there_is_one_settings_window(window: MainWindow, settings: SettingsWindow) -> None:
    window.furniture.actions["settings"].trigger()
    assert window.findChildren(SettingsWindow) == [settings]


def test_appearance_and_start(window: MainWindow, settings: SettingsWindow) -> None:
    general = page(settings, GeneralPage)
    assert isinstance(general, GeneralPage)
    general.theme.setCurrentIndex(general.theme.findData("light"))
    assert not window.look.colours.dark
    window.choose_theme("dark")
    assert general.theme.currentData() == "dark", "it follows the menu"
    general.scale.setCurrentIndex(general.scale.findData(150))
    assert general.later.isVisible()
    general.still.setChecked(True)
    assert window.look.still
    general.reopen.setChecked(True)
    kept = read_preferences()
    assert (kept.theme, kept.scale, kept.still, kept.reopen) == ("dark", 150, True, True)


def test_models_folders_hold_at_once_and_at_the_next_start(
    window: MainWindow, settings: SettingsWindow, engine: FakeEngine, tmp_path: Path
) -> None:
    folders = page(settings, FoldersPage)
    assert isinstance(folders, FoldersPage)
    own = tmp_path / "models of another program"
    (own / "loras").mkdir(parents=True)
    (own / "loras" / "star.safetensors").write_bytes(b"x")
    assert window.program.files.names("lora", (".safetensors",)) == []
    folders.add_models(own)
    assert window.program.files.names("lora", (".safetensors",)) == ["star.safetensors"]
    assert ("lora", own / "loras") in engine.folders
    assert own in models_folders()
    rows = [folders.models.item(at).text() for at in range(folders.models.count())]
    folders.models.setCurrentRow(len(rows) - 1)
    assert not folders.remove.isEnabled(), "our own folder stays"
    folders.models.setCurrentRow(rows.index(str(own)))
    QTest.mouseClick(folders.remove, Qt.MouseButton.LeftButton)
    assert own not in models_folders()
    assert window.program.files.names("lora", (".safetensors",)) == []
    assert engine.closed, "the engine is made anew without it"
    fresh = window.host.engine
    assert fresh is not engine
    assert ("lora", own / "loras") not in fresh.folders  # type: ignore[attr-defined]


def test_the_output_folder(window: MainWindow, settings: SettingsWindow, tmp_path: Path) -> None:
    folders = page(settings, FoldersPage)
    assert isinstance(folders, FoldersPage)
    folders.set_output(str(tmp_path / "out"))
    assert window.workspace.session.output_folder == tmp_path / "out"
    assert read_preferences().output == str(tmp_path / "out")
    QTest.mouseClick(folders.usual, Qt.MouseButton.LeftButton)
    assert window.workspace.session.output_folder == Preferences().output_folder


def test_damaged_settings_are_told(window: MainWindow) -> None:
    user_file().parent.mkdir(parents=True, exist_ok=True)
    user_file().write_text("[]")
    window.furniture.actions["settings"].trigger()
    settings = window.findChild(SettingsWindow)
    assert settings is not None
    folders = page(settings, FoldersPage)
    assert isinstance(folders, FoldersPage)
    assert "mend or delete it" in folders.trouble.text()
    folders.add_models(Path("/tmp"))  # noqa: S108 - nothing is written there
    assert "mend or delete it" in folders.trouble.text()
    assert user_file().read_text() == "[]"
    settings.close()
    user_file().unlink()


def test_limits_are_kept_and_the_engine_made_anew_when_it_is_idle(
    qtbot: QtBot, window: MainWindow, settings: SettingsWindow, engine: FakeEngine
) -> None:
    storage = page(settings, StoragePage)
    assert isinstance(storage, StoragePage)
    assert (storage.memory.value(), storage.disk.value()) == (2, 16)
    field = storage.memory.lineEdit()
    room = field.fontMetrics().horizontalAdvance(field.text())
    assert field.width() > room, "its text is seen"
    window.run()
    storage.memory.setValue(3)
    storage.memory.editingFinished.emit()
    assert read_user_file().cache_bytes == 3 * GIB
    assert user_settings({}).cache_bytes == 3 * GIB
    assert user_settings({}).disk_bytes == 16 * GIB
    assert not engine.closed, "a run goes on"
    engine.perform()
    qtbot.waitUntil(lambda: not window.workspace.session.running)
    qtbot.waitUntil(lambda: engine.closed, timeout=5000)


def test_the_disk_cache_is_counted_and_cleared(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    folder = tmp_path / "cache"
    disk = DiskCache(folder, LOADED.handlers, GIB)
    Session(Cache(MemoryStore(), disk)).run(chain(4))
    disk.close()
    window.host.cache_folder = folder
    before = stats(folder)
    assert before.values > 0
    storage = StoragePage(window.program)
    qtbot.addWidget(storage)
    storage.show()
    qtbot.waitUntil(lambda: storage.used.text().endswith(f"in {before.values} results"))
    QTest.mouseClick(storage.clear, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: storage.used.text() == "0 bytes in 0 results")
    assert stats(folder).values == 0


@pytest.mark.parametrize(
    ("size", "words"),
    [(0, "0 bytes"), (999, "999 bytes"), (2048, "2 KB"), (5 << 20, "5 MB"), (3 << 29, "1.5 GB")],
)
def test_sizes_as_people_say_them(size: int, words: str) -> None:
    assert size_words(size) == words


def test_no_two_commands_come_with_the_same_keys() -> None:
    keymap = Keymap({})
    shared = {name: [b.command for b in keymap.sharing(name)] for name in bindings()}
    assert {name: others for name, others in shared.items() if others} == {}


def test_keys_are_rebound_at_once_conflicts_are_shown_and_all_can_be_reset(
    window: MainWindow, settings: SettingsWindow
) -> None:
    keys = page(settings, KeysPage)
    assert isinstance(keys, KeysPage)
    keys.choose("close")
    assert keys.edit.keySequence() == QKeySequence("Ctrl+W")
    keys.edit.setKeySequence(QKeySequence("Ctrl+S"))
    keys.edit.editingFinished.emit()
    action = window.furniture.actions["close"]
    assert action.shortcut() == QKeySequence("Ctrl+S")
    assert "Also the keys of: Save." in keys.told.text()
    assert read_preferences().keys == {"close": ["Ctrl+S"]}
    QTest.mouseClick(keys.reset, Qt.MouseButton.LeftButton)
    assert action.shortcut() == QKeySequence("Ctrl+W")
    keys.choose("run")
    keys.edit.clear()
    keys.edit.editingFinished.emit()
    assert window.furniture.actions["run"].shortcuts() == []
    QTest.mouseClick(keys.reset_all, Qt.MouseButton.LeftButton)
    assert window.furniture.actions["run"].shortcut() == QKeySequence("Ctrl+Return")
    assert read_preferences().keys == {}


def test_a_search_finds_commands_and_keys(window: MainWindow, settings: SettingsWindow) -> None:
    del window
    keys = page(settings, KeysPage)
    assert isinstance(keys, KeysPage)
    keys.filter.setText("ctrl+w")
    seen = [name for name, item in keys._items.items() if not item.isHidden()]
    assert seen == ["close", "mask.done"]
    keys.filter.setText("zzz")
    assert all(item.isHidden() for item in keys._items.values())
    assert all(section.isHidden() for section in keys._sections.values())
    keys.filter.clear()
    assert not any(section.isHidden() for section in keys._sections.values())
