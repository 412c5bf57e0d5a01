"""The state of the engine in the status bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QLabel

from app.host import EngineState
from app.words import translate

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from app.host import EngineHost


class EngineLabel(QLabel):
    """Says whether the engine is there, and what it computes on."""

    def __init__(self, host: EngineHost, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._host = host
        host.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Say what holds now."""
        device = self._host.device or translate("Engine", "ready")
        device = device.upper() if device == "cpu" else device
        words = {
            EngineState.ASLEEP: translate("Engine", "Engine not started"),
            EngineState.STARTING: translate("Engine", "Engine is starting…"),
            EngineState.READY: translate("Engine", "Engine: {0}").format(device),
            EngineState.DEAD: translate("Engine", "Engine stopped; Run starts it again"),
        }
        self.setText(words[self._host.state])
