"""Nodes that work for a moment and leave a mark of it outside of their process."""

from __future__ import annotations

import os
import time

import numpy as np

from graph.declare import node
from graph.pack import Pack
from graph.spec import Lane
from graph.values import Image, Progress, Steps

TALLY = "SFUMATO_TEST_TALLY"
"""Environment variable with the file that bodies append their marks to."""


def leave(mark: str) -> None:
    """Append `mark` in one write, which a kill cannot cut in two."""
    path = os.environ.get(TALLY)
    if path:
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(handle, f"{mark}\n".encode())
        os.close(handle)


def busy(ms: float) -> None:
    """Compute for `ms`."""
    end = time.perf_counter() + ms / 1000
    block = np.eye(64, dtype=np.float32)
    while time.perf_counter() < end:
        np.matmul(block, block, out=block)


@node("Paint", category="Test", lane=Lane.CPU)
def paint(mark: str = "", seed: int = 0, side: int = 64, ms: float = 5.0) -> Image:
    """Make a picture of noise."""
    leave(mark)
    busy(ms)
    return np.random.default_rng(seed).random((1, side, side, 3), np.float32)


@node("Blend", category="Test")
def blend(a: Image, b: Image, mark: str = "", ms: float = 5.0) -> Image:
    """Mix two pictures, step by step."""
    leave(mark)
    busy(ms)
    return (a * np.float32(0.7) + b * np.float32(0.3)).clip(0, 1)


@node("Refine", category="Test")
def refine(image: Image, mark: str = "", steps: int = 4, ms: float = 5.0) -> Steps[Image]:
    """Work on a picture in steps, with a preview at each."""
    leave(mark)
    for done in range(1, steps + 1):
        busy(ms / steps)
        yield Progress(done, steps, preview=image)
    return 1 - image


@node("Measure", category="Test", lane=Lane.IO)
def measure(image: Image, mark: str = "") -> float:
    """Give the mean of a picture."""
    leave(mark)
    return float(image.mean())


@node("Add", category="Test")
def add(a: float = 0.0, b: float = 0.0, mark: str = "") -> float:
    """Add two numbers."""
    leave(mark)
    return a + b


PACK = Pack(name="tally", modules=("tests.graph.engine.tally_pack",))
