"""Skeletons of people, drawn as ControlNets for poses were taught to read them.

Colours, limbs and their order are those of OpenPose (Cao et al. 2019) with 18 points, at the
strengths in which ControlNet (Zhang et al. 2023) draws them: limbs at 60 %, points in full.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

Body: TypeAlias = "NDArray[np.float32]"
"""(18, 3): x, y in pixels and how sure it is, 0 to 1; in OpenPose's order."""

NECK = 1
#: For each point of OpenPose, its place among the 17 of COCO; the neck has none of its own.
FROM_COCO = (0, None, 6, 8, 10, 5, 7, 9, 12, 14, 16, 11, 13, 15, 2, 1, 4, 3)
_SHOULDERS = (5, 6)
_LIMBS = (
    (1, 2), (1, 5), (2, 3), (3, 4), (5, 6), (6, 7), (1, 8), (8, 9), (9, 10), (1, 11), (11, 12),
    (12, 13), (1, 0), (0, 14), (14, 16), (0, 15), (15, 17),
)  # fmt: skip
_COLOURS = (
    (255, 0, 0), (255, 85, 0), (255, 170, 0), (255, 255, 0), (170, 255, 0), (85, 255, 0),
    (0, 255, 0), (0, 255, 85), (0, 255, 170), (0, 255, 255), (0, 170, 255), (0, 85, 255),
    (0, 0, 255), (85, 0, 255), (170, 0, 255), (255, 0, 255), (255, 0, 170), (255, 0, 85),
)  # fmt: skip
"""Of points, and of limbs in their order."""
_LIMB_STRENGTH = 0.6
_WIDTH = 4 / 512
"""Half the width of a limb and the radius of a point, in shorter sides of the picture."""


def from_coco(points: NDArray[np.float32]) -> Body:
    """Return the 18 points of OpenPose for (17 or more, 3) in COCO's order.

    The neck is half-way between the shoulders, and as sure as the less sure of them.
    """
    body = np.zeros((len(FROM_COCO), 3), dtype=np.float32)
    for place, coco in enumerate(FROM_COCO):
        if coco is not None:
            body[place] = points[coco]
    shoulders = points[list(_SHOULDERS)]
    body[NECK] = [*shoulders[:, :2].mean(axis=0), shoulders[:, 2].min()]
    return body


def draw_people(
    people: Sequence[Body], size: tuple[int, int], sure: float, thickness: float = 1.0
) -> NDArray[np.float32]:
    """Return (H, W, 3) for a `size` of width and height: `people` on black.

    Points less sure than `sure`, and limbs that end in one, are left out.
    """
    import cv2

    canvas = np.zeros((size[1], size[0], 3), dtype=np.uint8)
    width = max(1, round(min(size) * _WIDTH * thickness))
    for body in people:
        for colour, (first, second) in zip(_COLOURS, _LIMBS, strict=False):
            if min(body[first, 2], body[second, 2]) >= sure:
                shade = [round(each * _LIMB_STRENGTH) for each in colour]
                cv2.fillConvexPoly(canvas, _limb(body[first], body[second], width), shade)
    for body in people:
        for colour, (x, y, certain) in zip(_COLOURS, body.tolist(), strict=True):
            if certain >= sure:
                cv2.circle(canvas, (round(x), round(y)), width, colour, thickness=-1)
    return canvas.astype(np.float32) / np.float32(255)


def _limb(first: NDArray[np.float32], second: NDArray[np.float32], width: int) -> NDArray[np.int32]:
    """Return the outline of an ellipse from one point to another."""
    import cv2

    (x, y), (across, down) = (first + second)[:2] / 2, (second - first)[:2]
    half = math.hypot(across, down) / 2
    angle = math.degrees(math.atan2(down, across))
    outline = cv2.ellipse2Poly(
        (round(float(x)), round(float(y))), (round(half), width), round(angle), 0, 360, 1
    )
    return np.asarray(outline, dtype=np.int32)
