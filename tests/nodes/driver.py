"""Calls node functions as the engine does: checked values, and a generator run to its end."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, TypeVar

from graph.files import FileIndex
from graph.run import Run
from nodes.store import ModelStore

if TYPE_CHECKING:
    from pathlib import Path

    from graph.values import Progress, Steps

T = TypeVar("T")


def make_run(folder: Path | None = None, document: bytes = b"", title: str = "") -> Run:
    """A run on the CPU with a store of its own."""
    services = {FileIndex: FileIndex(), ModelStore: ModelStore("cpu")}
    run = Run(services=services, document=document, title=title)
    if folder is not None:
        run.output_folder = folder
    return run


def drain(steps: Steps[T]) -> T:
    """Run a body that reports progress to its end; return what it returns."""
    return watch(steps)[0]


def watch(steps: Steps[T]) -> tuple[T, list[Progress]]:
    """Run a body to its end; return what it returns and all that it reported."""
    assert isinstance(steps, Generator)
    reports = []
    while True:
        try:
            reports.append(next(steps))
        except StopIteration as stop:
            return stop.value, reports
