"""Masks that were painted by hand."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from graph import painted
from graph.declare import node
from graph.hints import Doc, Painted
from graph.spec import Lane
from graph.values import Image, Mask
from nodes.errors import ImageError
from nodes.pixels.resample import Filter, planes_resized

_WHOLE = np.float32(255)


@node(
    "Painted Mask",
    category="Mask",
    synonyms=("paint", "draw", "brush", "mask editor", "inpaint", "selection", "hand"),
    lane=Lane.CPU,
)
def painted_mask(
    mask: Annotated[str, Painted(), Doc("What was painted; click to open the mask editor.")] = "",
    image: Annotated[
        Image | None, Doc("The picture to paint over; the mask takes its size.")
    ] = None,
    invert: Annotated[bool, Doc("Select what was left out.")] = False,
) -> Mask:
    """Select by hand: paint on a picture in the mask editor.

    What is painted belongs to the graph and travels with it. Over a picture of another size it is
    resized; where nothing is painted, nothing is selected.
    """
    if mask:
        made = np.divide(painted.decode(mask)[None], _WHOLE, dtype=np.float32)
    elif image is not None:
        made = np.zeros((1, *image.shape[1:3]), np.float32)
    else:
        message = "nothing is painted: open the mask editor, or wire a picture in"
        raise ImageError(message)
    if image is not None:
        made = planes_resized(made, image.shape[2], image.shape[1], Filter.BICUBIC)
    return np.float32(1) - made if invert else made
