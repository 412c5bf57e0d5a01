"""Nodes that change masks; soft masks stay soft."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import numpy as np

from graph.declare import node
from graph.hints import Doc, Range
from graph.spec import Lane
from graph.values import Mask
from nodes.pixels import morphology
from nodes.pixels.batches import together


class Combination(StrEnum):
    """What is selected by two masks together."""

    UNION = "union"
    INTERSECT = "intersect"
    SUBTRACT = "subtract"
    EXCLUSIVE_OR = "exclusive or"


class Side(StrEnum):
    """On which side of an edge something happens."""

    OUTSIDE = "outside"
    INSIDE = "inside"
    BOTH = "both"


@node(
    "Combine Masks",
    category="Mask",
    synonyms=("union", "add", "intersect", "subtract", "xor", "difference", "merge", "boolean"),
    lane=Lane.CPU,
)
def combine_masks(
    a: Annotated[Mask, Doc("The first mask.")],
    b: Annotated[Mask, Doc("The second mask, of the same size.")],
    how: Annotated[Combination, Doc("Subtract takes the second from the first.")] = (
        Combination.UNION
    ),
) -> Mask:
    """Combine two masks: the larger value, the smaller one, and so on for soft ones."""
    a, b = together(a=a, b=b)
    match how:
        case Combination.UNION:
            return np.maximum(a, b)
        case Combination.INTERSECT:
            return np.minimum(a, b)
        case Combination.SUBTRACT:
            return np.minimum(a, 1 - b)
        case Combination.EXCLUSIVE_OR:
            return np.maximum(np.minimum(a, 1 - b), np.minimum(1 - a, b))


@node(
    "Invert Mask",
    category="Mask",
    synonyms=("reverse", "negative", "complement", "swap selection"),
    lane=Lane.CPU,
)
def invert_mask(mask: Annotated[Mask, Doc("What is turned round.")]) -> Mask:
    """Select what was not selected."""
    return 1 - mask


@node(
    "Grow Mask",
    category="Mask",
    synonyms=("shrink", "expand", "dilate", "erode", "choke", "spread", "contract"),
    lane=Lane.CPU,
)
def grow_mask(
    mask: Annotated[Mask, Doc("What grows.")],
    pixels: Annotated[int, Range(-512, 512), Doc("How far; below 0 it shrinks.")] = 8,
) -> Mask:
    """Grow or shrink what a mask selects, by the same distance in all directions."""
    return morphology.grown(mask, pixels)


@node(
    "Feather Mask",
    category="Mask",
    synonyms=("soft edge", "soften", "fade", "feather"),
    lane=Lane.CPU,
)
def feather_mask(
    mask: Annotated[Mask, Doc("What gets a soft edge.")],
    pixels: Annotated[int, Range(0, 512), Doc("How wide the edge becomes.")] = 16,
    side: Annotated[Side, Doc("Where the edge lies; Outside keeps all that is selected.")] = (
        Side.BOTH
    ),
) -> Mask:
    """Give a mask a soft edge of a set width."""
    if side is Side.OUTSIDE:
        return morphology.feathered_outwards(mask, pixels)
    if side is Side.INSIDE:
        return 1 - morphology.feathered_outwards(1 - mask, pixels)
    return morphology.softened(mask, (pixels + 1) // 2)


@node(
    "Blur Mask",
    category="Mask",
    synonyms=("gaussian", "soften", "smooth"),
    lane=Lane.CPU,
)
def blur_mask(
    mask: Annotated[Mask, Doc("What is blurred.")],
    radius: Annotated[float, Range(0, 200, 0.5), Doc("Standard deviation in pixels.")] = 4.0,
) -> Mask:
    """Blur a mask with a Gaussian bell."""
    return morphology.blurred(mask, radius)


@node(
    "Fill Holes",
    category="Mask",
    synonyms=("close", "solid", "inside", "patch"),
    lane=Lane.CPU,
)
def fill_holes(mask: Annotated[Mask, Doc("What is filled.")]) -> Mask:
    """Select what a mask encloses."""
    return morphology.filled(mask)


@node(
    "Mask Outline",
    category="Mask",
    synonyms=("edge", "border", "contour", "stroke", "rim"),
    lane=Lane.CPU,
)
def mask_outline(
    mask: Annotated[Mask, Doc("What gets an outline.")],
    width: Annotated[int, Range(1, 256), Doc("In pixels; with Both on either side.")] = 4,
    side: Annotated[Side, Doc("Where the outline lies.")] = Side.BOTH,
) -> Mask:
    """Select the edge of what a mask selects."""
    outer = morphology.grown(mask, width) if side in (Side.OUTSIDE, Side.BOTH) else mask
    inner = morphology.grown(mask, -width) if side in (Side.INSIDE, Side.BOTH) else mask
    return np.minimum(outer, 1 - inner)
