"""Nothing moves by itself for those who asked for that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from app.theme.look import Look

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


_FLASH_MS = 900


def test_menus_and_text_cursor_stand_still_and_move_again(qtbot: QtBot) -> None:  # noqa: ARG001
    QApplication.setCursorFlashTime(_FLASH_MS)
    look = Look()
    look.still = True
    assert QApplication.cursorFlashTime() == 0
    assert not QApplication.isEffectEnabled(Qt.UIEffect.UI_AnimateCombo)
    look.still = False
    assert QApplication.cursorFlashTime() == _FLASH_MS
