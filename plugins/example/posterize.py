"""Posterize: fewer levels of each colour."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from sfumato import Doc, Image, Range, node


@node("Posterize", category="Image/Colour", synonyms=("levels", "reduce colours"))
def posterize(
    image: Image,
    levels: Annotated[int, Range(2, 64), Doc("Levels of each colour channel.")] = 4,
) -> Image:
    """Round every channel to a few levels, evenly spaced in sRGB."""
    steps = np.float32(levels - 1)
    return np.round(image * steps).astype(np.float32) / steps
