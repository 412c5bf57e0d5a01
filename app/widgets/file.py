"""A file: picked, looked for, or dropped; and what to do when it is not there."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog, QVBoxLayout

from app.canvas.paint.text import LEFT, draw_text
from app.widgets import recent
from app.widgets.choice import Face
from app.widgets.field import Field
from app.widgets.picker import Picker
from app.widgets.picks import Pick
from app.widgets.popup import place_of
from app.widgets.thumbnails import thumbnail
from app.words import translate
from graph.errors import MissingFileError
from graph.params import FileRef
from graph.spec import FileWidget

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtCore import QRect, QRectF
    from PySide6.QtGui import (
        QColor,
        QDragEnterEvent,
        QDropEvent,
        QPainter,
        QPixmap,
    )
    from PySide6.QtWidgets import QWidget

    from app.widgets.field import Surroundings
    from graph.files import FileIndex
    from graph.params import Param
    from graph.spec import InputSpec, Widget

_SMALL = 20
_MOST = 2000
"""Files that are listed; who has more searches in the file dialog."""


def missing(widget: FileWidget, value: Param, files: FileIndex) -> str:
    """Say what is wrong with the file `value` and what helps; nothing when it is there."""
    if not isinstance(value, FileRef):
        return ""
    try:
        files.find(value, widget.kind)
    except MissingFileError as error:
        return str(error)
    return ""


def unchosen(widget: Widget | None) -> str:
    """Return what a control says that holds nothing yet."""
    if isinstance(widget, FileWidget) and widget.optional:
        return translate("Fields", "None")
    if isinstance(widget, FileWidget) and not widget.suffixes:
        return translate("Fields", "Choose a folder…")
    return translate("Fields", "Choose a file…")


def takes(widget: FileWidget, path: Path) -> bool:
    """Say whether `path` is of the kind that `widget` is for."""
    if path.is_dir():
        return widget.folders
    return path.name.lower().endswith(widget.suffixes) and path.is_file()


class FileFace(Face):
    """Shows name and small picture of a file."""

    small: QPixmap | None = None

    def draw_inside(self, painter: QPainter, rect: QRectF, front: QColor) -> None:
        """Draw them."""
        left = 8.0
        if self.small is not None:
            top = round(rect.center().y() - _SMALL / 2)
            painter.drawPixmap(int(rect.left()) + 4, top, self.small)
            left = _SMALL + 10
        draw_text(painter, rect.adjusted(left, 0, -26, 0), self.text(), self._look.fonts.body,
                  front, LEFT)  # fmt: skip


class FileField(Field):
    """A button that shows the file; it opens the picker, and takes a file that is dropped on it."""

    def __init__(
        self, item: InputSpec, around: Surroundings, parent: QWidget | None = None
    ) -> None:
        super().__init__(item, around, parent)
        self.button = FileFace(around.look, self)
        self.button.setAccessibleName(item.label)
        self.button.clicked.connect(self.open_files)
        self.setFocusProxy(self.button)
        self.setAcceptDrops(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.button)

    def refresh(self) -> None:
        """Show the value."""
        button, value = self.button, self.value
        trouble, button.small = "", None
        if self.mixed:
            words = translate("Fields", "several values")
        elif isinstance(value, FileRef) and isinstance(self.widget, FileWidget):
            words = value.name.rpartition("/")[2]
            trouble = missing(self.widget, value, self.around.files)
            if not trouble:
                path = self.around.files.find(value, self.widget.kind)
                button.small = thumbnail(path, _SMALL)
        else:
            words = unchosen(self.widget)
        button.setText(words)
        button.wrong, button.quiet = bool(trouble), self.mixed or not isinstance(value, FileRef)
        name = value.name if isinstance(value, FileRef) else words
        button.setToolTip(trouble or name)
        button.setAccessibleDescription(trouble or name)
        button.update()

    def open_files(self) -> None:
        """Show the files that there are."""
        if isinstance(self.widget, FileWidget):
            value = None if self.mixed else self.value
            open_files(
                self.widget, value, self.around, self.button, place_of(self.button), self.meant.emit
            )

    def _dropped(self, event: QDragEnterEvent | QDropEvent) -> Path | None:
        paths = (Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile())
        if not isinstance(self.widget, FileWidget):
            return None
        widget = self.widget
        return next((path for path in paths if takes(widget, path)), None)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Qt: take a file of the right kind."""
        if self._dropped(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Qt: it is the value."""
        path = self._dropped(event)
        if path is not None and isinstance(self.widget, FileWidget):
            event.acceptProposedAction()
            self.meant.emit(named(self.widget, path, self.around.files))


def named(widget: FileWidget, path: Path, files: FileIndex) -> FileRef:
    """Return the value for the file at `path`, which is among the recent ones from now on."""
    ref = files.remember(path, widget.kind)
    recent.remember(widget.kind, ref.name)
    return ref


def open_files(
    widget: FileWidget,
    value: Param,
    around: Surroundings,
    parent: QWidget,
    anchor: QRect,
    pick: Callable[[Param], object],
) -> Picker:
    """Show the files of a kind under `anchor`, a place on the screen."""
    picker = Picker(
        _picks(widget, value, around.files), around.look, parent,
        name=translate("Files", "Files"),
    )  # fmt: skip
    trouble = missing(widget, value, around.files)
    if trouble:
        picker.say(trouble, wrong=True)

    def picked(chosen: Param) -> None:
        if isinstance(chosen, FileRef):
            recent.remember(widget.kind, chosen.name)
        pick(chosen)

    picker.picked.connect(picked)
    if widget.suffixes:
        browse = translate("Files", "Find it…") if trouble else translate("Files", "Choose a file…")
        picker.add_button(browse, lambda: _browse(widget, around.files, parent, pick))
    if widget.folders:
        picker.add_button(
            translate("Files", "Choose a folder…"),
            lambda: _browse_folder(widget, around.files, parent, pick),
        )
    picker.feet.addStretch(1)
    if value is not None:
        picker.add_button(translate("Files", "No file"), lambda: pick(None))
    picker.open_at(anchor)
    return picker


def _picks(widget: FileWidget, value: Param, files: FileIndex) -> list[Pick]:
    """Return those used last, then all by their folders."""
    names = files.names(widget.kind, widget.suffixes, folders=widget.folders)[:_MOST]
    held = value.name if isinstance(value, FileRef) else ""
    latest = [name for name in recent.recent(widget.kind) if _is_here(widget, name, files)]
    picks: list[Pick] = []
    if latest and len(names) > len(latest):
        picks.append(Pick(None, "", group=translate("Files", "Used last")))
        picks += [_pick(widget, name, held, files) for name in latest]
        picks.append(Pick(None, "", group=translate("Files", "All")))
    elif not names:
        picks += [_pick(widget, name, held, files) for name in latest]
    folder = ""
    for name in sorted(names, key=lambda name: (name.rpartition("/")[0], name.lower())):
        where = name.rpartition("/")[0]
        if where != folder:
            picks.append(Pick(None, "", group=f"{where}/"))
        folder = where
        picks.append(_pick(widget, name, held, files))
    return picks


def _is_here(widget: FileWidget, name: str, files: FileIndex) -> bool:
    return not missing(widget, FileRef(name), files)


def _pick(widget: FileWidget, name: str, held: str, files: FileIndex) -> Pick:
    path = None
    with contextlib.suppress(MissingFileError):
        path = files.find(FileRef(name), widget.kind)
    folder, _, plain = name.rpartition("/")
    return Pick(FileRef(name), plain, folder, path=path, marked=name == held)


def _browse(
    widget: FileWidget, files: FileIndex, parent: QWidget, pick: Callable[[Param], object]
) -> None:
    patterns = " ".join(f"*{suffix}" for suffix in widget.suffixes)
    chosen, _ = QFileDialog.getOpenFileName(
        parent, translate("Files", "Choose a file"), str(start_folder(widget, files)),
        f"{widget.kind} ({patterns})",
    )  # fmt: skip
    if chosen:
        pick(named(widget, Path(chosen), files))


def _browse_folder(
    widget: FileWidget, files: FileIndex, parent: QWidget, pick: Callable[[Param], object]
) -> None:
    title = translate("Files", "Choose a folder")
    chosen = QFileDialog.getExistingDirectory(parent, title, str(start_folder(widget, files)))
    if chosen:
        pick(named(widget, Path(chosen), files))


def start_folder(widget: FileWidget, files: FileIndex) -> Path:
    """Return the folder in which to begin looking for files of the widget's kind."""
    for name in (
        *recent.recent(widget.kind),
        *files.names(widget.kind, widget.suffixes, folders=widget.folders),
    ):
        with contextlib.suppress(MissingFileError):
            return files.find(FileRef(name), widget.kind).parent
    return Path.home()
