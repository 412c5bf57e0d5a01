"""Where models are looked for, and where pictures go."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QListWidget, QPushButton

from app.filer import words_of
from app.panels.elided import ElidedLabel
from app.settings.page import Page
from app.words import translate
from graph.engine.settings import (
    MODEL_FOLDERS,
    SettingsError,
    models_folders,
    read_user_file,
    write_user_file,
)

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from app.program import Program


class FoldersPage(Page):
    """Models folders, such as those of other programs, and the output folder."""

    def __init__(self, program: Program, parent: QWidget | None = None) -> None:
        super().__init__(program.look, parent)
        self._program = program
        self.heading(translate("Settings", "Models"))
        self.hint(
            translate(
                "Settings",
                "A models folder has folders such as “checkpoints” and “loras” inside. Files there"
                " are read, never changed, so that of another program will do.",
            )
        )
        self.models = QListWidget(self)
        self.models.setObjectName("list")
        self.models.setAccessibleName(translate("Settings", "Models folders"))
        self.models.currentRowChanged.connect(lambda _: self._refresh())
        self.column.addWidget(self.models, 1)
        self.add = QPushButton(translate("Settings", "Add folder…"), self)
        self.add.clicked.connect(self._ask_models)
        self.remove = QPushButton(translate("Settings", "Remove"), self)
        self.remove.clicked.connect(self._remove_models)
        line = QHBoxLayout()
        line.addWidget(self.add)
        line.addWidget(self.remove)
        line.addStretch(1)
        self.column.addLayout(line)
        self.trouble = self.hint("")
        self.heading(translate("Settings", "Pictures"))
        self.output = ElidedLabel(self)
        self.change = QPushButton(translate("Settings", "Change…"), self)
        self.change.clicked.connect(self._ask_output)
        self.usual = QPushButton(translate("Settings", "Default"), self)
        self.usual.clicked.connect(lambda: self.set_output(""))
        self.row(translate("Settings", "Saved in"), self.output, self.change, self.usual)
        self._fill()

    def _fill(self) -> None:
        self.trouble.hide()
        self.models.clear()
        try:
            self.models.addItems([str(folder) for folder in models_folders()])
        except SettingsError as error:
            self._tell(str(error))
        self._refresh()

    def _tell(self, words: str) -> None:
        self.trouble.setText(words)
        self.trouble.show()

    def _refresh(self) -> None:
        at = self.models.currentRow()
        try:
            own = {str(Path(name).expanduser().absolute()) for name in read_user_file().models}
        except SettingsError:
            own = set()
        self.remove.setEnabled(at >= 0 and self.models.item(at).text() in own)
        self.output.set_text(str(self._program.preferences.output_folder))
        self.usual.setEnabled(bool(self._program.preferences.output))

    def _ask_models(self) -> None:
        title = translate("Settings", "Add a models folder")
        chosen = QFileDialog.getExistingDirectory(self, title)
        if chosen:
            self.add_models(Path(chosen))

    def add_models(self, folder: Path) -> None:
        """Look for models in `folder` too, from now on."""
        try:
            user = read_user_file()
            if str(folder) not in user.models:
                user.models.append(str(folder))
                write_user_file(user)
        except (SettingsError, OSError) as error:
            self._tell(words_of(error))
            return
        for kind, names in MODEL_FOLDERS.items():
            for name in names:
                self._program.files.with_folder(kind, folder / name)
                self._program.host.look_in(kind, folder / name)
        self._fill()

    def _remove_models(self) -> None:
        folder = Path(self.models.currentItem().text())
        try:
            user = read_user_file()
            user.models = [m for m in user.models if Path(m).expanduser().absolute() != folder]
            write_user_file(user)
        except (SettingsError, OSError) as error:
            self._tell(words_of(error))
            return
        for kind, names in MODEL_FOLDERS.items():
            for name in names:
                self._program.files.without_folder(kind, folder / name)
                self._program.host.look_away(kind, folder / name)
        self._program.renew_engine()
        self._fill()

    def _ask_output(self) -> None:
        title = translate("Settings", "Save pictures in")
        now = str(self._program.preferences.output_folder)
        chosen = QFileDialog.getExistingDirectory(self, title, now)
        if chosen:
            self.set_output(chosen)

    def set_output(self, folder: str) -> None:
        """Save pictures in `folder`; in our own among the user's pictures, when empty."""
        self._program.preferences.output = folder
        self._program.remember()
        for _, workspace in self._program.workspaces():
            workspace.session.output_folder = self._program.preferences.output_folder
        self._refresh()
