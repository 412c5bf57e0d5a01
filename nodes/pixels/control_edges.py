"""Lines for ControlNets, found without a model: white lines on black, as ControlNets want them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated

import numpy as np

from graph.declare import node
from graph.hints import Doc, Range
from graph.spec import Lane
from graph.values import Image
from nodes.errors import ImageError
from nodes.pixels.batches import each
from nodes.pixels.colour import grey_image, luma
from nodes.pixels.filters import gaussian
from nodes.pixels.lines import gradient, inked, soft_edges, thinned
from nodes.pixels.morphology import grown

if TYPE_CHECKING:
    from numpy.typing import NDArray


@node(
    "Canny Edges",
    category="Control",
    synonyms=("canny", "preprocessor", "outline", "contour", "controlnet", "edge detection"),
    lane=Lane.CPU,
)
def canny_edges(
    image: Annotated[Image, Doc("What edges are found in.")],
    low: Annotated[
        float, Range(0, 1, 0.01), Doc("Weakest edge that goes on from a strong one.")
    ] = 0.04,
    high: Annotated[float, Range(0, 1, 0.01), Doc("Weakest edge that begins a line.")] = 0.1,
    blur: Annotated[float, Range(0, 10, 0.1), Doc("Blurred first, to leave out grain.")] = 1.0,
) -> Image:
    """Find crisp edges, one pixel wide (Canny, 1986).

    Strength is the step of the sRGB luma, in 8 bits, over an edge: 1 is black against white.
    """
    if high < low:
        message = f"high ({high:g}) must not be below low ({low:g})"
        raise ImageError(message)
    return grey_image(each(luma(image), lambda plane: _canny(plane, low, high, blur)))


def _canny(plane: NDArray[np.float32], low: float, high: float, blur: float) -> NDArray[np.float32]:
    import cv2

    soft = gaussian(plane, blur) if blur > 0 else plane
    whole = (soft.clip(0, 1) * 255 + 0.5).astype(np.uint8)
    full = 4 * 255 * _left_of_step(blur)
    edges = cv2.Canny(whole, low * full, high * full, L2gradient=True)
    return (np.asarray(edges) > 0).astype(np.float32)


def _left_of_step(blur: float) -> float:
    """Return what a step between two pixels still differs by from one neighbour to the other."""
    if blur <= 0:
        return 1.0
    reach = blur * math.sqrt(2)
    return (math.erf(1.5 / reach) + math.erf(0.5 / reach)) / 2


@node(
    "Soft Edge Map",
    category="Control",
    synonyms=("HED", "PiDiNet", "soft edge", "preprocessor", "controlnet", "gradient"),
    lane=Lane.CPU,
)
def soft_edge_map(
    image: Annotated[Image, Doc("What edges are found in.")],
    scales: Annotated[int, Range(1, 6), Doc("Up to how coarse edges are; each twice as much.")] = 3,
    strength: Annotated[float, Range(0.1, 10, 0.1), Doc("How bright weak edges are.")] = 2.0,
) -> Image:
    """Find soft edges: how steep the picture is, at fine and at coarse scales together.

    Works on sRGB values of all three colours.
    """
    edges = each(image, lambda picture: soft_edges(picture, scales))
    return grey_image(np.minimum(edges * np.float32(strength), np.float32(1)))


@node(
    "Line Art",
    category="Control",
    synonyms=("lineart", "drawing", "ink", "XDoG", "sketch", "preprocessor", "controlnet"),
    lane=Lane.CPU,
)
def line_art(
    image: Annotated[Image, Doc("What is drawn.")],
    width: Annotated[float, Range(0.3, 10, 0.1), Doc("Of the pen, in pixels.")] = 1.2,
    detail: Annotated[float, Range(0, 100, 1), Doc("How weak an edge is still drawn.")] = 20.0,
    shade: Annotated[
        float, Range(0, 1, 0.01), Doc("How dark an area must be to be filled with ink; 0 is none.")
    ] = 0.0,
    softness: Annotated[float, Range(0, 1, 0.01), Doc("How soft lines end.")] = 0.1,
) -> Image:
    """Draw a picture in ink: lines, and dark areas if wished (XDoG).

    Works on the sRGB luma.
    """
    ink = each(luma(image), lambda plane: inked(plane, width, detail, shade, softness))
    return grey_image(ink)


@node(
    "Scribble",
    category="Control",
    synonyms=("sketch", "doodle", "rough", "drawing", "preprocessor", "controlnet"),
    lane=Lane.CPU,
)
def scribble(
    image: Annotated[Image, Doc("What is scribbled.")],
    simplify: Annotated[float, Range(0.5, 20, 0.5), Doc("Smaller shapes are left out.")] = 3.0,
    threshold: Annotated[float, Range(0, 1, 0.01), Doc("Weaker edges are left out.")] = 0.15,
    width: Annotated[int, Range(1, 32), Doc("Of the pen, in pixels.")] = 5,
) -> Image:
    """Draw the main edges of a picture with a thick pen.

    Edges are found, thinned to one pixel, and drawn anew.
    """
    return grey_image(each(image, lambda picture: _scribbled(picture, simplify, threshold, width)))


def _scribbled(
    picture: NDArray[np.float32], simplify: float, threshold: float, width: int
) -> NDArray[np.float32]:
    lines = thinned(gradient(picture, simplify) > threshold).astype(np.float32)
    return np.squeeze(grown(lines[None], width // 2), axis=0)
