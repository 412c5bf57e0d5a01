"""Nothing moves by itself for those who asked for that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from app.theme.look import Look

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


def test_menus_and_text_cursor_stand_still_and_move_again(qtbot: QtBot) -> None:  # noqa: ARG001
    look = Look()
    before = QApplication.cursorFlashTime()
    assert before > 0
    look.still = True
    assert QApplication.cursorFlashTime() == 0
    assert not QApplication.isEffectEnabled(Qt.UIEffect.UI_AnimateCombo)
    look.still = False
    assert QApplication.cursorFlashTime() == before
