"""Pictures of editing for the docs: `python -m tests.screenshots_editing [FOLDER] [--plain]`.

A real window on the offscreen platform; the real engine paints what the nodes show, unless
`--plain`. A hand brings the window to each state. Look at what it made before committing it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

os.environ["QT_QPA_PLATFORM"] = "offscreen"
for _name in ("CACHE", "CONFIG", "DATA", "PICTURES"):
    os.environ[f"XDG_{_name}_{'DIR' if _name == 'PICTURES' else 'HOME'}"] = tempfile.mkdtemp()

from PySide6.QtCore import QPoint, QPointF, Qt  # noqa: E402 - the platform comes first
from PySide6.QtWidgets import QApplication  # noqa: E402

from app.document import Document  # noqa: E402
from app.host import EngineState  # noqa: E402
from app.main import make_window  # noqa: E402
from tests.app.hand import Hand  # noqa: E402
from tests.showcase import forty_nodes  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.window import MainWindow

_SIZE = (1600, 940)
_PATIENCE = 240.0
_SCALE = "QT_SCALE_FACTOR"


class Photographer:
    """Brings one window to its states and keeps what it looks like."""

    def __init__(self, application: QApplication, window: MainWindow, folder: Path) -> None:
        self._application = application
        self._window = window
        self._folder = folder

    @property
    def _hand(self) -> Hand:
        return Hand(self._window.workspace.canvas)

    def wait(self, until: Callable[[], bool], seconds: float = _PATIENCE) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and not until():
            self._application.processEvents()
            time.sleep(0.01)

    def shoot(self, name: str) -> None:
        self.wait(lambda: False, 0.6)
        path = self._folder / f"editing-{name}.png"
        self._window.grab().save(str(path))
        print(path)

    def prepare(self, *, plain: bool) -> None:
        """Open the graph, and paint it."""
        window = self._window
        window.furniture.dress()
        base = window.workspace.document.base
        workspace = window.add_document(Document(base, forty_nodes(base)))
        workspace.document.template = "three-of-a-kind"
        workspace.document.stateChanged.emit()
        self.wait(lambda: False, 0.5)
        if plain:
            return
        window.host.wake()
        self.wait(lambda: window.host.state is EngineState.READY)
        session = workspace.session
        session.run()
        self.wait(lambda: not session.running)

    def all(self) -> None:
        """Take every picture."""
        self.whole()
        self._inside()
        self._search_and_find()

    def whole(self, mark: str = "") -> None:
        """Take the graph as a whole, dark and light, into files whose names end with `mark`."""
        window = self._window
        canvas = window.workspace.canvas
        canvas.show_minimap(shown=True)
        for theme in ("dark", "light"):
            window.look.choose(theme)
            canvas.selection.set(())
            canvas.fit_all()
            self.shoot(f"forty-{theme}{mark}")
        window.look.choose("dark")
        canvas.show_minimap(shown=False)

    def _inside(self) -> None:
        canvas = self._window.workspace.canvas
        canvas.level.enter("refine")
        canvas.fit_all()
        for theme in ("dark", "light"):
            self._window.look.choose(theme)
            self.shoot(f"subgraph-{theme}")
        self._window.look.choose("dark")
        canvas.level.leave()

    def _search_and_find(self) -> None:
        canvas, hand = self._window.workspace.canvas, self._hand
        canvas.view.look_at(QPointF(1230, 300), 0.8)
        self.wait(lambda: False, 0.3)
        start = hand.output("star-look", "image")
        end = start + QPoint(110, 170)
        hand.press(start)
        hand.move(start, end)
        hand.release(end)
        self.shoot("search")
        hand.key(Qt.Key.Key_Escape)
        canvas.find_bar.open()
        hand.type("star")
        hand.key(Qt.Key.Key_Return)
        self._window.docks.switch("library")
        self.shoot("find")


def main(folder: Path, *, plain: bool) -> None:
    """Take all pictures into `folder`; at another scale, only those of the whole graph."""
    application = QApplication([])
    window = make_window(application)
    window.resize(*_SIZE)
    window.show()
    photographer = Photographer(application, window, folder)
    try:
        photographer.prepare(plain=plain)
        if _SCALE in os.environ:
            photographer.whole(f"-{round(float(os.environ[_SCALE]) * 100)}")
        else:
            photographer.all()
    finally:
        window.host.close()


if __name__ == "__main__":
    _folders = [name for name in sys.argv[1:] if not name.startswith("--")]
    main(Path(_folders[0] if _folders else "docs/images"), plain="--plain" in sys.argv)
    if _SCALE not in os.environ:
        # Another scale needs a process of its own.
        command = [sys.executable, "-m", "tests.screenshots_editing", *sys.argv[1:]]
        subprocess.run(command, check=True, env=os.environ | {_SCALE: "2"})
