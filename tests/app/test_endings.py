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
