"""Nodes that print, log, misbehave with what all share, and die loudly."""

from __future__ import annotations

import contextlib
import faulthandler
import io
import logging
import os
import sys
import threading
import time
from enum import Enum

from graph.declare import node
from graph.pack import Pack
from graph.spec import Lane


@node("Chatter", category="Test")
def chatter(value: int = 0) -> int:
    """Print in every way there is."""
    print("from print")
    print("from stderr", file=sys.stderr)
    sys.stdout.buffer.write(b"from bytes\n")
    os.write(1, b"from native code\n")
    logging.getLogger("chatter").warning("from a log")
    thread = threading.Thread(target=print, args=("from a thread",))
    thread.start()
    thread.join()
    return value


@node("Quiet", category="Test")
def quiet(value: int = 0, other: int = 0) -> int:
    """Say nothing."""
    return value + other + 1


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


@node("Speak", category="Test", lane=Lane.IO)
def speak(word: str = "", times: int = 20, value: int = 0) -> int:
    """Say a word again and again, on a thread of its own."""
    for _ in range(times):
        print(word)
        time.sleep(0.005)
    return value


@node("Flood", category="Test")
def flood(megabytes: int = 20, value: int = 0) -> int:
    """Print without measure."""
    line = "x" * 9_999 + "\n"
    for _ in range(megabytes * 100):
        sys.stdout.write(line)
    print("the end")
    return value


class Mischief(Enum):
    """What a body does to the streams that all share."""

    CLOSE = "close"
    CLOSE_NATIVE = "close native"
    REPLACE = "replace"
    REDIRECT = "redirect"


@node("Break", category="Test")
def break_streams(how: Mischief = Mischief.CLOSE, value: int = 0) -> int:
    """Leave the streams as no node should."""
    if how is Mischief.CLOSE:
        sys.stdout.close()
        sys.stderr.close()
    elif how is Mischief.CLOSE_NATIVE:
        os.close(1)
        os.close(2)
    elif how is Mischief.REPLACE:
        sys.stdout = io.StringIO()
        sys.stderr = io.StringIO()
    else:
        contextlib.redirect_stdout(io.StringIO()).__enter__()
    return value


@node("Litter", category="Test")
def litter(threads: int = 20, value: int = 0) -> int:
    """Leave threads that never end, and memory that nobody frees."""
    for _ in range(threads):
        threading.Thread(target=time.sleep, args=(3600,), daemon=False).start()
    LITTER.append(bytearray(8 << 20))
    return value


LITTER: list[bytearray] = []

PACK = Pack(name="noisy", modules=("tests.graph.engine.noisy_pack",))
