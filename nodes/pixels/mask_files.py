"""Masks from files, into files, and to and from pictures."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np

from graph.declare import node
from graph.hints import Colour, Doc, File
from graph.run import Run
from graph.spec import Lane
from graph.values import Image, Mask
from nodes.errors import ImageError
from nodes.pictures import SUFFIXES, encode_png, read_picture
from nodes.pixels.batches import together
from nodes.pixels.blend import mixed
from nodes.pixels.colour import grey_image, luma, parsed
from nodes.saving import save_pngs

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Channel(StrEnum):
    """Which values of a picture count."""

    LUMINANCE = "luminance"
    RED = "red"
    GREEN = "green"
    BLUE = "blue"


class FileChannel(StrEnum):
    """Which values of a picture file count."""

    ALPHA = "alpha"
    LUMINANCE = "luminance"
    RED = "red"
    GREEN = "green"
    BLUE = "blue"


def channel_of(image: NDArray[np.float32], channel: Channel) -> NDArray[np.float32]:
    """Return one channel of an Image (N, H, W, 3) as (N, H, W), in sRGB values."""
    if channel is Channel.LUMINANCE:
        return luma(image)
    return image[..., (Channel.RED, Channel.GREEN, Channel.BLUE).index(channel)]


@node(
    "Load Mask",
    category="Mask",
    synonyms=("open", "alpha", "transparency", "matte", "selection"),
    lane=Lane.IO,
)
def load_mask(
    file: Annotated[Path | None, File("image", SUFFIXES), Doc("PNG, JPEG or WebP.")] = None,
    channel: Annotated[FileChannel, Doc("Alpha selects what is opaque.")] = FileChannel.ALPHA,
) -> Mask:
    """Read a mask from a picture file."""
    if file is None:
        message = "no picture is chosen: choose a PNG, JPEG or WebP file"
        raise ImageError(message)
    image, alpha = read_picture(file)
    return alpha if channel is FileChannel.ALPHA else channel_of(image, Channel(channel.value))


@node(
    "Save Mask",
    category="Mask",
    synonyms=("write", "export", "matte", "PNG"),
    effect=True,
    lane=Lane.IO,
)
def save_mask(
    run: Run,
    mask: Annotated[Mask, Doc("One file for each mask of the batch.")],
    name: Annotated[
        str, Doc("May hold %date%, %time% and %title%; a / makes a folder. A number is added.")
    ] = "mask",
) -> Mask:
    """Write masks as grey PNG files into the output folder, with the graph inside.

    White is selected. Nothing is ever overwritten.
    """
    save_pngs(run, map(encode_png, grey_image(mask)), name)
    return mask


@node(
    "Mask To Image",
    category="Mask",
    synonyms=("convert", "show mask", "grey", "matte"),
    lane=Lane.CPU,
)
def mask_to_image(mask: Annotated[Mask, Doc("What becomes a picture.")]) -> Image:
    """Make a grey picture of a mask: white is selected."""
    return grey_image(mask)


@node(
    "Image To Mask",
    category="Mask",
    synonyms=("convert", "channel", "luminance", "red", "matte"),
    lane=Lane.CPU,
)
def image_to_mask(
    image: Annotated[Image, Doc("What becomes a mask.")],
    channel: Annotated[Channel, Doc("Which values count.")] = Channel.LUMINANCE,
) -> Mask:
    """Make a mask of the sRGB values of a picture: white is selected."""
    return channel_of(image, channel)


@node(
    "Apply Mask",
    category="Mask",
    synonyms=("cut out", "composite", "background", "matte", "remove background", "alpha"),
    lane=Lane.CPU,
)
def apply_mask(
    image: Annotated[Image, Doc("What shows where the mask selects.")],
    mask: Annotated[Mask, Doc("What is kept.")],
    background: Annotated[Image | None, Doc("What shows elsewhere; else the colour.")] = None,
    colour: Annotated[str, Colour(), Doc("What shows elsewhere, without a background.")] = (
        "#000000"
    ),
) -> Image:
    """Lay what a mask selects on a colour or another picture.

    Soft edges are mixed in linear light; what is fully selected, or not at all, is not touched.
    """
    if background is None:
        image, mask = together(image=image, mask=mask)
        background = np.broadcast_to(parsed(colour), image.shape)
    else:
        image, mask, background = together(image=image, mask=mask, background=background)
    return mixed(background, image, mask)
