"""A node that shows sixty pictures a second, for whoever measures what looking at them costs."""

from __future__ import annotations

import time
from typing import Annotated, Final

import numpy as np

from graph import bodies
from graph.declare import node
from graph.hints import Range
from graph.pack import Pack, assemble
from graph.values import Image, Progress, Steps

RATE: Final = 60
"""Previews a second."""
SIDE: Final = 512
_PICTURES = 8

# The engine draws ten previews a second, of half this side: its brakes are off here.
bodies.PREVIEW_SIDE = SIDE
bodies._PREVIEW_EVERY = 0.0


@node("Film", category="Benchmark", volatile=True)
def film(seconds: Annotated[float, Range(0, 3600)] = 5.0) -> Steps[Image]:
    """Show `RATE` pictures a second."""
    rng = np.random.default_rng(7)
    pictures = [rng.random((1, SIDE, SIDE, 3), np.float32) for _ in range(_PICTURES)]
    total = round(seconds * RATE)
    due = time.monotonic()
    for done in range(1, total + 1):
        due += 1 / RATE
        time.sleep(max(0.0, due - time.monotonic()))
        yield Progress(done, total, preview=pictures[done % _PICTURES])
    return pictures[0]


PACK = Pack(name="film", modules=(__name__,))
LOADED = assemble((PACK,))
CATALOG = LOADED.catalog
