"""Writes PNG files into the output folder, with the graph inside, never over another file."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from graph.atomic import write_atomic
from graph.png import with_graph
from nodes.errors import ImageError
from nodes.naming import fill, reserved, safe_parts

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from graph.run import Run

_SUFFIX = ".png"


def save_pngs(run: Run, pictures: Iterable[bytes], name: str) -> None:
    """Write each PNG of `pictures` under the next free number of `name`, and tell `run`.

    Raises:
        ImageError: the disk does not take it.
    """
    parts = safe_parts(fill(name, run.title, datetime.now().astimezone()))
    folder = run.output_folder.joinpath(*parts[:-1])
    for data in pictures:
        whole = with_graph(data, run.document) if run.document else data
        run.files.append(_write(folder, parts[-1], whole))


def _write(folder: Path, stem: str, data: bytes) -> Path:
    try:
        with reserved(folder, stem, _SUFFIX) as path:
            write_atomic(path, data)
    except OSError as error:
        message = (
            f"the picture cannot be written to {folder}: {error.strerror or error}: free space "
            "there, or choose another output folder"
        )
        raise ImageError(message) from error
    return path
