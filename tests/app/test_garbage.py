"""Garbage that holds Qt objects: collected by the window's thread, whatever other threads do."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
import weakref
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QObject

from app.garbage import Sweeper, collect_due

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot


def litter() -> list[int]:
    """Leave a Qt object in a cycle; return where it will be written on which thread it ended."""
    ended: list[int] = []
    part = QObject()
    cycle = {"part": part}
    cycle["itself"] = cycle  # type: ignore[assignment]
    weakref.finalize(part, lambda: ended.append(threading.get_ident()))
    return ended


def allocate(kept: list[object]) -> None:
    """What makes Python collect, were it left to it."""
    kept += [[object()] for _ in range(50_000)]


@pytest.fixture
def by_itself() -> Iterator[None]:
    """As a program begins: Python collects by itself."""
    was = gc.isenabled()
    gc.enable()
    yield
    (gc.enable if was else gc.disable)()


@pytest.mark.usefixtures("by_itself")
def test_only_the_windows_thread_ends_qt_objects(qtbot: QtBot) -> None:
    sweeper = Sweeper()
    ended = litter()
    kept: list[object] = []
    other = threading.Thread(target=allocate, args=(kept,))
    other.start()
    other.join()
    assert ended == []
    qtbot.waitUntil(lambda: bool(ended), timeout=10_000)
    assert ended == [threading.get_ident()]
    sweeper.close()
    assert gc.isenabled()


def test_old_garbage_goes_too() -> None:
    ended: list[int] = []
    part = QObject()
    cycle = {"part": part}
    cycle["itself"] = cycle  # type: ignore[assignment]
    weakref.finalize(part, lambda: ended.append(0))
    gc.collect()
    gc.collect()  # it is old now
    del part, cycle
    kept: list[object] = []
    for _ in range(200):
        kept += [[object()] for _ in range(1000)]
        collect_due()
    assert ended


def test_the_program_does_so_from_its_start() -> None:
    code = """
import gc
from app import main
main._serve = lambda *_: print(gc.isenabled()) or 0
main.main()
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "False\n"
