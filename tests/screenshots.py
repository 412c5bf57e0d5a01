"""Makes the pictures of the window in the docs: `python -m tests.screenshots [FOLDER]`.

A real window on the offscreen platform, the real engine and the shipped model; a hand on the mouse
brings it to each state. Look at what it made before committing it.
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

from PySide6.QtCore import QPoint, Qt  # noqa: E402 - the platform comes first
from PySide6.QtWidgets import QApplication  # noqa: E402

from app.host import EngineState  # noqa: E402
from app.main import make_window  # noqa: E402
from graph.edits import set_param  # noqa: E402
from tests.app.hand import Hand  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.window import MainWindow

_SIZE = (1600, 940)
_PATIENCE = 120.0
_MANY_STEPS = 60


class Photographer:
    """Brings one window to its states and keeps what it looks like."""

    def __init__(self, application: QApplication, window: MainWindow, folder: Path) -> None:
        self._application = application
        self._window = window
        self._folder = folder
        self._hand = Hand(window.workspace.canvas)

    def wait(self, until: Callable[[], bool], seconds: float = _PATIENCE) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and not until():
            self._application.processEvents()
            time.sleep(0.01)

    def settle(self) -> None:
        self.wait(lambda: False, 0.5)

    def shoot(self, name: str) -> None:
        self.settle()
        self._window.grab().save(str(self._folder / f"app-{name}.png"))
        print(self._folder / f"app-{name}.png")

    def run(self) -> None:
        session = self._window.workspace.session
        self._window.run()
        self.wait(lambda: not session.running)

    def set(self, node: str, name: str, value: int) -> None:
        document = self._window.workspace.session.document
        document.edit(f"Set {name}", set_param(document.graph, document.catalog, node, name, value))

    def all(self) -> None:
        """Take every picture."""
        window, session = self._window, self._window.workspace.session
        window.furniture.dress()
        window.host.wake()
        self.wait(lambda: window.host.state is EngineState.READY)
        self.settle()
        window.workspace.canvas.fit_all()
        self.run()
        self._hand.click(self._hand.title("save"))
        self.shoot("dark")
        window.look.choose("light")
        self.shoot("light")
        window.look.choose("dark")
        self.set("sampler", "steps", _MANY_STEPS)
        window.run()
        self.wait(lambda: 0 < session.board.run_of("sampler").done < _MANY_STEPS // 2)
        self.wait(lambda: session.board.run_of("sampler").done >= _MANY_STEPS // 3)
        window.grab().save(str(self._folder / "app-running.png"))
        self.wait(lambda: not session.running)
        self.set("sampler", "steps", 20)
        self.wire_and_search()

    def wire_and_search(self) -> None:
        """Drag a wire over the canvas, then drop it, so that the search opens on what fits."""
        start = self._hand.output("sampler", "latent")
        end = start + QPoint(110, 140)
        self._hand.press(start)
        self._hand.move(start, end)
        self.shoot("wire")
        self._hand.release(end)
        self.shoot("search")
        self._hand.key(Qt.Key.Key_Escape)


def main(folder: Path) -> None:
    """Take all pictures into `folder`."""
    application = QApplication([])
    window = make_window(application)
    window.resize(*_SIZE)
    window.show()
    try:
        Photographer(application, window, folder).all()
    finally:
        window.host.close()
    # Other scales need processes of their own.
    command = [sys.executable, "-m", "tests.screenshots_values", str(folder)]
    subprocess.run(command, check=True)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/images"))
