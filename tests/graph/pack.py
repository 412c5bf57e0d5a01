"""A pack of small nodes without torch; its log tells which bodies ran, in order."""

from __future__ import annotations

import os
import signal
import time
from enum import Enum
from pathlib import Path
from typing import Annotated, NamedTuple

import numpy as np

from graph.declare import node
from graph.hints import File, Range, Seed
from graph.pack import Pack
from graph.run import Run
from graph.values import Image, Lazy, Mask, Progress, Steps

LOG: list[str] = []
"""Ids of the nodes whose bodies ran."""
CLOSED: list[str] = []
"""Ids of the nodes whose bodies were closed before their end."""
FAULTS: list[str] = []
"""Ids of `unsure` nodes that shall fail."""
SHADES: list[float] = []
"""What `unsure` nodes shall give, one after another; the last for good."""


class Mode(Enum):
    """How `fold` joins two numbers."""

    PLUS = "plus"
    TIMES = "times"


class Halves(NamedTuple):
    """Two outputs."""

    low: int
    high: int


@node("Number", category="Test")
def number(run: Run, value: Annotated[int, Range(-1000, 1000)] = 0) -> int:
    """Give a number."""
    LOG.append(run.node)
    return value


@node("Real", category="Test")
def real(run: Run, value: Annotated[float, Range(-1000, 1000)] = 0.0) -> float:
    """Give a number with a fraction."""
    LOG.append(run.node)
    return value


@node("Fold", category="Test")
def fold(run: Run, a: int = 0, b: int = 0, mode: Mode = Mode.PLUS) -> int:
    """Join two numbers."""
    LOG.append(run.node)
    return a + b if mode is Mode.PLUS else a * b


@node("Parity", category="Test")
def parity(run: Run, value: int = 0) -> int:
    """Give 1 for an odd number: what many inputs share."""
    LOG.append(run.node)
    return value % 2


@node("Split", category="Test")
def split(run: Run, value: int = 0) -> Halves:
    """Give two numbers."""
    LOG.append(run.node)
    return Halves(value // 2, value - value // 2)


@node("Total", category="Test")
def total(run: Run, parts: list[int]) -> int:
    """Add up what is wired in."""
    LOG.append(run.node)
    return sum(parts)


@node("Draw", category="Test")
def draw(
    run: Run, level: Annotated[float, Range(0, 1)] = 0.5, side: Annotated[int, Range(1, 4096)] = 8
) -> Image:
    """Paint a grey square."""
    LOG.append(run.node)
    return np.full((1, side, side, 3), level, np.float32)


@node("Invert", category="Test")
def invert(run: Run, image: Image) -> Image:
    """Turn light to dark."""
    LOG.append(run.node)
    return 1 - image


@node("Dim", category="Test")
def dim(run: Run, image: Image, by: Annotated[float, Range(0, 1)] = 0.5) -> Image:
    """Darken a picture."""
    LOG.append(run.node)
    return image * np.float32(by)


@node("Cut", category="Test")
def cut(run: Run, image: Image, mask: Mask | None = None) -> Image:
    """Blacken what is not selected."""
    LOG.append(run.node)
    return image if mask is None else image * mask[..., None]


@node("Mean", category="Test")
def mean(run: Run, image: Image) -> float:
    """Give the mean of a picture."""
    LOG.append(run.node)
    return float(image.mean())


@node("Scribble", category="Test")
def scribble(run: Run, image: Image) -> Image:
    """Break the law: write into an input."""
    LOG.append(run.node)
    image[:] = 0
    return image


@node("Words", category="Test")
def words(run: Run, text: str = "") -> str:
    """Give words."""
    LOG.append(run.node)
    return text


@node("Read", category="Test")
def read(run: Run, file: Annotated[Path | None, File("text", (".txt",))] = None) -> str:
    """Read a text file."""
    LOG.append(run.node)
    assert file is not None
    return file.read_text(encoding="utf-8")


@node("Write", category="Test", effect=True)
def write(run: Run, text: str = "", name: str = "out") -> None:
    """Write a text file."""
    LOG.append(run.node)
    run.output_folder.mkdir(parents=True, exist_ok=True)
    path = run.output_folder / f"{name}.txt"
    path.write_text(text, encoding="utf-8")
    run.files.append(path)
    run.remarks.append(f"wrote {len(text)} letters")


@node("Switch", category="Test")
def switch(run: Run, a: Lazy[int], b: Lazy[int] | None = None, first: bool = True) -> int:
    """Give one of two inputs, and leave the other alone."""
    LOG.append(run.node)
    if first:
        return a()
    return -1 if b is None else b()


@node("Dice", category="Test", volatile=True)
def dice(run: Run, seed: Annotated[int, Seed()] = 0) -> int:
    """Run every time, and give the same."""
    LOG.append(run.node)
    return seed


@node("Fail", category="Test")
def fail(run: Run, value: int = 0, message: str = "no luck") -> int:
    """Fail."""
    LOG.append(run.node)
    raise ValueError(message if value >= 0 else "below zero")


@node("March", category="Test")
def march(
    run: Run,
    steps: Annotated[int, Range(0, 100_000)] = 3,
    side: Annotated[int, Range(1, 2048)] = 4,
    pause: Annotated[float, Range(0, 10)] = 0.0,
) -> Steps[Image]:
    """Take steps, with a preview at each; end with a white square."""
    LOG.append(run.node)
    try:
        for done in range(1, steps + 1):
            time.sleep(pause)
            level = np.full((1, side, side, 3), done / steps, np.float32)
            yield Progress(done, steps, preview=level)
    except GeneratorExit:
        CLOSED.append(run.node)
        raise
    return np.ones((1, side, side, 3), np.float32)


@node("Unsure", category="Test")
def unsure(run: Run, side: Annotated[int, Range(1, 64)] = 16) -> Image:
    """Break the law: fail at times, or give another shade."""
    LOG.append(run.node)
    if run.node in FAULTS:
        raise OSError("gone")
    shade = SHADES.pop(0) if len(SHADES) > 1 else [*SHADES, 0.5][0]
    return np.full((1, side, side, 3), shade, np.float32)


@node("Stubborn", category="Test")
def stubborn(run: Run, manner: str = "raise") -> Steps[int]:
    """Do not end when told to."""
    LOG.append(run.node)
    try:
        yield Progress(1, 2)
    finally:
        if manner == "raise":
            raise OSError("in the way")
        yield Progress(2, 2)
    return 0


class Death(Enum):
    """Ways for a process to end."""

    EXIT = "exit"
    ABORT = "abort"
    SEGV = "segv"
    KILL = "kill"


@node("Crash", category="Test")
def crash(run: Run, how: Death = Death.KILL, value: int = 0) -> int:
    """End the process that runs this."""
    LOG.append(run.node)
    if how is Death.EXIT:
        os._exit(7)
    deaths = {Death.ABORT: signal.SIGABRT, Death.SEGV: signal.SIGSEGV, Death.KILL: signal.SIGKILL}
    signal.signal(signal.SIGABRT, signal.SIG_DFL)
    os.kill(os.getpid(), deaths[how])
    return value


@node("Leave", category="Test")
def leave(run: Run, seconds: Annotated[float, Range(0, 60)] = 5.0) -> int:
    """Leave a process behind that has all that this one has open, and die."""
    LOG.append(run.node)
    if os.fork() == 0:
        time.sleep(seconds)
        os._exit(0)
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


PACK = Pack(name="test", modules=("tests.graph.pack",))
