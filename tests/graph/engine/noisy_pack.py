"""Nodes that print, log, and die loudly."""

from __future__ import annotations

import faulthandler
import logging
import os
import sys
import time

from graph.declare import node
from graph.pack import Pack


@node("Chatter", category="Test")
def chatter(value: int = 0) -> int:
    """Print in every way there is."""
    print("from print")
    print("from stderr", file=sys.stderr)
    os.write(1, b"from native code\n")
    logging.getLogger("chatter").warning("from a log")
    return value


@node("Quiet", category="Test")
def quiet(value: int = 0) -> int:
    """Say nothing."""
    return value + 1


@node("Slow", category="Test")
def slow(value: int = 0) -> int:
    """Answer nobody for a while."""
    time.sleep(1.5)
    return value


@node("Fault", category="Test")
def fault(value: int = 0) -> int:
    """Crash as native code does."""
    print("last words", flush=True)
    faulthandler._sigsegv()  # type: ignore[attr-defined]
    return value


PACK = Pack(name="noisy", modules=("tests.graph.engine.noisy_pack",))
