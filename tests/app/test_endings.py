"""The program ends in order when the system tells it to: nothing is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

_SEGMENTS = Path("/dev/shm")  # noqa: S108 - where Linux shows shared memory


EDITED = """
from PySide6.QtCore import QTimer
from app import main as program
from graph.edits import Edit, difference
from graph.graph import Graph
serve = program._serve
def told(application, window):
    document = window.workspace.document
    def begin():
        notice = window.notices.get("recovery")
        if notice is None:
            change = difference(document.graph, Graph())
            document.edit("Clear", Edit(Graph(), change))
            print("edited", flush=True)
        else:
            notice.buttons[0].click()
            restored = window.workspace.document
            print(restored.undo_name, len(restored.graph.nodes), flush=True)
            window.may_leave = lambda _: True
            window.close()
    QTimer.singleShot(500, begin)
    return serve(application, window)
program._serve = told
print("ended", program.main(), flush=True)
"""


@pytest.mark.skipif(os.name != "posix", reason="Windows ends programs in another way")
def test_what_was_not_saved_when_it_is_told_to_end_is_offered_at_the_next_start(
    tmp_path: Path,
) -> None:
    environment = {**os.environ, "XDG_STATE_HOME": str(tmp_path)}
    environment["XDG_CONFIG_HOME"] = str(tmp_path / "config")
    command = [sys.executable, "-c", f"if __name__ == '__main__':\n    exec({EDITED!r})"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "edited"
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=60)
    assert (process.returncode, out.strip()) == (0, "ended 0"), "it ended without asking anyone"
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=True, env=environment
    )
    assert done.stdout.splitlines() == ["Clear 0", "ended 0"]
    assert list(tmp_path.rglob("*.journal")) == [], "and what was closed is not offered again"


@pytest.mark.skipif(os.name != "posix", reason="Windows ends programs in another way")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_app_as_closing_it_does(number: signal.Signals) -> None:
    before = set(_SEGMENTS.glob("psm_*"))
    code = (
        "import threading, time\n"
        "from PySide6.QtCore import QTimer\n"
        "from app import main as program\n"
        "serve = program._serve\n"
        "def told(application, window):\n"
        "    QTimer.singleShot(500, lambda: print('shown', flush=True))\n"
        "    return serve(application, window)\n"
        "program._serve = told\n"
        "print('ended', program.main(), flush=True)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", f"if __name__ == '__main__':\n    exec({code!r})"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "shown"
        time.sleep(0.2)
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out.strip()) == (0, "ended 0")
    assert "leaked" not in err
    assert set(_SEGMENTS.glob("psm_*")) <= before
