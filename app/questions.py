"""Questions that must be answered before anything goes on."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMessageBox

from app.words import translate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget

_NAMED = 5
"""Documents that a question names."""


class Answer(StrEnum):
    """What to do with work that is not saved."""

    SAVE = "save"
    DISCARD = "discard"
    CANCEL = "cancel"


def ask_unsaved(parent: QWidget, names: Sequence[str]) -> Answer:
    """Ask what to do with the changes to the documents called `names`."""
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.NoIcon)
    box.setWindowTitle(translate("Question", "Unsaved changes"))
    text = translate("Question", "Save the changes to “{0}”?").format(names[0])
    told = translate("Question", "Without saving they are lost.")
    if len(names) > 1:
        text = translate("Question", "Save the changes to {0} graphs?").format(len(names))
        told = "\n".join([", ".join(names[:_NAMED]) + ("…" if len(names) > _NAMED else ""), told])
    box.setText(text)
    box.setInformativeText(told)
    button = QMessageBox.StandardButton
    box.setStandardButtons(button.Save | button.Discard | button.Cancel)
    box.setDefaultButton(button.Save)
    save = translate("Question", "Save all") if len(names) > 1 else translate("Question", "Save")
    box.button(button.Save).setText(save)
    box.button(button.Discard).setText(translate("Question", "Discard"))
    box.button(button.Cancel).setText(translate("Question", "Cancel"))
    answers = {button.Save: Answer.SAVE, button.Discard: Answer.DISCARD}
    chosen = button(box.exec())
    box.deleteLater()
    return answers.get(chosen, Answer.CANCEL)


def ask_replace(parent: QWidget, name: str) -> bool:
    """Ask whether the file called `name`, which is there, is to be written over."""
    return _ask(
        parent,
        translate("Question", "Replace “{0}”?").format(name),
        translate("Question", "A file of this name is there already."),
        translate("Question", "Replace"),
    )


def ask_forget(parent: QWidget, count: int) -> bool:
    """Ask whether `count` documents that could be restored are to be given up."""
    if count == 1:
        text = translate("Question", "Discard the graph that can be restored?")
    else:
        text = translate("Question", "Discard {0} graphs that can be restored?").format(count)
    told = translate("Question", "Files that were saved stay. All else is lost.")
    return _ask(parent, text, told, translate("Question", "Discard"))


def _ask(parent: QWidget, text: str, told: str, words: str) -> bool:
    """Ask a question whose answer is `words`, or nothing."""
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.NoIcon)
    box.setText(text)
    box.setInformativeText(told)
    button = QMessageBox.StandardButton
    box.setStandardButtons(button.Ok | button.Cancel)
    box.setDefaultButton(button.Cancel)
    box.button(button.Ok).setText(words)
    box.button(button.Cancel).setText(translate("Question", "Cancel"))
    chosen = button(box.exec())
    box.deleteLater()
    return chosen is button.Ok
