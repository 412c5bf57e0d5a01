"""Values that are picked from a menu: choices and files."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog, QMenu

from app.words import translate
from graph.errors import MissingFileError
from graph.params import FileRef

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtCore import QPoint
    from PySide6.QtWidgets import QWidget

    from graph.files import FileIndex
    from graph.params import Param
    from graph.spec import ChoiceWidget, FileWidget

_MOST_FILES = 40


def choice_menu(
    widget: ChoiceWidget, value: Param, parent: QWidget, pick: Callable[[Param], object]
) -> QMenu:
    """Return a menu of the choices; the one that holds is marked."""
    menu = _menu(parent)
    for option in widget.options:
        action = menu.addAction(option.label)
        action.setCheckable(True)
        action.setChecked(option.value == value)
        action.triggered.connect(lambda *_, chosen=option.value: pick(chosen))
    return menu


def file_menu(
    widget: FileWidget,
    value: Param,
    files: FileIndex,
    parent: QWidget,
    pick: Callable[[Param], object],
) -> QMenu:
    """Return a menu of the files that are known of this kind, and a way to others."""
    menu = _menu(parent)
    for name in files.names(widget.kind, widget.suffixes, folders=widget.folders)[:_MOST_FILES]:
        action = menu.addAction(name)
        action.setCheckable(True)
        action.setChecked(isinstance(value, FileRef) and value.name == name)
        action.triggered.connect(lambda *_, chosen=name: pick(FileRef(chosen)))
    if menu.actions():
        menu.addSeparator()
    browse = menu.addAction(translate("Editors", "Choose a file…"))
    browse.triggered.connect(lambda: _browse(widget, files, parent, pick))
    if widget.folders:
        folder = menu.addAction(translate("Editors", "Choose a folder…"))
        folder.triggered.connect(lambda: _browse_folder(widget, files, parent, pick))
    if value is not None:
        menu.addSeparator()
        none = menu.addAction(translate("Editors", "No file"))
        none.triggered.connect(lambda: pick(None))
    return menu


def _menu(parent: QWidget) -> QMenu:
    menu = QMenu(parent)
    menu.aboutToHide.connect(menu.deleteLater)
    return menu


def open_menu(menu: QMenu, at: QPoint) -> None:
    """Show `menu` at `at` on the screen and come back at once."""
    menu.popup(at)


def _browse(
    widget: FileWidget, files: FileIndex, parent: QWidget, pick: Callable[[Param], object]
) -> None:
    patterns = " ".join(f"*{suffix}" for suffix in widget.suffixes)
    chosen, _ = QFileDialog.getOpenFileName(
        parent, translate("Editors", "Choose a file"), str(start_folder(widget, files)),
        f"{widget.kind} ({patterns})",
    )  # fmt: skip
    if chosen:
        pick(files.remember(Path(chosen), widget.kind))


def _browse_folder(
    widget: FileWidget, files: FileIndex, parent: QWidget, pick: Callable[[Param], object]
) -> None:
    title = translate("Editors", "Choose a folder")
    chosen = QFileDialog.getExistingDirectory(parent, title, str(start_folder(widget, files)))
    if chosen:
        pick(files.remember(Path(chosen), widget.kind))


def start_folder(widget: FileWidget, files: FileIndex) -> Path:
    """Return the folder in which to begin looking for files of the widget's kind."""
    for name in files.names(widget.kind, widget.suffixes, folders=widget.folders):
        with contextlib.suppress(MissingFileError):
            return files.find(FileRef(name), widget.kind).parent
    return Path.home()
