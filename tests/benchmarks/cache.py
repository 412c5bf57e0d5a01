"""Cache: a picture of 1024 x 1024 that was computed before."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from graph.cache import Cache, MemoryStore
from graph.disk import DiskCache
from graph.handlers import Handlers
from tests.benchmarks.harness import Row, measure, row

if TYPE_CHECKING:
    from collections.abc import Iterator

SIDE = 1024


def run() -> Iterator[Row]:
    """Measure."""
    handlers = Handlers()
    handler = handlers["Image"]
    picture = np.random.default_rng(0).random((1, SIDE, SIDE, 3), np.float32)
    checked = handler.check(picture)
    packed = handler.pack(checked)
    digest = packed.digest("Image")
    yield row("contract checked", measure(lambda: handler.check(picture)))
    yield row("digest taken", measure(lambda: packed.digest("Image")))
    yield row("drawn small", measure(lambda: handler.preview(checked, 256)))
    cache = Cache(MemoryStore())
    cache.keep(digest, checked, packed, "Image", 1.0)
    yield row("found in RAM", measure(lambda: cache.value(digest), rounds=99), 0.1)
    with tempfile.TemporaryDirectory() as folder:
        yield from _disk(Path(folder), handlers, digest, packed)


def _disk(folder: Path, handlers: Handlers, digest: str, packed: object) -> Iterator[Row]:
    disk = DiskCache(folder, handlers, 1 << 30)
    disk.put(digest, "Image", packed, 1.0)  # type: ignore[arg-type]
    disk.close()
    disk = DiskCache(folder, handlers, 1 << 30)
    yield row("found on disk, checked", measure(lambda: disk.get(digest), rounds=9), 30.0)
    disk.close()
