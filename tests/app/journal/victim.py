"""The app, edited by a script until it is killed: `python -m tests.app.journal.victim FILE SEED`.

All of the program runs, but for the engine, which computes nothing here. It restores what the last
one left by clicking the bar, says on stdout what it found, and then tells of every edit before it
makes it, so that whoever reads knows what may and what must be there after a kill.
"""

from __future__ import annotations

import hashlib
import os
import random
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtTest import QTest

from app import main as program_main
from app.journal import writer
from graph.edits import move, put_note, remove, set_param
from graph.format import dump
from graph.graph import Graph, Note
from tests.app.fake_engine import FakeEngine

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from app.document import Document
    from app.host import Engine, Listener
    from app.window import MainWindow
    from graph.edits import Edit
    from graph.engine.settings import EngineSettings

TICK_MS = 50
_SAVE_EACH = 12
_GROWN = 2000
"""Bytes after which a journal is written anew: so few that many a kill comes right then."""


def say(*words: object) -> None:
    print(*words, flush=True)


def digest(graph: Graph) -> str:
    return hashlib.sha256(dump(graph)).hexdigest()[:16]


def label(document: Document) -> str:
    """Which of the two documents it is."""
    return "file" if document.path is not None else "new"


class Script(QObject):
    """Restores, tells, then edits twenty times a second."""

    def __init__(self, window: MainWindow, file: Path, seed: int) -> None:
        super().__init__(window)
        self._window = window
        self._file = file
        self._rng = random.Random(seed)
        self._count = 0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self.tick)

    def begin(self) -> None:
        notice = self._window.notices.get("recovery")
        if notice is not None:
            QTest.mouseClick(notice.buttons[0], Qt.MouseButton.LeftButton)
        else:
            self._window.filer.open_path(self._file)
        for workspace in self._window.workspaces:
            self.tell("found", workspace.document)
        say("begun")
        self._timer.start()

    @staticmethod
    def tell(what: str, document: Document) -> None:
        modified = "modified" if document.modified else "saved"
        length = len(document.steps)
        place = (digest(document.graph), document.position, length)
        say(what, label(document), *place, modified)

    def tick(self) -> None:
        self._count += 1
        document = self._rng.choice(self._window.workspaces).document
        if document.path is not None and self._count % _SAVE_EACH == 0:
            self._window.filer.save(self._window.workspaces[0])
        choice = self._rng.randrange(8)
        position, length = document.position, len(document.steps)
        if choice == 0 and position:
            self.will(document, document.steps[position - 1].before, position - 1, length)
            document.undo()
        elif choice == 1 and position < length:
            self.will(document, document.steps[position].after, position + 1, length)
            document.redo()
        else:
            self.edit(document)

    def edit(self, document: Document) -> None:
        edit = self.some_edit(document)
        after = min(document.position + 1, 1000)
        self.will(document, edit.graph, after, after)
        document.edit(f"Edit {self._count}", edit)

    def some_edit(self, document: Document) -> Edit:
        graph = document.graph
        nodes = sorted(graph.nodes)
        choice = self._rng.randrange(10)
        text = f"{time.monotonic_ns()} {self._count}"
        if choice < 5 and nodes:
            return move(graph, {self._rng.choice(nodes): (float(self._count), 1.0)})
        if choice == 5 and len(graph.notes) > 5:
            return remove(graph, [min(graph.notes)])
        if choice == 6:
            prompts = [key for key in nodes if graph.nodes[key].type == "sfumato/encode_text"]
            if prompts:
                return set_param(graph, document.catalog, prompts[0], "text", text)
        return put_note(graph, Note(id=f"note-{self._count % 9}", text=text))

    @staticmethod
    def will(document: Document, graph: Graph, position: int, length: int) -> None:
        """Say what the document is about to be, and when that is said."""
        say("will", label(document), digest(graph), position, length, time.monotonic())


def fake_engine(settings: EngineSettings, listener: Listener) -> Engine:
    del settings
    return FakeEngine(listener)


def main(file: Path, seed: int) -> int:
    serve = program_main._serve

    def scripted(application: QApplication, window: MainWindow) -> int:
        script = Script(window, file, seed)
        # Recovery looks as soon as the loop runs; the script goes after it.
        QTimer.singleShot(0, script, lambda: QTimer.singleShot(0, script, script.begin))
        return serve(application, window)

    writer.GROWN, writer.TIMES = _GROWN, 1
    program_main._serve = scripted
    program_main._engine = fake_engine
    return program_main.main()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2])))
