"""Nodes with lists, switches and lanes; what ran goes into the log of `tests.graph.pack`."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import numpy as np

from graph.declare import node
from graph.hints import File, Range
from graph.pack import Pack
from graph.run import Run
from graph.spec import Lane
from graph.values import Image, Lazy, Progress, Steps
from tests.graph.pack import LOG

if TYPE_CHECKING:
    from collections.abc import Mapping

SPANS: dict[str, tuple[float, float]] = {}
"""When each body of a lane ran."""
HUNGRY: list[str] = []
"""What `hungry` bodies were called with: plain or frugal."""
FREED: list[str] = []
RELEASE = threading.Event()


class Routed(NamedTuple):
    """Two ways, one of them open."""

    even: int | None
    odd: int | None


@node("Count", category="Test")
def count(run: Run, up_to: Annotated[int, Range(0, 1000)] = 3) -> list[int]:
    """List 0, 1, 2 ..."""
    LOG.append(run.node)
    return list(range(up_to))


@node("Twins", category="Test", lane=Lane.CPU)
def twins(run: Run, value: int = 0) -> list[int]:
    """Give a number and its negative."""
    LOG.append(run.node)
    return [value, -value]


@node("Add", category="Test", lane=Lane.CPU)
def add(run: Run, a: int = 0, b: int = 0) -> int:
    """Add."""
    LOG.append(run.node)
    if a == 13:
        raise ValueError("unlucky")
    return a + b


@node("Sum", category="Test", lane=Lane.IO)
def total(run: Run, parts: list[int]) -> int:
    """Add up all that is wired in."""
    LOG.append(run.node)
    return sum(parts)


@node("Gate", category="Test", lane=Lane.CPU)
def gate(run: Run, value: int = 0, is_open: bool = True) -> int | None:
    """Let a number through, or not."""
    LOG.append(run.node)
    return value if is_open else None


@node("Route", category="Test")
def route(run: Run, value: int = 0) -> Routed:
    """Send a number one of two ways."""
    LOG.append(run.node)
    return Routed(None, value) if value % 2 else Routed(value, None)


@node("Shade", category="Test")
def shade(run: Run, level: Annotated[float, Range(0, 1)] = 0.5, on: bool = True) -> Image | None:
    """Paint, or not."""
    LOG.append(run.node)
    return np.full((1, 4, 4, 3), level, np.float32) if on else None


@node("Layer", category="Test")
def layer(run: Run, image: Image, over: Image | None = None) -> float:
    """Give the mean of both, or of the one that is there."""
    LOG.append(run.node)
    return float(image.mean() if over is None else (image + over).mean() / 2)


@node("Choose", category="Test", lane=Lane.IO)
def choose(run: Run, a: Lazy[int], b: Lazy[int], first: bool = True) -> int:
    """Give one of two."""
    value = a() if first else b()
    LOG.append(run.node)  # not when it only asked
    return value


def _nap(run: Run, seconds: float) -> None:
    start = time.perf_counter()
    time.sleep(seconds)
    SPANS[run.node] = start, time.perf_counter()


@node("Read Slowly", category="Test", lane=Lane.IO)
def read_slowly(run: Run, value: int = 0, seconds: float = 0.2) -> int:
    """Wait as for a disk."""
    LOG.append(run.node)
    print(f"reading {value}")
    _nap(run, seconds)
    if value == 13:
        raise OSError("no disk")
    return value


@node("Think", category="Test", lane=Lane.CPU)
def think(run: Run, value: int = 0, seconds: float = 0.2) -> Steps[int]:
    """Take ten steps."""
    LOG.append(run.node)
    start = time.perf_counter()
    for done in range(1, 11):
        time.sleep(seconds / 10)
        yield Progress(done, 10)
    SPANS[run.node] = start, time.perf_counter()
    return value


@node("Render", category="Test", lane=Lane.GPU)
def render(run: Run, value: int = 0, seconds: float = 0.2) -> Steps[int]:
    """Take ten steps on the main thread."""
    LOG.append(run.node)
    start = time.perf_counter()
    for done in range(1, 11):
        time.sleep(seconds / 10)
        yield Progress(done, 10)
    SPANS[run.node] = start, time.perf_counter()
    return value


@node("Plain", category="Test")
def plain(run: Run, value: int = 0, seconds: float = 0.1) -> int:
    """Say nothing of lanes."""
    LOG.append(run.node)
    _nap(run, seconds)
    return value


@node("Hungry", category="Test")
def hungry(run: Run, value: int = 0, always: bool = False) -> int:
    """Run out of memory, unless frugal."""
    LOG.append(run.node)
    HUNGRY.append("frugal" if run.frugal else "plain")
    if always or not run.frugal:
        raise MemoryError("device")
    return value


@node("Leak", category="Test")
def leak(run: Run, value: int = 0) -> int:
    """Leave a thread behind."""
    LOG.append(run.node)
    threading.Thread(target=RELEASE.wait, daemon=True).start()
    return value


@node("Meddle", category="Test")
def meddle(
    run: Run, file: Annotated[Path | None, File("text", (".txt",))] = None, times: int = 1
) -> str:
    """Read a file, and change it as another program may."""
    LOG.append(run.node)
    assert file is not None
    text = file.read_text()
    if len(text) <= times:
        file.write_text(f"{text}!")
    return text


class Enough:
    """Knows a `MemoryError`."""

    def exhausted(self, error: BaseException) -> str | None:
        """Return words for it."""
        return "needs 2 GB, 1 GB is free" if isinstance(error, MemoryError) else None

    def free(self) -> None:
        """Note it."""
        FREED.append("freed")


def _relief(_services: Mapping[type, object]) -> Enough:
    return Enough()


PACK = Pack(name="form", modules=("tests.graph.structure_pack",), relief=_relief)
