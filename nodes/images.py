"""Nodes for pictures: load, save, look."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NamedTuple

from graph.declare import node
from graph.hints import Doc, File
from graph.run import Run
from graph.spec import Lane
from graph.values import Image, Mask
from nodes.errors import ImageError
from nodes.pictures import SUFFIXES, encode_png, read_picture
from nodes.saving import save_pngs


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
    save_pngs(run, map(encode_png, image), name)
    return image


@node("Preview", category="Image", synonyms=("show", "view", "look"), effect=True, lane=Lane.CPU)
def preview(image: Annotated[Image, Doc("What to look at.")]) -> Image:
    """Show a picture without saving it, and hand it on."""
    return image
