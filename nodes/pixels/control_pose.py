"""Pose maps: the skeletons of the people in a picture, seen by a public model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np

from graph.declare import node
from graph.files import FileIndex
from graph.hints import Doc, File, Range
from graph.run import Run
from graph.spec import Lane
from graph.values import Checkpoint, Image, Mask, Progress, Steps
from nodes.errors import CheckpointError
from nodes.pixels.batches import size_of, together
from nodes.pixels.people import load_detector, selected, verify_detector
from nodes.pixels.public import CONFIG, PREPARE, folder_of
from nodes.pixels.skeleton import draw_people, from_coco
from nodes.pixels.vitpose import WANTED, Box, load_pose, verify_pose
from nodes.store import models

if TYPE_CHECKING:
    from numpy.typing import NDArray


@node(
    "Pose Map",
    category="Control",
    synonyms=("OpenPose", "DWPose", "ViTPose", "skeleton", "people", "preprocessor", "controlnet"),
    lane=Lane.GPU,
)
def pose_map(
    run: Run,
    image: Annotated[Image, Doc("What people are seen in.")],
    people: Annotated[
        Mask | None, Doc("Where people are, a patch each; else the detector says, or all is one.")
    ] = None,
    model: Annotated[
        Path | None,
        File("pose", (".safetensors",), folders=True),
        Doc("The folder of a ViTPose model, or the .safetensors in it."),
    ] = None,
    detector: Annotated[
        Path | None,
        File("detection", (".safetensors",), folders=True, optional=True),
        Doc("The folder of an RT-DETR model, which finds the people. Not needed with a mask."),
    ] = None,
    confidence: Annotated[
        float, Range(0, 1, 0.05), Doc("Points and people that are less sure are left out.")
    ] = 0.3,
    thickness: Annotated[float, Range(0.25, 4, 0.25), Doc("Of the limbs; 1 is usual.")] = 1.0,
) -> Steps[Image]:
    """See how people stand, and draw their skeletons as ControlNets for poses read them.

    Needs a model that you have: the folder of a ViTPose model. Where people are is said by a mask
    or found by an RT-DETR detector; without either, the whole picture is taken for one person.
    """
    if model is None:
        raise CheckpointError(f"no model is chosen: {WANTED}")
    folder = folder_of(model)
    verify_pose(folder)
    _reads(run, folder)
    if people is not None:
        image, people = together(image=image, people=people)
        places = [selected(mask) for mask in people]
    else:
        places = _found(run, image, detector, confidence)
    source = Checkpoint(run.service(FileIndex).fingerprint(model), "pose", model)
    drawn = []
    with models(run).network(source, lambda _path: load_pose(folder), frugal=run.frugal) as network:
        for i, (picture, boxes) in enumerate(zip(image, places, strict=True), 1):
            bodies = [from_coco(network.see(picture, box)) for box in boxes]
            drawn.append(draw_people(bodies, size_of(image), confidence, thickness))
            yield Progress(i, len(image))
    if not any(places):
        run.remarks.append("nobody was found: lower the confidence, or select people in a mask")
    return np.stack(drawn)


def _reads(run: Run, folder: Path) -> None:
    run.reads.extend(folder / name for name in (CONFIG, PREPARE))


def _found(
    run: Run, image: NDArray[np.float32], detector: Path | None, confidence: float
) -> list[list[Box]]:
    """Return where a detector sees people in each picture; without one, each is one person."""
    if detector is None:
        width, height = size_of(image)
        return [[Box(0, 0, width, height)]] * len(image)
    folder = folder_of(detector)
    verify_detector(folder)
    _reads(run, folder)
    source = Checkpoint(run.service(FileIndex).fingerprint(detector), "detection", detector)
    with models(run).network(
        source, lambda _path: load_detector(folder), frugal=run.frugal
    ) as network:
        return [network.see(picture, confidence) for picture in image]
