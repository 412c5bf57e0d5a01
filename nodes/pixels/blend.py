"""Blend, and how two pictures are mixed: in linear light.

The formulas of the modes work on sRGB values, as in painting programs (W3C, Compositing and
Blending Level 1); normal and add are plain light and work in linear light. How much of the result
shows (opacity, mask) is mixed in linear light always: half-covered edges then have the brightness
that half of each light has.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, TypeAlias

import numpy as np

from graph.declare import node
from graph.hints import Doc, Range
from graph.spec import Lane
from graph.values import Image, Mask
from nodes.pixels.batches import together
from nodes.pixels.colour import to_linear, to_srgb

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

Formula: TypeAlias = "Callable[[NDArray[np.float32], NDArray[np.float32]], NDArray[np.float32]]"


class BlendMode(StrEnum):
    """What the upper picture does to the lower one."""

    NORMAL = "normal"
    MULTIPLY = "multiply"
    SCREEN = "screen"
    OVERLAY = "overlay"
    SOFT_LIGHT = "soft light"
    DIFFERENCE = "difference"
    ADD = "add"
    SUBTRACT = "subtract"
    DARKEN = "darken"
    LIGHTEN = "lighten"


def _overlay(base: NDArray[np.float32], top: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.where(base <= 0.5, 2 * base * top, 1 - 2 * (1 - base) * (1 - top))  # noqa: PLR2004


def _soft_light(base: NDArray[np.float32], top: NDArray[np.float32]) -> NDArray[np.float32]:
    curve = np.where(base <= 0.25, ((16 * base - 12) * base + 4) * base, np.sqrt(base))  # noqa: PLR2004
    dark = base - (1 - 2 * top) * base * (1 - base)
    light = base + (2 * top - 1) * (curve - base)
    return np.where(top <= 0.5, dark, light)  # noqa: PLR2004


_FORMULAS: dict[BlendMode, Formula] = {
    BlendMode.NORMAL: lambda _base, top: top,
    BlendMode.MULTIPLY: lambda base, top: base * top,
    BlendMode.SCREEN: lambda base, top: base + top - base * top,
    BlendMode.OVERLAY: _overlay,
    BlendMode.SOFT_LIGHT: _soft_light,
    BlendMode.DIFFERENCE: lambda base, top: np.abs(base - top),
    BlendMode.ADD: lambda base, top: to_srgb(to_linear(base) + to_linear(top)),
    BlendMode.SUBTRACT: lambda base, top: (base - top).clip(0, 1),
    BlendMode.DARKEN: np.minimum,
    BlendMode.LIGHTEN: np.maximum,
}


@node(
    "Blend",
    category="Image",
    synonyms=("mix", "composite", "overlay", "layer", "multiply", "screen", "merge", "opacity"),
    lane=Lane.CPU,
)
def blend(
    base: Annotated[Image, Doc("The lower picture.")],
    top: Annotated[Image, Doc("The upper picture, of the same size.")],
    mask: Annotated[Mask | None, Doc("Where the upper one shows; everywhere without.")] = None,
    mode: Annotated[BlendMode, Doc("What the upper picture does to the lower one.")] = (
        BlendMode.NORMAL
    ),
    opacity: Annotated[float, Range(0, 1, 0.05), Doc("How much of it shows.")] = 1.0,
) -> Image:
    """Lay one picture over another.

    The modes work on sRGB values as in painting programs, Add in linear light; opacity and mask mix
    in linear light. Where nothing of the upper picture shows, the lower one is not touched.
    """
    given = {"base": base, "top": top} | ({} if mask is None else {"mask": mask})
    base, top, *rest = together(**given)
    weight = np.full(base.shape[:3], opacity, dtype=np.float32)
    if rest:
        weight = weight * rest[0]
    return mixed(base, _FORMULAS[mode](base, top), weight)


def mixed(
    below: NDArray[np.float32], above: NDArray[np.float32], weight: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return sRGB pictures mixed in linear light.

    Bit for bit `below` where `weight` (N, H, W) is 0, and `above` where it is 1.
    """
    done = np.where(weight[..., None] >= 1, above, below)
    between = (weight > 0) & (weight < 1)
    if between.any():
        # Light costs powers, and most masks are all or nothing nearly everywhere.
        share = weight[between][:, None]
        done[between] = to_srgb(
            to_linear(below[between]) * (1 - share) + to_linear(above[between]) * share
        )
    return done
