"""Masks that select by what a picture shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import numpy as np

from graph.declare import node
from graph.hints import Colour, Doc, Range
from graph.spec import Lane
from graph.values import Image, Mask
from nodes.errors import ImageError
from nodes.pixels.colour import parsed, to_oklab
from nodes.pixels.mask_files import Channel, channel_of

if TYPE_CHECKING:
    from numpy.typing import NDArray


@node(
    "Mask From Colour",
    category="Mask",
    synonyms=("chroma key", "green screen", "magic wand", "select colour", "color range"),
    lane=Lane.CPU,
)
def mask_from_colour(
    image: Annotated[Image, Doc("What is looked through.")],
    colour: Annotated[str, Colour(), Doc("What is selected.")] = "#00ff00",
    tolerance: Annotated[
        float, Range(0, 1, 0.01), Doc("Distance still selected; black to white is 1.")
    ] = 0.1,
    softness: Annotated[
        float, Range(0, 1, 0.01), Doc("Over how much more distance the selection ends.")
    ] = 0.05,
) -> Mask:
    """Select what has a colour, or nearly.

    Colours are as far apart as they look: distances in OKLab.
    """
    aim = to_oklab(parsed(colour))
    distance = np.linalg.norm(to_oklab(image) - aim, axis=-1).astype(np.float32)
    # A few rounding errors are no distance: tolerance 0 selects the colour itself.
    return 1 - rising(distance - np.float32(1e-5), tolerance, tolerance + softness)


@node(
    "Mask From Threshold",
    category="Mask",
    synonyms=("luminance key", "brightness", "select lights", "select shadows", "range"),
    lane=Lane.CPU,
)
def mask_from_threshold(
    image: Annotated[Image, Doc("What is looked through.")],
    low: Annotated[float, Range(0, 1, 0.01), Doc("The darkest value that is selected.")] = 0.5,
    high: Annotated[float, Range(0, 1, 0.01), Doc("The lightest value that is selected.")] = 1.0,
    softness: Annotated[
        float, Range(0, 1, 0.01), Doc("Over how much the selection ends beyond both.")
    ] = 0.0,
    channel: Annotated[Channel, Doc("Which values count.")] = Channel.LUMINANCE,
) -> Mask:
    """Select what is as light as that, in sRGB values."""
    if high < low:
        message = f"high ({high:g}) must not be below low ({low:g})"
        raise ImageError(message)
    values = channel_of(image, channel)
    below = 1 - rising(low - values, 0, softness)
    return np.minimum(below, 1 - rising(values - np.float32(high), 0, softness))


def rising(values: NDArray[np.float32], start: float, end: float) -> NDArray[np.float32]:
    """Return 0 up to `start`, 1 from `end` on, and a smooth step between them."""
    if end <= start:
        return (values > np.float32(start)).astype(np.float32)
    ramp = ((values - np.float32(start)) / np.float32(end - start)).clip(0, 1)
    return np.asarray(ramp * ramp * (3 - 2 * ramp), dtype=np.float32)
