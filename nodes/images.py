"""Nodes for pictures: load, save, look."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, NamedTuple

from graph.atomic import write_atomic
from graph.declare import node
from graph.hints import Doc, File
from graph.png import with_graph
from graph.run import Run
from graph.spec import Lane
from graph.values import Image, Mask
from nodes.errors import ImageError
from nodes.naming import fill, reserved, safe_parts
from nodes.pictures import SUFFIXES, encode_png, read_picture

_SUFFIX = ".png"


class LoadedImage(NamedTuple):
    """A picture and its transparency."""

    image: Annotated[Image, Doc("The colours, in sRGB.")]
    alpha: Annotated[Mask, Doc("1 where the picture is opaque; all 1 when it has no alpha.")]


@node("Load Image", category="Image", synonyms=("open", "picture", "photo"), lane=Lane.IO)
def load_image(
    image: Annotated[Path | None, File("image", SUFFIXES), Doc("PNG, JPEG or WebP.")] = None,
) -> LoadedImage:
    """Read a picture from a file.

    Turned upright, and brought to sRGB by its own colour profile.
    """
    if image is None:
        message = "no picture is chosen: choose a PNG, JPEG or WebP file"
        raise ImageError(message)
    return LoadedImage(*read_picture(image))


@node(
    "Save Image", category="Image", synonyms=("write", "export", "PNG"), effect=True, lane=Lane.IO
)
def save_image(
    run: Run,
    image: Annotated[Image, Doc("One file for each picture of the batch.")],
    name: Annotated[
        str, Doc("May hold %date%, %time% and %title%; a / makes a folder. A number is added.")
    ] = "sfumato",
) -> Image:
    """Write pictures as PNG files into the output folder, with the graph inside.

    Opening such a picture opens the graph that made it. Nothing is ever overwritten.
    """
    parts = safe_parts(fill(name, run.title, datetime.now().astimezone()))
    folder = run.output_folder.joinpath(*parts[:-1])
    for picture in image:
        data = encode_png(picture)
        if run.document:
            data = with_graph(data, run.document)
        run.files.append(_write(folder, parts[-1], data))
    return image


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


@node("Preview", category="Image", synonyms=("show", "view", "look"), effect=True, lane=Lane.CPU)
def preview(image: Annotated[Image, Doc("What to look at.")]) -> Image:
    """Show a picture without saving it, and hand it on."""
    return image
