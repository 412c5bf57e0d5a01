"""Tone and colour: levels, curves, adjust, invert, grayscale."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import numpy as np

from graph.curves import STRAIGHT, sampled
from graph.declare import node
from graph.hints import Curve, Doc, Range
from graph.spec import Lane
from graph.values import Image
from nodes.errors import ImageError
from nodes.pixels.colour import (
    from_oklab,
    grey_image,
    luminance,
    to_linear,
    to_oklab,
    to_srgb,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

_TABLE = 4096
"""Entries of a curve's table: finer than 8 bits by far."""
_WARMTH = 0.35
"""Natural logarithm of the gain of red, and of the loss of blue, at temperature 1."""


@node(
    "Levels",
    category="Image/Colour",
    synonyms=("black point", "white point", "gamma", "tone", "histogram", "brightness"),
    lane=Lane.CPU,
)
def levels(
    image: Annotated[Image, Doc("What gets other levels.")],
    black: Annotated[float, Range(0, 1, 0.01), Doc("What becomes black.")] = 0.0,
    white: Annotated[float, Range(0, 1, 0.01), Doc("What becomes white.")] = 1.0,
    gamma: Annotated[float, Range(0.1, 10, 0.05), Doc("More than 1 makes the middle lighter.")] = (
        1.0
    ),
    darkest: Annotated[float, Range(0, 1, 0.01), Doc("What black is shown as.")] = 0.0,
    lightest: Annotated[float, Range(0, 1, 0.01), Doc("What white is shown as.")] = 1.0,
) -> Image:
    """Stretch the tones of a picture between a black point and a white point.

    Works on sRGB values, as the histogram of a painting program shows them.
    """
    if white <= black:
        message = f"white ({white:g}) must be above black ({black:g})"
        raise ImageError(message)
    done = ((image - np.float32(black)) / np.float32(white - black)).clip(0, 1)
    if gamma != 1:
        done = np.power(done, np.float32(1 / gamma))
    return done * np.float32(lightest - darkest) + np.float32(darkest)


@node(
    "Curves",
    category="Image/Colour",
    synonyms=("tone curve", "contrast", "gradation", "grading"),
    lane=Lane.CPU,
)
def curves(
    image: Annotated[Image, Doc("What gets other tones.")],
    all: Annotated[  # noqa: A002 - the saved name
        tuple[float, ...], Curve(), Doc("For all three colours, after their own.")
    ] = STRAIGHT,
    red: Annotated[tuple[float, ...], Curve(), Doc("For red alone.")] = STRAIGHT,
    green: Annotated[tuple[float, ...], Curve(), Doc("For green alone.")] = STRAIGHT,
    blue: Annotated[tuple[float, ...], Curve(), Doc("For blue alone.")] = STRAIGHT,
) -> Image:
    """Change tones by curves: dark on the left, and what it becomes upwards.

    Works on sRGB values. A straight curve changes nothing.
    """
    channels = [_bent(image[..., place], own) for place, own in enumerate((red, green, blue))]
    return np.stack([_bent(channel, all) for channel in channels], axis=-1)


def _bent(values: NDArray[np.float32], curve: tuple[float, ...]) -> NDArray[np.float32]:
    if tuple(curve) == STRAIGHT:
        return values
    places = np.linspace(0, 1, _TABLE)
    return np.interp(values, places, sampled(curve, _TABLE)).astype(np.float32)


@node(
    "Adjust Colour",
    category="Image/Colour",
    synonyms=(
        "exposure", "brightness", "contrast", "saturation", "vibrance", "hue", "temperature",
        "white balance", "warm", "cool", "colour correct",
    ),
    lane=Lane.CPU,
)  # fmt: skip
def adjust_colour(
    image: Annotated[Image, Doc("What gets other colours.")],
    exposure: Annotated[float, Range(-5, 5, 0.1), Doc("In stops: 1 doubles the light.")] = 0.0,
    temperature: Annotated[float, Range(-1, 1, 0.05), Doc("Below 0 cooler, above warmer.")] = 0.0,
    contrast: Annotated[float, Range(-1, 1, 0.05), Doc("-1 is flat grey.")] = 0.0,
    saturation: Annotated[float, Range(-1, 1, 0.05), Doc("-1 is grey, 1 twice the colour.")] = 0.0,
    hue: Annotated[float, Range(-180, 180, 1), Doc("Degrees around the colour circle.")] = 0.0,
) -> Image:
    """Adjust light and colour.

    Exposure and temperature work in linear light (temperature keeps the brightness), contrast on
    sRGB values around middle grey, saturation and hue in OKLab, where they keep the lightness. What
    stands at 0 changes nothing.
    """
    if exposure or temperature:
        image = to_srgb(_lit(to_linear(image), exposure, temperature))
    if contrast:
        middle = np.float32(0.5)
        image = ((image - middle) * np.float32(_steepness(contrast)) + middle).clip(0, 1)
    return _coloured(image, saturation, hue) if saturation or hue else image


def _lit(light: NDArray[np.float32], exposure: float, temperature: float) -> NDArray[np.float32]:
    gains = np.exp(np.array([_WARMTH, 0, -_WARMTH]) * temperature).astype(np.float32)
    if temperature:
        gains = gains / luminance(gains)
    return light * (gains * np.float32(2**exposure))


def _steepness(contrast: float) -> float:
    """Return the slope at middle grey: 0 at -1, 1 at 0, 4 at 1."""
    return 1 + contrast if contrast < 0 else 1 + 3 * contrast


def _coloured(image: NDArray[np.float32], saturation: float, hue: float) -> NDArray[np.float32]:
    lab = to_oklab(image)
    turn = np.deg2rad(hue)
    spin = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    chroma = lab[..., 1:] @ (spin * (1 + saturation)).astype(np.float32)
    return from_oklab(np.concatenate([lab[..., :1], chroma], axis=-1))


@node(
    "Invert",
    category="Image/Colour",
    synonyms=("negative", "reverse", "complement"),
    lane=Lane.CPU,
)
def invert(image: Annotated[Image, Doc("What becomes its negative.")]) -> Image:
    """Turn a picture into its negative: 1 minus each sRGB value.

    Turns black lines on white into the white lines on black that ControlNets want.
    """
    return 1 - image


@node(
    "Grayscale",
    category="Image/Colour",
    synonyms=("grey", "gray", "black and white", "monochrome", "desaturate"),
    lane=Lane.CPU,
)
def grayscale(image: Annotated[Image, Doc("What loses its colours.")]) -> Image:
    """Take the colour out of a picture and keep its brightness, weighed in linear light."""
    return grey_image(to_srgb(luminance(to_linear(image))))
