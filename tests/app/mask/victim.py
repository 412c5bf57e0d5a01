"""A program that paints until it is killed: `python -m tests.app.mask.victim FOLDER`.

After each stroke it says which mask the document holds.
"""

from __future__ import annotations

import hashlib
import os
import random
import sys
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication

from app.document import Document
from app.host import EngineHost
from app.journal.sessions import Journal
from app.mask.brush import Touch
from app.preferences import Preferences
from app.program import Program
from app.theme.look import Look
from app.window import MainWindow
from graph.files import FileIndex
from tests.app.fake_engine import FakeEngine
from tests.app.mask.catalog import PAINTING
from tests.app.mask.conftest import painting_graph


def named(text: str) -> str:
    """Return a short name of a mask's text."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def main(folder: Path) -> None:
    """Paint five strokes a second, with a journal below `folder`."""
    application = QApplication([])
    journal = Journal(folder)
    host = EngineHost(lambda listener: FakeEngine(listener, catalog=PAINTING))
    program = Program(host, FileIndex(), Look(), Preferences(output=str(folder)), journal)
    window = MainWindow(program, Document(PAINTING, painting_graph()))
    window.show()
    painter, rng = window.workspace.painter, random.Random(1)
    painter.open("mask", "mask")

    def stroke() -> None:
        assert painter.editor is not None
        hand = painter.editor.hand
        hand.press(Touch(rng.uniform(0, 1024), rng.uniform(0, 1024)), Qt.KeyboardModifier(0))
        for _ in range(5):
            hand.move(Touch(rng.uniform(0, 1024), rng.uniform(0, 1024)))
        hand.release(Touch(rng.uniform(0, 1024), rng.uniform(0, 1024)))
        kept = window.workspace.document.graph.nodes["mask"].params["mask"]
        print(named(str(kept)), flush=True)

    timer = QTimer(window)
    timer.timeout.connect(stroke)
    timer.start(200)
    application.exec()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
