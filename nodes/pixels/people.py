"""Where people are in a picture: found by a public detector, or selected in a mask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from nodes.errors import CheckpointError
from nodes.pixels.public import eight_bits, load_network, verify_folder
from nodes.pixels.vitpose import Box
from nodes.streaming import computes_on

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray
    from torch import nn

_WANTED = "choose the folder of an RT-DETR model"
_HALF = 0.5
_SPECK = 16
"""Pixels; what is smaller in a mask is no person."""


class Detector:
    """A network that finds things, of which only people count."""

    def __init__(self, module: nn.Module, prepare: Any, person: int) -> None:
        """Hold a network; `person` is its label for people."""
        self.module = module
        self._prepare = prepare
        self._person = person

    @torch.no_grad()
    def see(self, picture: NDArray[np.float32], sure: float) -> list[Box]:
        """Return where people are in (H, W, 3) that are at least as `sure`, the surest first."""
        given = self._prepare(images=eight_bits(picture), return_tensors="pt")
        found = self.module(given["pixel_values"].to(computes_on(self.module)))
        [each] = self._prepare.post_process_object_detection(
            found, threshold=sure, target_sizes=[picture.shape[:2]]
        )
        people = each["labels"] == self._person
        return [
            Box(left, top, right - left, bottom - top)
            for left, top, right, bottom in each["boxes"][people].tolist()
        ]


def selected(mask: NDArray[np.float32]) -> list[Box]:
    """Return a box around each patch of (H, W) that is selected, from left to right."""
    import cv2

    _count, _labels, stats, _middles = cv2.connectedComponentsWithStats(
        (mask >= _HALF).astype(np.uint8), connectivity=8
    )
    boxes = [
        Box(float(x), float(y), float(w), float(h))
        for x, y, w, h, area in np.asarray(stats)[1:].tolist()
        if area >= _SPECK
    ]
    return sorted(boxes)


def load_detector(folder: Path) -> Detector:
    """Load the RT-DETR model in `folder`, on the CPU.

    Raises:
        CheckpointError: its weights do not fit, or it was not taught to find people.
    """
    from transformers import AutoModelForObjectDetection, RTDetrImageProcessorPil

    found = load_network(AutoModelForObjectDetection, folder)
    labels = {str(name).casefold(): int(i) for i, name in found.config.id2label.items()}
    if "person" not in labels:
        raise CheckpointError(f"{folder.name} finds no people: {_WANTED} that was taught COCO")
    prepare = RTDetrImageProcessorPil.from_pretrained(folder, local_files_only=True)
    return Detector(found, prepare, labels["person"])


def verify_detector(folder: Path) -> None:
    """Check from headers alone that `folder` holds a detector; raise `CheckpointError`."""
    verify_folder(folder, ("rt_detr", "rt_detr_v2"), _WANTED)
