"""What a test may not leave behind: log records, Qt messages, threads, processes, widgets.

Warnings are pytest's part (`filterwarnings = error`), Qt messages during a test are pytest-qt's.
"""

from __future__ import annotations

import gc
import logging
import re
import threading
import time
from dataclasses import dataclass, field
from multiprocessing import resource_tracker
from typing import TYPE_CHECKING

import psutil
import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QThreadPool, qInstallMessageHandler
from PySide6.QtWidgets import QApplication, QWidget

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest
    from PySide6.QtCore import QMessageLogContext, QtMsgType

PATIENCE = 2.0  # seconds that a thread or process that is ending may still take
# transformers tells everyone who lacks torchvision, which this project never installs.
LIBRARY_WORDS = r"of transformers\S*: `\w+` requires torchvision \(not installed\)"
LIBRARY_THREADS = {"TMonitor"}  # tqdm's; one a process, for good


@dataclass
class Ear:
    """Hears every log record from WARNING on, whoever handles it, and stray Qt messages."""

    heard: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=lambda: [LIBRARY_WORDS])

    def listen(self, patch: pytest.MonkeyPatch, ignored: list[str]) -> None:
        """Hear until `patch` is undone, all but what `ignored` matches."""
        self.ignored += ignored
        handle = logging.Logger.callHandlers

        def hear(logger: logging.Logger, record: logging.LogRecord) -> None:
            # Not a handler on the root: transformers and diffusers keep their records from it.
            if record.levelno >= logging.WARNING:
                message = record.getMessage()
                self.heard.append(f"log {record.levelname} of {record.name}: {message}")
            handle(logger, record)

        patch.setattr(logging.Logger, "callHandlers", hear)
        # pytest-qt takes over while a test runs; this one hears what comes between.
        qInstallMessageHandler(self._hear_qt)

    def _hear_qt(self, kind: QtMsgType, _context: QMessageLogContext, message: str) -> None:
        if not kind.name.endswith(("DebugMsg", "InfoMsg")):
            self.heard.append(f"Qt {kind.name}: {message}")

    def complaints(self) -> list[str]:
        """What was heard and not expected, and what was expected and not heard; then forget it."""
        fine = self.expected + self.ignored
        stray = [line for line in self.heard if not any(re.search(p, line) for p in fine)]
        silent = [
            f"expected a log record that matches {pattern!r}, none came"
            for pattern in self.expected
            if not any(re.search(pattern, line) for line in self.heard)
        ]
        self.heard.clear()
        self.expected.clear()
        return stray + silent


@dataclass(frozen=True)
class Belongings:
    """What lives beside the test: afterwards nothing may have come to it."""

    threads: frozenset[threading.Thread]
    processes: frozenset[psutil.Process]
    widgets: tuple[QWidget, ...]

    @classmethod
    def now(cls) -> Belongings:
        """All that is alive at this moment."""
        # Threads that Qt made are shown as dummies, and for ever: Qt's pool is asked instead.
        threads = [
            thread
            for thread in threading.enumerate()
            if not isinstance(thread, threading._DummyThread)
            and type(thread).__name__ not in LIBRARY_THREADS
        ]
        tracker = resource_tracker._resource_tracker._pid  # type: ignore[attr-defined]
        processes = [child for child in psutil.Process().children() if child.pid != tracker]
        return cls(frozenset(threads), frozenset(processes), tuple(_widgets()))

    def leftovers(self) -> list[str]:
        """What came since and does not go away by itself; widgets are removed."""
        found = _lasting(self._running)
        for widget in self._stray_widgets():
            found.append(f"top-level widget {type(widget).__name__} {widget.objectName()!r}")
            shiboken6.delete(widget)
        return found

    def _running(self) -> list[str]:
        now = self.now()
        found = [f"thread {thread.name}" for thread in now.threads - self.threads]
        found += [_words(process) for process in now.processes - self.processes]
        if QThreadPool.globalInstance().activeThreadCount():
            found.append("work in Qt's thread pool")
        return sorted(found)

    def _stray_widgets(self) -> list[QWidget]:
        if QApplication.instance() is None:
            return []
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        if any(widget not in self.widgets for widget in _widgets()):
            gc.collect()  # a widget in a cycle with its slots is not a leak
        return [widget for widget in _widgets() if widget not in self.widgets]


def _widgets() -> list[QWidget]:
    if not isinstance(QApplication.instance(), QApplication):
        return []
    return [widget for widget in QApplication.topLevelWidgets() if shiboken6.isValid(widget)]


def _words(process: psutil.Process) -> str:
    try:
        return f"process {process.pid}: {' '.join(process.cmdline()) or process.status()}"
    except psutil.Error:
        return f"process {process.pid}"


def _lasting(find: Callable[[], list[str]]) -> list[str]:
    """What `find` still finds after a while; nothing as soon as it finds nothing."""
    end = time.monotonic() + PATIENCE
    while (found := find()) and time.monotonic() < end:
        time.sleep(0.01)
    return found
