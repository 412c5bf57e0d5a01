"""Reports of what went wrong: written to files, shown here, never sent anywhere.

Python's exceptions are reported at once. What ends the process in native code is written by
`faulthandler` into the session's folder, and is found by the next start.
"""

from __future__ import annotations

import contextlib
import faulthandler
import platform
import sys
import threading
import time
import traceback
from typing import IO, TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, qVersion

from graph.atomic import write_atomic

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

FAULT = "fault.log"
_MOST = 20
"""Reports that are kept."""
_ONCE = 50
"""Different errors of one session that are reported."""


class CrashReports(QObject):
    """Hears of every exception that nobody caught.

    Signals:
        failed(str, Path): what went wrong, in a line, and the report on it.
    """

    failed = Signal(str, object)
    _caught = Signal(str, str)

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        """Keep reports in `folder`."""
        super().__init__(parent)
        self.folder = folder
        self._seen: set[str] = set()
        self._fault: IO[str] | None = None
        self._before = (sys.excepthook, threading.excepthook, sys.unraisablehook)
        # Threads may fail too: reported there, told on Qt's thread.
        self._caught.connect(self._report)

    def install(self, session: Path) -> None:
        """Begin to hear; crashes in native code are written into the folder `session`."""
        with contextlib.suppress(OSError):
            self._fault = (session / FAULT).open("w", encoding="utf-8")
            faulthandler.enable(self._fault)
        sys.excepthook = self._hook
        threading.excepthook = self._thread_hook
        sys.unraisablehook = self._unraisable_hook

    def close(self) -> None:
        """Hear no more."""
        sys.excepthook, threading.excepthook, sys.unraisablehook = self._before
        if self._fault is not None:
            faulthandler.disable()
            self._fault.close()
            self._fault = None

    def _hook(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        self._before[0](kind, error, trace)
        self._note(error)

    def _thread_hook(self, told: threading.ExceptHookArgs) -> None:
        self._before[1](told)
        if told.exc_value is not None:
            self._note(told.exc_value)

    def _unraisable_hook(self, told: sys.UnraisableHookArgs) -> None:
        self._before[2](told)
        if told.exc_value is not None:
            self._note(told.exc_value)

    def _note(self, error: BaseException) -> None:
        if isinstance(error, KeyboardInterrupt | SystemExit):
            return
        text = "".join(traceback.format_exception(error))
        if text not in self._seen and len(self._seen) < _ONCE:
            self._seen.add(text)
            words = f"{type(error).__name__}: {error}".strip().splitlines()[0]
            self._caught.emit(words[:200], text)

    def _report(self, words: str, text: str) -> None:
        path = self._fresh_path("error")
        with contextlib.suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            write_atomic(path, (about() + text).encode(errors="replace"))
            self._thin_out()
        self.failed.emit(words, path)

    def _fresh_path(self, kind: str) -> Path:
        stamp = time.strftime("%Y%m%dT%H%M%S")
        number = len(list(self.folder.glob(f"{stamp}-*")))
        return self.folder / f"{stamp}-{number}-{kind}.txt"

    def gather(self, sessions: Path, own: Path) -> list[Path]:
        """Return the reports on crashes of earlier sessions, which `sessions` holds."""
        found = []
        for fault in sorted(sessions.glob(f"*/{FAULT}")):
            with contextlib.suppress(OSError):
                if fault.parent == own or not fault.stat().st_size:
                    continue
                text = about() + fault.read_text(encoding="utf-8", errors="replace")
                path = self._fresh_path("crash")
                self.folder.mkdir(parents=True, exist_ok=True)
                write_atomic(path, text.encode())
                fault.unlink()
                found.append(path)
        self._thin_out()
        return found

    def _thin_out(self) -> None:
        with contextlib.suppress(OSError):
            for path in sorted(self.folder.glob("*.txt"))[:-_MOST]:
                path.unlink()


def about() -> str:
    """Return what a report says of the program and the machine: nothing of the user."""
    # Takes longer to import than the window can wait for.
    from importlib.metadata import PackageNotFoundError, version

    try:
        own = version("sfumato")
    except PackageNotFoundError:
        own = "from its source"
    return (
        f"Sfumato {own}\n{platform.platform()}\n"
        f"Python {platform.python_version()}, Qt {qVersion()}\n\n"
    )
