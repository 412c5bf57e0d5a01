"""Questions that must be answered before anything goes on."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMessageBox

from app.words import translate

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget


class Answer(StrEnum):
    """What to do with work that is not saved."""

    SAVE = "save"
    DISCARD = "discard"
    CANCEL = "cancel"


def ask_unsaved(parent: QWidget, name: str) -> Answer:
    """Ask what to do with the changes to the document called `name`."""
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.NoIcon)
    box.setWindowTitle(translate("Question", "Unsaved changes"))
    box.setText(translate("Question", "Save the changes to “{0}”?").format(name))
    box.setInformativeText(translate("Question", "Without saving they are lost."))
    button = QMessageBox.StandardButton
    box.setStandardButtons(button.Save | button.Discard | button.Cancel)
    box.setDefaultButton(button.Save)
    box.button(button.Save).setText(translate("Question", "Save"))
    box.button(button.Discard).setText(translate("Question", "Discard"))
    box.button(button.Cancel).setText(translate("Question", "Cancel"))
    answers = {button.Save: Answer.SAVE, button.Discard: Answer.DISCARD}
    chosen = button(box.exec())
    box.deleteLater()
    return answers.get(chosen, Answer.CANCEL)


def ask_open(parent: QWidget, name: str) -> bool:
    """Ask whether the graph in the file called `name`, which was dropped, is to be opened."""
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.NoIcon)
    box.setWindowTitle(translate("Question", "Open graph"))
    box.setText(translate("Question", "Open the graph in “{0}”?").format(name))
    button = QMessageBox.StandardButton
    box.setStandardButtons(button.Open | button.Cancel)
    box.button(button.Open).setText(translate("Question", "Open"))
    box.button(button.Cancel).setText(translate("Question", "Cancel"))
    chosen = button(box.exec())
    box.deleteLater()
    return chosen is button.Open
