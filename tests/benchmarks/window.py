"""Window: from the start of the process to a window that is shown, against a bare one."""

from __future__ import annotations

import importlib.util
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.harness import Row

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROUNDS = 5
MORE = 0.7
"""Seconds that our window may take beyond a bare one."""

BARE = """
import os, time
from PySide6.QtWidgets import QApplication, QMainWindow
application = QApplication([])
window = QMainWindow()
window.show()
application.processEvents()
print(time.time(), False, flush=True)
os._exit(0)
"""

# The true way in; it ends where the engine would be started, with the window painted once.
OURS = """
import os, sys, time
import app.main
def shown(application, window):
    assert window.isVisible()
    print(time.time(), "torch" in sys.modules, flush=True)
    os._exit(0)
app.main._serve = shown
from sfumato.__main__ import main
main([])
"""


def run() -> Iterator[Row]:
    """Measure."""
    if importlib.util.find_spec("app.main") is None:
        yield Row("our window", "not yet")
        return
    with tempfile.TemporaryDirectory() as folder:
        environment = environment_in(Path(folder))
        start_of(OURS, environment)  # the first start fills caches of files and of compiled code
        bare, ours, torch = [], [], False
        for _ in range(ROUNDS):
            bare.append(start_of(BARE, environment)[0])
            seconds, words = start_of(OURS, environment)
            ours.append(seconds)
            torch = torch or words == ["True"]
    yield Row("bare window", statistics.median(bare), "s")
    yield Row("our window", statistics.median(ours), "s")
    more = statistics.median(a - b for a, b in zip(ours, bare, strict=True))
    yield Row("our window takes longer by", more, "s", MORE)
    yield Row("torch is loaded by then", float(torch), "", 0.0)


def environment_in(folder: Path) -> Mapping[str, str]:
    """Return an environment in which an app keeps everything in `folder`, without a screen."""
    home = {name: str(folder) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")}
    screen = os.environ.get("QT_QPA_PLATFORM", "offscreen")
    return {**os.environ, **home, "XDG_DATA_HOME": str(folder), "QT_QPA_PLATFORM": screen}


def start_of(code: str, environment: Mapping[str, str], *arguments: str) -> tuple[float, list[str]]:
    """Run `code`, which tells the time at which its window is shown, and more words.

    Returns:
        The seconds to the shown window, and the other words.
    """
    begin = time.time()
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(
        command, env=dict(environment), capture_output=True, text=True, check=True
    )
    shown, *words = done.stdout.split()
    return float(shown) - begin, words
